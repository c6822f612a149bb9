package store

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// SQLite itself simulates a full and a read-only disk, and fails as on a real one.
func TestDiskFullAndReadOnly(t *testing.T) {
	_, full := identity.NoSpace()
	for name, c := range map[string]struct{ pragma, back, remedy string }{
		"full":      {"PRAGMA max_page_count=1", "PRAGMA max_page_count=1000000", full},
		"read-only": {"PRAGMA query_only=1", "PRAGMA query_only=0", remedyRights},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Open(t.Context(), filepath.Join(t.TempDir(), "state.db"))
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			big := port.Batch{Values: map[string]string{"a": strings.Repeat("x", 1<<20)}, Events: []record.Event{{Code: "x"}}}
			if _, err := s.write.Exec(c.pragma); err != nil {
				t.Fatal(err)
			}
			err = s.Commit(context.Background(), big)
			var f *identity.Failure
			if !errors.As(err, &f) || f.Remedy != c.remedy || f.Class != identity.Hold ||
				!strings.Contains(err.Error(), s.path) {
				t.Fatalf("%v: %+v", err, f)
			}
			if name == "full" && !strings.HasSuffix(err.Error(), "the disk that holds it is full") {
				t.Errorf("it says %v", err)
			}
			events, err := s.EventsSince(context.Background(), 0, 10)
			if err != nil || len(events) != 0 {
				t.Errorf("after it: %v, %v", events, err)
			}
			if _, err := s.write.Exec(c.back); err != nil {
				t.Fatal(err)
			}
			if err := s.Commit(context.Background(), big); err != nil {
				t.Errorf("with room again: %v", err)
			}
		})
	}
}
