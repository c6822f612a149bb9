package setup

import (
	"maps"

	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/component/form"
	"dirbridge/ui/look"
	"dirbridge/ui/view"
	"dirbridge/ui/wizard"
)

// noticeContent says before the first step that the named file is missing, that earlier entries cannot
// be read, or that nothing can be written.
func (m *Model) noticeContent() form.Content {
	var c form.Content
	if m.state.Lost != "" {
		for i, text := range wizard.LostWords(m.state) {
			style := form.Plain
			if i == 0 {
				style = form.Warn
			}
			c.Notes = append(c.Notes, form.Note{Text: text, Style: style})
		}
	}
	if m.state.Named {
		c.Notes = append(c.Notes, form.Note{Text: "There is no configuration file " + m.state.Path + ".", Style: form.Warn})
		if len(m.state.Near) > 0 {
			c.Notes = append(c.Notes, form.Note{Text: view.ConfigurationsExist})
		}
		for _, path := range m.state.Near {
			c.Notes = append(c.Notes, form.Note{Text: "  dirbridge --config " + path})
		}
	}
	c.Notes = append(c.Notes, m.placeNotes()...)
	start := form.Button{ID: "start", Label: view.NewConfiguration, Help: "It will be " + m.state.Path + "."}
	c.Buttons = []form.Button{start, {ID: "quit", Label: "Quit", Help: "Nothing is written."}}
	if m.placeWrong() {
		c.Buttons = []form.Button{{ID: "check", Label: "Check again"}, start, c.Buttons[1]}
	}
	return c
}

func (m *Model) pressedNotice(button string) tea.Cmd {
	switch button {
	case "quit":
		return tea.Quit
	case "check":
		return m.lookAtPlaces()
	}
	m.notice, m.state.Named, m.state.Lost = false, false, ""
	m.form.Reset()
	return nil
}

// placeNotes says where the program writes, and what is in the way.
func (m *Model) placeNotes() (notes []form.Note) {
	for _, p := range m.places {
		if p.Problem == "" {
			notes = append(notes, form.Note{Text: m.Look.Clean(look.Look{}.Fit(p.What, 14) + " " + p.Path), Style: form.Good})
			continue
		}
		notes = append(notes, form.Note{Text: p.What + " " + p.Path + ": " + p.Problem, Style: form.Warn},
			form.Note{Text: "  " + p.Remedy})
	}
	return notes
}

// openingContent is what the later steps show until the connector is open.
func (m *Model) openingContent() form.Content {
	if m.State.Opening {
		return form.Content{Notes: []form.Note{{Text: "Opening " + m.state.Path + m.Look.Mark.Ellipsis}}}
	}
	return form.Content{Notes: []form.Note{{Text: "The configuration is written, but it could not be opened."}},
		Buttons: []form.Button{{ID: "open", Label: "Try again"}}}
}

func (m *Model) opening() bool { return !m.State.Open || m.State.Opening }

// current returns the settings that the form edits: those that are saved, with what was entered since.
// What was entered stays when the operator goes back a step, and other settings may be saved meanwhile.
func (m *Model) current() wizard.Values {
	if m.values != nil && maps.Equal(m.saved, m.State.Values) {
		return m.values
	}
	now := maps.Clone(m.State.Values)
	for key, value := range m.values {
		if value != m.saved[key] {
			now[key] = value
		}
	}
	m.saved, m.values = maps.Clone(m.State.Values), now
	return now
}

// save saves the edited settings, if any, and goes on.
func (m *Model) save(then func() tea.Cmd) tea.Cmd {
	if maps.Equal(m.current(), m.State.Values) {
		return then()
	}
	m.saving = then
	return ask(SaveMsg{maps.Clone(m.values)})
}

// Saved says whether settings were saved: those of SaveMsg, or the scope.
func (m *Model) Saved(err error) tea.Cmd {
	then := m.saving
	m.saving = nil
	if err != nil {
		if then != nil {
			m.refuse("The settings were not saved", err)
		}
		return nil
	}
	if then != nil {
		return then()
	}
	return m.ScopeDone()
}

// ScopeDone goes on from Object Selection.
func (m *Model) ScopeDone() tea.Cmd {
	if m.step != wizard.Scope {
		return nil
	}
	m.draft().Containers = true
	return tea.Batch(m.keep(), m.enter(wizard.Removals))
}

