package app

import (
	"testing"

	"dirbridge/sync/control"
)

// TestEnablingWithoutDeletionsIsAnExplicitNo checks the dialog for a schedule in which no run
// detects deletions: it says so, plain Enter does not enable the schedule, and accepting the risk
// needs a separate key.
func TestEnablingWithoutDeletionsIsAnExplicitNo(t *testing.T) {
	f := newFake()
	unseen := []control.UnseenDeletions{{Directory: "corp", Reason: "the bind account may not read CN=Deleted Objects",
		Remedy: "Run dsacls."}}
	f.status.Mode = control.ModeStatus{MayEnable: true, DryRun: &control.DryRun{At: noon}, Unseen: unseen}
	c := open(t, f, 100, 40)
	c.shows("No scheduled run sees deletions in directory corp")
	c.press("alt+a", "m", "e")
	c.shows("without seeing deletions?", "may not read CN=Deleted Objects", `Set "Full at" under Settings`, "Run dsacls.")
	c.press("enter")
	if f.calls["Enable"] != 0 {
		t.Error("Enter alone accepted it")
	}
	c.press("alt+a", "m", "e", "e")
	if f.calls["Enable"] != 0 {
		t.Error("the key of plain enabling accepted it")
	}
	f.status.Mode.Enabled, f.status.Mode.At, f.status.Mode.By, f.status.Mode.WithoutDeletions = true, noon, "ana", true
	c.press("w")
	if f.calls["Enable"] != 1 || !f.enabled.WithoutDeletions {
		t.Errorf("enabled %d times, with %+v", f.calls["Enable"], f.enabled)
	}
	c.shows("accepted by ana")
}
