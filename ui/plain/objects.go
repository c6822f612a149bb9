package plain

import (
	"context"
	"slices"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/scope"
	"dirbridge/ui/view"
)

// objects selects the scope; if there are several directories, of one of them.
func (s *session) objects() error {
	directories := s.draft.Edited.Directories
	if len(directories) == 1 {
		return s.directory(0)
	}
	return s.menu(page{title: view.ObjectsTitle, choices: func() (choices []choice) {
		for i, d := range s.draft.Edited.Directories {
			choices = append(choices, choice{text: "Directory " + d.Name + ", " + d.Label(),
				do: func() error { return s.directory(i) }})
		}
		return choices
	}})
}

// directory edits the scope of one directory, only in the draft.
func (s *session) directory(i int) error {
	edited := func() *config.Directory { return &s.draft.Edited.Directories[i] }
	return s.menu(page{title: "Object Selection, " + edited().Name, head: func() error {
		s.directorySettings(*edited())
		return nil
	}, choices: func() []choice {
		d, off := edited(), s.forbidden()
		undo := off
		if undo == "" && !s.draft.CanUndo() {
			undo = view.NothingChangedHere
		}
		return []choice{
			{text: "Containers: tick what is in scope", do: func() error { return s.containers(i, identity.Node{}, nil) }},
			{text: "Synchronize users: " + view.Yes(d.SyncUsers), off: off, do: func() error {
				return s.switched(i, "Users", func(d *config.Directory) *bool { return &d.SyncUsers })
			}},
			{text: "Synchronize groups: " + view.Yes(d.SyncGroups), off: off, do: func() error {
				return s.switched(i, "Groups", func(d *config.Directory) *bool { return &d.SyncGroups })
			}},
			{text: "User filter: " + view.None(d.UserFilter), off: off,
				do: func() error { return s.editFilter(i, identity.User) }},
			{text: "Group filter: " + view.None(d.GroupFilter), off: off,
				do: func() error { return s.editFilter(i, identity.Group) }},
			{text: "Group types: " + groupTypes(*d), off: off, do: func() error { return s.editTypes(i) }},
			{text: "Show the people who enter and leave the scope (slow)", off: first(s.unchanged(), s.scopeOff()),
				do: s.scopeDelta},
			{text: "Count the people in scope", do: func() error { return s.count(i) }},
			{text: "Undo the last change", off: undo, do: func() error { s.draft.Undo(); return s.sayChanges() }},
			{text: s.dryRunText(), off: first(s.busy(), s.scopeOff()), do: s.dryRun},
			{text: "Apply the changes", off: s.settingsOff(), do: s.applySettings},
		}
	}})
}

func groupTypes(d config.Directory) string {
	if d.GroupTypes == "" {
		return "all"
	}
	return d.GroupTypes
}

// edit changes one directory of the draft and prints the new value.
func (s *session) edit(i int, what string, change func(*config.Directory) string) error {
	var now string
	s.draft.Change(func(e *config.Draft) { now = change(&e.Directories[i]) })
	s.edited(what + ": " + now)
	return nil
}

// switched is edit for switching a kind of object on or off, and prints the effect.
func (s *session) switched(i int, what string, which func(*config.Directory) *bool) error {
	if err := s.edit(i, what, func(d *config.Directory) string {
		on := which(d)
		*on = !*on
		return view.Yes(*on)
	}); err != nil {
		return err
	}
	for _, line := range view.SwitchedOff(s.draft.Saved, s.draft.Edited) {
		s.say("%s", line)
	}
	return nil
}

func (s *session) editTypes(i int) error {
	var choices []choice
	for _, t := range s.draft.Edited.Directories[i].Choices("group_types") {
		choices = append(choices, choice{text: t, now: t == groupTypes(s.draft.Edited.Directories[i]), do: func() error {
			return s.edit(i, "Group types", func(d *config.Directory) string { d.GroupTypes = t; return t })
		}})
	}
	return s.pickOne("Which groups?", choices)
}

func (s *session) count(i int) error {
	d := s.draft.Edited.Clone().Directories[i]
	var people, groups int64
	err := s.wait("Counting", func(ctx context.Context) (err error) {
		people, groups, err = s.conn.Count(ctx, d)
		return err
	})
	if err != nil {
		return err
	}
	s.say("In scope: %s, %s.", plural(people, "person", "people"), plural(groups, "group", "groups"))
	return nil
}

// editFilter asks for a filter, tests it on the directory, prints which people or groups it
// matches, and accepts it.
func (s *session) editFilter(i int, kind identity.Kind) error {
	d := s.draft.Edited.Directories[i]
	now, what := d.UserFilter, "User filter"
	if kind == identity.Group {
		now, what = d.GroupFilter, "Group filter"
	}
	lines := []string{
		what + " now: " + view.None(now) + ".",
		"An LDAP filter; it narrows the built-in one. Without disabled people: " +
			"(!(userAccountControl:1.2.840.113556.1.4.803:=2))",
	}
	for {
		text, err := s.text("New filter, none for no filter, or Enter to leave it:", lines, nil)
		if err != nil || text == "" {
			return err
		}
		if text == "none" {
			text = ""
		}
		taken, err := s.tryFilter(i, kind, text)
		if err != nil {
			return err
		}
		if !taken {
			lines = nil
			continue
		}
		return s.edit(i, what, func(d *config.Directory) string {
			if kind == identity.Group {
				d.GroupFilter = text
			} else {
				d.UserFilter = text
			}
			return view.None(text)
		})
	}
}

