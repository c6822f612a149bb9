package control

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"dirbridge/config"
	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
	"dirbridge/sync/synctest"
)

// checkFactory returns directories by name and records the attributes that were requested.
type checkFactory struct {
	Factory
	directories map[string]port.Source
	asked       []config.Directory
}

func (f *checkFactory) Source(d config.Directory) (port.Source, error) {
	f.asked = append(f.asked, d)
	src, ok := f.directories[d.Name]
	if !ok {
		return nil, errors.New("no such directory")
	}
	return src, nil
}

// logStore keeps events and nothing else.
type logStore struct {
	port.Store
	events chan record.Event
}

func (s *logStore) Append(_ context.Context, events ...record.Event) error {
	for _, e := range events {
		s.events <- e
	}
	return nil
}

// blocked waits in its listing of people until it is released or cancelled.
type blocked struct {
	port.Source
	listing, goOn chan struct{}
}

func (b blocked) People(ctx context.Context, fn func(identity.Entry) error) error {
	close(b.listing)
	select {
	case <-b.goOn:
	case <-ctx.Done():
		return ctx.Err()
	}
	return b.Source.People(ctx, fn)
}

func checkLocal(t *testing.T, sources map[string]port.Source, settings config.Draft) (*Local, *checkFactory,
	*logStore) {
	f, st := &checkFactory{directories: sources}, &logStore{events: make(chan record.Event, 10)}
	if settings.Mapping == nil {
		settings.Mapping = map[string]string{}
	}
	l := NewLocal(Options{Factory: f, Store: st, Catalogue: schema.Webex(), Settings: settings, WorkDir: t.TempDir()})
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if left, err := os.ReadDir(l.opt.WorkDir); err != nil || len(left) > 0 {
			t.Errorf("left: %v, %v", left, err)
		}
	})
	return l, f, st
}

func awaitCheck(t *testing.T, l *Local, number int64) Checked {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if c, n := l.Checked(); n >= number {
			return c
		}
	}
	t.Fatal("the check does not end")
	return Checked{}
}

func people(name string, mails ...string) *synctest.Directory {
	d := synctest.NewDirectory(name)
	for _, m := range mails {
		d.Add(synctest.Object{Kind: identity.User, CN: m, Attrs: identity.Attrs{"mail": {m}, "displayName": {m}}})
	}
	return d
}

func TestOneCheckAtATime(t *testing.T) {
	b := blocked{people("corp", "a@example.com", "A@example.com"), make(chan struct{}), make(chan struct{})}
	l, _, _ := checkLocal(t, map[string]port.Source{"corp": b},
		config.Draft{Directories: []config.Directory{{Name: "corp"}}})
	if p := l.CheckProgress(); p.Phase != CheckIdle {
		t.Errorf("before: %+v", p)
	}
	if err := l.StartCheck(nil); err != nil {
		t.Fatal(err)
	}
	<-b.listing
	if err := l.StartCheck(nil); !errors.Is(err, ErrChecking) {
		t.Errorf("a second one: %v", err)
	}
	if p := l.CheckProgress(); p.Phase == CheckIdle || p.Directory != "corp" {
		t.Errorf("meanwhile: %+v", p)
	}
	close(b.goOn)
	c := awaitCheck(t, l, 1)
	if c.Err != nil || c.Report.Total("duplicate-key") != 2 {
		t.Fatalf("%+v", c)
	}
	if p := l.CheckProgress(); p.Phase != CheckIdle {
		t.Errorf("afterwards: %+v", p)
	}
}

func TestACheckIsCancelled(t *testing.T) {
	b := blocked{people("corp"), make(chan struct{}), make(chan struct{})}
	l, _, st := checkLocal(t, map[string]port.Source{"corp": b},
		config.Draft{Directories: []config.Directory{{Name: "corp"}}})
	if err := l.StartCheck(nil); err != nil {
		t.Fatal(err)
	}
	<-b.listing
	l.CancelCheck()
	if c := awaitCheck(t, l, 1); !errors.Is(c.Err, context.Canceled) || c.Report != nil {
		t.Errorf("%+v", c)
	}
	if len(st.events) > 0 {
		t.Errorf("logged %+v", <-st.events)
	}
}

