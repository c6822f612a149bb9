package plain

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"dirbridge/sync/control"
	"dirbridge/ui/firststart"
	"dirbridge/ui/view"
)

// stepCloud signs in to the cloud and asks the operator to confirm the organization.
func (g *guide) stepCloud() (firststart.Step, error) {
	c := &g.draft().Cloud
	g.say("Sign in to the cloud that people and groups are written to.")
	asking := !c.Confirmed
	for {
		if asking {
			if err := g.form(g.cloudForm); err != nil {
				return 0, err
			}
			asking = false
			if err := g.tryCloud(); err != nil && !errors.Is(err, errBack) {
				return 0, err
			}
		}
		what := "test"
		if g.cloud != nil || c.Confirmed {
			what = "confirm"
			g.say("Organization: %s.", view.OrganizationWords(c, g.cloud))
			if g.cloud != nil {
				g.say("It has: %s.", view.SizeWords(g.cloud))
			}
		}
		answer, err := g.tested(what,
			"This is the organization that is synchronized. Nothing is written to it before you say so.")
		switch {
		case errors.Is(err, errBack) && c.Confirmed && g.cloud == nil: // no question was asked
			return 0, err
		case errors.Is(err, errBack), answer == "change":
			asking = true
		case err != nil:
			return 0, err
		case answer == "again":
			if err := g.tryCloud(); err != nil && !errors.Is(err, errBack) {
				return 0, err
			}
		default:
			firststart.ConfirmCloud(c, g.cloud)
			if g.draft().Written { // it was changed afterwards
				if err := g.write(); errors.Is(err, errBack) {
					continue
				} else if err != nil {
					return 0, err
				}
			}
			g.keep()
			return firststart.Directory, nil
		}
	}
}

// tested asks what to do after a test: confirm, change or repeat.
func (g *guide) tested(what, title string) (answer string, err error) {
	choose := func(text string) func() error { return func() error { answer = text; return nil } }
	choices := []choice{{text: "Confirm", do: choose("confirm")}, {text: "Change what was entered",
		do: choose("change")}, {text: "Test again", do: choose("again")}}
	if what != "confirm" {
		choices, title = choices[1:], "What next?"
	}
	return answer, g.pickOne(title, choices)
}

func (g *guide) cloudForm() []func() error {
	c := &g.draft().Cloud
	kinds := []string{"webex", "scim"}
	changed := func() { g.cloud, c.Confirmed = nil, false }
	address := entry{name: "Organization", hint: view.OrganizationHint, value: &c.Address, changed: changed}
	if c.Kind == "scim" {
		address.name, address.hint = "Address", view.AddressHint
	}
	return []func() error{
		func() error {
			return g.enterChoice("Cloud", []string{"Webex", "other SCIM 2.0 provider"}, max(slices.Index(kinds, c.Kind), 0),
				func(i int) { c.Kind = kinds[i]; changed() })
		},
		func() error { return g.enter(address) },
		func() error { return g.enterSecret("token", &c.Token, false, changed) },
		func() error {
			return g.enter(entry{name: "Proxy", hint: "system: as the environment says; none; or the URL of a proxy.",
				value: &c.Proxy, empty: "system", changed: changed})
		},
	}
}

func (g *guide) tryCloud() error {
	g.cloud = nil
	c := g.draft().Cloud
	var found control.SetupCloudFound
	g.say("Signing in to the cloud.")
	if err := g.wait("Signing in to the cloud", func(ctx context.Context) (err error) {
		found,
			err = g.api.TryCloud(ctx, c)
		return err
	}); err != nil {
		return err
	}
	g.cloud, g.draft().Cloud.Token = &found, found.Token
	g.keep()
	return nil
}

// stepDirectory asks for directories, tests and confirms them, and writes the file.
func (g *guide) stepDirectory() (firststart.Step, error) {
	g.say("The directories that people and groups are read from.")
	if err := g.lookForDomains(); err != nil {
		return 0, err
	}
	for {
		d := g.draft()
		if len(d.Directories) == 0 && d.Editing == nil {
			d.Editing = firststart.NewDirectory()
			firststart.Propose(d, g.domains)
		}
		if d.Editing != nil {
			err := g.directoryEntered()
			switch {
			case errors.Is(err, errBack) && len(d.Directories) > 0:
				d.Editing = nil
				g.keep()
			case err != nil:
				return 0, err
			}
			continue
		}
		goon := false
		if err := g.pickOne("Go on?", g.directoryChoices(&goon)); err != nil {
			return 0, err
		}
		if !goon {
			continue
		}
		if err := g.write(); err != nil && !errors.Is(err, errBack) {
			return 0, err
		} else if err == nil {
			return max(firststart.First(*g.draft()), firststart.Mirror), nil
		}
	}
}

