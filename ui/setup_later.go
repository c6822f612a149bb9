package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/firststart"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
	"dirbridge/ui/view"
)

// mirrorRows asks the guide's question: should the cloud mirror the directory?
func (s *setup) mirrorRows() []field {
	d := s.draft()
	pick := func(id, policy, label string, means ...string) []field {
		on := 0
		if d.OnUnmatched == policy || d.OnUnmatched == "" && policy == "report" {
			on = 1
		}
		rows := []field{{kind: fieldPick, id: id, on: on, label: label, hint: `Enter takes it: on_unmatched = "` + policy + `". It can be changed in the configuration file at any time.`,
			do: func() tea.Cmd { d.OnUnmatched = policy; return s.write(max(s.first(), stepContainers)) }}}
		for _, m := range means {
			rows = append(rows, field{kind: fieldNote, label: "     " + m})
		}
		return rows
	}
	if s.focus == "" && d.OnUnmatched == "remove" {
		s.focus = "mirror"
	}
	rows := []field{{kind: fieldHead, label: view.MirrorQuestion}}
	rows = append(rows, pick("report", "report", view.LeaveAlone,
		view.LeaveAloneMeans)...)
	rows = append(rows, pick("mirror", "remove", view.MirrorIt,
		view.MirrorItMeans)...)
	rows = append(rows, s.faultRows()...)
	return append(rows, field{kind: fieldNote, label: ""}, field{kind: fieldNote, label: " " + view.MirrorLater})
}

// containersCommands returns the commands of Object Selection, except that Apply moves on.
func (s *setup) containersCommands() []page.Command {
	commands := []page.Command{{ID: "setup.containers", Keys: []string{"a"}, Short: "Confirm", Do: s.confirmContainers}}
	if s.r.pages == nil {
		commands = []page.Command{{ID: "open", Keys: []string{"r"}, Short: "Try again", Off: s.r.openOff(),
			Do: func() tea.Cmd { return s.enter(s.step) }}}
	} else {
		for _, c := range s.r.commandsOf(page.Objects) {
			if c.ID != "settings.apply" && c.ID != "dryrun" {
				commands = append(commands, c)
			}
		}
	}
	return append(commands, s.commands(false)...)
}

func (s *setup) pressContainers(k tea.KeyPressMsg) tea.Cmd {
	name := k.String()
	if s.r.pages != nil && s.objects().Typing() {
		return s.r.call(page.Objects, func() tea.Cmd { return s.objects().Type(k) })
	}
	for _, c := range s.containersCommands() {
		if c.Is(name) && !(name == "esc" && c.Off != "") {
			return s.r.use(c)
		}
	}
	return nil
}

// confirmContainers saves the ticks, if any, and moves on.
func (s *setup) confirmContainers() tea.Cmd {
	if s.r.draft.Changed() {
		if off := s.r.applyOff(); off != "" {
			s.r.say("Not now: %s", off)
			return nil
		}
		return s.r.saveSettings()
	}
	return s.containersDone()
}

// chose takes over settings that were saved.
func (s *setup) chose(msg settingsSavedMsg) tea.Cmd {
	cmd := s.r.saved(msg)
	if msg.err != nil || s.step != stepContainers {
		return cmd
	}
	return tea.Batch(cmd, s.containersDone())
}

func (s *setup) containersDone() tea.Cmd {
	s.draft().Containers = true
	return tea.Batch(s.keep(), s.enter(stepDryRun))
}

