package app

import (
	"slices"
	"testing"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
)

// conversion is a procedure whose first steps are done.
func conversion(done int) *control.Procedure {
	p := &control.Procedure{Name: "convert", Begun: noon, By: "ana", Steps: control.ConversionSteps(),
		Accounts: []control.Converted{{Mail: "p2@example.com"}, {Mail: "p3@example.com"}}}
	for i := range done {
		p.Steps[i].Done = true
	}
	return p
}

func TestAccountsAreConvertedStepByStep(t *testing.T) {
	f := newFake()
	f.status.Failing = []record.Failing{{Kind: identity.User, Runs: 1, Message: "naming conflict for [x] with " +
		"the name [p2@example.com] and of [user]"}}
	f.status.Mode = control.ModeStatus{Enabled: true, At: noon}
	c := open(t, f, 80, 24)
	c.shows("1 account belongs to another organization and can be converted")
	c.press("alt+a", "m", "c")
	c.shows("Convert Accounts", "1 naming conflict is known.", "> 1 Disable synchronization", "next")
	c.press("down", "down", "enter")
	c.shows("[Enter] is off: begin with step 1")
	c.press("home", "enter")
	c.shows("The schedule is turned off, they are converted in Control Hub")
	c.text("p2@example.com, p3@example.com")
	c.fake.status.Mode = control.ModeStatus{At: noon, Procedure: conversion(1)}
	c.press("enter")
	if want := []string{"p2@example.com", "p3@example.com"}; !slices.Equal(f.converting, want) {
		t.Fatalf("converting %q", f.converting)
	}
	c.shows("Conversion of 2 accounts", "by ana", "Disable synchronization", "done")
	c.press("enter")
	c.shows("Convert the accounts", "Under Users, choose Convert Users")
	c.press("y")
	c.copies("p2@example.com\np3@example.com")
	c.press("esc", "end", "enter")
	c.shows("The schedule cannot be turned on yet")
	c.press("esc", "home", "down", "down", "enter")
	if got := c.lastStarted(); got.Mode != record.DryRun {
		t.Fatalf("started %+v", got)
	}
	c.press("L") // the dry run page leads back
	c.shows("Convert Accounts")
}

// TestTheConversionSurvivesARestart: its state is the engine's.
func TestTheConversionSurvivesARestart(t *testing.T) {
	f := newFake()
	p := conversion(4)
	p.Accounts[0] = control.Converted{Mail: "p2@example.com", InCloud: true, Fate: control.FateMatched, Detail: "CN=p2"}
	p.Accounts[1] = control.Converted{Mail: "p3@example.com", InCloud: true, Fate: control.FateRemoved,
		Detail: "deactivate: missing", Remedy: "Give the person this mail."}
	f.status.Mode = control.ModeStatus{At: noon, MayEnable: true, Procedure: p, DryRun: &control.DryRun{At: noon}}
	c := open(t, f, 80, 24)
	c.press(":")
	c.text("convert")
	c.press("enter")
	c.shows("Conversion of 2 accounts", "p2@example.com", "matched", "p3@example.com", "deactivated")
	c.until("up", "1 matched, 0 added, 1 deactivated, 0 with another result.")
	c.press("down", "down")
	c.shows("Give the person this mail.", "deactivate: missing")
	c.press("end", "enter")
	c.shows("Turn the schedule on?")
	c.press("esc", "A", "a")
	if f.calls["Abandon"] != 1 {
		t.Error("it was not abandoned")
	}
	c = open(t, f, 80, 24, func(o *Options) { o.ReadOnly = true })
	c.press("alt+a", "m", "c", "n")
	c.shows("--read-only")
}
