package sync_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"dirbridge/sync"
	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
)

func (f *fixture) health(name string) (h facts.DirectoryHealth) {
	f.t.Helper()
	text, err := f.store.Value(f.t.(*testing.T).Context(), facts.HealthValue(name))
	if err != nil {
		f.t.Fatalf("%v", err)
	}
	if text != "" {
		if err := json.Unmarshal([]byte(text), &h); err != nil {
			f.t.Fatalf("%v", err)
		}
	}
	return h
}

// TestHealthOfDirectories: each run records how it found every directory, whatever became of the
// run; a dry run records nothing.
func TestHealthOfDirectories(t *testing.T) {
	t.Parallel()
	f, other := twoDirectories(t)
	f.dir.Add(person("Ana", "ana@example.com"))
	other.Add(person("Bo", "bo@example.com"))
	f.plan()
	if h := f.health("corp"); h.Name != "" {
		t.Fatalf("a dry run left %+v", h)
	}
	f.mustSync()
	first := f.now
	for _, name := range []string{"corp", "other"} {
		h := f.health(name)
		if h.Name != name || h.Server == "" || h.Way != identity.DirSync || !h.LastRead.Equal(first) ||
			!h.LastFull.Equal(first) || h.Error != "" {
			t.Fatalf("%s: %+v", name, h)
		}
	}
	// One cannot be read, by a full run and by incremental ones.
	other.Fail = func(string) error {
		return &identity.Failure{Err: errors.New("dial: connection refused"), Class: "retry",
			Remedy: "See whether the server is up."}
	}
	f.mustSync()
	since := f.now
	f.changed(t)
	h := f.health("other")
	if h.Error == "" || h.Remedy != "See whether the server is up." || !h.Failed.Equal(f.now) || !h.Since.Equal(since) ||
		!h.LastRead.Equal(first) || h.Way != identity.DirSync {
		t.Errorf("%+v", h)
	}
	if h := f.health("corp"); h.Error != "" || !h.LastRead.Equal(f.now) || !h.LastFull.Equal(since) {
		t.Errorf("%+v", h)
	}
	// None can: the run fails, and says for which.
	f.dir.Fail = other.Fail
	if _, _, err := f.sync(noOverride); err == nil {
		t.Fatal("nothing could be read, and that is no error")
	}
	if h := f.health("corp"); h.Error == "" || !h.Since.Equal(f.now) {
		t.Errorf("%+v", h)
	}
	f.dir.Fail, other.Fail = nil, nil
	other.Untold = "the account may not read deleted objects"
	f.mustSync()
	if h := f.health("other"); h.Error != "" || h.Remedy != "" || !h.Since.IsZero() || h.NoDeletions != other.Untold ||
		h.NoDeletionsRemedy == "" {
		t.Errorf("%+v", h)
	}
	// A held plan has read everything all the same.
	for _, a := range other.Anchors(identity.User) {
		other.Delete(a)
	}
	if _, _, err := f.sync(noOverride); !isHeld(err) {
		t.Fatalf("%v", err)
	}
	if h := f.health("other"); !h.LastRead.Equal(f.now) {
		t.Errorf("%+v", h)
	}
}

// TestIncompleteRuns: a run without one of its directories says so, and does not count as good. One
// event is logged when the directory stops answering, and one when it answers again.
func TestIncompleteRuns(t *testing.T) {
	t.Parallel()
	f, other := twoDirectories(t)
	f.dir.Add(person("Ana", "ana@example.com"))
	other.Add(person("Bo", "bo@example.com"))
	f.mustSync()
	good := f.value(facts.LastGoodValue)
	other.Fail = func(string) error {
		return &identity.Failure{Err: errors.New("dial: connection refused"), Class: "retry",
			Remedy: "See whether the server is up."}
	}
	for _, mode := range []record.Mode{record.Full, record.Incremental, record.Full} {
		f.now = f.now.Add(time.Minute)
		p, run, err := f.engine().Sync(t.Context(), sync.Request{Mode: mode}, noOverride)
		if err != nil {
			t.Fatal(err)
		}
		p.Close()
		if len(run.Unread) != 1 || run.Unread[0].Name != "other" ||
			run.Unread[0].Remedy != "See whether the server is up." || run.Outcome != record.Partial {
			t.Errorf("%+v", run)
		}
	}
	if at := f.value(facts.LastGoodValue); good == "" || at != good {
		t.Errorf("the last good run was at %q, and then at %q", good, at)
	}
	other.Fail = nil
	for range 2 {
		f.mustSync()
	}
	if at := f.value(facts.LastGoodValue); at == good {
		t.Error("the last good run stays where it was")
	}
	if text := f.events(); strings.Count(text, "Directory other cannot be read: ") != 1 ||
		strings.Count(text, "Directory other can be read again.") != 1 {
		t.Errorf("%s", text)
	}
}

func (f *fixture) value(name string) string {
	f.t.Helper()
	text, err := f.store.Value(context.Background(), name)
	if err != nil {
		f.t.Fatalf("%v", err)
	}
	return text
}
