package cloud_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"dirbridge/cloud/scimtest"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
)

// A cloud that fails bulk requests, as a whole or operation by operation, is given up too.
func TestFailingBulkIsGivenUp(t *testing.T) {
	for name, fault := range map[string]scimtest.Fault{
		"whole":           {Effect: scimtest.Refuse, Status: 500, Path: "Bulk"},
		"every operation": {Effect: scimtest.FailOperation, Status: 500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startSandbox(t, scimtest.Options{})
			o := options(schema.KindSCIM, s.URL(), s.Token())
			o.Clock = newClock()
			target := open(t, o)
			s.Inject(fault, scimtest.Fault{Effect: scimtest.Refuse, Status: 500, Path: "Users*", Writes: true})
			_, err := tryApply(t, t.Context(), target, people(5000))
			if err == nil || !strings.Contains(err.Error(), "the cloud fails all writes") || identity.Remedy(err) == "" {
				t.Errorf("%v", err)
			}
			n := 0
			for path, of := range s.Stats().Requests {
				if strings.HasPrefix(path, "POST ") {
					n += of
				}
			}
			if n > 150 {
				t.Errorf("%d writes were sent: %v", n, s.Stats().Requests)
			}
		})
	}
}

// Consecutive records that each get a 500 for reasons of their own do not end a run: the others are
// written, whatever the order.
func TestRowOfRefusedRecordsEndsNoRun(t *testing.T) {
	for name, refused := range map[string]func(i int) bool{
		"every second":        func(i int) bool { return i%2 == 1 },
		"two of three":        func(i int) bool { return i%3 != 2 },
		"a row in the middle": func(i int) bool { return i >= 20 && i < 120 },
		"a row at the front":  func(i int) bool { return i < 100 },
	} {
		for _, bulk := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, bulk %v", name, bulk), func(t *testing.T) {
				t.Parallel()
				s := startSandbox(t, scimtest.Options{WithoutBulk: !bulk})
				o := options(schema.KindSCIM, s.URL(), s.Token())
				o.Clock = newClock()
				target := open(t, o)
				all := people(300)
				for i := range all {
					if refused(i) {
						s.Inject(scimtest.Fault{Effect: scimtest.RefuseKey, Key: all[i].Key, Status: 500})
					}
				}
				out, err := tryApply(t, t.Context(), target, all)
				if err != nil || len(out) != len(all) {
					t.Fatalf("%d of %d were answered: %v", len(out), len(all), err)
				}
				for i := range all {
					if o := out[int64(i+1)]; (o.State == record.WriteDone) == refused(i) {
						t.Fatalf("%s: %+v", all[i].Key, o)
					}
				}
			})
		}
	}
}

// TestAnOutageIsWaitedOut: a cloud that fails everything for minutes pauses the run, which says so, and
// fails no record. Leavers are the first to be tried, and the first to be written when it is over.
func TestAnOutageIsWaitedOut(t *testing.T) {
	for _, bulk := range []bool{false, true} {
		t.Run(fmt.Sprintf("bulk %v", bulk), func(t *testing.T) {
			t.Parallel()
			s := startSandbox(t, scimtest.Options{WithoutBulk: !bulk})
			o := options(schema.KindSCIM, s.URL(), s.Token())
			c := newClock()
			o.Clock, o.Concurrency = c, 1
			target := open(t, o)
			var changes []plan.Change
			for seq, out := range apply(t, target, people(6)...) {
				leaver := update(out.ID, people(6)[seq-1].Key, set(schema.Active, "false"))
				leaver.Action = plan.Deactivate
				changes = append(changes, leaver)
			}
			changes = append(people(80)[6:], changes...) // the leavers last, so that only the circuit prefers them
			for i := range changes {
				changes[i].Seq = int64(i + 1)
			}
			began, said := c.Now(), map[string]bool{}
			s.Inject(scimtest.Fault{Effect: scimtest.Refuse, Status: 500, Writes: true})
			c.onSleep = func(time.Duration) {
				said[target.Waiting()] = true
				if c.Now().Sub(began) > 3*time.Minute {
					s.Heal()
				}
			}
			var order []plan.Action
			err := target.Apply(t.Context(), changes, func(o record.Outcome) {
				if o.State != record.WriteDone {
					t.Errorf("%d: %s", o.Seq, o.Message)
				}
				order = append(order, changes[o.Seq-1].Action)
			})
			if err != nil || len(order) != len(changes) {
				t.Fatalf("%d of %d: %v", len(order), len(changes), err)
			}
			if !bulk {
				for i, action := range order[:6] {
					if action != plan.Deactivate {
						t.Errorf("the write %d after the outage is %s", i, action)
					}
				}
			}
			paused := 0
			for text := range said {
				if strings.HasPrefix(text, "paused since ") && strings.Contains(text, "(500)") &&
					strings.Contains(text, ". Next try in ") {
					paused++
				}
			}
			if paused < 3 || target.Waiting() != "" {
				t.Errorf("the pauses were told as %v, and now %q", said, target.Waiting())
			}
		})
	}
}
