package plain

import (
	"context"
	"errors"

	"dirbridge/sync/control"
	"dirbridge/ui/view"
	"dirbridge/ui/wizard"
)

// side is what the first two steps do with a side: ask, test, and let the operator confirm.
type side struct {
	asking  bool // start with the questions
	ask     func() error
	test    func() error
	found   func() bool // prints what was found; false: nothing was
	confirm func() error
	title   string
}

// confirmed asks and tests until the operator confirms. b in the first question leads out.
func (g *guide) confirmed(s side) error {
	for {
		if s.asking {
			if err := s.ask(); err != nil {
				return err
			}
			s.asking = false
			if err := s.test(); err != nil && !errors.Is(err, errBack) {
				return err
			}
		}
		found := s.found()
		answer, err := g.tested(found, s.title)
		switch {
		case errors.Is(err, errBack), answer == "change":
			s.asking = true
		case err != nil:
			return err
		case answer == "again":
			if err := s.test(); err != nil && !errors.Is(err, errBack) {
				return err
			}
		default:
			if err := s.confirm(); !errors.Is(err, errBack) {
				return err
			}
		}
	}
}

// tested asks what to do after a test: confirm, change or repeat.
func (g *guide) tested(found bool, title string) (answer string, err error) {
	choose := func(text string) func() error { return func() error { answer = text; return nil } }
	choices := []choice{{text: "Confirm", do: choose("confirm")}, {text: "Change the entries", do: choose("change")},
		{text: "Test again", do: choose("again")}}
	if !found {
		choices, title = choices[1:], "What next?"
	}
	return answer, g.pickOne(title, choices)
}

// stepCloud signs in to the cloud and asks the operator to confirm the organization.
func (g *guide) stepCloud() (wizard.Step, error) {
	c := &g.draft().Cloud
	changed := func() { g.cloud, c.Confirmed = nil, false }
	err := g.confirmed(side{asking: !c.Confirmed,
		ask: func() error {
			return g.form(func() []wizard.Field { return wizard.CloudFields(c, g.state.SecretIn) }, changed)
		},
		test: g.tryCloud,
		found: func() bool {
			if g.cloud == nil && !c.Confirmed {
				return false
			}
			g.say("Organization: %s.", wizard.OrganizationWords(c, g.cloud))
			if g.cloud != nil {
				g.say("It has %s.", wizard.SizeWords(g.cloud))
			}
			return true
		},
		confirm: func() error {
			if err := g.keepSignIn(c); err != nil {
				return err
			}
			wizard.ConfirmCloud(c, g.cloud)
			if g.draft().Written { // it was changed afterwards
				return g.write()
			}
			g.keep()
			return nil
		},
		title: "Synchronize to this organization? Nothing is written to it before you apply or enable."})
	return wizard.Directory, err
}

// keepSignIn stores the sign-in of the confirmed organization.
func (g *guide) keepSignIn(c *control.SetupCloud) error {
	if g.cloud == nil || !c.Lasts() {
		return nil
	}
	return g.wait("Storing the sign-in", g.api.KeepSignIn)
}

func (g *guide) tryCloud() error {
	g.cloud = nil
	c := g.draft().Cloud
	var found control.SetupCloudFound
	g.say("Testing the connection to the cloud.")
	progress := &control.SetupProgress{}
	if err := g.waitCode("The test", func(ctx context.Context, show func(control.SignInCode)) (err error) {
		progress.OnCode(show)
		found, err = g.api.TryCloud(ctx, c, progress)
		return err
	}); err != nil {
		return err
	}
	g.cloud = &found
	wizard.Tried(&g.draft().Cloud, found)
	g.keep()
	return nil
}

// stepDirectory asks for directories, tests and confirms them, and writes the file.
func (g *guide) stepDirectory() (wizard.Step, error) {
	g.say("The directories that people and groups are read from.")
	if err := g.lookForDomains(); err != nil {
		return 0, err
	}
	for {
		d := g.draft()
		if len(d.Directories) == 0 && d.Editing == nil {
			d.Editing = wizard.NewDirectory()
			wizard.Propose(d, g.known.Domains)
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
		if err := g.pickOne("Continue?", g.directoryChoices(&goon)); err != nil {
			return 0, err
		}
		if !goon {
			continue
		}
		if err := g.write(); err != nil && !errors.Is(err, errBack) {
			return 0, err
		} else if err == nil {
			return max(wizard.First(*g.draft()), wizard.Scope), nil
		}
	}
}

func (g *guide) lookForDomains() error {
	if g.looked {
		return nil
	}
	err := g.wait("The search in DNS", func(ctx context.Context) error {
		g.known.Domains, _ = g.api.FindDomains(ctx) // without DNS the domain is typed
		return nil
	})
	g.looked = err == nil
	if errors.Is(err, errBack) {
		return nil
	}
	return err
}

// directoryChoices offers to go on, to add a directory, or to change one.
func (g *guide) directoryChoices(goon *bool) []choice {
	d := g.draft()
	choices := []choice{{text: "Continue: " + g.state.Path + " is written; it contains no secret",
		do: func() error { *goon = true; return nil }},
		{text: "Add a directory: a further domain, forest or partition", do: func() error {
			d.Editing = wizard.NewDirectory()
			wizard.Propose(d, g.known.Domains)
			return nil
		}}}
	for _, o := range d.Directories {
		choices = append(choices, choice{text: "Change how " + wizard.DirectoryWords(o) + " is reached",
			do: func() error { e := o; d.Editing = &e; return nil }})
	}
	return choices
}

// directoryEntered asks for one directory, tests it, and adds it to the others.
func (g *guide) directoryEntered() error {
	d := g.draft()
	at := wizard.Editing(*d)
	g.known.New, g.known.SecretIn = at == len(d.Directories), g.state.SecretIn
	var found *control.SetupDirectoryFound
	test := func() error {
		found = nil
		if wrong := wizard.Unaccepted(d.Editing); wrong != "" {
			g.say("Error: %s", wrong)
			return errBack
		}
		f, err := g.tryDirectory(at)
		if err == nil {
			found = &f
		}
		return err
	}
	return g.confirmed(side{asking: true, test: test,
		ask: func() error {
			return g.form(func() []wizard.Field { return wizard.DirectoryFields(d, g.known) }, func() { found = nil })
		},
		found: func() bool {
			if found == nil {
				return false
			}
			where, how := wizard.FoundWords(*found)
			g.say("Directory: %s.", where)
			g.say("%s", view.Sentence(how))
			for _, w := range wizard.FoundWarnings(d.Editing.Kind, *found) {
				g.say("Warning: %s", view.Sentence(w))
			}
			return true
		},
		confirm: func() error {
			wizard.ConfirmDirectory(d, at, *found)
			g.keep()
			return nil
		},
		title: "Synchronize from this directory?"})
}

// tryDirectory signs in. If the server has several partitions, the operator selects one first.
func (g *guide) tryDirectory(at int) (found control.SetupDirectoryFound, err error) {
	e := g.draft().Editing
	for {
		d := wizard.Named(*g.draft(), at)
		var failed error
		g.say("Testing the connection to the directory.")
		err := g.wait("The test", func(ctx context.Context) error {
			found, failed = g.api.TryDirectory(ctx, d, nil)
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
		if err := g.pickOne("Choose the partition that contains the people.", choices); err != nil {
			return found, err
		}
	}
}
