package sync

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"dirbridge/sync/apply"
	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/sync/stage"
)

// heldText is a state that has one text under each name.
type heldText string

func (h heldText) Value(context.Context, string) (string, error) { return string(h), nil }

// FuzzStateValues: whatever the state has under a name, it is read, or refused as damaged with a
// remedy; and what was read is the same when it is written and read again.
func FuzzStateValues(f *testing.F) {
	at := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	for _, v := range []any{
		facts.Synchronization{Enabled: true, By: "root", At: at, WithoutDeletions: true},
		facts.DryRun{Config: "x", At: at, Counts: record.Counts{Users: record.ObjectCounts{Add: 3}},
			Holds: []facts.DryRunHold{{Rule: "delete-threshold"}}, Unseen: []facts.UnseenDeletions{{Directory: "corp"}}},
		facts.NextRuns{Full: at, PID: 1, At: at}, facts.CloudStatistics{At: at, Admins: -1,
			Active: 5}, facts.Confirmation{Rule: "privileged-link", ID: "a", At: at},
		facts.Held{Since: at, Runs: 3}, facts.DirectoryHealth{Name: "corp", Way: identity.DirSync,
			Failed: at}, stage.RememberedCookie{Cookie: identity.Cookie{Way: identity.USN}, Identity: "x"},
		[]plan.Withheld{{Rule: "administrator-key"}}, facts.Conversion{Begun: at,
			Accounts: []facts.Converted{{Mail: "a@example.com"}}}, []string{"title"},
	} {
		text, err := facts.TextOf(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, text := range []string{"", "null", "{", `{"at":"0000-01-01T00:00:00+23:59"}`, `{"at":"9999-12-31T23:59:59.999999999-23:59"}`, "\"\xff\"", strings.Repeat("[", 50), `{"runs":1e3}`, `{"enabled":"yes"}`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		readAs[facts.Synchronization](t, text)
		readAs[facts.DryRun](t, text)
		readAs[facts.CloudStatistics](t, text)
		readAs[facts.Confirmation](t, text)
		readAs[facts.Held](t, text)
		readAs[facts.DirectoryHealth](t, text)
		readAs[stage.RememberedCookie](t, text)
		readAs[[]plan.Withheld](t, text)
		readAs[facts.Conversion](t, text)
		readAs[[]string](t, text)
		next := readAs[facts.NextRuns](t, text)
		if now := time.Now(); next.Fresh(now) && (next.At.Before(now.Add(-time.Hour)) || next.At.After(now.Add(time.Hour))) {
			t.Fatalf("%v is fresh", next.At)
		}
		if _, err := apply.UpdatedStatistics(text, record.Counts{}, 0); (err == nil) != (json.Unmarshal([]byte(text),
			new(facts.CloudStatistics)) == nil) {
			t.Fatalf("statistics %q: %v", text, err)
		}
	})
}

func readAs[T any](t *testing.T, text string) (v T) {
	t.Helper()
	err := facts.ReadValue(t.Context(), heldText(text), "some name", &v)
	if err != nil {
		var failure *identity.Failure
		if !errors.As(err, &failure) || failure.Remedy == "" || !strings.Contains(err.Error(), "some name") {
			t.Fatalf("%q as %T: %v", text, v, err)
		}
		return v
	}
	first, err := facts.TextOf(v)
	if err != nil {
		t.Fatalf("%q as %T cannot be written: %v", text, v, err)
	}
	var again T
	if err := facts.ReadValue(t.Context(), heldText(first), "some name", &again); err != nil {
		t.Fatalf("%q as %T: %v", first, v, err)
	}
	if second, err := facts.TextOf(again); err != nil || second != first {
		t.Fatalf("%q as %T becomes %q: %v", first, v, second, err)
	}
	return v
}
