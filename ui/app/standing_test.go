package app

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"dirbridge/sync/control"
	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/ui/uitest"
)

// troubled sets every problem that a dashboard shows.
func troubled(f *fake) {
	at := noon.Add(-26 * time.Hour)
	failing := func(name string, runs int64, message, remedy string) record.Failing {
		return record.Failing{Subject: record.Subject{Anchor: identity.NewAnchor("corp",
			"6f1c2e0a-95d2-4a53-8c4e-2f4f8d0f7f11")}, Kind: identity.User,
			Record: name, Runs: runs, Since: at, LastRun: 410, Last: noon.Add(-36 * time.Hour), Message: message, Field: "uid",
			Remedy: remedy}
	}
	st := &f.status
	st.Last = append([]record.Run(nil), st.Last[1:]...)
	st.LastGood = noon.Add(-37 * time.Hour)
	st.Failing = []record.Failing{
		failing("ana.silva@example.com", 14, "409: the name is taken", "Rename one of the two accounts."),
		failing("bo.li@example.com", 11, "400: title is too long", "Shorten the title in the directory."),
		failing("cy.roe@example.com", 3, "400: title is too long", "Shorten the title in the directory."),
	}
	st.FailingCount, st.Escalated = 3, 2
	st.Held = []control.HeldSince{{Held: facts.Held{Since: noon.Add(-3 * time.Hour), Last: noon, Run: 409, Runs: 4,
		Holds: []facts.DryRunHold{{Rule: plan.RuleDeleteThreshold,
			Detail: "Delete threshold (20) exceeded. 40 people would be deactivated.",
			Remedy: "Look at why they are missing."}}}}}
	st.Directories = []control.DirectoryHealth{{Name: "lab", Error: "dial tcp: connection refused",
		Remedy: "Start the domain controller.", Since: at}}
	st.Dirty, st.Unfinished = 3, 1
	st.Mode = control.ModeStatus{By: "ana", At: at, Reason: "the merger"}
}