// dryRunRows leads to the first dry run, and shows its result.
func (s *setup) dryRunRows() []field {
	r, m := s.r, s.r.status.Mode
	if r.conn == nil || r.opening {
		return s.openingRows()
	}
	rows := []field{{kind: fieldHead, label: "Dry Run: every change is shown, and nothing is written"}}
	if r.work.Running() {
		for _, line := range progressLines(r.look, r.work.Progress, r.now(), s.formWidth()) {
			rows = append(rows, field{kind: fieldNote, label: line, drawn: true})
		}
		return append(rows, field{kind: fieldButton, id: "cancel", label: "Cancel it", do: r.cancel})
	}
	make := field{kind: fieldButton, id: "make", label: "Make the dry run",
		do:   func() tea.Cmd { r.askedOf = nil; return r.start(control.Request{Mode: record.DryRun}, 0) },
		hint: "It reads the directory and the cloud whole, and writes to neither."}
	if !m.MayEnable {
		return append(rows, field{kind: fieldNote, label: " There is none of the configuration as it is now."}, make)
	}
	rows = append(rows, s.shownRows()...)
	make.label = "Make it again"
	seeOff := ""
	if r.plan == nil {
		seeOff = "the dry run was made in an earlier session: make it again to see its changes"
	}
	return append(rows,
		field{kind: fieldButton, id: "see", label: "See every change on the Dry Run page", off: seeOff,
			do: func() tea.Cmd { return s.visit(page.DryRun) }, hint: "F2 comes back here."},
		field{kind: fieldButton, id: "goon", label: "Go on", do: func() tea.Cmd { return s.enter(stepEnable) }}, make)
}

// shownRows returns the last dry run in a few lines.
func (s *setup) shownRows() (rows []field) {
	d := s.r.status.Mode.DryRun
	if d == nil {
		return nil
	}
	note := func(text string) { rows = append(rows, field{kind: fieldNote, label: " " + text}) }
	note("Made " + look.Clock(s.r.now(), d.At) + ". It would do: " + strings.Join(countsLong(d.Counts), ", ") + ".")
	for _, n := range view.ShownNotes(*d, s.draft().OnUnmatched) {
		note(n)
	}
	for _, h := range d.Holds {
		rows = append(rows, field{kind: fieldNote, warn: true, label: " " + s.r.look.Mark.Problem + " HELD: " + h.Detail},
			field{kind: fieldNote, label: "   " + view.In(view.Console, h.Remedy)})
	}
	return rows
}

// openingRows is shown until the connector is available.
func (s *setup) openingRows() []field {
	if s.r.opening {
		return []field{{kind: fieldNote, label: " Opening " + s.state.Path + s.r.look.Mark.Ellipsis}}
	}
	return []field{{kind: fieldNote, label: " The configuration is written, but the connector is not open."},
		{kind: fieldButton, id: "open", label: "Try again", do: func() tea.Cmd { return s.enter(s.step) }}}
}

func (s *setup) enableRows() []field {
	r, m := s.r, s.r.status.Mode
	if r.conn == nil || r.opening {
		return s.openingRows()
	}
	rows := []field{{kind: fieldHead, label: "Enable synchronization"},
		{kind: fieldNote, label: " " + view.EnableMeans},
		{kind: fieldNote, label: ""}}
	rows = append(rows, s.shownRows()...)
	rows = append(rows, s.faultRows()...)
	off := ""
	if !m.MayEnable {
		off = m.WhyNot
		rows = append(rows, field{kind: fieldNote, warn: true, label: " " + r.look.Mark.Problem +
			" It cannot be enabled yet: " + m.WhyNot + "."}, field{kind: fieldNote, label: "   " + m.Remedy})
	}
	label := "Enable synchronization"
	if len(m.Unseen) > 0 {
		label = "Enable synchronization without deletions"
		for _, line := range view.Unseen(m.Unseen) {
			rows = append(rows, field{kind: fieldNote, warn: true, label: " " + r.look.Mark.Problem + " " + line})
		}
		rows = append(rows, field{kind: fieldNote, label: "   " + view.UnseenRemedy(m.Unseen)})
	}
	return append(rows,
		field{kind: fieldButton, id: "enable", label: label, off: off, do: s.enable},
		field{kind: fieldButton, id: "finish", label: "Finish the set-up, and leave it disabled",
			do: func() tea.Cmd { return s.finish(false) }, hint: "It can be enabled later: Actions menu, or dirbridge enable."})
}

func (s *setup) enable() tea.Cmd {
	s.trying, s.stop, s.wrong = "Enabling", func() {}, nil
	ctx, conn := s.r.ctx, s.r.conn
	opt := control.EnableOptions{WithoutDeletions: len(s.r.status.Mode.Unseen) > 0} // as the button says
	return func() tea.Msg { return setupMsg{setupEnabled{conn.Enable(ctx, opt)}} }
}

