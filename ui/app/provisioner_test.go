package app

import (
	"testing"

	"dirbridge/sync/control"
	"dirbridge/sync/facts"
)

// TestEnablingBesideAnotherProgramIsConfirmed checks the dialog when another program provisions the
// organization: it says which, Enter does not enable the schedule, and a key of its own confirms.
func TestEnablingBesideAnotherProgramIsConfirmed(t *testing.T) {
	f := newFake()
	other := control.Provisioner{Provisioner: facts.Provisioner{Name: "Cisco Directory Connector",
		Trace: facts.TraceSource, Accounts: 7, Example: "ana@example.com"}}
	f.status.Mode = control.ModeStatus{MayEnable: true, DryRun: &control.DryRun{At: noon},
		Provisioners: []control.Provisioner{other}}
	c := open(t, f, 100, 40)
	c.shows("Cisco Directory Connector provisions this organization as well")
	c.press("alt+a", "m", "e")
	c.shows("although another program provisions", "it made 7 accounts, such as ana@example.com", "Stop the other one")
	c.press("enter")
	c.press("alt+a", "m", "e", "e")
	if f.calls["Enable"] != 0 {
		t.Error("it was enabled without the confirmation")
	}
	f.status.Mode.Enabled, f.status.Mode.At, f.status.Mode.By = true, noon, "ana"
	f.status.Mode.Provisioners[0].By, f.status.Mode.Provisioners[0].At = "ana", noon
	c.press("w")
	if f.calls["Enable"] != 1 || !f.enabled.BesideProvisioners || f.enabled.WithoutDeletions {
		t.Errorf("enabled %d times, with %+v", f.calls["Enable"], f.enabled)
	}
	c.shows("confirmed on")
}
