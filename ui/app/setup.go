package app

import (
	"maps"
	"time"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
	"dirbridge/ui/page/draw"
	setuppage "dirbridge/ui/page/setup"
	"dirbridge/ui/view"
)

// setup is the set-up within the console: while it is in front, it has the screen and the keys; the
// pages are behind it once the connector is open.
type setup struct {
	r     *root
	model *setuppage.Model
	begun bool // it was found out that it is needed
	front bool
}

// newSetup returns nil if no set-up is needed: a read-only console changes nothing.
func newSetup(r *root) *setup {
	if r.opts.Setup == nil || r.opts.ReadOnly {
		return nil
	}
	after := func(d time.Duration, msg tea.Msg) tea.Cmd { return r.after(d, msg) }
	return &setup{r: r, model: setuppage.New(r.ctx, setuppage.Options{Setup: r.opts.Setup, Now: r.now, After: after})}
}

func (s *setup) inFront() bool { return s != nil && s.front }

// know tells the set-up what it asks of the console.
func (s *setup) know() {
	r := s.r
	s.model.Look = r.look
	s.model.State = setuppage.State{Open: r.conn != nil, Opening: r.opening, Running: r.work.Running(),
		Planned: r.plan != nil, Mode: r.status.Mode}
	if r.conn != nil {
		s.model.State.Values = r.draft.Saved.Values
	}
	if r.work.Running() {
		w, _ := s.model.Size(r.width, r.height)
		s.model.State.Progress = draw.Progress(r.look, r.work, r.now(), w)
	}
	if d := r.status.Mode.DryRun; d != nil {
		s.model.State.At, s.model.State.Changes = look.Clock(r.now(), d.At), view.Counts(d.Counts)
	}
}

// take handles a message of the set-up, or one that is for it while it is in front; false leaves it
// to the root.
func (s *setup) take(msg tea.Msg) (cmd tea.Cmd, taken bool) {
	if s == nil {
		return nil, false
	}
	s.know()
	if cmd, taken = s.wish(msg); taken {
		return cmd, true
	}
	switch msg := msg.(type) {
	case setuppage.Msg:
		cmd := s.model.Update(msg)
		if !s.begun && s.model.Needed() {
			s.begun, s.front, s.r.opening = true, true, false
		}
		return cmd, true
	case openedMsg:
		return s.opened(msg), true
	}
	if !s.front {
		return nil, false
	}
	switch msg := msg.(type) {
	case statusMsg:
		if msg.err != nil || msg.of != s.r.conn {
			return nil, false
		}
		s.r.status = msg.status
		s.know()
		return s.model.Settle(), false
	case tea.KeyPressMsg:
		return s.press(msg), true
	case tea.PasteMsg:
		return s.paste(msg.Content), true
	case tea.MouseClickMsg, tea.MouseWheelMsg:
		return nil, true
	case settingsSavedMsg:
		return s.saved(msg), true
	}
	return nil, false
}

// wish does what the set-up asks of the console.
func (s *setup) wish(msg tea.Msg) (cmd tea.Cmd, taken bool) {
	r := s.r
	switch msg := msg.(type) {
	case setuppage.NotNeededMsg:
		r.setup = nil
		r.fail(view.SetupUnread, msg.Err)
		return r.open(), true
	case setuppage.OpenMsg:
		return r.open(), true
	case setuppage.EnterScopeMsg:
		return r.call(page.Objects, s.objects().Enter), true
	case setuppage.DryRunMsg:
		r.askedOf = nil
		return r.start(control.Request{Mode: record.DryRun}, 0), true
	case setuppage.CancelMsg:
		return r.cancel(), true
	case setuppage.ShowPlanMsg:
		return s.visit(page.DryRun), true
	case setuppage.SaveMsg:
		edited := r.draft.Edited.Clone()
		maps.Copy(edited.Values, msg.Values)
		return tea.Batch(r.edited(edited), r.saveSettings()), true
	case setuppage.RefreshMsg:
		return r.readStatus(), true
	case setuppage.EnableMsg:
		ctx, conn := r.ctx, r.conn
		return func() tea.Msg { return setupEnabledMsg{conn.Enable(ctx, msg.Options)} }, true
	case setupEnabledMsg:
		return s.model.Enabled(msg.err), true
	case setuppage.AskLeaveMsg:
		s.askLeave("Quit set-up?", msg.Lines, "Quit, resume later", s.model.Leave)
		return nil, true
	case setuppage.UnkeptMsg:
		s.askLeave(view.EntriesNotKept, []string{msg.Err.Error()}, "Quit anyway",
			func() tea.Cmd { return tea.Quit })
		return nil, true
	case setuppage.FailMsg:
		r.fail(msg.What, msg.Err)
		return nil, true
	case setuppage.CopyMsg:
		return r.copy(msg.Name, msg.Text), true
	case setuppage.DoneMsg:
		r.setup = nil
		return r.show(page.Dashboard), true
	}
	return nil, false
}

// setupEnabledMsg says whether the set-up enabled the schedule.
type setupEnabledMsg struct{ err error }

func (s *setup) askLeave(title string, lines []string, leave string, do func() tea.Cmd) {
	s.r.ask(&component.Question{Title: title, Lines: lines, Options: []component.Option{
		{Key: "s", Text: "Continue the set-up"}, {Key: "x", Text: leave, Do: do}}})
}

// opened takes over the connector that the later steps need.
func (s *setup) opened(msg openedMsg) tea.Cmd {
	cmd := s.r.opened(msg)
	s.know()
	if !s.front || msg.err != nil {
		return cmd
	}
	return tea.Batch(cmd, s.model.Opened())
}

