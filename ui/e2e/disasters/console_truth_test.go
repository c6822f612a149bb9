package disasters

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"dirbridge/cloud/scimtest"
	"dirbridge/ldap/ldaptest"
	"dirbridge/program"
	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/sync/store"
	"dirbridge/ui/cli"
)

// These tests check that console, verbs and dashboard tell the truth about a run, whichever process
// runs it.

func consoleOf(t *testing.T, s *drill) control.Connector {
	t.Helper()
	session, err := program.Open(t.Context(), s.Config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := session.Close(); err != nil {
			t.Error(err)
		}
	})
	return session.Connector
}

func statusOf(t *testing.T, c control.Connector) control.Status {
	t.Helper()
	st, err := c.Status(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// until waits for an action of another goroutine.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it does not come: %s", what)
		}
	}
}

func resultOf(t *testing.T, c control.Connector, before int64) control.Result {
	t.Helper()
	var res control.Result
	until(t, "the end of the request", func() bool {
		r, n, _ := c.Result()
		res = r
		return n > before
	})
	return res
}

// eventsOf returns the messages of the event log.
func eventsOf(t *testing.T, c control.Connector) string {
	t.Helper()
	evs, err := c.Events(context.Background(), 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, e := range evs {
		b.WriteString(e.Message + "\n")
	}
	return b.String()
}

func TestTheRunOfAnotherProcessIsShownAsRunning(t *testing.T) {
	t.Parallel()
	s := newDrill(t, drillOptions{people: 3})
	here, there := consoleOf(t, s), consoleOf(t, s)
	for _, name := range []string{"p1", "p2"} {
		s.set(t, name, "title", "Boss")
	}
	s.sky.Inject(scimtest.Fault{Effect: scimtest.StallAfter, Writes: true})
	if err := there.Start(control.Request{Mode: record.Incremental}); err != nil {
		t.Fatal(err)
	}
	until(t, "an unanswered write", func() bool { return there.Progress().Phase == "applying" })
	st := statusOf(t, here)
	if st.Elsewhere == nil || st.Elsewhere.Mode != record.Incremental || st.Unfinished != 0 || len(st.Last) == 0 ||
		st.Last[0].Outcome != record.Running {
		t.Errorf("beside a healthy apply: elsewhere %+v, %d unfinished", st.Elsewhere, st.Unfinished)
	}
	if st := statusOf(t, there); st.Elsewhere != nil || st.Unfinished != 0 {
		t.Errorf("where it runs: elsewhere %+v, %d unfinished", st.Elsewhere, st.Unfinished)
	}
	if err := here.Start(control.Request{Mode: record.Full}); err != nil {
		t.Fatal(err)
	}
	if res := resultOf(t, here, 0); !errors.Is(res.Err, control.ErrNotLeader) {
		t.Errorf("a second writer: %v", res.Err)
	}
	s.sky.Heal()
	if res := resultOf(t, there, 0); res.Err != nil || res.Run.Outcome != record.Done {
		t.Errorf("it was disturbed by who looked: %+v, %v", res.Run, res.Err)
	}
	if st := statusOf(t, here); st.Elsewhere != nil || st.Unfinished != 0 || st.Last[0].Outcome != record.Done {
		t.Errorf("afterwards: %+v", st.Elsewhere)
	}
}

// TestARunWhoseProcessIsGoneIsNotShownAsRunning checks that a killed process does not count as
// running, and that its writes are open.
func TestARunWhoseProcessIsGoneIsNotShownAsRunning(t *testing.T) {
	t.Parallel()
	s := newDrill(t, drillOptions{people: 1})
	c := consoleOf(t, s)
	st, err := store.Open(t.Context(), s.state("state.db"))
	if err != nil {
		t.Fatal(err)
	}
	run, err := st.Begin(t.Context(), record.Run{Mode: record.Full, Started: time.Now(), Outcome: record.Running})
	if err := errors.Join(err, st.Close()); err != nil {
		t.Fatal(err)
	}
	got := statusOf(t, c)
	if got.Elsewhere != nil || got.Last[0].ID != run.ID || got.Last[0].Outcome != record.Crashed {
		t.Errorf("elsewhere %+v, last %+v", got.Elsewhere, got.Last[0])
	}
	if runs, err := c.Runs(t.Context(), 1); err != nil || runs[0].Outcome != record.Crashed {
		t.Errorf("%+v, %v", runs, err)
	}
}

func TestStatisticsShowAfterADryRun(t *testing.T) {
	t.Parallel()
	s := newDrill(t, drillOptions{people: 2, cloud: scimtest.Options{}})
	s.loses(t)
	c := consoleOf(t, s)
	if st := statusOf(t, c); st.Statistics != nil {
		t.Fatal("there are some before anything was read")
	}
	if err := c.Start(control.Request{Mode: record.DryRun}); err != nil {
		t.Fatal(err)
	}
	if res := resultOf(t, c, 0); res.Err != nil {
		t.Fatal(res.Err)
	}
	if st := statusOf(t, c); st.Statistics == nil || st.Statistics.Active < 2 {
		t.Errorf("statistics: %+v", st.Statistics)
	}
}

func TestADryRunIsNamedAsOne(t *testing.T) {
	t.Parallel()
	s := newDrill(t, drillOptions{people: 1})
	c := consoleOf(t, s)
	s.sky.Inject(scimtest.Fault{Effect: scimtest.Stall})
	if err := c.Start(control.Request{Mode: record.DryRun}); err != nil {
		t.Fatal(err)
	}
	if p := c.Progress(); p.Mode != record.DryRun {
		t.Errorf("it is named %q", p.Mode)
	}
	s.sky.Heal()
	if res := resultOf(t, c, 0); res.Err != nil {
		t.Error(res.Err)
	}
}

func TestACancelledRunSaysSo(t *testing.T) {
	t.Parallel()
	for _, mode := range []record.Mode{record.DryRun, record.Full, record.Incremental} {
		for _, at := range []scimtest.Fault{{Effect: scimtest.Stall}, {Effect: scimtest.Stall, Writes: true}} {
			if mode == record.DryRun && at.Writes {
				continue
			}
			s := newDrill(t, drillOptions{people: 2})
			c := consoleOf(t, s)
			s.set(t, "p1", "title", "Boss")
			s.sky.Inject(at)
			if err := c.Start(control.Request{Mode: mode}); err != nil {
				t.Fatal(err)
			}
			until(t, "the cloud's silence", func() bool {
				p := c.Progress()
				return p.Phase == "connecting" || p.Phase == "applying"
			})
			c.Cancel()
			s.sky.Heal() // it waits for the current write
			res := resultOf(t, c, 0)
			var cancelled *control.CancelledError
			if !errors.As(res.Err, &cancelled) || !errors.Is(res.Err, context.Canceled) ||
				!strings.HasPrefix(res.Err.Error(), "cancelled by the operator") {
				t.Errorf("%s: %v", mode, res.Err)
			}
			said := eventsOf(t, c) + res.Run.Detail + res.Err.Error()
			for _, d := range statusOf(t, c).Directories {
				said += d.Error
			}
			if strings.Contains(said, "context canceled") || strings.Contains(said, "interrupted") {
				t.Errorf("%s: a context is no message:\n%s", mode, said)
			}
		}
	}
}

// TestACancelledReadingIsNoFailureOfTheDirectory cancels a run while the directory is read.
func TestACancelledReadingIsNoFailureOfTheDirectory(t *testing.T) {
	t.Parallel()
	s := newDrill(t, drillOptions{people: 2})
	c := consoleOf(t, s)
	s.ldap.Inject(ldaptest.Fault{Kind: ldaptest.Hang})
	if err := c.Start(control.Request{Mode: record.Full}); err != nil {
		t.Fatal(err)
	}
	until(t, "the directory's silence", func() bool { return c.Progress().Phase == "reading the directory" })
	c.Cancel()
	if res := resultOf(t, c, 0); !strings.HasPrefix(res.Err.Error(), "cancelled by the operator; run ") {
		t.Error(res.Err)
	}
	if st := statusOf(t, c); st.Directories[0].Error != "" || strings.Contains(eventsOf(t, c), "context canceled") ||
		st.Last[0].Outcome != record.Cancelled {
		t.Errorf("%+v, %+v\n%s", st.Directories[0], st.Last[0], eventsOf(t, c))
	}
}

// TestADirectoryThatCanBeReadAgainIsNotShownAsFailing checks that the banner disappears when its
// cause ends: a dry run could read the directory again.
func TestADirectoryThatCanBeReadAgainIsNotShownAsFailing(t *testing.T) {
	t.Parallel()
	s := newDrill(t, drillOptions{people: 2})
	c := consoleOf(t, s)
	s.ldap.Inject(ldaptest.Fault{Kind: ldaptest.Answer, Code: 51, Times: 1000})
	if err := c.Start(control.Request{Mode: record.Full}); err != nil {
		t.Fatal(err)
	}
	resultOf(t, c, 0)
	if st := statusOf(t, c); st.Directories[0].Error == "" {
		t.Fatal("the test breaks nothing")
	}
	s.ldap.ClearFaults()
	if err := c.Start(control.Request{Mode: record.DryRun}); err != nil {
		t.Fatal(err)
	}
	if res := resultOf(t, c, 1); res.Err != nil {
		t.Fatal(res.Err)
	}
	if st := statusOf(t, c); st.Directories[0].Error != "" {
		t.Errorf("it is still said: %s", st.Directories[0].Error)
	}
}

func TestStatusSaysThatNoServiceIsRunning(t *testing.T) {
	t.Parallel()
	s := newDrill(t, drillOptions{people: 1})
	c := consoleOf(t, s)
	if err := c.Start(control.Request{Mode: record.DryRun}); err != nil {
		t.Fatal(err)
	}
	resultOf(t, c, 0)
	if err := c.Enable(t.Context(), control.EnableOptions{WithoutDeletions: true}); err != nil {
		t.Fatal(err)
	}
	if st := statusOf(t, c); !st.Mode.Enabled || st.Served {
		t.Errorf("enabled %v, served %v", st.Mode.Enabled, st.Served)
	}
	var out bytes.Buffer
	code := cli.Main(t.Context(), []string{"status", "--config", s.Config},
		cli.Program{Version: "test", Open: s.Open, Check: program.CheckMapping, Stdout: &out, Stderr: &out})
	if code != 0 || !strings.Contains(out.String(), "no service is running") ||
		!strings.Contains(out.String(), "dirbridge run") {
		t.Errorf("status, %d:\n%s", code, out.String())
	}
}

// TestADraftThatWasTriedAndSavedNeedsNoSecondDryRun checks that the schedule can be enabled once a
// draft is saved whose dry run was made, and not once another is saved. The console is opened again
// before and after it is saved.
func TestADraftThatWasTriedAndSavedNeedsNoSecondDryRun(t *testing.T) {
	t.Parallel()
	s := newDrill(t, drillOptions{people: 2})
	c := consoleOf(t, s)
	draft := c.Settings().Clone()
	draft.Values["policy.delete_threshold"] = "7"
	reopen := func() { c = consoleOf(t, s) }
	save := func(allowed bool) {
		t.Helper()
		if err := c.SaveSettings(t.Context(), draft); err != nil {
			t.Fatal(err)
		}
		if m := statusOf(t, c).Mode; m.MayEnable != allowed {
			t.Errorf("it may be enabled: %v (%s)", m.MayEnable, m.WhyNot)
		}
	}
	if err := c.Start(control.Request{Mode: record.DryRun, Draft: &draft}); err != nil {
		t.Fatal(err)
	}
	if res := resultOf(t, c, 0); res.Err != nil {
		t.Fatal(res.Err)
	}
	reopen()
	save(true)
	reopen()
	if m := statusOf(t, c).Mode; !m.MayEnable {
		t.Errorf("after a restart: %s", m.WhyNot)
	}
	draft = draft.Clone()
	draft.Values["policy.delete_threshold"] = "8"
	save(false)
}
