package app

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/ui/component"
	"dirbridge/ui/page"
)

// rescue records what a fake engine was asked to keep.
type rescue struct {
	failures []control.Failure
	kept     control.Edits
	forgot   int
	mayFail  bool // a test makes a page panic
}

func (f *fake) Rescue(_ context.Context, failure control.Failure, e control.Edits) (string, error) {
	f.failures = append(f.failures, failure)
	if e.Changed {
		f.kept = e
	}
	return "/var/lib/dirbridge/console-failure.txt", f.call("Rescue")
}

func (f *fake) Rescued(context.Context) (control.Edits, error) { return f.kept, f.call("Rescued") }

func (f *fake) ForgetRescued(context.Context) error {
	f.forgot++
	f.kept = control.Edits{}
	return f.call("ForgetRescued")
}

// bomb is a page that panics on request.
type bomb struct {
	page.Page
	in string
}

var errBomb = errors.New("index out of range [3] with length 3\x1b[31m")

func (b *bomb) at(where string) {
	if b.in == where {
		panic(errBomb)
	}
}

func (b *bomb) Update(msg tea.Msg) tea.Cmd {
	b.at("update")
	if _, ok := msg.(page.StatusMsg); ok && b.in == "command" {
		return func() tea.Msg { panic(errBomb) }
	}
	return b.Page.Update(msg)
}
func (b *bomb) View() []string           { b.at("view"); return b.Page.View() }
func (b *bomb) Commands() []page.Command { b.at("commands"); return b.Page.Commands() }
func (b *bomb) Enter() tea.Cmd           { b.at("enter"); return b.Page.Enter() }
func (b *bomb) SetSize(w, h int) tea.Cmd { b.at("size"); return b.Page.SetSize(w, h) }
func (b *bomb) Typing() bool             { b.at("typing"); return b.Page.Typing() }

func TestAPanicOfAPageIsAnErrorWithTheDraftKept(t *testing.T) {
	for _, in := range []string{"update", "view", "commands", "enter", "size", "typing", "command"} {
		f := newFake()
		f.mayFail = true
		c := open(t, f, 140, 24)
		c.press("7", "right")
		c.set("10")
		c.press("1")
		c.root.pages[page.Dashboard-1] = &bomb{c.root.pages[page.Dashboard-1], in}
		c.press("2", "1")
		c.send(statusMsg{of: f, status: f.status})
		c.beat()
		if c.quit {
			t.Fatalf("%s: the console ended", in)
		}
		c.shows("The page Dashboard failed: index out of range", "/var/lib/dirbridge/console-failure.txt",
			"r opens this page again")
		if n := len(f.failures); n != 1 || !strings.Contains(f.failures[0].Trace, "failed_test.go") ||
			!strings.Contains(f.failures[0].Trace, "20 -> 10") {
			t.Errorf("%s: %d reports: %+v", in, n, f.failures)
		}
		if !f.kept.Changed || f.kept.Edited.Values["policy.delete_threshold"] != "10" {
			t.Errorf("%s: kept %+v", in, f.kept.Changed)
		}
		c.press("esc", "7")
		c.shows("~ Delete threshold", "10")
		c.press("1", "r")
		c.shows("Current Synchronization")
	}
}

func TestADialogThatPanicsIsClosedAlone(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	c.fake.mayFail = true
	c.root.ask(&component.Question{Title: "?", Options: []component.Option{{Key: "x", Text: "x",
		Do: func() tea.Cmd { panic("dialog") }}}})
	c.press("x")
	c.shows("failed: dialog", "Current Synchronization")
	c.press("esc")
	c.lacks("failed: dialog")
}

func TestWhereNothingIsLeftTheConsoleEndsWithItsError(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	c.fake.mayFail = true
	c.root.after = func(time.Duration, tea.Msg) tea.Cmd { panic(errBomb) }
	c.send(tickMsg{})
	if c.quit {
		t.Fatal("it ended at the first failure")
	}
	c.send(tickMsg{})
	if !c.quit || c.root.endedWell() == nil || !strings.Contains(c.root.endedWell().Error(), "console-failure.txt") {
		t.Errorf("quit %v: %v", c.quit, c.root.endedWell())
	}
}

func TestTheDraftOfAConsoleThatFailedIsTakenUpAgain(t *testing.T) {
	f := newFake()
	edited := f.settings.Clone()
	edited.Values["policy.delete_threshold"] = "7"
	f.kept = control.Edits{At: noon.Add(-time.Minute), Changed: true, Saved: f.settings.Clone(), Edited: edited}
	c := open(t, f, 80, 24)
	c.shows("Restore the unsaved changes of a console that failed?", "20 -> 7")
	c.press("t", "7", "right")
	c.shows("~ Delete threshold                 7")
	c.press("u")
	c.shows("Delete threshold                 20")
	if c.root.endedWell(); f.forgot != 1 {
		t.Error("they are offered once more after they were left behind")
	}

	f.kept = control.Edits{At: noon, Changed: true, Saved: f.settings.Clone(), Edited: edited}
	c = open(t, f, 80, 24)
	c.press("x")
	if f.forgot != 2 || c.root.draft.Changed() {
		t.Error("they were not dropped")
	}
	c = open(t, f, 80, 24)
	c.lacks("a console that failed")
}

// TestUndoOfAListDrawsWhatIsThere checks that undo leaves no frame with the list of the previous
// draft.
func TestUndoOfAListDrawsWhatIsThere(t *testing.T) {
	c := open(t, newFake(), 80, 24)
	c.press("7")
	c.onto("Domain controllers")
	for range 3 {
		c.press("down", "-")
	}
	c.lacks("1.   ldaps", "2.   ldaps")
	c.press("u", "u", "u", "U", "U", "U", "u", "u", "u", "u")
	c.shows("1.   ldaps://dc1.corp.example.com", "2.   ldaps://dc2.corp.example.com")
}
