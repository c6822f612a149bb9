package ui

import (
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/view"
)

// applyOff returns why the current plan cannot be applied, or "".
func (d *dryRunPage) applyOff(none string) string {
	h := d.header()
	off := d.spentOff(none)
	switch {
	case off != "":
		return off
	case len(h.Holds) > 0:
		return "it is held: " + h.Holds[0].Detail
	case h.Counts.Writes() == 0:
		return "there is nothing to write"
	case d.counting:
		return "what is left out is being counted"
	case d.rest().Writes() <= 0:
		return "all of it is left out"
	}
	return ""
}

// spentOff returns why nothing can be applied at all, or "".
func (d *dryRunPage) spentOff(none string) string {
	switch {
	case none != "":
		return none
	case d.work.WriteOff() != "":
		return d.work.WriteOff()
	case d.applied != "":
		return "this plan was applied: d makes a new dry run"
	case d.draft.PlanOf(d.plan.Of):
		return "its settings are not saved: apply those first, on pages 2, 3 or 7"
	}
	return ""
}

// overrideOff returns why the holds cannot be overridden, or "".
func (d *dryRunPage) overrideOff(none string) string {
	h := d.header()
	off := d.spentOff(none)
	switch {
	case off != "":
		return off
	case len(h.Holds) == 0:
		return "nothing holds the plan"
	}
	for _, hold := range h.Holds {
		if !hold.Overridable {
			return "this cannot be overridden: " + hold.Detail
		}
	}
	switch {
	case d.counting:
		return "what is left out is being counted"
	case d.rest().Writes() <= 0:
		return "all of it is left out"
	}
	return ""
}

// apply requires a typed word with the number of removals if the plan removes anything.
func (d *dryRunPage) apply() tea.Cmd {
	h, c := d.header(), d.rest()
	lines := append([]string{"To " + h.Organization.Name + ": " + strings.Join(view.Counts(c), ", ") + "."},
		d.leftOutWords()...)
	lines = append(lines, d.lossWords(h.Mode, c)...)
	phrase, title := "yes", "Apply plan "+shortID(h.ID)+"."
	switch lost := c.Users.Deactivate + c.Users.Delete + c.Groups.Delete + c.Members.Remove; {
	case h.Mode == record.Purge:
		title = "Purge: apply plan " + shortID(h.ID) + "."
		phrase = "purge " + strconv.FormatInt(c.Users.Delete+c.Groups.Delete, 10)
	case h.UndoOf != 0:
		title = "Undo of run " + strconv.FormatInt(h.UndoOf, 10) + ": apply plan " + shortID(h.ID) + "."
		lines = append(lines, h.Notes...)
		phrase = "undo " + strconv.FormatInt(c.Writes(), 10)
	case lost > 0:
		phrase = "apply " + strconv.FormatInt(c.Writes(), 10)
	}
	d.host.Ask(component.TypedConfirm(title, lines, phrase, func() tea.Cmd {
		return d.host.Start(control.Request{Mode: record.ApplyPlan, Without: d.left.Clone()}, 0)
	}))
	return nil
}

// lossWords explains the effect of removing people.
func (d *dryRunPage) lossWords(mode record.Mode, c record.Counts) []string {
	if n := c.Users.Delete; n > 0 && mode == record.Purge {
		return []string{look.Count(n, "person", "people") + " will be purged. " + control.PurgeWarning}
	}
	return view.Losses(d.draft.Saved.Policy, d.header(), c)
}

// override applies a held plan once, for exactly the numbers that it names.
func (d *dryRunPage) override() tea.Cmd {
	h, c := d.header(), d.rest()
	lines := d.lossWords(h.Mode, c)
	for _, hold := range h.Holds {
		lines = append(lines, hold.Detail)
		all := h.Counts.Users.Deactivate + h.Counts.Users.Delete + h.Counts.Groups.Delete
		if hold.Rule == deleteThreshold && all > hold.Count {
			lines = append(lines,
				"The threshold counts "+look.Number(hold.Count)+" of "+look.Number(all)+": the directory disabled the others.")
		}
	}
	lines = append(lines, "The plan is applied at once: "+strings.Join(view.Counts(c), ", ")+".")
	lines = append(lines, d.leftOutWords()...)
	what := "the guard"
	switch {
	case len(h.Holds) > 1:
		what = look.Count(int64(len(h.Holds)), "guard", "guards")
	case h.Holds[0].Rule == deleteThreshold:
		what = "the delete threshold"
	}
	d.host.Ask(component.TypedConfirm("Override "+what+" and apply plan "+shortID(h.ID)+" now", lines, h.OverridePhrase(),
		func() tea.Cmd {
			return d.host.Start(control.Request{Mode: record.ApplyPlan, Override: holdNumbers(h.Holds),
				Without: d.left.Clone()}, 0)
		}))
	return nil
}

// deleteThreshold is the rule name of the delete threshold.
const deleteThreshold = "delete-threshold"

// holdNumbers returns the numbers that override the holds, one for each.
func holdNumbers(holds []control.Hold) []int64 {
	var numbers []int64
	for _, h := range holds {
		if h.Overridable {
			numbers = append(numbers, h.Count)
		}
	}
	return numbers
}

func (d *dryRunPage) holdsOff(none string) string {
	if none == "" && len(d.header().Holds) == 0 {
		return "nothing holds the plan"
	}
	return none
}

// readHolds shows all guards that hold the plan.
func (d *dryRunPage) readHolds() tea.Cmd {
	holds := d.header().Holds
	d.host.Ask(&component.Reading{Title: "HELD: nothing of the plan can be applied yet",
		Lines: func(l look.Look, w int) []string {
			var lines []string
			for i, h := range holds {
				if i > 0 {
					lines = append(lines, "")
				}
				lines = append(lines, holdLines(l, h, w, true)...)
			}
			return lines
		}})
	return nil
}

// holdLines returns a guard's message, its causes with their numbers, and the remedy.
func holdLines(l look.Look, h control.Hold, width int, remedy bool) []string {
	var lines []string
	for i, s := range l.Wrap(l.Clean(h.Detail), width-4) {
		mark := "   "
		if i == 0 {
			mark = " " + l.Mark.Problem + " "
		}
		lines = append(lines, l.Style.Bad.Render(mark+s))
	}
	for _, c := range h.Causes {
		lines = append(lines, l.Cut("   "+l.Right(look.Number(c.Count), 7)+"  "+l.Clean(c.Cause), width))
	}
	if remedy {
		for _, s := range l.Wrap(l.Clean(view.In(view.Console, h.Remedy)), width-4) {
			lines = append(lines, "   "+s)
		}
	}
	return lines
}
