package signin

import (
	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/component/form"
	"dirbridge/ui/page"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

// Typing says that letters go into a field.
func (m *Model) Typing() bool { return m.wait == nil && m.form.Typing() }

// Type handles a key of a field.
func (m *Model) Type(k tea.KeyPressMsg) tea.Cmd {
	if k.String() == "esc" {
		return m.back()
	}
	return m.press(k)
}

// Paste inserts pasted text into the field.
func (m *Model) Paste(text string) tea.Cmd {
	m.form.Paste(text)
	m.show()
	return nil
}

// press passes a key to the form, and does what its buttons say.
func (m *Model) press(k tea.KeyPressMsg) tea.Cmd {
	e, _ := m.form.Key(k)
	if e.Refused != "" {
		m.host.Say("Off: %s", e.Refused)
	}
	cmd := m.pressed(e)
	m.show()
	return cmd
}

func (m *Model) pressed(e form.Event) tea.Cmd {
	m.show() // whether a button is off depends on the field
	switch {
	case e.Pressed == backButton:
		return m.back()
	case e.Pressed == okButton && m.stage == confirming:
		return m.keep()
	case e.Pressed == okButton && m.typed == "":
		return nil
	case e.Pressed == okButton && m.stage == starting:
		return m.try(m.typed)
	case e.Pressed == okButton && m.stage == resetting:
		return m.reset()
	case e.Pressed == signInButton:
		return m.begin()
	case e.Pressed == testButton:
		return m.test()
	case e.Pressed == resetButton:
		m.ask(resetting)
	case e.Pressed == signOutButton:
		return m.askSignOut()
	}
	return nil
}

// back leaves what is asked or waited for.
func (m *Model) back() tea.Cmd {
	said := ""
	switch {
	case m.wait != nil:
		said = view.SignInStopped
	case m.stage == confirming:
		said = view.NotConfirmed
	}
	m.abandon()
	m.stage, m.typed = standing, ""
	m.form.Reset()
	m.show()
	m.host.Say("%s", said)
	return nil
}

// Commands returns the keys of the form, and what can be copied and stopped.
func (m *Model) Commands() []page.Command {
	choose := page.Command{ID: "signin.choose", Key: page.Keys("choose", "enter"), Title: "press the selected button",
		Changes: true, Do: m.does(tea.KeyEnter)}
	if m.wait != nil {
		choose.Off = "wait, or stop it with [Esc]"
		choose.Call("")
	}
	stop := page.Command{ID: "signin.stop", Key: page.Keys("stop", "esc"), Title: "stop the sign-in; nothing is stored",
		Do: m.back}
	all := []page.Command{choose, m.copies().Command(m.host, m.host.Look)}
	if m.wait != nil || m.stage != standing {
		all = append(all, stop)
	}
	for name, code := range map[string]rune{"left": tea.KeyLeft, "right": tea.KeyRight, "up": tea.KeyUp,
		"down": tea.KeyDown, "tab": tea.KeyTab} {
		all = append(all, page.Command{Key: page.Keys("", name), Do: m.does(code)})
	}
	return append(all, page.Command{Key: page.Keys("", "space"), Changes: true, Do: m.does(tea.KeySpace)},
		page.Command{Key: page.Keys("", "shift+tab"), Do: func() tea.Cmd {
			return m.press(tea.KeyPressMsg{Code: tea.KeyTab, Mod: tea.ModShift})
		}})
}

// does presses a key of the form.
func (m *Model) does(code rune) func() tea.Cmd {
	return func() tea.Cmd {
		if m.wait != nil {
			return nil
		}
		return m.press(tea.KeyPressMsg{Code: code})
	}
}

// copies returns what an operator takes to a browser.
func (m *Model) copies() (all draw.Copies) {
	if code := m.code(); code != nil {
		all = draw.CodeCopies(*code)
	}
	return all
}
