package ui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/ui/firststart"
	"dirbridge/ui/view"
)

// enterDirectory shows the list if there is one, else the form, and looks for domains the first
// time.
func (s *setup) enterDirectory() tea.Cmd {
	d := s.draft()
	switch {
	case d.Editing != nil:
		s.editing = firststart.Editing(*d)
	case len(d.Directories) > 0:
		s.editing, s.focus = -1, "goon"
	default:
		s.fresh()
	}
	return s.lookForDomains()
}

// fresh opens the form for another directory.
func (s *setup) fresh() {
	d := s.draft()
	s.editing, s.dir, s.focus, s.top = len(d.Directories), nil, "", 0
	d.Editing = firststart.NewDirectory()
	firststart.Propose(s.draft(), s.domains)
}

func (s *setup) lookForDomains() tea.Cmd {
	if s.looking || s.looked {
		return nil
	}
	s.looking = true
	api, ctx := s.api, s.r.ctx
	return func() tea.Msg {
		found, err := api.FindDomains(ctx)
		return setupMsg{setupDomains{found, err}}
	}
}

func (s *setup) foundDomains(msg setupDomains) {
	s.looking, s.looked, s.domains = false, true, msg.found
	firststart.Propose(s.draft(), s.domains)
}

// directoriesRows lists the confirmed directories.
func (s *setup) directoriesRows() []field {
	rows := []field{{kind: fieldHead, label: "The directories that people and groups are read from"}}
	for i, d := range s.draft().Directories {
		rows = append(rows, field{kind: fieldPick, id: fmt.Sprint("directory", i), on: 1,
			label: view.DirectoryWords(d), hint: "Enter changes how it is reached.",
			do: func() tea.Cmd {
				e := s.draft().Directories[i]
				s.draft().Editing, s.editing, s.dir, s.focus = &e, i, nil, ""
				return nil
			}})
	}
	rows = append(rows, s.faultRows()...)
	file := "Enter writes " + s.state.Path + "; no secret stands in it."
	return append(rows,
		field{kind: fieldButton, id: "goon", label: "Go on", do: func() tea.Cmd {
			return s.write(max(s.first(),
				stepMirror))
		}, hint: file},
		field{kind: fieldButton, id: "add", label: "Add another directory", do: func() tea.Cmd { s.fresh(); return nil },
			hint: "A further domain, forest or partition, with an account of its own."})
}

func (s *setup) directoryRows() []field {
	e := s.draft().Editing
	kinds := []string{"ad-ds", "ad-lds", "ldap"}
	rows := []field{
		{kind: fieldHead, label: "The directory that people and groups are read from"},
		{kind: fieldChoice, id: "kind", label: "Directory", options: []string{"AD DS", "AD LDS", "other LDAP"},
			on:   max(slices.Index(kinds, e.Kind), 0),
			set:  func(i int) { e.Kind, e.Partition = kinds[i], ""; firststart.Propose(s.draft(), s.domains) },
			hint: "AD DS: an Active Directory domain. AD LDS: an instance of it without a domain. It is only ever read."},
	}
	rows = append(rows, s.placeRows(e)...)
	rows = append(rows, s.signInRows(e)...)
	rows = append(rows, s.encryptionRows(e)...)
	rows = append(rows, s.nameRow(e))
	rows = append(rows, s.faultRows()...)
	if s.dir != nil && s.dir.Choose {
		rows = append(rows, field{kind: fieldHead, label: "Choose the partition that holds the people"})
		for i, p := range s.dir.Partitions {
			rows = append(rows, field{kind: fieldPick, id: fmt.Sprint("partition", i), label: p,
				do: func() tea.Cmd { e.Partition = p; return s.tryDirectory() }})
		}
		return rows
	}
	if s.dir == nil {
		return append(rows, field{kind: fieldButton, id: "test", label: "Test the connection", off: firststart.Missing(e),
			do: s.tryDirectory})
	}
	return append(append(rows, s.foundRows()...),
		field{kind: fieldButton, id: "confirm", label: "Confirm", do: s.confirmDirectory,
			hint: "This is the directory that is synchronized from."},
		field{kind: fieldButton, id: "again", label: "Test again", do: s.tryDirectory})
}

// placeRows asks where the directory is.
func (s *setup) placeRows(e *control.SetupDirectory) (rows []field) {
	if e.Kind != "ad-ds" {
		rows = []field{{kind: fieldText, id: "host", label: "Host", value: &e.Host,
			hint: "The server's name, as its certificate has it."},
			{kind: fieldText, id: "port", label: "Port", value: &e.Port, empty: firststart.PortOf(e)}}
		if e.Partition != "" {
			rows = append(rows, field{kind: fieldText, id: "partition", label: "Partition", value: &e.Partition,
				hint: "The naming context that holds the people. Leave it empty, and the test lists those that there are."})
		}
		return rows
	}
	const most = 4
	for i, d := range s.domains {
		if i == most {
			break
		}
		on := 0
		if strings.EqualFold(d.Name, e.Domain) {
			on = 1
		}
		rows = append(rows, field{kind: fieldPick, id: fmt.Sprint("domain", i), on: on, label: view.DomainWords(d),
			hint: "Found in DNS. Enter takes it.", do: func() tea.Cmd {
				s.edited()
				e.Domain, s.focus = d.Name,
					"host"
				return nil
			}})
	}
	hint := "The domain's DNS name, such as corp.example.com."
	switch {
	case s.looking:
		hint += " Looking in DNS for domains" + s.r.look.Mark.Ellipsis
	case len(s.domains) == 0 && s.looked:
		hint += " DNS names none for this machine."
	}
	return append(rows,
		field{kind: fieldText, id: "domain", label: "Domain", value: &e.Domain, hint: hint},
		field{kind: fieldText, id: "host", label: "Controller", value: &e.Host, empty: "as DNS says, the nearest first",
			hint: view.ControllerHint})
}

