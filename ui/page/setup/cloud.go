package setup

import (
	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/component/form"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/wizard"
)

func (m *Model) cloudContent() form.Content {
	c := &m.draft().Cloud
	fields := wizard.CloudFields(c, m.state.SecretIn)
	_, off := wizard.Incomplete(fields)
	test := form.Button{ID: "test", Label: "Test connection", Off: off,
		Help: "Signs in to the cloud and reads the name of the organization. Nothing is written."}
	content := form.Content{Fields: fields, Buttons: []form.Button{test}}
	if m.cloud == nil && !c.Confirmed {
		return content
	}
	content.Notes = []form.Note{{Text: "Confirm organization", Style: form.Head},
		{Text: wizard.OrganizationWords(c, m.cloud), Style: form.Good}}
	if m.cloud != nil {
		content.Notes = append(content.Notes, form.Note{Text: wizard.SizeWords(m.cloud)})
	}
	test.ID, test.Label = "again", "Test again"
	content.Buttons = []form.Button{{ID: "confirm", Label: "Confirm",
		Help: "Synchronize to this organization. Nothing is written to it before you apply or enable."}, test}
	return content
}

func (m *Model) pressedCloud(button string) tea.Cmd {
	if button == "confirm" {
		return m.confirmCloud()
	}
	ctx, number, p := m.begin("Testing the connection to the cloud")
	c := m.draft().Cloud
	return m.try(m.run(func() any {
		found, err := m.opt.Setup.TryCloud(ctx, c, p)
		return cloudTried{number, found, err}
	}))
}

func (m *Model) triedCloud(msg cloudTried) tea.Cmd {
	if !m.ended(msg.trial) {
		return nil
	}
	if msg.err != nil {
		m.cloud = nil
		m.refuse("The test failed", msg.err)
		return nil
	}
	m.cloud = &msg.found
	wizard.Tried(&m.draft().Cloud, msg.found)
	m.show()
	m.form.MoveTo("confirm")
	return m.keep()
}

// confirmCloud stores the sign-in of the confirmed organization, and goes on.
func (m *Model) confirmCloud() tea.Cmd {
	if m.cloud == nil || !m.draft().Cloud.Lasts() {
		return m.confirmedCloud()
	}
	m.trial = &trial{what: "Storing the sign-in", since: m.opt.Now()}
	return m.run(func() any { return signInKept{m.opt.Setup.KeepSignIn(m.ctx)} })
}

func (m *Model) signInKept(msg signInKept) tea.Cmd {
	m.trial = nil
	if msg.err != nil {
		m.refuse("The sign-in was not stored", msg.err)
		return nil
	}
	return m.confirmedCloud()
}

func (m *Model) confirmedCloud() tea.Cmd {
	wizard.ConfirmCloud(&m.draft().Cloud, m.cloud)
	if m.draft().Written { // it was changed afterwards
		return m.write(wizard.Directory)
	}
	return tea.Batch(m.keep(), m.enter(wizard.Directory))
}

// signInKept says whether the sign-in was stored.
type signInKept struct{ err error }

// copyCode copies the address with the code, which is entered in a browser.
func (m *Model) copyCode() tea.Cmd {
	code := m.trial.progress.Code()
	if code == nil {
		return nil
	}
	first := draw.CodeCopies(*code)[0]
	return ask(CopyMsg{first.Text, first.About})
}
