package ui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/ui/component"
	"dirbridge/ui/firststart"
	"dirbridge/ui/page"
	"dirbridge/ui/view"
)

// setupStep is one step of the first start.
type setupStep = firststart.Step

const (
	stepCloud      = firststart.Cloud
	stepDirectory  = firststart.Directory
	stepMirror     = firststart.Mirror
	stepContainers = firststart.Containers
	stepDryRun     = firststart.DryRun
	stepEnable     = firststart.Enable
	stepDone       = firststart.Done
)

// setup guides through the first start. While it is in front, it has the screen and the keys; the
// pages are behind it once the connector is open. Every entry goes into the draft at once, so that
// setup can be quit and resumed at any point.
type setup struct {
	r     *root
	api   control.Setup
	state control.SetupState
	step  setupStep
	front bool

	focus   string // id of the focused row
	top     int    // first line of the form on the screen
	inputs  map[string]*component.Input
	trying  string // what setup waits for, in words
	stop    context.CancelFunc
	trial   int // number of the last attempt: answers to earlier ones are ignored
	wrong   *setupFault
	cloud   *control.SetupCloudFound
	dir     *control.SetupDirectoryFound
	editing int // directory in the form; len(Directories): a new one; -1: the list

	domains []control.SetupDomain
	looking bool // for domains
	looked  bool

	keeping, again bool // the draft is being stored; it changed in the meantime
	leaving        bool // as soon as the draft is stored
	finishing      bool // the same, permanently
	unsettled      bool // resumed at a point where only the state shows what is done
	stale          bool // the configuration has changed since the connector was opened
	enabled        bool // by the last step
}

// setupFault is the reason for a failure.
type setupFault struct {
	what, remedy string
	shown        []control.Certificate // of a server that is not trusted
}

// setupMsg carries the message of a command of setup back to it.
type setupMsg struct{ what any }

type (
	setupResumed struct {
		state control.SetupState
		err   error
	}
	setupKept    struct{ err error }
	setupDomains struct {
		found []control.SetupDomain
		err   error
	}
	setupCloudTried struct {
		trial int
		found control.SetupCloudFound
		err   error
	}
	setupDirectoryTried struct {
		trial int
		found control.SetupDirectoryFound
		err   error
	}
	setupWritten struct {
		err  error
		then setupStep
	}
	setupEnabled  struct{ err error }
	setupFinished struct{ err error }
)

// newSetup returns nil if no setup is needed: a read-only console changes nothing.
func newSetup(r *root) *setup {
	if r.opts.Setup == nil || r.opts.ReadOnly {
		return nil
	}
	return &setup{r: r, api: r.opts.Setup, inputs: map[string]*component.Input{}, editing: -1}
}

func (s *setup) inFront() bool { return s != nil && s.front }

// resume requests the entries of an earlier start.
func (s *setup) resume() tea.Cmd {
	api, ctx := s.api, s.r.ctx
	return func() tea.Msg {
		state, err := api.Resume(ctx)
		return setupMsg{setupResumed{state, err}}
	}
}

// take handles a message of setup; false leaves it to the root.
func (s *setup) take(msg tea.Msg) (cmd tea.Cmd, taken bool) {
	if s == nil {
		return nil, false
	}
	switch msg := msg.(type) {
	case setupMsg:
		return s.took(msg.what), true
	case openedMsg:
		return s.opened(msg), true
	case statusMsg:
		return s.settle(msg)
	}
	if !s.front {
		return nil, false
	}
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		return s.press(msg), true
	case tea.PasteMsg:
		return s.paste(msg.Content), true
	case tea.MouseClickMsg, tea.MouseWheelMsg:
		return nil, true
	case settingsSavedMsg:
		return s.chose(msg), true
	}
	return nil, false
}

func (s *setup) took(msg any) tea.Cmd {
	switch msg := msg.(type) {
	case setupResumed:
		return s.resumed(msg)
	case setupKept:
		return s.kept(msg)
	case setupDomains:
		s.foundDomains(msg)
	case setupCloudTried:
		return s.triedCloud(msg)
	case setupDirectoryTried:
		return s.triedDirectory(msg)
	case setupWritten:
		return s.wrote(msg)
	case setupEnabled:
		return s.enabledNow(msg)
	case setupFinished:
		if msg.err != nil {
			s.r.fail("The draft of the set-up could not be removed", msg.err)
		}
	}
	return nil
}

func (s *setup) draft() *control.SetupDraft { return &s.state.Draft }

// resumed starts at the first step that is not done, or shows the console if there is nothing to
// set up.
func (s *setup) resumed(msg setupResumed) tea.Cmd {
	if msg.err != nil || !msg.state.Needed {
		s.r.setup = nil
		s.r.fail("The set-up could not be read", msg.err)
		return s.r.open()
	}
	s.state, s.front, s.r.opening = msg.state, true, false
	firststart.Begin(s.draft())
	if firststart.Resuming(*s.draft()) {
		s.r.say("Taken up again where you left it.")
	}
	s.unsettled = s.first() == stepDryRun
	return s.enter(s.first())
}

// settle moves to the next step according to the state, once after reading it.
func (s *setup) settle(msg statusMsg) (cmd tea.Cmd, taken bool) {
	if !s.unsettled || msg.err != nil || msg.of != s.r.conn {
		return nil, false
	}
	s.unsettled, s.r.status = false, msg.status
	switch m := msg.status.Mode; {
	case m.Enabled:
		return s.finish(true), true
	case m.MayEnable:
		return s.enter(stepEnable), true
	}
	return nil, false
}

