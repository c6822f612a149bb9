package plain

import (
	"context"
	"os"
	"time"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/ui/look"
	"dirbridge/ui/view"
)

// session is one operator's session. Only the goroutine of Run uses it.
type session struct {
	ctx         context.Context
	opts        Options
	conn        control.Connector
	look        look.Look
	now         func() time.Time
	width       func() int
	tick        func(time.Duration) (<-chan time.Time, func())
	interactive bool // an operator types, and can be asked while a run is under way
	lines       <-chan string
	interrupts  <-chan os.Signal
	ended       bool // the input ended
	// hide keeps typed text from being shown until show is called; nil if nothing would show it.
	hide   func() (show func(), err error)
	guide  *guide // the first start, while it is under way
	outErr error  // of the first failed write; nothing more is written after it

	watching watching
	draft    config.Editing
	plan     planAtHand
	rescued  bool // the edits are stored in the state, in case they are lost here
}

func newSession(ctx context.Context, o Options, env func(string) string, now func() time.Time) *session {
	sevenBit, _ := look.Terminal(env)
	l, _ := look.New("mono", true) // a known name
	l.SevenBit = sevenBit || o.ASCII
	f, typed := terminal(o.Input)
	s := &session{ctx: ctx, opts: o, look: l, now: now, width: widthOf(o.Output), interactive: typed,
		lines: readLines(ctx, o.Input), tick: ticker}
	if typed {
		s.hide = func() (func(), error) { return hideEcho(f) }
	}
	return s
}

func ticker(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTicker(d)
	return t.C, t.Stop
}

// take starts with an engine.
func (s *session) take(conn control.Connector) {
	s.conn = conn
	s.draft = config.Editing{Saved: conn.Settings().Clone(), Edited: conn.Settings().Clone()}
	_, s.watching.ended, _ = conn.Result()
	s.lookAtPlan()
}

// edited prints the new value of something, and whether it is saved.
func (s *session) edited(what string) {
	if s.draft.Changed() {
		s.say("%s. It is not saved yet.", what)
	} else {
		s.say("%s. That is as it is saved.", what)
	}
}

// forbidden returns why nothing can be started or changed, or "".
func (s *session) forbidden() string {
	if s.opts.ReadOnly {
		return "this session is read-only: it can change nothing"
	}
	return ""
}

// busy returns why no run can be started, or "".
func (s *session) busy() string {
	if off := s.forbidden(); off != "" {
		return off
	}
	if s.running() {
		return view.RunUnderWay + "; wait, or cancel it under Synchronization"
	}
	return ""
}

// runsElsewhere says why nothing is written beside another process.
const runsElsewhere = view.RunElsewhere

// first returns the first reason that is not empty.
func first(reasons ...string) string {
	for _, r := range reasons {
		if r != "" {
			return r
		}
	}
	return ""
}

// mainMenu is the first page.
func (s *session) mainMenu() error {
	return s.menu(page{title: "Main menu", top: true, head: s.identity, choices: func() []choice {
		return []choice{
			{text: "Dashboard", do: s.dashboard},
			{text: view.ObjectsTitle, do: s.objects},
			{text: view.MappingTitle, do: s.mapping},
			{text: "Dry Run", do: s.dryRunPage},
			{text: "Event Viewer", do: s.events},
			{text: "History", do: s.history},
			{text: "Check", do: s.check},
			{text: "Explain", do: func() error { return s.explain("") }},
			{text: "Purge queue", do: s.queue},
			{text: "Synchronization", do: s.synchronization},
			{text: "Settings", do: s.settings},
			{text: view.SignInTitle, do: s.signInPage},
			{text: "Help", do: s.help},
			{key: "0", text: "Leave", do: func() error { return s.leave() }},
		}
	}})
}

// identity says which connector connects what.
func (s *session) identity() error {
	st, err := read(s, "Reading the state", s.conn.Status)
	if err != nil {
		return nil // already printed; the menu is available all the same
	}
	s.say("%s to %s, by connector %s. Synchronization is %s.", st.Directory, st.Cloud, st.Connector,
		onOff(st.Mode.Enabled))
	if s.opts.ReadOnly {
		s.say("Read-only: nothing can be started or changed.")
	}
	if s.draft.Changed() {
		s.say("There are changes of the settings that are not saved.")
	}
	return nil
}

func onOff(enabled bool) string {
	if enabled {
		return "enabled"
	}
	return "disabled"
}

// leave asks first if a run would be stopped, or edits lost.
func (s *session) leave() error {
	var reasons []string
	if s.running() {
		reasons = append(reasons,
			"A run is under way. Leaving stops it between two writes; what was not done stays to be done.")
	}
	if s.draft.Changed() && s.guide == nil { // the guide saves them
		n := int64(len(view.Changes(s.draft.Saved, s.draft.Edited)))
		reasons = append(reasons, plural(n, "change of the settings is",
			"changes of the settings are")+" not saved, and lost by leaving.")
	}
	if len(reasons) == 0 {
		return errLeave
	}
	for _, r := range reasons {
		s.say("%s", r)
	}
	answer, err := s.ask(question{label: "Type yes to leave, or Enter to stay:", leaving: true, again: func() {
		for _, r := range reasons {
			s.say("%s", r)
		}
	}})
	switch {
	case err != nil:
		return err
	case answer == "yes":
		return errLeave
	}
	s.say("Staying.")
	return errBack
}

// number formats an integer.
func number(n int64) string { return look.Number(n) }

// clock formats a time in short form.
func (s *session) clock(t time.Time) string { return look.Clock(s.now(), t) }

func plural(n int64, one, many string) string { return look.Count(n, one, many) }
