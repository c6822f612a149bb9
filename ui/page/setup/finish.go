package setup

import (
	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/ui/component/form"
	"dirbridge/ui/wizard"
)

// EnableMsg asks to enable the schedule; Enabled answers it.
type EnableMsg struct{ Options control.EnableOptions }

func (m *Model) enable() tea.Cmd {
	m.trial = &trial{what: "Enabling", since: m.opt.Now()}
	m.form.Fail(form.Fault{})
	return ask(EnableMsg{m.State.Mode.Accepting()}) // as the button says
}

// Enabled says whether the schedule was enabled.
func (m *Model) Enabled(err error) tea.Cmd {
	m.trial = nil
	if err != nil {
		m.refuse("Synchronization was not enabled", err)
		return ask(RefreshMsg{})
	}
	return tea.Batch(m.finish(true), ask(RefreshMsg{}))
}

// Finish ends the set-up for good: the schedule was enabled in another way.
func (m *Model) Finish() tea.Cmd { return m.finish(true) }

func (m *Model) finish(enabled bool) tea.Cmd {
	m.enabled, m.finishing = enabled, true
	cmd := m.enter(wizard.Done)
	if m.keeping { // the draft must not come back after the end
		return cmd
	}
	return tea.Batch(cmd, m.forget())
}

// forget removes the draft.
func (m *Model) forget() tea.Cmd {
	return m.run(func() any { return finished{m.opt.Setup.Finish(m.ctx)} })
}

func (m *Model) doneContent() form.Content {
	title, next := wizard.DoneWords(m.enabled)
	c := form.Content{Notes: []form.Note{{Text: title, Style: form.Head}, {Text: next},
		{Text: "    dirbridge run --config " + m.state.Path}},
		Buttons: []form.Button{{ID: "console", Label: "Open the Dashboard"}}}
	if m.account != m.state.Account {
		c.Notes = append(c.Notes, form.Note{Text: "Run it as the account " + m.account + "."})
	}
	for _, text := range []string{"", "The first full synchronization can also be started here: [F] on the Dashboard.",
		"Everything can be changed later on the pages of the console, and in the file."} {
		c.Notes = append(c.Notes, form.Note{Text: text})
	}
	return c
}