// saved takes over settings that were saved.
func (s *setup) saved(msg settingsSavedMsg) tea.Cmd {
	cmd := s.r.saved(msg)
	s.know()
	return tea.Batch(cmd, s.model.Saved(msg.err))
}

// objects returns the page that selects containers.
func (s *setup) objects() page.Page { return s.r.pages[page.Objects-1] }

// scoping says that Object Selection is in front.
func (s *setup) scoping() bool { return s.model.InScope() && s.r.pages != nil && !s.r.opening }

func (s *setup) paste(text string) tea.Cmd {
	switch {
	case s.r.top() != nil:
		return s.r.pasteDialog(text)
	case !s.scoping():
		return s.model.Paste(text)
	case s.objects().Typing():
		return s.r.call(page.Objects, func() tea.Cmd { return s.objects().Paste(text) })
	}
	return nil
}

// press routes a key: first the keys that must always work, then the open dialog, then the step.
func (s *setup) press(k tea.KeyPressMsg) tea.Cmd {
	name := k.String()
	switch {
	case name == "ctrl+c":
		return s.quit()
	case s.r.top() != nil:
		return s.r.pressDialog(s.r.top(), k)
	case s.r.fault != nil && name == "esc" && !s.model.Waiting():
		s.r.fault = nil
		return nil
	case s.scoping() && s.objects().Typing():
		return s.r.call(page.Objects, func() tea.Cmd { return s.objects().Type(k) })
	case s.model.Waiting():
		return s.model.Key(k)
	}
	for _, c := range s.commands() {
		if c.Is(name) && !(name == "esc" && c.Off != "") {
			s.r.note = ""
			return s.r.use(c)
		}
	}
	if s.scoping() {
		return nil
	}
	s.r.note = ""
	return s.model.Key(k)
}

// commands returns the commands of the step, and those of every step. Single letters work only
// outside text fields.
func (s *setup) commands() (commands []page.Command) {
	if s.scoping() {
		commands = append(commands, page.Command{ID: "setup.scope", Key: page.Keys("Confirm", "a"),
			Do: s.confirmScope})
		for _, c := range s.r.commandsOf(page.Objects) {
			if c.ID != "settings.apply" && c.ID != "dryrun" {
				commands = append(commands, c)
			}
		}
		commands = append(commands, page.Command{ID: "setup.back", Key: page.Keys("back", "esc"), Do: s.model.Back})
	}
	help := page.Keys("help", "f1")
	if !s.model.Typing() {
		help.SetKeys("f1", "?")
		commands = append(commands, page.Command{ID: "setup.leave", Key: page.Keys("quit", "q"), Do: s.model.AskLeave})
	}
	commands = append(commands, page.Command{ID: "setup.help", Key: help, Do: s.help})
	for _, c := range s.r.terminalCommands() {
		if len(c.Key.Keys()) > 0 {
			commands = append(commands, c)
		}
	}
	return commands
}

// confirmScope saves the ticks, if any, and goes on.
func (s *setup) confirmScope() tea.Cmd {
	if !s.r.draft.Changed() {
		return s.model.ScopeDone()
	}
	if off := s.r.applyOff(); off != "" {
		s.r.say("Unavailable: %s", off)
		return nil
	}
	return s.r.saveSettings()
}

// quit leaves at once, unless something is still running that needs a decision.
func (s *setup) quit() tea.Cmd {
	if s.r.conn != nil && (s.r.work.Running() || s.r.quitting) {
		return s.r.quit()
	}
	return s.model.Leave()
}

// visit shows a page of the console, with the command that leads back to the set-up.
func (s *setup) visit(to page.ID) tea.Cmd {
	s.front = false
	s.r.say("The set-up is at step %d, %s. [F2] returns to it.", s.model.Step()+1, s.model.Step().Title())
	return s.r.show(to)
}

// setupCommands returns the command that leads back to an unfinished set-up.
func (r *root) setupCommands() []page.Command {
	if r.setup == nil || r.setup.front {
		return nil
	}
	return []page.Command{{ID: "setup", Key: page.Keys("", "f2"), Title: "return to the set-up",
		Menu: page.Place{Menu: "Actions", Title: "Set-Up", Letter: "u"}, Do: func() tea.Cmd {
			r.setup.front = true
			r.setup.know()
			if r.status.Mode.Enabled { // by another way than the last step
				return r.setup.model.Finish()
			}
			return r.readStatus()
		}}}
}

func (s *setup) help() tea.Cmd {
	s.r.read("Help: the set-up", setupPage)
	return nil
}

// room returns the height of the set-up: without the foot, the status line and the keys.
func (s *setup) room() int { return max(s.r.height-2-len(s.r.foot()), 0) }

// resize gives Object Selection the size of the form.
func (s *setup) resize() tea.Cmd {
	if !s.scoping() {
		return nil
	}
	return s.r.call(page.Objects, func() tea.Cmd {
		return s.objects().SetSize(s.model.Size(s.r.width, s.room()))
	})
}

// frame draws the whole screen.
func (s *setup) frame() []string {
	r := s.r
	s.know()
	var scope []string
	if s.scoping() {
		scope = s.objects().View()
	}
	lines := append(s.model.View(r.width, s.room(), scope), r.foot()...)
	note := r.note
	if note == "" {
		note = s.model.Note()
	}
	return r.exactly(append(lines, r.look.Cut(" "+r.look.Clean(note), r.width), s.keyLine()), r.height)
}

// keyLine shows the keys that do something here.
func (s *setup) keyLine() string {
	var keys []page.Command
	if s.r.top() != nil {
		keys = page.Hints(s.r.top().Hints()...)
	} else {
		if !s.scoping() {
			keys = page.Hints(s.model.Hints()...)
		}
		if !s.model.Waiting() {
			keys = append(keys, s.commands()...)
		}
	}
	return s.r.keyBar(keys, nil).View()
}
