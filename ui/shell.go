package ui

import (
	"context"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/look"
)

// shell is what the pages share: the connector, the look, the clock, the draft of
// the settings, and the places where a page may speak beside its own room. Only
// the update loop touches it.
type shell struct {
	ctx      context.Context
	conn     control.Connector
	look     look.Look
	now      func() time.Time
	after    func(time.Duration, tea.Msg) tea.Cmd // a timer
	readOnly bool
	basic    bool // the terminal gets nothing but the basics
	// suspendable says why the program cannot be stopped and taken up again, or "".
	suspendable func() string

	progress control.Progress
	result   control.Result
	ended    int64 // number of the last result; 0 before the first
	plan     *control.Plan
	status   control.Status
	draft    config.Editing
	// planned is the draft that the plan at hand was made from; nil where it was
	// made from the saved settings.
	planned *config.Draft
	asked   *config.Draft // the same, for the dry run under way
	// replaced: the draft became another one during this update, not by the page in front.
	replaced bool

	dialogs []dialog
	note    string
	fault   *fault
	goTo    pageID // page to show after this update; 0 stays
	// wanted is the run that the history shall show when it comes to the front, and the
	// record in it; nil is none.
	wanted *wantedRun
}

// fault is the last error, shown until it is acknowledged (P13).
type fault struct {
	at     time.Time
	what   string
	remedy string
	of     reason
}

// reason is what an error is about that ends by itself; "" is one that stays until it is
// acknowledged.
type reason string

const (
	ofState   reason = "state"   // until it can be read
	ofRequest reason = "request" // until another one succeeds
)

// failOf is fail for an error that over takes away.
func (s *shell) failOf(of reason, what string, err error) {
	before := s.fault
	if s.fail(what, err); s.fault != nil && s.fault != before {
		s.fault.of = of
	}
}

// over takes away the error whose reason has ended.
func (s *shell) over(of reason) {
	if s.fault != nil && s.fault.of == of {
		s.fault = nil
	}
}

func (s *shell) running() bool {
	return s.progress.Phase != "" && s.progress.Phase != idlePhase
}

// underWay says that something runs, here or in another process.
func (s *shell) underWay() bool { return s.running() || s.status.Elsewhere != nil }

// idlePhase is what the engine calls its phase while nothing runs.
const idlePhase control.Phase = "idle"

// say puts a new fact into the status line.
func (s *shell) say(format string, args ...any) { s.note = fmt.Sprintf(format, args...) }

// fail puts an error on the screen, with its remedy, until it is acknowledged.
func (s *shell) fail(what string, err error) {
	if err == nil || s.ctx.Err() != nil {
		return
	}
	s.fault = &fault{at: s.now(), what: what + ": " + err.Error(), remedy: identity.Remedy(err)}
}

func (s *shell) ask(d dialog) { s.dialogs = append(s.dialogs, d) }

func (s *shell) top() dialog {
	if len(s.dialogs) == 0 {
		return nil
	}
	return s.dialogs[len(s.dialogs)-1]
}

// start begins a request and says so; it goes to the page where it can be watched.
func (s *shell) start(r control.Request, show pageID) tea.Cmd {
	if err := s.conn.Start(r); err != nil {
		s.fail("Could not start", err)
		return nil
	}
	s.note = ""
	s.asked = r.Draft
	s.progress = s.conn.Progress()
	if show != 0 {
		s.goTo = show
	}
	return nil
}

// dryRun plans with the draft where there is one, else with what is saved.
func (s *shell) dryRun() tea.Cmd {
	r := control.Request{Mode: "dry-run"}
	if s.draft.Changed() {
		d := s.draft.Edited.Clone()
		r.Draft = &d
	}
	return s.start(r, pageDryRun)
}

// busy is why nothing new can be started now, or "".
func (s *shell) busy() string {
	if s.running() {
		return "a synchronization is running: wait for it, or cancel it with c on the Dashboard"
	}
	return ""
}

// writeOff is why nothing that writes can be started now, or "".
func (s *shell) writeOff() string {
	if off := s.busy(); off != "" {
		return off
	}
	if s.status.Elsewhere != nil {
		return "a synchronization is running in another process: wait for it"
	}
	return ""
}

// planOfDraft says whether the plan at hand shows settings that are not saved.
func (s *shell) planOfDraft() bool {
	return s.planned != nil && !s.planned.Same(s.draft.Saved)
}
