package service_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/service"
	"dirbridge/sync/store"
)

// scrape reads our metrics, by name with labels.
func scrape(t *testing.T, url string) (int, map[string]string, string) {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for line := range strings.Lines(string(body)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok && strings.HasPrefix(name, "dirbridge_") {
			all[strings.TrimPrefix(name, "dirbridge_")] = value
		}
	}
	return answer.StatusCode, all, string(body)
}

// TestMetrics checks that metrics show the state, that counters cover the runs of any process, that
// no person is named, and that an unreadable state is an error.
func TestMetrics(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	st, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	commit := func(b port.Batch) {
		t.Helper()
		if err := st.Commit(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	noon := time.Now().UTC().Truncate(time.Second).Add(-time.Hour)
	run := func(mode record.Mode, outcome record.RunOutcome, add int64) record.Run {
		t.Helper()
		r, err := st.Begin(t.Context(), record.Run{Mode: mode, Started: noon})
		if err != nil {
			t.Fatal(err)
		}
		r.Outcome, r.Ended, r.Failed, r.Counts.Users.Add = outcome, noon.Add(90*time.Second), add/2, add
		if outcome != record.Running {
			if err := st.End(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		return r
	}
	run(record.Full, record.Partial, 8)
	urls := make(chan string, 1)
	opt := service.Options{Store: st, Clock: service.Wall{}, Listen: "127.0.0.1:0", Version: "1.2.3",
		Run: func(context.Context, record.Mode) (record.Run, error) {
			return record.Run{}, errors.New("not in this test")
		},
		Report: func(e record.Event) {
			if e.Code == "metrics" {
				urls <- regexp.MustCompile(`http://\S+/metrics`).FindString(e.Message)
			}
		}}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- service.New(opt).Serve(ctx) }()
	url := <-urls

	check := func(when string, want map[string]string) {
		t.Helper()
		code, got, body := scrape(t, url)
		if code != http.StatusOK {
			t.Fatalf("%s: %d\n%s", when, code, body)
		}
		for name, value := range want {
			if got[name] != value {
				t.Errorf("%s: %s is %q, not %q", when, name, got[name], value)
			}
		}
		for _, secret := range []string{"ana@example.com", "corp:1"} {
			if strings.Contains(body, secret) {
				t.Errorf("%s: it names %s", when, secret)
			}
		}
	}
	check("at first", map[string]string{`build_info{version="1.2.3"}`: "1", "synchronization_enabled": "0", "leader": "1",
		"last_good_run_timestamp_seconds": "0", "last_good_run_age_seconds": "+Inf", "failing_records": "0",
		"purge_queue_length":                              "0",
		`last_run_outcome{mode="full",outcome="partial"}`: "1", `last_run_outcome{mode="full",outcome="done"}`: "0",
		`last_run_failed{mode="full"}`:           "4",
		`last_run_duration_seconds{mode="full"}`: "90", `held_since_timestamp_seconds{what="purge"}`: "0",
		`changes_total{action="add",kind="user"}`: "", "unmatched_accounts": ""})

	values := map[string]string{}
	for name, v := range map[string]any{facts.ModeValue: facts.Synchronization{Enabled: true},
		facts.HeldValue(false): facts.Held{Since: noon, Runs: 3},
		facts.StatisticsValue:  facts.CloudStatistics{At: noon, Unmatched: 38}} {
		if values[name], err = facts.TextOf(v); err != nil {
			t.Fatal(err)
		}
	}
	values[facts.LastGoodValue] = noon.Format(time.RFC3339)
	fail := record.Failing{Subject: record.Subject{Anchor: "corp:1"}, Record: "ana@example.com", Runs: 3}
	worse := record.Failing{Subject: record.Subject{Anchor: "corp:2"}, Record: "bo@example.com", Runs: 10}
	commit(port.Batch{Values: values, Failing: []record.Failing{fail, worse},
		Dirty: map[identity.Anchor]string{"corp:1": "refused", "corp:2": "refused", "corp:3": "held"},
		Shadows: []identity.Shadow{{Anchor: "corp:4", Kind: identity.User, ID: "4", State: identity.Grace, ByUs: true,
			Since: noon}, {Anchor: "corp:5", Kind: identity.User, ID: "5", State: identity.Live}}})
	run(record.Full, record.Done, 5)
	open := run(record.Incremental, record.Running, 2)
	want := map[string]string{"synchronization_enabled": "1", "failing_records": "2", "escalated_records": "1",
		"dirty_records": "3", "purge_queue_length": "1", "unmatched_accounts": "38",
		`last_run_outcome{mode="full",outcome="partial"}`: "0", `last_run_outcome{mode="full",outcome="done"}`: "1",
		`runs_total{mode="full",outcome="done"}`:  "1",
		`changes_total{action="add",kind="user"}`: "5", `runs_total{mode="incremental",outcome="done"}`: ""}
	check("later", want)
	check("asked again", want)
	_, got, _ := scrape(t, url)
	if !regexp.MustCompile(`^36\d\d`).MatchString(got["last_good_run_age_seconds"]) ||
		!strings.HasPrefix(got[`held_since_timestamp_seconds{what="synchronization"}`], "1.") {
		t.Errorf("good %s, held %s", got["last_good_run_age_seconds"],
			got[`held_since_timestamp_seconds{what="synchronization"}`])
	}
	open.Outcome, open.Counts.Members.Remove = record.Done, 7
	if err := st.End(t.Context(), open); err != nil {
		t.Fatal(err)
	}
	for range 120 {
		run(record.Incremental, record.Done, 1)
	}
	check("after many runs",
		map[string]string{`changes_total{action="add",kind="user"}`: "127",
			`changes_total{action="remove",kind="member"}`:  "7",
			`runs_total{mode="incremental",outcome="done"}`: "121"})

	if answer, err := http.Get(strings.TrimSuffix(url, "metrics")); err != nil ||
		answer.StatusCode != http.StatusNotFound {
		t.Errorf("elsewhere: %v, %v", answer, err)
	}
	twice := opt
	twice.Listen = strings.TrimSuffix(strings.TrimPrefix(url, "http://"), "/metrics")
	if err := service.New(twice).Serve(t.Context()); err == nil || identity.Remedy(err) == "" {
		t.Errorf("two at one address: %v", err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	if code, _, _ := scrape(t, url); code != http.StatusInternalServerError {
		t.Errorf("a state that cannot be read: %d", code)
	}
	cancel()
	if err := <-served; err != nil {
		t.Error(err)
	}
	if _, err := http.Get(url); err == nil {
		t.Error("it is served after the end")
	}
}