// signInRows asks for the account and the sign-in method.
func (s *setup) signInRows(e *control.SetupDirectory) []field {
	ways := []string{"simple", "ntlm", "kerberos", "external"}
	user := field{kind: fieldText, id: "user", label: "User", value: &e.User, hint: view.UserHint}
	password := field{kind: fieldSecret, id: "password", label: "Password", secret: &e.Password,
		hint: view.SecretHint("password", s.state.SecretIn)}
	rows := []field{{kind: fieldChoice, id: "bind", label: "Sign in by", options: []string{"password", "NTLM",
		"Kerberos", "certificate"}, on: max(slices.Index(ways, e.Bind), 0),
		set: func(i int) { e.Bind = ways[i] }, hint: "Password (a simple bind, within TLS) is right for nearly all."}}
	switch e.Bind {
	case "external":
		return append(rows, field{kind: fieldText, id: "cert", label: "Certificate", value: &e.Cert,
			hint: "A file (PEM) with the client certificate."},
			field{kind: fieldText, id: "key", label: "Key", value: &e.Key, empty: "in the same file",
				hint: "A file (PEM) with its key."})
	case "kerberos":
		return append(rows, user, password,
			field{kind: fieldText, id: "keytab", label: "Keytab", value: &e.Keytab, empty: "none",
				hint: "A file, in the place of the password. Without both, the tickets are taken that KRB5CCNAME names."})
	}
	return append(rows, user, password)
}

// encryptionRows asks how to protect the connection.
func (s *setup) encryptionRows(e *control.SetupDirectory) []field {
	ways := []string{control.SetupLDAPS, control.SetupStartTLS, control.SetupPlaintext}
	rows := []field{{kind: fieldChoice, id: "encryption", label: "Encryption",
		options: []string{"LDAPS", "StartTLS", "none"}, on: max(slices.Index(ways, e.Encryption), 0),
		set: func(i int) { e.Encryption = ways[i] }, hint: "LDAPS is right wherever the server has a certificate."}}
	if e.Encryption != control.SetupPlaintext {
		return append(rows, field{kind: fieldText, id: "ca", label: "CA file", value: &e.CAFile,
			empty: "the system's authorities", hint: view.CAHint})
	}
	if !e.Local() {
		on := 0
		if e.Plaintext {
			on = 1
		}
		rows = append(rows, field{kind: fieldTick, id: "plaintext", label: view.Accept, on: on,
			set:  func(i int) { e.Plaintext = i == 1 },
			hint: "Space ticks. It is meant for laboratories; the configuration says allow_plaintext."})
	}
	return rows
}

// nameRow asks for the name, which is fixed once it is written.
func (s *setup) nameRow(e *control.SetupDirectory) field {
	if s.editing < len(s.draft().Directories) {
		return field{kind: fieldNote, label: " Name          " + e.Name +
			"   (it qualifies every identity and cannot change)"}
	}
	return field{kind: fieldText, id: "name", label: "Name", value: &e.Name,
		empty: firststart.ProposedName(*s.draft(), e), hint: view.NameHint}
}

func (s *setup) foundRows() []field {
	f := s.dir
	e := s.draft().Editing
	title := "Confirm Domain"
	if e.Kind != "ad-ds" {
		title = "Confirm Directory"
	}
	what, how := view.FoundWords(*f)
	rows := []field{{kind: fieldHead, label: title},
		{kind: fieldNote, label: "  " + what},
		{kind: fieldNote, label: "  " + how}}
	for _, w := range view.FoundWarnings(e.Kind, *f) {
		rows = append(rows, field{kind: fieldNote, warn: true, label: "  " + s.r.look.Mark.Problem + " " + w})
	}
	return rows
}

func (s *setup) tryDirectory() tea.Cmd {
	e := s.draft().Editing
	if e.Name == "" {
		e.Name = firststart.ProposedName(*s.draft(), e)
	}
	if s.editing == len(s.draft().Directories) && firststart.NameTaken(*s.draft(), e.Name) {
		s.wrong = &setupFault{what: "Another directory has the name " + e.Name + " already.",
			remedy: "Type another name: it tells the directories apart."}
		s.focus = "name"
		return nil
	}
	ctx, trial := s.begin("Signing in to the directory")
	api, d := s.api, *e
	return func() tea.Msg {
		found, err := api.TryDirectory(ctx, d)
		return setupMsg{setupDirectoryTried{trial, found, err}}
	}
}

func (s *setup) triedDirectory(msg setupDirectoryTried) tea.Cmd {
	if !s.ended(msg.trial) {
		return nil
	}
	if msg.err != nil {
		s.dir, s.focus = nil, "test"
		s.refuse("The directory cannot be used", msg.err)
		if len(s.wrong.shown) > 0 {
			s.focus = "ca"
		}
		return nil
	}
	s.dir, s.focus = &msg.found, "confirm"
	if msg.found.Choose {
		s.focus = "partition0"
		return nil
	}
	s.draft().Editing.Password = msg.found.Password
	return s.keep()
}

func (s *setup) confirmDirectory() tea.Cmd {
	d := s.draft()
	firststart.ConfirmDirectory(d, s.editing, *s.dir)
	s.editing, s.dir, s.focus, s.top = -1, nil, "goon", 0
	return s.keep()
}
