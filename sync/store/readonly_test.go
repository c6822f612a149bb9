package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// TestOpenForReading checks that the state can be read, that nothing is written, and that nothing
// older than the last write is taken for the state.
func TestOpenForReading(t *testing.T) {
	t.Parallel()
	reading := func(path string) (*SQLite, error) {
		return (&SQLite{path: path, leads: map[*lease]struct{}{}}).openReading(t.Context(), syscall.EROFS)
	}
	refused := func(path, words string) {
		t.Helper()
		s, err := reading(path)
		if err == nil {
			s.Close()
			t.Errorf("%s is opened", path)
		} else if !errors.Is(err, ErrReadOnly) || !strings.Contains(err.Error()+identity.Remedy(err), words) ||
			identity.Remedy(err) == "" {
			t.Errorf("%v\n%s", err, identity.Remedy(err))
		}
	}
	path := filepath.Join(t.TempDir(), "state.db")
	refused(path, "the state directory")
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(t.Context(), port.Batch{Values: map[string]string{"a": "b"}}); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "state.db") // a copy without the file that processes share
	for _, suffix := range []string{"", "-wal"} {
		text, err := os.ReadFile(path + suffix)
		if err == nil {
			err = os.WriteFile(copied+suffix, text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	refused(copied, copied+"-wal")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	r, err := reading(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if v, err := r.Value(t.Context(), "a"); v != "b" || err != nil {
		t.Errorf("%q %v", v, err)
	}
	_, err = r.Lead(t.Context())
	_, begun := r.Begin(t.Context(), record.Run{Mode: record.Full})
	for what, err := range map[string]error{"ReadOnly": r.ReadOnly(), "Lead": err, "Begin": begun,
		"Commit": r.Commit(t.Context(), port.Batch{Values: map[string]string{"a": "c"}}),
		"Append": r.Append(t.Context(), record.Event{Code: "x"})} {
		if !errors.Is(err, ErrReadOnly) {
			t.Errorf("%s: %v", what, err)
		}
	}

	old, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := old.write.Exec("PRAGMA user_version=1"); err != nil {
		t.Fatal(err)
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	refused(path, "up to date")
}