func TestThePreviousReportStaysOpenWhileItIsDrawn(t *testing.T) {
	l, _, _ := checkLocal(t, map[string]port.Source{"corp": people("corp", "a")},
		config.Draft{Directories: []config.Directory{{Name: "corp"}}})
	var reports []*CheckReport
	for i := range int64(3) {
		if err := l.StartCheck(nil); err != nil {
			t.Fatal(err)
		}
		reports = append(reports, awaitCheck(t, l, i+1).Report)
	}
	for i, closed := range []bool{true, false, false} {
		if _, err := reports[i].Findings(t.Context(), "mail-without-domain", 0, 1); (err != nil) != closed {
			t.Errorf("report %d: %v", i, err)
		}
	}
}

func TestEachDirectoryIsCheckedByItsOwnMapping(t *testing.T) {
	corp, lab := people("corp"), people("lab")
	for _, d := range []*synctest.Directory{corp, lab} {
		d.Add(synctest.Object{Kind: identity.User, CN: "Ana", Attrs: identity.Attrs{"mail": {"ana"},
			"upn": {d.Name + "@example.com"}, "displayName": {"Ana"}}})
	}
	s := config.Draft{Directories: []config.Directory{{Name: "corp"},
		{Name: "lab", Mapping: map[string]string{"uid": "upn"}}}, Mapping: map[string]string{"uid": "mail"}}
	l, f, _ := checkLocal(t, map[string]port.Source{"corp": corp, "lab": lab}, s)
	if err := l.StartCheck(nil); err != nil {
		t.Fatal(err)
	}
	r := awaitCheck(t, l, 1).Report
	found, err := r.Findings(t.Context(), "mail-without-domain", 0, 10)
	if err != nil || len(found) != 1 || found[0].Directory != "corp" {
		t.Errorf("%+v, %v", found, err)
	}
	if f.asked[1].Mapping["uid"] != "upn" || f.asked[0].Mapping["uid"] != "mail" {
		t.Errorf("asked for %+v", f.asked)
	}
	draft := s
	draft.Mapping = map[string]string{"uid": "upn"}
	if err := l.StartCheck(&draft); err != nil {
		t.Fatal(err)
	}
	if r := awaitCheck(t, l, 2).Report; r.Total("mail-without-domain") != 0 {
		t.Errorf("by the draft: %+v", r.Classes)
	}
}

func TestWhatCannotBeReadIsInTheEventLog(t *testing.T) { // P13
	bad := people("lab")
	bad.Fail = func(string) error {
		return &identity.Failure{Class: identity.Retry, Remedy: "Start it.", Err: errors.New("refused")}
	}
	both := config.Draft{Directories: []config.Directory{{Name: "corp"}, {Name: "lab"}}}
	for _, s := range []config.Draft{both, {Directories: both.Directories[1:]}} {
		l, _, st := checkLocal(t, map[string]port.Source{"corp": people("corp"), "lab": bad}, s)
		if err := l.StartCheck(nil); err != nil {
			t.Fatal(err)
		}
		awaitCheck(t, l, 1)
		if e := <-st.events; !strings.Contains(e.Message, "directory lab") || !strings.Contains(e.Message, "refused") ||
			e.Remedy != "Start it." || e.Level != record.Error {
			t.Errorf("%+v", e)
		}
	}
}

func TestACheckThatCannotBegin(t *testing.T) {
	l, _, _ := checkLocal(t, nil, config.Draft{Directories: []config.Directory{{Name: "corp"}}})
	if err := l.StartCheck(nil); err == nil || !strings.Contains(err.Error(), "directory corp") {
		t.Errorf("%v", err)
	}
	if err := l.StartCheck(nil); errors.Is(err, ErrChecking) {
		t.Error("it counts as running")
	}
}
