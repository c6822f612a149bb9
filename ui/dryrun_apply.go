package ui

import (
	"fmt"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/ui/look"
	"dirbridge/ui/widget"
	"dirbridge/ui/words"
)

// applyOff is why the plan at hand cannot be applied now, or "".
func (d *dryRunPage) applyOff(none string) string {
	switch h := d.header(); {
	case none != "":
		return none
	case d.busy() != "":
		return d.busy()
	case d.applied != "":
		return "this plan was applied: d makes a new dry run"
	case d.planOfDraft():
		return "its settings are not saved: apply those first, on pages 2 and 3"
	case len(h.Holds) > 0:
		return "it is held: " + h.Holds[0].Detail
	case h.Counts.Writes() == 0:
		return "there is nothing to write"
	}
	return ""
}

// overrideOff is why the holds cannot be overridden, or "".
func (d *dryRunPage) overrideOff(none string) string {
	h := d.header()
	switch {
	case none != "":
		return none
	case d.busy() != "":
		return d.busy()
	case len(h.Holds) == 0:
		return "nothing holds the plan"
	case d.applied != "":
		return "this plan was applied: d makes a new dry run"
	case d.planOfDraft():
		return "its settings are not saved: apply those first, on pages 2 and 3"
	}
	for _, hold := range h.Holds {
		if !hold.Overridable {
			return "this cannot be overridden: " + hold.Detail
		}
	}
	return ""
}

func (d *dryRunPage) header() control.Header {
	if d.source == nil {
		return control.Header{}
	}
	return d.source.Header()
}

// apply asks for a word that names the number, where the plan takes something away.
func (d *dryRunPage) apply() tea.Cmd {
	h := d.header()
	c := h.Counts
	lines := []string{"To " + h.Organization.Name + ": " + strings.Join(countsLong(c), ", ") + "."}
	lines = append(lines, d.leftOutWords()...)
	phrase := "yes"
	if n := c.Users.Deactivate + c.Users.Delete + c.Groups.Delete + c.Members.Remove; n > 0 {
		phrase = "apply " + strconv.FormatInt(c.Writes(), 10)
		lines = append(lines, d.lossWords(c.Users.Deactivate, c.Users.Delete)...)
	}
	d.ask(confirm("Apply plan "+shortID(h.ID)+".", lines, phrase, func() tea.Cmd {
		return d.start(control.Request{Mode: "apply", Exclude: d.exclude}, 0)
	}))
	return nil
}

func (d *dryRunPage) leftOutWords() []string {
	if n := int64(len(d.exclude)); n > 0 {
		return []string{look.Count(n, "change is", "changes are") + " left out; they are planned again next time."}
	}
	return nil
}

// lossWords say what removing people costs.
func (d *dryRunPage) lossWords(deactivated, deleted int64) []string {
	return words.Losses(d.draft.saved.Policy, deactivated, deleted)
}

// override applies a held plan, once, for exactly the number that it names.
func (d *dryRunPage) override() tea.Cmd {
	h := d.header()
	removals, verb := h.Removals, "deactivate"
	if h.Counts.Users.Deactivate == 0 {
		verb = "delete"
	}
	lines := []string{"Holds: " + holdWords(h.Holds)}
	lines = append(lines, d.lossWords(h.Counts.Users.Deactivate, h.Counts.Users.Delete)...)
	if all := h.Counts.Users.Deactivate + h.Counts.Users.Delete + h.Counts.Groups.Delete; all != removals {
		lines = append(lines, "The threshold counts "+look.Number(removals)+" of them; the directory disabled the others.")
	}
	lines = append(lines, "All of the plan is applied: "+strings.Join(countsLong(h.Counts), ", ")+".")
	lines = append(lines, d.leftOutWords()...)
	d.ask(confirm("Override the delete threshold for plan "+shortID(h.ID)+", once.", lines,
		fmt.Sprintf("%s %d", verb, removals), func() tea.Cmd {
			return d.start(control.Request{Mode: "apply", Override: holdNumbers(h.Holds), Exclude: d.exclude}, 0)
		}))
	return nil
}

// holdNumbers are what lifts the holds, each by its own.
func holdNumbers(holds []control.Hold) []int64 {
	var numbers []int64
	for _, h := range holds {
		if h.Overridable {
			numbers = append(numbers, h.Count)
		}
	}
	return numbers
}

func holdWords(holds []control.Hold) string {
	words := make([]string, len(holds))
	for i, h := range holds {
		words[i] = h.Detail
	}
	return strings.Join(words, " ")
}

func (d *dryRunPage) save() tea.Cmd {
	d.ask(&prompt{
		title: "Save plan " + shortID(d.header().ID) + " to a file.",
		lines: []string{"It can be shown and applied later, here or by dirbridge apply. It holds names and addresses of people."},
		label: "Path:", input: widget.NewInput("dirbridge-" + shortID(d.header().ID) + ".plan"),
		check: wantPath,
		done: func(path string) tea.Cmd {
			ctx, conn := d.ctx, d.conn
			return func() tea.Msg { return savedMsg{path, conn.SavePlan(ctx, path)} }
		},
	})
	return nil
}

func wantPath(path string) string {
	if strings.TrimSpace(path) == "" {
		return "Give the path of a file."
	}
	return ""
}

func (d *dryRunPage) openSaved() tea.Cmd {
	d.ask(&prompt{
		title: "Open a saved plan.", label: "Path:", check: wantPath,
		done: func(path string) tea.Cmd {
			ctx, conn := d.ctx, d.conn
			return func() tea.Msg { return openedPlanMsg{conn.OpenPlan(ctx, path)} }
		},
	})
	return nil
}

func shortID(id string) string { return id[:min(len(id), 6)] }
