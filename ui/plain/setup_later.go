package plain

import (
	"context"
	"errors"
	"maps"
	"strings"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
	"dirbridge/ui/view"
	"dirbridge/ui/wizard"
)

// settings asks fields whose values are settings, and saves them.
func (g *guide) settings(fields func(wizard.Values) []wizard.Field) error {
	if err := g.ready(); err != nil {
		return err
	}
	values := wizard.Values(maps.Clone(g.conn.Settings().Values))
	if err := g.form(func() []wizard.Field { return fields(values) }, func() {}); err != nil {
		return err
	}
	g.session.draft.Change(func(d *config.Draft) { maps.Copy(d.Values, values) })
	if !g.session.draft.Changed() {
		return nil
	}
	if err := g.saveSettings(); err != nil {
		return err
	}
	if g.session.draft.Changed() { // the reason was printed
		return errBack
	}
	return nil
}

// stepRemovals asks what happens to the accounts of people removed.
func (g *guide) stepRemovals() (wizard.Step, error) {
	if err := g.settings(wizard.PolicyFields); err != nil {
		return 0, err
	}
	g.draft().Policy = true
	g.keep()
	return wizard.DryRun, nil
}

// stepScope selects containers: by their numbers in the tree, or by DNs.
func (g *guide) stepScope() (wizard.Step, error) {
	if err := g.ready(); err != nil {
		return 0, err
	}
	g.say("Choose what is synchronized. Without a choice it is the whole directory.")
	for {
		act, err := g.chosen("Which?", g.containerChoices)
		if err != nil {
			return 0, errors.Join(err, g.saveTicks())
		}
		if act != nil {
			if err := told(act()); err != nil {
				return 0, err
			}
			continue
		}
		if err := g.saveTicks(); err != nil {
			return 0, err
		}
		if !g.session.draft.Changed() {
			g.draft().Containers = true
			g.keep()
			return wizard.Removals, nil
		}
	}
}

// chosen returns what to do, out of several choices; nil continues.
func (g *guide) chosen(title string, choices func(pick func(func() error) func() error) []choice) (act func() error,
	err error) {
	err = g.pickOne(title, choices(func(what func() error) func() error {
		return func() error { act = what; return nil }
	}))
	return act, err
}

func (g *guide) containerChoices(pick func(func() error) func() error) []choice {
	choices := []choice{{text: "Continue with what is chosen", off: g.scopeOff(), do: pick(nil)}}
	for i, d := range g.session.draft.Edited.Directories {
		now := "all"
		if len(d.BaseDNs) > 0 {
			now = strings.Join(d.BaseDNs, "; ")
		}
		choices = append(choices,
			choice{text: "Containers of " + d.Name + ": tick them by their numbers",
				do: pick(func() error { return g.containers(i, identity.Node{}, nil) })},
			choice{text: "Containers of " + d.Name + ": type their DNs; now " + now,
				do: pick(func() error { return g.typeContainers(i) })},
			choice{text: "Count the people in scope in " + d.Name, do: pick(func() error { return g.count(i) })})
	}
	return choices
}

// typeContainers asks for the DNs to include, and for those below them to exclude.
func (g *guide) typeContainers(i int) error {
	d := &g.session.draft.Edited.Directories[i]
	bases, excludes := strings.Join(d.BaseDNs, "; "), strings.Join(d.ExcludeDNs, "; ")
	const several = "Separate several with semicolons."
	for _, list := range []wizard.Field{
		{Label: "Synchronized DNs", Help: several, Empty: "the whole directory", Get: func() string { return bases },
			Set: func(text string) { bases = text }},
		{Label: "Excluded DNs below them", Help: several, Empty: "none", Get: func() string { return excludes },
			Set: func(text string) { excludes = text }}} {
		if err := g.askField(list, func() {}); err != nil {
			return err
		}
	}
	g.session.draft.Change(func(s *config.Draft) {
		s.Directories[i].BaseDNs, s.Directories[i].ExcludeDNs = config.SplitList(typedList(bases)),
			config.SplitList(typedList(excludes))
	})
	return g.count(i)
}

// typedList converts typed text with semicolons to the lines of the file.
func typedList(text string) string { return settingText(config.Setting{List: true}, text) }

// saveTicks saves the selection, if any. If that fails, it prints the error, and the selection
// stays in the draft.
func (g *guide) saveTicks() error {
	if !g.session.draft.Changed() || g.scopeOff() != "" {
		return nil
	}
	return told(g.saveSettings())
}

