package dryrun

import (
	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/view"
)

// applyOff returns why the current plan cannot be applied, or "".
func (d *Model) applyOff(none string) string {
	h := d.header()
	off := d.spentOff(none)
	switch {
	case off != "":
		return off
	case len(h.Holds) > 0:
		return "it is held: " + h.Holds[0].Detail
	case h.Counts.Writes() == 0:
		return view.NothingToWrite
	}
	return d.restOff()
}

// restOff returns why the part that is not excluded cannot be applied, or "".
func (d *Model) restOff() string {
	switch {
	case d.counting:
		return "the excluded changes are still being counted"
	case d.rest().Writes() <= 0:
		return view.AllExcluded
	}
	return ""
}

// spentOff returns why nothing can be applied at all, or "".
func (d *Model) spentOff(none string) string {
	switch {
	case none != "":
		return none
	case d.work.WriteOff() != "":
		return d.work.WriteOff()
	case d.applied != "":
		return view.AppliedAlready
	case d.draft.PlanOf(d.plan.Of):
		return view.UnsavedPlan(d.draft.Changed())
	}
	return ""
}

// overrideOff returns why the holds cannot be overridden, or "".
func (d *Model) overrideOff(none string) string {
	for _, off := range []string{d.spentOff(none), view.Blocked(d.header()), d.restOff()} {
		if off != "" {
			return off
		}
	}
	return ""
}

// apply requires a typed word with the number of removals if the plan removes anything.
func (d *Model) apply() tea.Cmd {
	a := view.ApplyPlan(d.header(), d.rest(), d.draft.Saved.Policy, d.leftOutWords(), view.Console)
	d.host.Ask(component.TypedConfirm(a.Title, a.Lines, a.Phrase, func() tea.Cmd {
		return d.host.Start(control.Request{Mode: record.ApplyPlan, Without: d.left.Clone()}, 0)
	}))
	return nil
}

// override applies a held plan once, for exactly the numbers that it names.
func (d *Model) override() tea.Cmd {
	h := d.header()
	a := view.Override(h, d.rest(), d.draft.Saved.Policy, d.leftOutWords())
	d.host.Ask(component.TypedConfirm(a.Title, a.Lines, a.Phrase, func() tea.Cmd {
		return d.host.Start(control.Request{Mode: record.ApplyPlan, Override: holdNumbers(h.Holds),
			Without: d.left.Clone()}, 0)
	}))
	return nil
}

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

func (d *Model) holdsOff(none string) string {
	if none == "" && len(d.header().Holds) == 0 {
		return "nothing holds the plan"
	}
	return none
}

// readHolds shows all guards that hold the plan.
func (d *Model) readHolds() tea.Cmd {
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