func (g *guide) directoryChoices(goon *bool) []choice {
	d := g.draft()
	choices := []choice{
		{text: "Go on: write " + g.state.Path + "; no secret stands in it", do: func() error { *goon = true; return nil }},
		{text: "Add another directory: a further domain, forest or partition", do: func() error {
			d.Editing = firststart.NewDirectory()
			firststart.Propose(d, g.domains)
			return nil
		}},
	}
	for _, o := range d.Directories {
		choices = append(choices, choice{text: "Change how this one is reached: " + view.DirectoryWords(o),
			do: func() error { e := o; d.Editing = &e; return nil }})
	}
	return choices
}

func (g *guide) lookForDomains() error {
	if g.looked {
		return nil
	}
	g.looked = true
	return told(g.wait("Looking in DNS for domains", func(ctx context.Context) error {
		g.domains, _ = g.api.FindDomains(ctx) // finding none is no error: domains can be typed
		return nil
	}))
}

// directoryEntered asks for one directory, tests it and has it confirmed.
func (g *guide) directoryEntered() error {
	at := firststart.Editing(*g.draft())
	e := g.draft().Editing
	var found *control.SetupDirectoryFound
	try := func() error {
		f, err := g.tryDirectory()
		if found = nil; err == nil {
			found = &f
		}
		return told(err)
	}
	asking := true
	for {
		if asking {
			if err := g.form(func() []func() error { return g.directoryForm(e, at) }); err != nil {
				return err
			}
			asking = false
			if off := firststart.Missing(e); off != "" {
				g.say("Not now: %s.", off)
				asking = true
				continue
			}
			if err := try(); err != nil {
				return err
			}
		}
		what := "test"
		if found != nil {
			what = "confirm"
			where, how := view.FoundWords(*found)
			g.say("Directory: %s.", where)
			g.say("S%s.", how[1:])
			for _, w := range view.FoundWarnings(e.Kind, *found) {
				g.say("Warning: %s", view.Sentence(w))
			}
		}
		answer, err := g.tested(what, "This is the directory that is synchronized from.")
		switch {
		case errors.Is(err, errBack), answer == "change":
			asking = true
		case err != nil:
			return err
		case answer == "again":
			if err := try(); err != nil {
				return err
			}
		default:
			firststart.ConfirmDirectory(g.draft(), at, *found)
			g.keep()
			return nil
		}
	}
}

// tryDirectory signs in. If the server has several partitions, the operator selects one first.
func (g *guide) tryDirectory() (found control.SetupDirectoryFound, err error) {
	e := g.draft().Editing
	for {
		d := *e
		var failed error
		g.say("Signing in to the directory.")
		err := g.wait("Signing in to the directory", func(ctx context.Context) error {
			found,
				failed = g.api.TryDirectory(ctx, d)
			return failed
		})
		if err != nil {
			g.untrusted(failed)
			return found, err
		}
		if !found.Choose {
			e.Password = found.Password
			g.keep()
			return found, nil
		}
		var choices []choice
		for _, p := range found.Partitions {
			choices = append(choices, choice{text: p, do: func() error { e.Partition = p; return nil }})
		}
		if err := g.pickOne("Choose the partition that holds the people.", choices); err != nil {
			return found, err
		}
	}
}

