package setup

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/component/form"
	"dirbridge/ui/page"
	"dirbridge/ui/wizard"
)

// Typing says that letters go into a field.
func (m *Model) Typing() bool { return m.trial == nil && m.form.Typing() || m.form.Browsing() }

// Waiting says that a trial is under way: Esc alone does something.
func (m *Model) Waiting() bool { return m.trial != nil }

// Paste inserts pasted text into the field with the focus.
func (m *Model) Paste(text string) tea.Cmd {
	if m.trial != nil {
		return nil
	}
	return m.happened(m.form.Paste(text))
}

// Key handles a key of the form.
func (m *Model) Key(k tea.KeyPressMsg) tea.Cmd {
	if m.trial != nil {
		if k.String() == "esc" && m.trial.stop != nil {
			m.trial.stop()
			m.trial, m.trials, m.note = nil, m.trials+1, "Stopped."
			m.show()
			m.form.MoveToButtons()
		}
		if k.String() == "y" {
			return m.copyCode()
		}
		return nil
	}
	if k.String() == "esc" && !m.form.Browsing() {
		m.note = ""
		return m.Back()
	}
	at := m.form.Focus()
	e, cmd := m.form.Key(k)
	cmd = tea.Batch(m.formCmd(cmd), m.happened(e))
	if m.entered && m.form.Focus() != at { // a field was left
		return tea.Batch(cmd, m.keep())
	}
	return cmd
}

// happened handles what a key did.
func (m *Model) happened(e form.Event) (cmd tea.Cmd) {
	if e.Changed != "" {
		m.entered = true
		cmd = m.edited(e.Changed)
	}
	switch {
	case e.Refused != "":
		m.note = "Unavailable: " + e.Refused
	case e.Pressed != "":
		m.note = ""
		m.show()
		cmd = tea.Batch(cmd, m.pressed(e.Pressed))
	}
	m.show()
	return cmd
}

// edited drops the result of a test, which was for other values.
func (m *Model) edited(field string) tea.Cmd {
	switch m.step {
	case wizard.Cloud:
		m.cloud, m.draft().Cloud.Confirmed = nil, false
	case wizard.Directory:
		m.dir = nil
		if field == "host" || field == "port" || field == "kind" {
			m.known.Partitions = nil
		}
	case wizard.Schedule:
		if field == "account" {
			m.draft().Account = m.account
			return m.lookAtPlaces()
		}
	}
	return nil
}

// pressed does what a button says.
func (m *Model) pressed(button string) tea.Cmd {
	if m.notice {
		return m.pressedNotice(button)
	}
	switch m.step {
	case wizard.Cloud:
		return m.pressedCloud(button)
	case wizard.Directory:
		return m.pressedDirectory(button)
	case wizard.Scope: // it is not open
		return m.enter(m.step)
	case wizard.Removals:
		return m.pressedRemovals()
	case wizard.DryRun:
		return m.pressedDryRun(button)
	case wizard.Schedule:
		return m.pressedSchedule(button)
	case wizard.Done:
		return ask(DoneMsg{})
	}
	return nil
}

// Hints returns the keys that do something in the form.
func (m *Model) Hints() []key.Binding {
	switch {
	case m.trial != nil && m.trial.stop == nil:
		return nil
	case m.trial != nil && m.trial.progress.Code() != nil:
		return []key.Binding{page.Keys("copy", "y"), page.Keys("stop", "esc")}
	case m.trial != nil:
		return []key.Binding{page.Keys("stop", "esc")}
	}
	return m.form.Hints("back")
}
