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

// shell is what the pages share: the connector, the look, the clock, the draft of the settings, and
// the places outside a page where it can show messages. Only the update loop uses it.
type shell struct {
	ctx      context.Context
	conn     control.Connector
	look     look.Look
	now      func() time.Time
	after    func(time.Duration, tea.Msg) tea.Cmd // a timer
	readOnly bool
	basic    bool // the terminal gets only basic sequences
	// suspendable returns why the program cannot be suspended and resumed, or "".
	suspendable func() string

	progress control.Progress
	result   control.Result
	ended    int64 // number of the last result; 0 before the first
	plan     *control.Plan
	status   control.Status
	draft    config.Editing
	// planned is the draft from which the current plan was made; nil if it was made from the saved
	// settings.
	planned *config.Draft
	asked   *config.Draft // the same, for the current dry run
	// replaced says that this update replaced the draft, and that the page in front did not do it.
	replaced bool

	dialogs []dialog
	note    string
	noted   time.Time // when note was set
	refused bool      // note says why something is unavailable
	fault   *fault
	goTo    pageID // page to show after this update; 0 keeps the current one
	// wanted is the run, with a record, that the history shows when it comes to the front; nil is
	// none.
	wanted *wantedRun
}

// fault is the last error, shown until it is acknowledged (P13).
type fault struct {
	at     time.Time
	what   string
	remedy string
	of     reason
}

// reason is the condition behind an error that can end without the operator; "" is an error that
// stays until it is acknowledged.
type reason string

const (
	ofState   reason = "state"   // until the state can be read
	ofRequest reason = "request" // until another request succeeds
)

// failOf is fail for an error that over removes.
func (s *shell) failOf(of reason, what string, err error) {
	before := s.fault
	if s.fail(what, err); s.fault != nil && s.fault != before {
		s.fault.of = of
	}
}

// over removes the error if its reason has ended.
func (s *shell) over(of reason) {
	if s.fault != nil && s.fault.of == of {
		s.fault = nil
	}
}

func (s *shell) running() bool {
	return s.progress.Phase != "" && s.progress.Phase != idlePhase
}

// underWay reports whether something runs, here or in another process.
func (s *shell) underWay() bool { return s.running() || s.status.Elsewhere != nil }

// idlePhase is the engine's phase while nothing runs.
const idlePhase control.Phase = "idle"

// say shows a message in the status line, for a while.
func (s *shell) say(format string, args ...any) {
	s.note, s.noted, s.refused = fmt.Sprintf(format, args...), s.now(), false
}

// noteFor is how long a message stays; errors stay until they are acknowledged.
const noteFor = 10 * time.Second

// fade removes a message that was shown long enough.
func (s *shell) fade() {
	if s.note != "" && s.now().Sub(s.noted) >= noteFor {
		s.note = ""
	}
}

// fail shows an error with its remedy until it is acknowledged.
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

// start starts a request, shows a message, and opens the page with its progress.
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

// dryRun plans with the draft if there is one, else with the saved settings.
func (s *shell) dryRun() tea.Cmd {
	r := control.Request{Mode: "dry-run"}
	if s.draft.Changed() {
		d := s.draft.Edited.Clone()
		r.Draft = &d
	}
	return s.start(r, pageDryRun)
}

// busy returns why nothing new can be started, or "".
func (s *shell) busy() string {
	if s.running() {
		return "a synchronization is running: wait for it, or cancel it with c on the Dashboard"
	}
	return ""
}

// writeOff returns why no run that writes can be started, or "".
func (s *shell) writeOff() string {
	if off := s.busy(); off != "" {
		return off
	}
	if s.status.Elsewhere != nil {
		return "a synchronization is running in another process: wait for it"
	}
	return ""
}

// planOfDraft reports whether the current plan is of unsaved settings.
func (s *shell) planOfDraft() bool {
	return s.planned != nil && !s.planned.Same(s.draft.Saved)
}
