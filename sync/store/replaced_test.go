package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/store"
)

// P14: a store that lost the lease, because the lock or the state was deleted, stops before the
// next batch.
func TestLostLeaseStopsTheWriter(t *testing.T) {
	for _, name := range []string{"state.db.leader", "state.db"} {
		for _, again := range []bool{false, true} {
			dir := t.TempDir()
			s := open(t, filepath.Join(dir, "state.db"))
			if _, err := s.Lead(t.Context()); err != nil {
				t.Fatal(err)
			}
			run, err := s.Begin(t.Context(), record.Run{Mode: record.Full})
			if err != nil {
				t.Fatal(err)
			}
			intend := func(seq int64) error {
				return s.Intend(t.Context(), run.ID,
					[]port.Intent{
						{Run: run.ID, Seq: seq, Change: plan.Change{Action: plan.Add, Kind: identity.User, Key: "a@example.com"}}})
			}
			if err := intend(1); err != nil {
				t.Fatal(err)
			}
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Skip("a file that is open cannot be removed here")
			}
			if again { // another connector begins
				other := open(t, filepath.Join(dir, "state.db"))
				if _, err := other.Lead(t.Context()); err != nil && !errors.Is(err, port.ErrNotLeader) {
					t.Fatal(err)
				}
			}
			err = intend(2)
			var f *identity.Failure
			if !errors.Is(err, store.ErrReplaced) || !errors.As(err, &f) || f.Remedy == "" || f.Class != identity.Hold ||
				!strings.Contains(err.Error(), dir) {
				t.Errorf("%s removed, again %v: %v", name, again, err)
			}
		}
	}
}
