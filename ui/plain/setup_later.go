package plain

import (
	"context"
	"errors"
	"slices"
	"strings"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
	"dirbridge/ui/firststart"
	"dirbridge/ui/view"
)

// stepMirror asks whether the cloud should mirror the directory.
func (g *guide) stepMirror() (firststart.Step, error) {
	d := g.draft()
	policies := []string{"report", "remove"}
	on := max(slices.Index(policies, d.OnUnmatched), 0)
	g.say("%s", view.MirrorQuestion)
	g.say("1 %s. %s", view.LeaveAlone, view.LeaveAloneMeans)
	g.say("2 %s. %s", view.MirrorIt, view.MirrorItMeans)
	g.say("%s It can be changed in the configuration file at any time.", view.MirrorLater)
	for {
		text, err := g.text("Choice, or Enter for "+number(int64(on+1))+":", nil, func(text string) string {
			if text != "" && text != "1" && text != "2" {
				return "Type 1 or 2, or Enter."
			}
			return ""
		})
		if err != nil {
			return 0, err
		}
		if text != "" {
			on = int(text[0] - '1')
		}
		d.OnUnmatched = policies[on]
		if err := g.write(); err == nil {
			return max(firststart.First(*d), firststart.Containers), nil
		} else if !errors.Is(err, errBack) {
			return 0, err
		}
	}
}

// stepContainers selects containers: by their numbers in the tree, or by DNs.
func (g *guide) stepContainers() (firststart.Step, error) {
	if err := g.ready(); err != nil {
		return 0, err
	}
	g.say("Choose what takes part. Without a choice it is all of the directory.")
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
			return firststart.DryRun, nil
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
	choices := []choice{{text: "Go on with what is chosen", off: g.scopeOff(), do: pick(nil)}}
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
			choice{text: "Count who is in scope in " + d.Name, do: pick(func() error { return g.count(i) })})
	}
	return choices
}

// typeContainers asks for the DNs to include, and for those below them to exclude.
func (g *guide) typeContainers(i int) error {
	d := &g.session.draft.Edited.Directories[i]
	bases, excludes := strings.Join(d.BaseDNs, "; "), strings.Join(d.ExcludeDNs, "; ")
	for _, list := range []entry{{name: "DNs that take part", empty: "all of the directory", value: &bases},
		{name: "DNs below that do not", empty: "none", value: &excludes}} {
		list.hint, list.changed = "Several are apart by semicolons.", func() {}
		if err := g.enter(list); err != nil {
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
func (g *guide) stepDryRun() (firststart.Step, error) {
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
				return firststart.Enable, nil
			}
		}
		if m.MayEnable {
			g.shown(m, g.plan.Plan != nil)
		} else if !g.running() {
			g.say("Every change is shown, and nothing is written. There is no dry run of the configuration as it is now.")
		}
		act, err := g.chosen("Which?", func(pick func(func() error) func() error) []choice {
			return g.dryRunChoices(m,
				pick)
		})
		switch {
		case errors.Is(err, errBack) && g.running():
			g.say("A dry run is under way: wait for it, or cancel it.")
			continue
		case err != nil:
			return 0, err
		case act == nil:
			return firststart.Enable, nil
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
	make := choice{text: "Make the dry run",
		do: pick(func() error { return g.start(control.Request{Mode: record.DryRun}) })}
	if !m.MayEnable {
		return []choice{make}
	}
	make.text = "Make it again"
	see := choice{text: "See every change on the Dry Run page", do: pick(g.dryRunPage)}
	if g.plan.Plan == nil {
		see.off = "the dry run was made in an earlier session: make it again to see its changes"
	}
	return []choice{{text: "Go on", do: pick(nil)}, see, make}
}

// shown prints the last dry run; brief omits what was printed when it was made.
func (g *guide) shown(m control.ModeStatus, brief bool) {
	d := m.DryRun
	if d == nil {
		return
	}
	if !brief {
		g.say("The dry run was made %s. It would do: %s.", g.clock(d.At), strings.Join(view.Counts(d.Counts), ", "))
	}
	for _, n := range view.ShownNotes(*d, g.draft().OnUnmatched) {
		g.say("%s", n)
	}
	if brief {
		return
	}
	for _, h := range d.Holds {
		g.say("Held: %s", view.Sentence(h.Detail))
		g.remedy(h.Remedy)
	}
}

// stepEnable enables the schedule, or leaves it off.
func (g *guide) stepEnable() (firststart.Step, error) {
	if err := g.ready(); err != nil {
		return 0, err
	}
	g.say("%s", view.EnableMeans)
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
		text := "Enable synchronization"
		if len(m.Unseen) > 0 {
			text = "Enable synchronization without deletions"
			g.unseen(m.Unseen)
		}
		enable := func() error { return g.turnOn(m) }
		act, err := g.chosen("Which?", func(pick func(func() error) func() error) []choice {
			return []choice{{text: text, off: off, do: pick(enable)},
				{text: "Finish the set-up, and leave it disabled; it can be enabled later, under Synchronization", do: pick(nil)}}
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