// undoPlan returns the plan of an undo.
func undoPlan(t testing.TB) *control.Plan {
	w, err := plan.Create(t.TempDir() + "/undo.plan")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 30 {
		if err := w.Add(uitest.Person(i, plan.Deactivate)); err != nil {
			t.Fatal(err)
		}
	}
	p, err := w.Seal(plan.Header{Mode: record.Undo, UndoOf: 412, Made: noon,
		Organization: identity.Organization{ID: "o", Name: "Acme"}, Complete: true, Again: 30, Removals: 30,
		Counts: record.Counts{Users: record.ObjectCounts{Deactivate: 30}},
		Notes: []string{"The next synchronization would make 30 of these changes again, because the directory still asks " +
			"for them."},
		Holds: []plan.Hold{{Rule: plan.RuleDeleteThreshold,
			Detail: "Delete threshold (20) exceeded. 30 people would be deactivated.",
			Remedy: "Look at them; override it only if that is meant.", Overridable: true, Count: 30}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// TestAFailedRecordIsFoundAndUnderstood checks that Enter and then y lead to a failed record and
// its explanation.
func TestAFailedRecordIsFoundAndUnderstood(t *testing.T) {
	f := newFake()
	f.status.Last = f.status.Last[1:]
	f.explanation = anaExplained()
	c := open(t, f, 80, 24)
	c.shows("* failed", "* FAILED: run 410, partial", "1 failed, 1 skipped", "Last good run: 13:52, 10 min ago")
	c.press("enter")
	c.shows("Run 410, Full", "FAILED", "by ana", "[Failed 2]", "the account changed since the plan was made",
		"Make a new dry run.")
	c.press("down")
	c.shows("409: the name is taken", "Rename one of the two accounts.", "field", "uid")
	c.press("x")
	c.shows("found     ")
	if f.explained != "ana.silva@example.com" {
		t.Errorf("asked for %q", f.explained)
	}
	c.press("esc", "esc")
	c.shows("Result", "run")
}

func TestEscalatedRecordsLeadToThemselves(t *testing.T) {
	f := newFake()
	troubled(f)
	f.explanation = anaExplained()
	c := open(t, f, 80, 40)
	c.shows(">! ESCALATED: 2 records failed in 10 or", "1 more record failed")
	c.press("enter")
	c.shows("ana.silva@example.com", "bo.li@example.com", "14 runs in a row", "Rename one of the two accounts.")
	c.lacks("cy.roe")
	c.press("down")
	c.shows("Shorten the title in the directory.")
	c.press("x")
	if want := string(f.status.Failing[1].Anchor); f.explained != want {
		t.Errorf("asked for %q", f.explained)
	}
	c.press("esc", "up", "enter")
	c.shows("Run 410", ">!E ana.silva@example.com", "409: the name is taken")
}

func TestTheDashboardSaysWhatStands(t *testing.T) {
	f := newFake()
	troubled(f)
	c := open(t, f, 80, 50)
	c.shows("* HELD", "! HELD since 11:02, for 3 h (4 runs)", "Delete threshold (20) exceeded",
		"lab cannot be read since Sun 12:02",
		"The schedule is off since Sun 12:02, by ana:", "the merger", "schedule OFF", "1 write without an answer",
		"In the purge queue", "Unmanaged")
	for range 20 {
		c.press("up")
	}
	for i := 0; i < 20 && !strings.Contains(c.screen(), ">! lab"); i++ {
		c.press("down")
	}
	c.press("enter")
	c.shows("Directory lab", "Start the domain controller.")
	c.press("esc", "I")
	c.shows("[I] is off: the schedule is off")
}

func TestTheAgeOfTheLastGoodRunIsAlwaysVisible(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {60, 15}, {40, 10}, {200, 50}} {
		f := newFake()
		c := open(t, f, size[0], size[1])
		c.shows("Last good run: 13:52, 10 min ago")
		f.status.LastGood, f.status.LastGoodAge = time.Time{}, nil
		c.press("r")
		c.shows("Last good run: never")
	}
}

func TestIncrementalIsOffInTheGuidesCases(t *testing.T) {
	for why, change := range map[string]func(*fake){
		"incremental sync is unavailable until a full sync has succeeded": func(f *fake) { f.status.LastFull = time.Time{} },
		"the schedule is off": func(f *fake) { f.status.Mode.Enabled = false },
		"a run is under way":  func(f *fake) { f.Start(control.Request{Mode: record.Full}) },
	} {
		f := newFake()
		change(f)
		c := open(t, f, 120, 40)
		c.beat()
		c.shows("(I incremental)")
		started := len(f.started)
		c.press("I")
		c.shows("[I] is off: " + why)
		if len(f.started) != started {
			t.Errorf("it was started although %s", why)
		}
	}
}

func TestARunIsUndone(t *testing.T) {
	f := newFake()
	c := open(t, f, 80, 24)
	c.press("6", "u")
	if got := c.lastStarted(); got.Mode != control.UndoPlan || got.Undo != 412 {
		t.Fatalf("started %+v", got)
	}
	f.end(control.Result{})
	f.plan = undoPlan(t)
	c.beat()
	c.shows("Undo of run 412", "HELD", "would make 30 of these changes again",
		"The undo plan of run 412 is ready; nothing was written.")
	c.press("a")
	c.shows("[a] is off: it is held")
	c.press("o")
	c.text("deactivate 30")
	c.press("enter")
	if got := c.lastStarted(); got.Mode != record.ApplyPlan || len(got.Override) != 1 || got.Override[0] != 30 {
		t.Errorf("started %+v", got)
	}
}

// TestAPlanOfAnUndoIsNoDryRun checks that the plan of an undo never counts as the dry run of a
// synchronization.
func TestAPlanOfAnUndoIsNoDryRun(t *testing.T) {
	f := newFake()
	f.plan = undoPlan(t)
	c := open(t, f, 80, 24)
	c.press("F")
	c.shows("no dry run yet")
}

func TestARunThatWroteNothingIsNotUndone(t *testing.T) {
	f := newFake()
	f.runs[0].Counts = record.Counts{}
	c := open(t, f, 80, 24)
	c.press("6", "u")
	c.shows("[u] is off: run 412 wrote nothing")
}

func TestAReportIsComplete(t *testing.T) {
	f := newFake()
	f.runs[1].Overrides, f.runs[1].LeftOut = []record.Override{{Rule: "delete-threshold", Count: 12}}, 3
	f.runs[0].UndoOf = 410
	f.journal = append(f.journal, port.Intent{Run: 410, Seq: 1, Change: uitest.Person(7, plan.Add)})
	f.events = append(f.events, record.Event{Seq: 9, Run: 410, Level: record.Warn, Code: "overridden",
		Message: "ana lifted the delete threshold"})
	c := open(t, f, 120, 40)
	c.press("6")
	c.shows("Undo of 410")
	c.press("down", "enter")
	c.shows("overrode the delete threshold (12 removals)", "3 excluded", "by run 412")
	c.press("right")
	c.shows("[Notes 1]", "ana lifted the delete threshold")
	c.press("right")
	c.shows("[Written 1]", "NO ANSWER", "the cloud did not answer")
	c.press("left", "left", "/")
	c.text("ana.silva")
	c.press("enter")
	c.shows("[Failed 1]", "Rename one of the two")
	c.press("esc")
	c.shows("[Failed 2]")
}

func TestTheDashboardShowsTheRunOfAnotherProcess(t *testing.T) {
	f := newFake()
	other := run(413, record.Incremental, noon.Add(-time.Minute), 0, record.Running, 0, 0, 0)
	other.Ended, other.By = time.Time{}, "ana"
	f.status.Elsewhere = &other
	c := open(t, f, 120, 40)
	c.shows("Incremental is running in another process (run 413, by ana), started", "* running", "schedule ON  * running")
	c.lacks("Idle")
	c.press("I")
	c.shows("a run is under way in another process; wait for it")
	c.press("F")
	c.shows("a run is under way in another process; wait for it")
	c.press("c")
	c.shows("it runs in another process; cancel it there")
	if len(f.started) != 0 || f.cancels != 0 {
		t.Errorf("started %v, cancelled %d", f.started, f.cancels)
	}
	c.press("d") // which writes nothing
	if c.lastStarted().Mode != record.DryRun {
		t.Error("no dry run is made beside it")
	}
}

func TestTheDashboardSaysThatNoServiceIsRunning(t *testing.T) {
	f := newFake()
	f.status.Served = false
	c := open(t, f, 120, 40)
	c.shows("schedule ON, no service", "Synchronization is enabled, but no service is running")
	f.status.Mode.Enabled = false
	c.press("r")
	c.shows("schedule OFF")
	c.lacks("no service")
}

func TestCancellingAsksWhereSomethingIsWritten(t *testing.T) {
	f := newFake()
	c := open(t, f, 80, 24)
	c.press("d", "1", "c")
	if f.cancels != 1 {
		t.Fatal("a dry run asks")
	}
	f.progress.Phase, f.progress.Mode, f.progress.Done, f.progress.Total = port.Applying, record.Full, 12, 40
	c.beat()
	c.press("c")
	c.shows("Cancel Full? 12 of 40 changes are written.", "What was written stays")
	c.press("enter")
	if f.cancels != 1 {
		t.Fatal("Enter alone cancels")
	}
	c.press("c", "c")
	if f.cancels != 2 {
		t.Error("it was not cancelled")
	}
}

func TestACancelledRequestIsNoError(t *testing.T) {
	f := newFake()
	c := open(t, f, 80, 24)
	c.press("d", "1")
	f.end(control.Result{Err: fmt.Errorf("cancelled by the operator; nothing was written%w", silent{context.Canceled}),
		Ended: noon})
	c.beat()
	c.shows("Dry run was cancelled: nothing was written")
	c.lacks("context canceled", "Esc takes this away")
}

// silent is an error with an empty message.
type silent struct{ error }

func (silent) Error() string   { return "" }
func (s silent) Unwrap() error { return s.error }

func TestAnErrorEndsWithItsReason(t *testing.T) {
	f := newFake()
	c := open(t, f, 80, 24)
	f.failing["Status"] = errRefused
	c.press("r")
	c.beat()
	for range 5 {
		c.beat()
	}
	c.shows("The state could not be read")
	delete(f.failing, "Status")
	for range 6 {
		c.beat()
	}
	c.lacks("The state could not be read")
	c.press("d", "1")
	f.end(control.Result{Err: errRefused, Ended: noon})
	c.beat()
	c.shows("Dry run failed: ")
	c.press("d", "1")
	f.end(control.Result{Ended: noon})
	c.beat()
	c.lacks("Dry run failed: ")
}

// TestAnUndoThatIsPlannedShowsNoOtherPlan checks that the rows of the plan before never stand below
// the progress of an undo, where they would pass for it.
func TestAnUndoThatIsPlannedShowsNoOtherPlan(t *testing.T) {
	f := newFake()
	f.plan = uitest.HeldPlan(t)
	c := open(t, f, 80, 24)
	c.press("4")
	c.shows("User 0")
	c.press("6", "u")
	if c.lastStarted().Mode != control.UndoPlan {
		t.Fatalf("started %+v", c.lastStarted())
	}
	c.shows("29,300")
	c.lacks("User 0", "HELD")
}

// TestTheStatusAfterAFailedDryRunIsFailed checks that a first dry run that failed is no "none yet".
func TestTheStatusAfterAFailedDryRunIsFailed(t *testing.T) {
	f := newFake()
	f.status = control.Status{Connector: "sync01"}
	c := open(t, f, 80, 24)
	c.shows("none")
	c.press("d")
	f.end(control.Result{Err: errRefused, Ended: noon})
	c.beat()
	c.press("esc", "1")
	c.shows("FAILED: Dry run")
}

// TestAScheduleThatIsOffStillHasItsTimes: the dashboard says when it would run, not that nothing is set.
func TestAScheduleThatIsOffStillHasItsTimes(t *testing.T) {
	f := newFake()
	f.status.Mode.Enabled = false
	f.status.Full, f.status.Schedule.Full = "Not Scheduled", "Sun 02:00"
	c := open(t, f, 120, 40)
	c.shows("Full        Sun 02:00 paused")
	c.lacks("Not Scheduled")
}