func (s *setup) enabledNow(msg setupEnabled) tea.Cmd {
	s.trying = ""
	if msg.err != nil {
		s.refuse("Synchronization was not enabled", msg.err)
		return s.r.readStatus()
	}
	return tea.Batch(s.finish(true), s.r.readStatus())
}

// finish ends setup for good.
func (s *setup) finish(enabled bool) tea.Cmd {
	s.enabled, s.finishing = enabled, true
	cmd := s.enter(stepDone)
	if s.keeping { // it must not come after the end
		return cmd
	}
	return tea.Batch(cmd, s.forget())
}

// forget removes the draft.
func (s *setup) forget() tea.Cmd {
	api, ctx := s.api, s.r.ctx
	return func() tea.Msg { return setupMsg{setupFinished{api.Finish(ctx)}} }
}

// console gives the screen to the pages for good.
func (s *setup) console() tea.Cmd {
	s.r.setup = nil
	return s.r.show(page.Dashboard)
}

func (s *setup) doneRows() []field {
	title, first := view.DoneWords(s.enabled)
	rows := []field{{kind: fieldHead, label: title}, {kind: fieldNote, label: " " + first},
		{kind: fieldNote, label: "     dirbridge run --config " + s.state.Path}}
	for _, line := range []string{"",
		"A first full synchronization can be started here as well: f on the Dashboard; or a on the Dry Run page, which " +
			"writes exactly what it shows.",
		"dirbridge status says how it stands. The set-up is not started again: all of it can be changed on the pages of " +
			"the console, and in the file."} {
		rows = append(rows, field{kind: fieldNote, label: " " + line})
	}
	return append(rows, field{kind: fieldButton, id: "console", label: "Open the Dashboard", do: s.console})
}

// visit shows a page of the console, with the command that leads back to setup.
func (s *setup) visit(page page.ID) tea.Cmd {
	s.front = false
	s.r.say("The set-up waits at step %d, %s: F2 goes back to it.", s.step+1, firststart.Steps()[s.step])
	return s.r.show(page)
}

// setupCommands returns the command that leads back to an unfinished setup.
func (r *root) setupCommands() []page.Command {
	if r.setup == nil || r.setup.front {
		return nil
	}
	return []page.Command{{ID: "setup", Keys: []string{"f2"}, Show: "F2", Title: "set-up: go on with it",
		Menu: place("Actions", "", "Set-Up", "u"), Do: func() tea.Cmd {
			r.setup.front = true
			if r.status.Mode.Enabled { // by another way than the last step
				return r.setup.finish(true)
			}
			return r.readStatus()
		}}}
}

// help describes the current step.
func (s *setup) help() tea.Cmd {
	text := []string{
		"The set-up leads from nothing to synchronization in six steps. Nothing is written to the cloud by it, and the " +
			"directory is only ever read.",
		"# Keys",
		"  Up and Down, or Tab and Shift+Tab, go from line to line. What you type goes into the line that begins with >.",
		"  Left, Right and Space choose where there are several; Enter takes a line and goes to the next, or does what " +
			"stands in brackets.",
		"  Esc goes a step back, stops a test, or takes a message away. Ctrl+C leaves at once. What you entered is kept, " +
			"and the next start goes on from there.",
		"# The steps",
		"  1 Cloud: sign in, and confirm the organization.",
		"  2 Directory: choose the domain, sign in, confirm it; more than one may be added. Then the configuration file " +
			"is written.",
		"  3 Mirror: what is done with accounts that the directory does not know.",
		"  4 Containers: which parts of the directory take part.",
		"  5 Dry Run: every change, shown and not written.",
		"  6 Enable: let the schedule start what is due.",
		"# Secrets",
		"  A token or password that is typed goes into a file in " + s.state.SecretIn +
			" with mode 0600, once it was tested. The configuration refers to it by file:PATH. env:NAME, keyring:NAME and " +
			"credential:NAME (systemd) refer to other places.",
	}
	s.r.read("Help: the set-up", text)
	return nil
}
