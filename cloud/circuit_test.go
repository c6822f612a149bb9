package cloud_test

import (
	"fmt"
	"strings"
	"testing"

	"dirbridge/cloud/scimtest"
	"dirbridge/sync/identity"
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