// tryFilter prints what a filter matches, and asks whether to accept it.
func (s *session) tryFilter(i int, kind identity.Kind, text string) (taken bool, err error) {
	d := s.draft.Edited.Clone().Directories[i]
	t, err := read(s, "Trying the filter", func(ctx context.Context) (control.Trial, error) {
		return s.conn.TryFilter(ctx, d, kind, text)
	})
	if err != nil {
		return false, told(err) // another text may work
	}
	s.trial(t)
	err = s.pickOne("Take this filter?", []choice{
		{text: "Take it", do: func() error { taken = true; return nil }},
		{text: "Type another one"},
	})
	return taken, err
}

func (s *session) trial(t control.Trial) {
	s.say("It matches %s.", number(int64(t.Matches)))
	for _, dn := range t.Sample[:min(len(t.Sample), 3)] {
		s.say("For example %s.", dn)
	}
	for _, name := range t.Unknown {
		s.say("Warning: %s is not an attribute of the directory, so this condition matches no people.", name)
	}
}

// containers lists the containers directly below one, starting with the directory itself. A number
// goes down, b up.
func (s *session) containers(i int, above identity.Node, roots []string) error {
	d := s.draft.Edited.Directories[i]
	nodes, err := read(s, view.ReadingContainers, func(ctx context.Context) ([]identity.Node, error) {
		return s.conn.Tree(ctx, d.Name, above.DN)
	})
	if err != nil {
		return err
	}
	title := "Containers of " + d.Name
	if above.DN != "" {
		title = "Containers below " + above.Name
	} else {
		for _, n := range nodes {
			roots = append(roots, n.DN)
		}
	}
	current := func() *scope.Scope {
		d := s.draft.Edited.Directories[i]
		sc := scope.New(d.BaseDNs, d.ExcludeDNs)
		sc.Roots(roots)
		return sc
	}
	passing := func(filter string) (out []identity.Node) {
		for _, n := range nodes {
			if view.Has(n.Name, filter) {
				out = append(out, n)
			}
		}
		return out
	}
	l := listing{title: title, none: "There are no containers below it.",
		total: func(_ context.Context, filter string) (int64, error) { return int64(len(passing(filter))), nil },
		window: func(_ context.Context, filter string, from int64, n int) (rows []row, err error) {
			all, sc := passing(filter), current()
			from = min(max(from, 0), int64(len(all)))
			for _, node := range all[from:min(from+int64(n), int64(len(all)))] {
				r := row{text: nodeLine(node, sc)}
				if node.HasChildren {
					r.open = func() error { return s.containers(i, node, slices.Clone(roots)) }
				}
				rows = append(rows, r)
			}
			return rows, nil
		}}
	if s.forbidden() == "" {
		l.extra = []listCommand{{"t", "t 3 to tick row 3",
			"t and a number, such as t 2, ticks or unticks a container with all below it.", func(filter, argument string) error {
				return s.tickContainers(i, passing(filter), current(), argument)
			}}}
	}
	return s.list(l)
}

func nodeLine(n identity.Node, sc *scope.Scope) string {
	text := n.Name
	if n.People >= 0 {
		text += ", " + plural(int64(n.People), "person", "people")
	}
	text += ", " + map[scope.Tick]string{scope.On: "in scope", scope.Off: "not in scope",
		scope.Part: "partly in scope"}[sc.Tick(n.DN)]
	if sc.Excluded(n.DN) {
		text += ", excluded"
	}
	if n.HasChildren {
		text += ", has containers below it"
	}
	return text
}

// tickContainers ticks or unticks containers by their numbers.
func (s *session) tickContainers(i int, nodes []identity.Node, sc *scope.Scope, argument string) error {
	numbers, err := numbersOf(argument, 100)
	if err != nil {
		s.say("%s.", err)
		return nil
	}
	for _, n := range numbers {
		if n > int64(len(nodes)) {
			s.say("There is no row %d.", n)
			continue
		}
		node := nodes[n-1]
		if err := sc.Toggle(node.DN); err != nil {
			s.say("Error: %s: %v.", node.Name, err)
			continue
		}
		bases, excludes := sc.Lists()
		saved := s.draft.Saved.Directories[i]
		if scope.Same(bases, saved.BaseDNs) && scope.Same(excludes, saved.ExcludeDNs) {
			bases, excludes = saved.BaseDNs, saved.ExcludeDNs
		}
		s.draft.Change(func(e *config.Draft) {
			e.Directories[i].BaseDNs, e.Directories[i].ExcludeDNs = slices.Clone(bases), slices.Clone(excludes)
		})
		s.edited(nodeLine(node, sc))
	}
	if sc.None() {
		s.say("Nothing is in scope now: tick what should be.")
	}
	return nil
}