// first returns the first step that is not done, as far as is known before the connector is open.
func (s *setup) first() setupStep { return firststart.First(*s.draft()) }

// done reports whether a step is done.
func (s *setup) done(step setupStep) bool {
	return firststart.IsDone(*s.draft(), s.r.status.Mode, step)
}

// enter shows a step. From the containers step on, the connector is needed.
func (s *setup) enter(step setupStep) tea.Cmd {
	s.step, s.focus, s.top, s.wrong = step, "", 0, nil
	switch step {
	case stepDirectory:
		return s.enterDirectory()
	case stepContainers, stepDryRun, stepEnable:
		if s.r.conn == nil || s.stale {
			s.stale = false
			return s.r.open()
		}
		if step == stepContainers {
			s.r.say(containersWords)
			return s.r.call(page.Objects, s.objects().Enter)
		}
		return s.r.readStatus()
	}
	return nil
}

// opened takes over the connector that the later steps need.
func (s *setup) opened(msg openedMsg) tea.Cmd {
	cmd := s.r.opened(msg)
	if s.front && msg.err == nil && s.step == stepContainers {
		s.r.say(containersWords)
		return tea.Batch(cmd, s.r.call(page.Objects, s.objects().Enter))
	}
	return cmd
}

const containersWords = "Untick (Space) what should not take part, then a confirms."

// objects returns the page that selects containers.
func (s *setup) objects() page.Page { return s.r.pages[page.Objects-1] }

// back goes to the previous step, or quits setup at the first one. Nothing is lost.
func (s *setup) back() tea.Cmd {
	switch {
	case s.r.work.Running():
		s.r.say("A dry run is under way: wait for it, or cancel it.")
		return nil
	case s.step == stepDone:
		return s.console()
	case s.step == stepCloud:
		return s.askLeave()
	case s.step == stepDirectory && s.editing >= 0 && len(s.draft().Directories) > 0:
		s.editing, s.dir, s.draft().Editing, s.focus = -1, nil, nil, ""
		return s.keep()
	}
	return s.enter(s.step - 1)
}

func (s *setup) askLeave() tea.Cmd {
	if s.step == stepDone {
		return tea.Quit
	}
	lines := []string{view.Left}
	if !firststart.SecretsKept(*s.draft()) {
		lines = append(lines, view.LeftSecret)
	}
	s.r.ask(&component.Question{Title: "Leave the set-up?", Lines: lines, Options: []component.Option{
		{Key: "s", Text: "Stay"},
		{Key: "x", Text: "Leave it for now", Do: s.leave},
	}})
	return nil
}

// leave ends the program once the draft is stored.
func (s *setup) leave() tea.Cmd {
	if s.step == stepDone {
		return tea.Quit
	}
	s.leaving = true
	return s.keep()
}

// keep stores the draft, one at a time, so that an older one never overwrites a newer one.
func (s *setup) keep() tea.Cmd {
	if s.keeping {
		s.again = true
		return nil
	}
	s.keeping = true
	api, ctx, d := s.api, s.r.ctx, s.draft().Clone()
	return func() tea.Msg { return setupMsg{setupKept{api.Keep(ctx, d)}} }
}

func (s *setup) kept(msg setupKept) tea.Cmd {
	s.keeping = false
	if s.finishing {
		return s.forget()
	}
	if s.again {
		s.again = false
		return s.keep()
	}
	if msg.err != nil {
		s.r.fail("The draft was not kept", msg.err)
		if s.leaving { // the operator has seen why; the next attempt quits anyway
			s.leaving = false
			s.r.ask(&component.Question{Title: "What you entered cannot be kept.", Lines: []string{msg.err.Error()},
				Options: []component.Option{
					{Key: "s", Text: "Stay"},
					{Key: "x", Text: "Leave all the same", Do: func() tea.Cmd { return tea.Quit }},
				}})
		}
		return nil
	}
	if s.leaving {
		return tea.Quit
	}
	return nil
}

// write saves the draft to the configuration, and shows a step.
func (s *setup) write(then setupStep) tea.Cmd {
	s.trying, s.stop = "Writing "+s.state.Path, func() {}
	api, ctx, d := s.api, s.r.ctx, s.draft().Clone()
	return func() tea.Msg { return setupMsg{setupWritten{api.Write(ctx, d), then}} }
}

func (s *setup) wrote(msg setupWritten) tea.Cmd {
	s.trying = ""
	if msg.err != nil {
		s.refuse("The configuration was not written", msg.err)
		return nil
	}
	s.draft().Written = true
	s.stale = s.r.conn != nil
	s.r.say("Saved in %s.", s.state.Path)
	return tea.Batch(s.keep(), s.enter(msg.then))
}

// refuse shows a failure in the form until the next attempt or change.
func (s *setup) refuse(what string, err error) {
	if s.r.ctx.Err() != nil {
		return
	}
	s.wrong = faultOf(what, err)
}

// begin records the start of an attempt that can be stopped, and returns its number.
func (s *setup) begin(what string) (context.Context, int) {
	ctx, stop := context.WithCancel(s.r.ctx)
	s.trial++
	s.trying, s.stop, s.wrong = what, stop, nil
	return ctx, s.trial
}

// ended reports whether the answer belongs to the current attempt.
func (s *setup) ended(trial int) bool {
	if trial != s.trial || s.trying == "" {
		return false
	}
	s.stop()
	s.trying = ""
	return true
}

// edited drops the result of a connection test, which was for other values.
func (s *setup) edited() {
	s.wrong = nil
	switch s.step {
	case stepCloud:
		s.cloud, s.draft().Cloud.Confirmed = nil, false
	case stepDirectory:
		s.dir = nil
	}
}
