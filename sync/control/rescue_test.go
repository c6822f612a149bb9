package control

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dirbridge/config"
	"dirbridge/sync/port"
	"dirbridge/sync/store"
)

func TestAReportOfAFailureIsPrivateAndTheEditsComeBack(t *testing.T) {
	dir := t.TempDir()
	st, err := store.Open(t.Context(), filepath.Join(dir, "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	l := NewLocal(Options{Store: st, ReportDir: dir, Version: "1.0.0"})
	elsewhere := filepath.Join(dir, "elsewhere")
	if err := os.WriteFile(elsewhere, []byte("theirs"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, filepath.Join(dir, reportName)); err != nil {
		t.Fatal(err)
	}
	edits := Edits{At: time.Now(), Changed: true, Saved: config.Draft{Values: map[string]string{"a": "1"}},
		Edited: config.Draft{Values: map[string]string{"a": "2"}}}
	path, err := l.Rescue(t.Context(), Failure{Where: "The page Settings", What: "index\x1b[31m",
		Trace: "settings_view.go:144"}, edits)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	info, _ := os.Lstat(path)
	if err != nil || info.Mode() != 0o600 || !strings.Contains(string(text), "settings_view.go:144") ||
		strings.Contains(string(text), "\x1b") {
		t.Errorf("%v %v:\n%s", err, info.Mode(), text)
	}
	if text, _ := os.ReadFile(elsewhere); string(text) != "theirs" {
		t.Error("it was written through a link")
	}
	got, err := l.Rescued(t.Context())
	if err != nil || !got.Changed || got.Edited.Values["a"] != "2" || got.Saved.Values["a"] != "1" {
		t.Errorf("%+v, %v", got, err)
	}
	// with no edits of its own
	if _, err := l.Rescue(t.Context(), Failure{Where: "The page Events", What: "again"}, Edits{}); err != nil {
		t.Fatal(err)
	}
	if got, _ := l.Rescued(t.Context()); !got.Changed {
		t.Error("a second failure forgot the edits")
	}
	if err := l.ForgetRescued(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, err := l.Rescued(t.Context()); err != nil || got.Changed {
		t.Errorf("%+v, %v", got, err)
	}
	evs, err := port.Store(st).EventsSince(context.Background(), 0, 10)
	if err != nil || len(evs) != 2 || evs[0].Code != "console-failed" || !strings.Contains(evs[0].Remedy, path) {
		t.Errorf("%+v, %v", evs, err)
	}
}
