package control_test

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"dirbridge/sync/control"
	"dirbridge/sync/facts"
	"dirbridge/sync/port"
	"dirbridge/sync/store"
)

// TestNextRuns: a status says when another process starts the next runs, as long as that process is
// presumably alive.
func TestNextRuns(t *testing.T) {
	st, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	local := control.NewLocal(control.Options{Store: st})
	now := time.Now()
	in := func(d time.Duration) time.Time { return now.Add(d + 10*time.Second) }
	for _, c := range []struct {
		name              string
		next              *facts.NextRuns
		incremental, full string // patterns
	}{
		{"nobody serves", nil, "Not Scheduled", "Not Scheduled"},
		{"soon", &facts.NextRuns{At: now, Incremental: in(20 * time.Second), Full: in(8 * time.Minute)}, `\d\d:\d\d, in (29|30) s`, `\d\d:\d\d, in 8 min`},
		{"later", &facts.NextRuns{At: now, Incremental: in(5 * time.Hour), Full: in(6 * 24 * time.Hour)}, `[SMTWF]\w\w \d\d:\d\d, in 5 h`, `[SMTWF]\w\w \d\d:\d\d, in 6 days`},
		{"under way, or about to be", &facts.NextRuns{At: now, Incremental: now.Add(-time.Second)}, "now", "Not Scheduled"},
		{"no full run yet", &facts.NextRuns{At: now, Incremental: in(time.Minute), NeedsFull: true},
			"waits for the first full sync", "Not Scheduled"},
		{"no incremental runs", &facts.NextRuns{At: now, Full: in(time.Minute), NeedsFull: true}, "Not Scheduled", `\d\d:\d\d, in 1 min`},
		{"alive two minutes ago", &facts.NextRuns{At: now.Add(-2 * time.Minute), Incremental: in(time.Minute)}, `\d\d:\d\d, in 1 min`,
			"Not Scheduled"},
		{"killed", &facts.NextRuns{At: now.Add(-4 * time.Minute), Incremental: in(time.Hour), Full: in(time.Hour)},
			"Not Scheduled", "Not Scheduled"},
		{"disabled", &facts.NextRuns{At: now, Incremental: in(20 * time.Second), Full: in(8 * time.Minute)},
			"Not Scheduled", "Not Scheduled"},
		{"ended", nil, "Not Scheduled", "Not Scheduled"},
	} {
		text := ""
		if c.next != nil {
			data, err := json.Marshal(c.next)
			if err != nil {
				t.Fatal(err)
			}
			text = string(data)
		}
		enabled := `{"enabled":true}`
		if c.name == "disabled" {
			enabled = ""
		}
		if err := st.Commit(t.Context(), port.Batch{Values: map[string]string{facts.ScheduleValue: text,
			facts.ModeValue: enabled}}); err != nil {
			t.Fatal(err)
		}
		s, err := local.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for got, want := range map[string]string{"incremental: " + s.Incremental: c.incremental, "full: " + s.Full: c.full} {
			if !regexp.MustCompile(": " + want + "$").MatchString(got) {
				t.Errorf("%s: %s is not %s", c.name, got, want)
			}
		}
	}
}