// mode reads whether synchronization is enabled, or may be.
func (g *guide) mode() (m control.ModeStatus, err error) {
	err = g.wait("Reading the state", func(ctx context.Context) (err error) { m, err = g.conn.Mode(ctx); return err })
	return m, err
}

// stepDryRun makes the first dry run, and prints its result.
func (g *guide) stepDryRun() (wizard.Step, error) {
	if err := g.ready(); err != nil {
		return 0, err
	}
	for {
		m, err := g.mode()
		if err != nil {
			return 0, err
		}
		if g.unsettled {
			g.unsettled = false
			switch {
			case m.Enabled:
				return g.finish(true)
			case m.MayEnable:
				return wizard.Schedule, nil
			}
		}
		if m.MayEnable {
			g.shown(m, g.plan.Plan != nil)
		} else if !g.running() {
			g.say("%s A dry run shows every change before anything is written.", wizard.NoDryRun)
		}
		act, err := g.chosen("Which?", func(pick func(func() error) func() error) []choice {
			return g.dryRunChoices(m,
				pick)
		})
		switch {
		case errors.Is(err, errBack) && g.running():
			g.say(view.DryRunUnderWay)
			continue
		case err != nil:
			return 0, err
		case act == nil:
			return wizard.Schedule, nil
		}
		if err := told(act()); err != nil {
			return 0, err
		}
	}
}

func (g *guide) dryRunChoices(m control.ModeStatus, pick func(func() error) func() error) []choice {
	if g.running() {
		return []choice{{text: "Watch the dry run", do: pick(g.watch)},
			{text: "Cancel it", do: pick(func() error { g.cancel(); return g.watch() })}}
	}
	make := choice{text: view.StartDryRun,
		do: pick(func() error { return g.start(control.Request{Mode: record.DryRun}) })}
	if !m.MayEnable {
		return []choice{make}
	}
	make.text = "Repeat it"
	see := choice{text: "See every change on the Dry Run page", do: pick(g.dryRunPage)}
	if g.plan.Plan == nil {
		see.off = "the dry run is of an earlier session; repeat it to see its changes"
	}
	return []choice{{text: "Continue", do: pick(nil)}, see, make}
}

// shown prints the last dry run; brief omits what was printed when it was made.
func (g *guide) shown(m control.ModeStatus, brief bool) {
	d := m.DryRun
	if d == nil {
		return
	}
	for i, n := range wizard.DryRunWords(*d, g.clock(d.At), view.Written(d.Counts),
		g.conn.Settings().Values["policy.on_unmatched"]) {
		if i > 0 || !brief {
			g.say("%s", n)
		}
	}
	if brief {
		return
	}
	for _, h := range d.Holds {
		g.say("Held: %s", view.Sentence(h.Detail))
		g.remedy(h.Remedy)
	}
}

// stepSchedule asks when to synchronize, and enables the schedule, or leaves it off.
func (g *guide) stepSchedule() (wizard.Step, error) {
	g.say("%s", wizard.ScheduleMeans)
	fields := func(v wizard.Values) []wizard.Field { return wizard.ScheduleFields(v, &g.account) }
	if err := g.settings(fields); err != nil {
		return 0, err
	}
	g.placesWrong(g.account)
	for {
		m, err := g.mode()
		if err != nil {
			return 0, err
		}
		g.shown(m, false)
		off := ""
		if !m.MayEnable {
			off = m.WhyNot
			g.say("It cannot be enabled yet: %s.", m.WhyNot)
			g.remedy(m.Remedy)
		}
		text := view.EnableTitle
		if anyway := view.EnableAnyway(m); anyway != "" {
			text = "Enable synchronization " + anyway
			g.risks(m)
		}
		enable := func() error { return g.turnOn(m) }
		act, err := g.chosen("Which?", func(pick func(func() error) func() error) []choice {
			return []choice{{text: text, off: off, do: pick(enable)},
				{text: "Finish, leave it disabled; it can be enabled later, under Synchronization", do: pick(nil)}}
		})
		switch {
		case err != nil:
			return 0, err
		case act == nil:
			return g.finish(false)
		}
		if err := act(); err == nil {
			return g.finish(true)
		} else if !errors.Is(err, errBack) {
			return 0, err
		}
	}
}
