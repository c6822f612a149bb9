package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"

	"dirbridge/sync/facts"
	"dirbridge/sync/store"
)

// stateOf opens the state while the running service has it open as well.
func stateOf(ts *testscript.TestScript) *store.SQLite {
	st, err := store.Open(context.Background(), filepath.Join(ts.Getenv("STATE"), "state.db"))
	ts.Check(err)
	return st
}

// awaitEvent waits until the event log has a number of events with a code (default one), not
// counting those before forget-events:
//
//	await-event held 2
func awaitEvent(ts *testscript.TestScript, _ bool, args []string) {
	want := 1
	if len(args) > 1 {
		var err error
		want, err = strconv.Atoi(args[1])
		ts.Check(err)
	}
	st := stateOf(ts)
	defer st.Close()
	since, _ := strconv.ParseInt(ts.Getenv("EVENTS_SEEN"), 10, 64) // all of them
	await(ts, fmt.Sprintf("%d events %s", want, args[0]), func() bool {
		events, err := st.EventsSince(context.Background(), since, 100_000)
		ts.Check(err)
		n := 0
		for _, e := range events {
			if e.Code == args[0] {
				n++
			}
		}
		return n >= want
	})
}

// forgetEvents makes await-event count from here.
func forgetEvents(ts *testscript.TestScript, _ bool, _ []string) {
	st := stateOf(ts)
	defer st.Close()
	events, err := st.EventsSince(context.Background(), 0, 100_000)
	ts.Check(err)
	ts.Setenv("EVENTS_SEEN", strconv.FormatInt(events[len(events)-1].Seq, 10))
}

// awaitTimes waits until a number of scheduled times of incremental runs have passed, whether or
// not a run started.
func awaitTimes(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	st := stateOf(ts)
	defer st.Close()
	seen := map[string]bool{}
	await(ts, args[0]+" times of the schedule", func() bool {
		if next := nextOf(ts, st); next.PID != 0 {
			seen[next.Incremental.String()] = true
		}
		return len(seen) > want
	})
}

func nextOf(ts *testscript.TestScript, st *store.SQLite) (next facts.NextRuns) {
	text, err := st.Value(context.Background(), facts.ScheduleValue)
	ts.Check(err)
	if text != "" {
		ts.Check(json.Unmarshal([]byte(text), &next))
	}
	return next
}

// terminate sends SIGTERM to the process that runs the schedule, as systemd does.
func terminate(ts *testscript.TestScript, _ bool, _ []string) {
	st := stateOf(ts)
	defer st.Close()
	// The service has metrics before it announces that it runs.
	await(ts, "the service", func() bool { return nextOf(ts, st).PID != 0 })
	p, err := os.FindProcess(nextOf(ts, st).PID)
	ts.Check(err)
	ts.Check(p.Signal(syscall.SIGTERM))
}

// awaitUser waits until an account exists with these values:
//
//	await-user p1@example.com title=Clerk active=true
func awaitUser(ts *testscript.TestScript, _ bool, args []string) {
	want := optionsOf(ts, args[1:])
	await(ts, strings.Join(args, " "), func() bool {
		u, ok := benchOf(ts).sky.User(args[0])
		for name, values := range want {
			got := fmt.Sprint(u.Attrs[name])
			if name == "active" {
				got = strconv.FormatBool(u.Active)
			}
			ok = ok && got == strings.Join(values, "")
		}
		return ok
	})
}

// awaitNoUser waits until an account is gone.
func awaitNoUser(ts *testscript.TestScript, _ bool, args []string) {
	await(ts, "the end of "+args[0], func() bool {
		_, ok := benchOf(ts).sky.User(args[0])
		return !ok
	})
}
