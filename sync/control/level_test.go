package control_test

import (
	"path/filepath"
	"testing"

	"dirbridge/sync/control"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/store"
)

// TestLogLevel: connector.log_level decides what the event log keeps.
func TestLogLevel(t *testing.T) {
	levels := []record.Level{record.Debug, record.Info, record.Warn, record.Error}
	for i, min := range levels {
		st, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "state.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer st.Close()
		l := control.Leveled(st, min)
		for _, level := range levels {
			if err := l.Append(t.Context(), record.Event{Level: level, Message: "appended"}); err != nil {
				t.Fatal(err)
			}
			if err := l.Commit(t.Context(), port.Batch{Events: []record.Event{{Level: level,
				Message: "committed"}}}); err != nil {
				t.Fatal(err)
			}
		}
		evs, err := l.EventsSince(t.Context(), 0, 100)
		if err != nil || len(evs) != 2*(len(levels)-i) {
			t.Errorf("%s: %d events, %v", min, len(evs), err)
		}
	}
}
