package setup

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/ui/component/form"
	"dirbridge/ui/view"
	"dirbridge/ui/wizard"
)

// enterDirectory shows the list if there is one, else the form, and looks for domains the first
// time.
func (m *Model) enterDirectory() tea.Cmd {
	d := m.draft()
	switch {
	case d.Editing != nil:
		m.editing = wizard.Editing(*d)
	case len(d.Directories) > 0:
		m.editing = -1
	default:
		m.fresh()
	}
	if m.known.Looking || m.looked {
		return nil
	}
	m.known.Looking = true
	return m.run(func() any {
		found, _ := m.opt.Setup.FindDomains(m.ctx) // without DNS the domain is typed
		return domains{found}
	})
}

// fresh opens the form for another directory.
func (m *Model) fresh() {
	d := m.draft()
	m.editing, m.dir, m.known.Partitions = len(d.Directories), nil, nil
	d.Editing = wizard.NewDirectory()
	wizard.Propose(d, m.known.Domains)
	m.form.Reset()
}

func (m *Model) directoryContent() form.Content {
	if m.editing < 0 {
		return m.directoriesContent()
	}
	d := m.draft()
	m.known.New = m.editing == len(d.Directories)
	fields := wizard.DirectoryFields(d, m.known)
	_, off := wizard.Incomplete(fields)
	if off == "" {
		off = wizard.Unaccepted(d.Editing)
	}
	test := form.Button{ID: "test", Label: "Test connection", Off: off,
		Help: "Connects, signs in and reads what the server is. Nothing is changed there."}
	switch {
	case d.Editing.Kind != "ad-ds" && len(m.known.Partitions) > 0:
		test.Label = "Use this partition"
	case d.Editing.Kind != "ad-ds" && d.Editing.Partition == "":
		test.Label, test.Help = "Refresh", "Connects, signs in and lists the partitions of the server."
	}
	c := form.Content{Fields: fields, Buttons: []form.Button{test}}
	if m.dir == nil || m.dir.Choose {
		return c
	}
	c.Notes = foundNotes(d.Editing, *m.dir)
	test.ID, test.Label = "again", "Test again"
	c.Buttons = []form.Button{{ID: "confirm", Label: "Confirm", Help: "Synchronize from this directory."}, test}
	return c
}

func foundNotes(e *control.SetupDirectory, f control.SetupDirectoryFound) []form.Note {
	title := "Confirm domain"
	if e.Kind != "ad-ds" {
		title = "Confirm directory"
	}
	what, how := wizard.FoundWords(f)
	notes := []form.Note{{Text: title, Style: form.Head}, {Text: what, Style: form.Good}, {Text: how}}
	for _, w := range wizard.FoundWarnings(e.Kind, f) {
		notes = append(notes, form.Note{Text: view.In(view.Console, w), Style: form.Warn})
	}
	return notes
}

// directoriesContent lists the confirmed directories.
func (m *Model) directoriesContent() form.Content {
	c := form.Content{Intro: []string{"People and groups are read from:"}}
	c.Buttons = []form.Button{{ID: "goon", Label: "Continue",
		Help: "Writes " + m.state.Path + ". It contains no secret."},
		{ID: "add", Label: "Add a directory", Help: "A further domain, forest or partition, with an account of its own."}}
	for i, d := range m.draft().Directories {
		c.Notes = append(c.Notes, form.Note{Text: wizard.DirectoryWords(d)})
		c.Buttons = append(c.Buttons, form.Button{ID: fmt.Sprint("change", i), Label: "Change " + d.Name,
			Help: "Change how " + d.Name + " is reached."})
	}
	return c
}

func (m *Model) pressedDirectory(button string) tea.Cmd {
	switch button {
	case "goon":
		return m.write(max(m.first(), wizard.Scope))
	case "add":
		m.fresh()
		return nil
	case "confirm":
		wizard.ConfirmDirectory(m.draft(), m.editing, *m.dir)
		m.editing, m.dir, m.known.Partitions = -1, nil, nil
		m.form.Reset()
		return m.keep()
	}
	if n, ok := strings.CutPrefix(button, "change"); ok {
		var i int
		if _, err := fmt.Sscan(n, &i); err == nil {
			e := m.draft().Directories[i]
			m.draft().Editing, m.editing, m.dir, m.known.Partitions = &e, i, nil, nil
			m.form.Reset()
		}
		return nil
	}
	return m.tryDirectory()
}

func (m *Model) tryDirectory() tea.Cmd {
	ctx, number, p := m.begin("Testing the connection to the directory")
	d := wizard.Named(*m.draft(), m.editing)
	return m.try(m.run(func() any {
		found, err := m.opt.Setup.TryDirectory(ctx, d, p)
		return directoryTried{number, found, err}
	}))
}

func (m *Model) triedDirectory(msg directoryTried) tea.Cmd {
	if !m.ended(msg.trial) {
		return nil
	}
	if msg.err != nil {
		m.dir = nil
		m.refuse("The test failed", msg.err)
		return nil
	}
	m.dir = &msg.found
	if msg.found.Choose {
		m.known.Partitions = msg.found.Partitions
		m.draft().Editing.Partition = msg.found.Partitions[0]
		m.show()
		m.form.MoveTo("partition")
		return nil
	}
	m.draft().Editing.Password = msg.found.Password
	m.show()
	m.form.MoveTo("confirm")
	return m.keep()
}
