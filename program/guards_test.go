package program

import (
	"testing"

	"dirbridge/config"
	"dirbridge/sync"
)

// TestDefaultGuards: a file without [guards] means what the engine means by itself.
func TestDefaultGuards(t *testing.T) {
	t.Parallel()
	cfg := config.Default()
	if got := guards(cfg.Guards); got != sync.DefaultGuards() {
		t.Errorf("%+v, not %+v", got, sync.DefaultGuards())
	}
	cfg.Directories = []config.Directory{{Name: "a"}, {Name: "b", Guards: map[string]config.Threshold{"blanked": {Off: true}}}}
	want := sync.DefaultGuards()
	want.Blanked = sync.Threshold{Off: true}
	if got := ownGuards(cfg); len(got) != 1 || got["b"] != want {
		t.Errorf("%+v", got)
	}
}