// directoryForm returns the questions for a directory, according to its kind. An answer must not
// change which questions come before the next one.
func (g *guide) directoryForm(e *control.SetupDirectory, at int) (all []func() error) {
	none := func() {}
	text := func(n entry) { n.changed = none; all = append(all, func() error { return g.enter(n) }) }
	choose := func(name string, options, values []string, value *string, also func()) {
		all = append(all, func() error {
			return g.enterChoice(name, options, max(slices.Index(values, *value), 0), func(i int) { *value = values[i]; also() })
		})
	}
	choose("Directory", []string{"AD DS, an Active Directory domain", "AD LDS, an instance without a domain",
		"other LDAP"}, []string{"ad-ds", "ad-lds", "ldap"}, &e.Kind,
		func() { e.Partition = ""; firststart.Propose(g.draft(), g.domains) })
	if e.Kind == "ad-ds" {
		all = append(all, func() error { return g.enterDomain(e) })
		text(entry{name: "Controller", hint: view.ControllerHint, value: &e.Host,
			empty: "as DNS says, the nearest first"})
	} else {
		text(entry{name: "Host", hint: "The server's name, as its certificate has it.", value: &e.Host})
		text(entry{name: "Port", value: &e.Port, empty: firststart.PortOf(e) + ", the usual one"})
		text(entry{name: "Partition", hint: "The naming context that holds the people.", value: &e.Partition,
			empty: "a list of those that there are"})
	}
	choose("Sign in by", []string{"password", "NTLM", "Kerberos", "certificate"},
		[]string{"simple", "ntlm", "kerberos", "external"}, &e.Bind, none)
	if e.Bind == "external" {
		text(entry{name: "Certificate", hint: "A file (PEM) with the client certificate.", value: &e.Cert})
		text(entry{name: "Key", hint: "A file (PEM) with its key.", value: &e.Key, empty: "in the same file"})
	} else {
		user := entry{name: "User", hint: view.UserHint, value: &e.User}
		if e.Bind == "kerberos" {
			user.empty = "none"
		}
		text(user)
		all = append(all, func() error { return g.enterSecret("password", &e.Password, e.Bind == "kerberos", none) })
	}
	if e.Bind == "kerberos" {
		text(entry{name: "Keytab",
			hint:  "A file, in the place of the password. Without both, the tickets are taken that KRB5CCNAME names.",
			value: &e.Keytab, empty: "none"})
	}
	choose("Encryption", []string{"LDAPS", "StartTLS", "none"}, []string{control.SetupLDAPS, control.SetupStartTLS,
		control.SetupPlaintext}, &e.Encryption, func() { e.Plaintext = false })
	if e.Encryption != control.SetupPlaintext {
		text(entry{name: "CA file", hint: view.CAHint, value: &e.CAFile, empty: "the system's authorities"})
	} else if !e.Local() {
		all = append(all, func() error { return g.accept(e) })
	}
	if at == len(g.draft().Directories) {
		all = append(all, func() error { return g.enterName(e) })
	}
	return all
}

// accept requires the operator to accept that the password can be read on the network.
func (g *guide) accept(e *control.SetupDirectory) error {
	if e.Plaintext {
		_, err := g.text("Enter goes on:", []string{"Accepted: " + view.Accept + "."}, nil)
		return err
	}
	if err := g.confirm([]string{view.Accept,
		"It is meant for laboratories; the configuration says allow_plaintext"}, "yes"); err != nil {
		return err
	}
	e.Plaintext = true
	g.keep()
	return nil
}

// enterDomain asks for a domain, by its number if DNS lists some.
func (g *guide) enterDomain(e *control.SetupDirectory) error {
	hint := "The domain's DNS name, such as corp.example.com."
	if len(g.domains) == 0 {
		hint += " DNS names none for this machine."
	} else {
		hint += " DNS names these; a number takes one."
	}
	for i, d := range g.domains {
		hint += "\n" + number(int64(i+1)) + " " + view.DomainWords(d)
	}
	before := e.Domain
	err := g.enter(entry{name: "Domain", hint: hint, value: &e.Domain, changed: func() {
		if n, err := strconv.Atoi(e.Domain); err == nil {
			e.Domain = before
			if n > 0 && n <= len(g.domains) {
				e.Domain = g.domains[n-1].Name
			}
		}
	}, wrong: func(text string) string {
		if n, err := strconv.Atoi(text); err == nil && (n < 1 || n > len(g.domains)) {
			return "Type the name of a domain, or the number of one that DNS names."
		}
		return ""
	}})
	return err
}

// enterName asks for the name, which is fixed once it is written.
func (g *guide) enterName(e *control.SetupDirectory) error {
	if e.Name == "" {
		e.Name = firststart.ProposedName(*g.draft(), e)
	}
	return g.enter(entry{name: "Name", hint: view.NameHint, value: &e.Name, changed: func() {},
		wrong: func(name string) string {
			if firststart.NameTaken(*g.draft(), name) {
				return "Error: another directory has the name " + name +
					" already. Type another name: it tells the directories apart."
			}
			return ""
		}})
}
