package program

import (
	"testing"

	"dirbridge/config"
	"dirbridge/sync/policy"
)

// TestDefaultGuards checks that a file without [guards] gets the engine's defaults.
func TestDefaultGuards(t *testing.T) {
	t.Parallel()
	cfg := config.Default()
	if got := guards(cfg.Guards); got != policy.DefaultGuards() {
		t.Errorf("%+v, not %+v", got, policy.DefaultGuards())
	}
	cfg.Directories = []config.Directory{{Name: "a"}, {Name: "b",
		Guards: map[string]config.Threshold{"blanked": {Off: true}}}}
	want := policy.DefaultGuards()
	want.Blanked = policy.Threshold{Off: true}
	if got := ownGuards(cfg); len(got) != 1 || got["b"] != want {
		t.Errorf("%+v", got)
	}
}
