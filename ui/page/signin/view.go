package signin

import (
	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/ui/component"
	"dirbridge/ui/component/form"
	"dirbridge/ui/page"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
	"dirbridge/ui/wizard"
)

// The buttons.
const (
	signInButton  = "signin"
	testButton    = "test"
	resetButton   = "reset"
	signOutButton = "signout"
	okButton      = "ok"
	backButton    = "back"
)

// show gives the form what the page asks now.
func (m *Model) show() {
	var c form.Content
	switch {
	case m.wait != nil:
		c = m.waiting()
	case m.stage == starting:
		c = m.secretContent("start", view.StartLabel(m.method()), view.StartMeans(m.method()), "Sign in")
	case m.stage == resetting:
		c = m.secretContent("secret", view.ResetLabel, view.ResetDoes, "Replace")
	case m.stage == confirming:
		c = form.Content{Notes: []form.Note{{Text: "Confirm organization", Style: form.Head},
			{Text: view.Named(m.org), Style: form.Good}, {Text: view.RightOrganization(m.org)}},
			Buttons: []form.Button{{ID: okButton, Label: "Confirm", Help: "Store the sign-in. Every process with this state " +
				"uses it at once."}, {ID: backButton, Label: "Not this one", Help: view.NotConfirmed}}}
	default:
		c = m.standing()
	}
	m.form.Show(m.host.Look, c)
}

// method is how the configuration signs in.
func (m *Model) method() string {
	if m.signIn == nil {
		return ""
	}
	return m.signIn.Method()
}

func (m *Model) secretContent(id, label, intro, do string) form.Content {
	field := wizard.Field{ID: id, Label: label, Kind: wizard.Secret, Help: "What you type is not shown.",
		Get: func() string { return m.typed }, Set: func(text string) { m.typed = text }}
	_, off := wizard.Incomplete([]wizard.Field{field})
	return form.Content{Intro: []string{intro}, Fields: []wizard.Field{field},
		Buttons: []form.Button{{ID: okButton, Label: do, Off: off}, {ID: backButton, Label: "Back"}}}
}

// waiting shows what is under way: the code to enter elsewhere, if there is one.
func (m *Model) waiting() form.Content {
	l, w := m.host.Look, m.wait
	c := form.Content{Notes: []form.Note{{Text: w.what + l.Mark.Ellipsis, Style: form.Head}}}
	if code := w.progress.Code(); code != nil {
		for _, line := range draw.Code(l, *code, w.since, m.host.Now(), m.width) {
			c.Notes = append(c.Notes, form.Note{Text: line, Style: form.Drawn})
		}
	}
	c.Notes = append(c.Notes, form.Note{Text: "[Esc] stops. Nothing is stored then. " + view.WorkStays, Style: form.Dim})
	return c
}

func (m *Model) standing() form.Content {
	var c form.Content
	for _, f := range view.SignIn(m.status, draw.Voice(m.host)) {
		text := f.Text
		if f.Label != "" {
			text = f.Label + " " + text
		}
		style := map[view.Tone]form.Style{view.Warn: form.Warn, view.Bad: form.Warn}[f.Tone]
		c.Notes = append(c.Notes, form.Note{Text: text, Style: style})
	}
	if m.done != "" {
		c.Notes = append(c.Notes, form.Note{}, form.Note{Text: m.done, Style: form.Good})
	}
	off, token := m.off(), m.tokenOff()
	c.Buttons = []form.Button{
		{ID: signInButton, Label: "Sign in", Off: off, Help: "Signs in as the settings say, and shows the organization. " +
			"Nothing is stored before you confirm it. " + view.WorkStays},
		{ID: testButton, Label: "Test", Off: off, Help: "Signs in with what is stored. Nothing is written."},
		{ID: resetButton, Label: view.ResetTitle, Off: token, Help: view.ResetDoes},
		{ID: signOutButton, Label: "Sign out" + m.host.Look.Mark.Ellipsis, Off: token, Help: view.SignOutDoes},
	}
	return c
}

// off returns why nothing can be done here, or "".
func (m *Model) off() string {
	switch {
	case m.host.ReadOnly:
		return "this console was started with --read-only"
	case m.signIn == nil:
		return view.SignInUnknown
	}
	return ""
}

// tokenOff returns why there is nothing to sign out of, or "".
func (m *Model) tokenOff() string {
	if off := m.off(); off != "" {
		return off
	}
	if m.signIn.Method() == "token" {
		return view.OnlyToken
	}
	return ""
}

func (m *Model) SetSize(w, h int) tea.Cmd {
	m.width, m.height = w, h
	return nil
}

// panel is the frame of the page.
func (m *Model) panel() component.Panel {
	return component.Panel{Look: m.host.Look, Width: m.width, Height: m.height, Title: page.SignIn.Title(), Focused: true}
}

func (m *Model) View() []string {
	m.show()
	lines := m.form.View(m.host.Look, m.width-4, m.height-2)
	for i := range lines {
		lines[i] = " " + lines[i]
	}
	return m.panel().View(lines)
}

// code is the code that is waited for; nil if there is none.
func (m *Model) code() *control.SignInCode {
	if m.wait == nil {
		return nil
	}
	return m.wait.progress.Code()
}