func (m *Model) removalsContent() form.Content {
	if m.opening() {
		return m.openingContent()
	}
	fields := wizard.PolicyFields(m.current())
	_, off := wizard.Incomplete(fields)
	return form.Content{Fields: fields, Buttons: []form.Button{{ID: "goon", Label: "Continue", Off: off,
		Help: "Saves these settings. They can be changed at any time on the Settings page."}}}
}

func (m *Model) pressedRemovals() tea.Cmd {
	if m.opening() {
		return m.enter(m.step)
	}
	return m.save(func() tea.Cmd {
		m.draft().Policy = true
		return tea.Batch(m.keep(), m.enter(wizard.DryRun))
	})
}

// dryRunContent leads to the first dry run, and shows its result.
func (m *Model) dryRunContent() form.Content {
	if m.opening() {
		return m.openingContent()
	}
	if m.State.Running {
		c := form.Content{Intro: []string{"Dry run (nothing will be written)"},
			Buttons: []form.Button{{ID: "cancel", Label: "Cancel"}}}
		for _, line := range m.State.Progress {
			c.Notes = append(c.Notes, form.Note{Text: line, Style: form.Drawn})
		}
		return c
	}
	make := form.Button{ID: "make", Label: view.StartDryRun,
		Help: "Reads directory and cloud completely, writes to neither."}
	if !m.State.Mode.MayEnable {
		return form.Content{Intro: []string{"A dry run shows every change before anything is written."},
			Notes: []form.Note{{Text: wizard.NoDryRun}}, Buttons: []form.Button{make}}
	}
	see := form.Button{ID: "see", Label: "See every change", Help: "Opens the Dry Run page. [F2] returns here."}
	if !m.State.Planned {
		see.Off = "The dry run is of an earlier session. Repeat it to see its changes."
	}
	make.ID, make.Label = "again", "Repeat"
	return form.Content{Notes: m.resultNotes(), Buttons: []form.Button{{ID: "goon", Label: "Continue"}, see, make}}
}

func (m *Model) pressedDryRun(button string) tea.Cmd {
	switch button {
	case "cancel":
		return ask(CancelMsg{})
	case "make", "again":
		return ask(DryRunMsg{})
	case "see":
		return ask(ShowPlanMsg{})
	case "goon":
		return m.enter(wizard.Schedule)
	}
	return m.enter(m.step)
}

// resultNotes returns the last dry run in a few lines.
func (m *Model) resultNotes() (notes []form.Note) {
	d := m.State.Mode.DryRun
	if d == nil {
		return nil
	}
	for _, text := range wizard.DryRunWords(*d, m.State.At, m.State.Changes, m.State.Values["policy.on_unmatched"]) {
		notes = append(notes, form.Note{Text: text})
	}
	for _, h := range d.Holds {
		notes = append(notes, form.Note{Text: "HELD: " + h.Detail, Style: form.Warn},
			form.Note{Text: "  " + view.In(view.Console, h.Remedy)})
	}
	return notes
}

func (m *Model) scheduleContent() form.Content {
	if m.opening() {
		return m.openingContent()
	}
	mode := m.State.Mode
	c := form.Content{Intro: []string{wizard.ScheduleMeans}, Fields: wizard.ScheduleFields(m.current(), &m.account),
		Notes: m.placeNotes()}
	_, off := wizard.Incomplete(c.Fields)
	if !mode.MayEnable {
		off = mode.WhyNot
		c.Notes = append(c.Notes, form.Note{Text: "It cannot be enabled yet: " + mode.WhyNot + ".", Style: form.Warn},
			form.Note{Text: "  " + mode.Remedy})
	}
	label := view.EnableTitle
	if anyway := view.EnableAnyway(mode); anyway != "" {
		label = "Enable " + anyway
		for _, line := range view.EnableRisks(mode) {
			c.Notes = append(c.Notes, form.Note{Text: line, Style: form.Warn})
		}
	}
	c.Buttons = []form.Button{{ID: "enable", Label: label, Off: off},
		{ID: "finish", Label: "Finish, leave it disabled", Help: "It can be enabled later, on the Dashboard."}}
	return c
}

func (m *Model) pressedSchedule(button string) tea.Cmd {
	switch button {
	case "enable":
		return m.save(m.enable)
	case "finish":
		return m.save(func() tea.Cmd { return m.finish(false) })
	}
	return m.enter(m.step)
}
