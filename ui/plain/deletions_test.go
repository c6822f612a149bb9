package plain

import (
	"strings"
	"testing"

	"dirbridge/sync/control"
)

// TestEnablingWithoutDeletionsWantsItsOwnWord checks the case that no scheduled run detects
// deletions: the mode says so, and accepting it takes a different word.
func TestEnablingWithoutDeletionsWantsItsOwnWord(t *testing.T) {
	f := newFake(t)
	f.mode.Unseen = []control.UnseenDeletions{{Directory: "corp",
		Reason: "the bind account may not read CN=Deleted Objects", Remedy: "Run dsacls."}}
	got := speak(t, f, Options{}, lines("10 4 enable 4 without_deletions b 0"))
	for _, want := range []string{"Deletions in corp are not seen by scheduled runs", "Set \"Full at\" under Settings",
		"Run dsacls."} {
		if !strings.Contains(strings.Join(strings.Fields(got), " "), want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if len(f.enabled) != 1 || !f.enabled[0].WithoutDeletions {
		t.Errorf("enabled with %+v", f.enabled)
	}
	f = newFake(t)
	speak(t, f, Options{}, lines("10 4 enable b 0"))
	if len(f.enabled) != 1 || f.enabled[0].WithoutDeletions {
		t.Errorf("enabled with %+v", f.enabled)
	}
}
