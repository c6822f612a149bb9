package dryrun

import (
	"context"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

// leaving is the set of changes excluded from the current plan. They are chosen by row, by group,
// by all shown changes, or by the conditions of apply --except.
type leaving struct {
	left   *control.Set
	counts record.Counts // of the excluded changes
	// tally is the number of the last requested count; counting says that its answer is pending.
	tally    int
	counting bool
	stop     context.CancelFunc
}

func newLeaving() leaving { return leaving{left: new(control.Set), stop: func() {}} }

func (l *leaving) end() { l.stop() }

// Messages about excluding changes.
type (
	pickedMsg struct {
		source planSource
		set    *control.Set
		in     bool // excluded, or included again
		words  string
		err    error
	}
	talliedMsg struct {
		source planSource
		tally  int
		counts record.Counts
		err    error
	}
)

func (d *Model) leaveOff(none string) string {
	switch {
	case none != "":
		return none
	case d.applied != "":
		return "this plan was applied: d makes a new dry run"
	case d.work.Running():
		return d.work.Busy()
	case !d.shown.ofChanges():
		return "only changes can be excluded; [Left] and [Right] go to them"
	}
	return ""
}

// leaveRow excludes the row under the cursor, or includes it again.
func (d *Model) leaveRow() tea.Cmd {
	row, ok := d.list.Current()
	if !ok {
		return nil
	}
	if row.group != nil {
		return d.pick(d.shown.with(row.group), row.group.left < row.group.count)
	}
	if row.change == nil {
		return nil
	}
	var one record.Counts
	row.change.CountInto(&one)
	in := !d.left.Has(row.change.Seq)
	d.left.Put(row.change.Seq, in)
	if in {
		d.counts = less(d.counts, less(record.Counts{}, one))
	} else {
		d.counts = less(d.counts, one)
	}
	d.list.Move(1)
	if d.counting { // the set has changed since the count began
		return tea.Batch(d.recount(), d.fetch())
	}
	return d.fetch()
}

// leaveMany asks what to exclude, or to include again.
func (d *Model) leaveMany() tea.Cmd {
	what := d.shownWords()
	all := slice{view: viewAll}
	none := ""
	if d.left.Len() == 0 {
		none = "nothing is excluded"
	}
	d.host.Ask(&component.Question{
		Title: "Exclude changes",
		Lines: []string{"Excluded changes are not written now; the next plan has them again. Shown: " + what + "."},
		Options: []component.Option{
			{Key: "o", Text: "Exclude all changes shown", Do: func() tea.Cmd { return d.pick(d.shown, true) }},
			{Key: "n", Text: "Keep only the changes shown", Do: func() tea.Cmd { return d.pickElse(d.shown) }},
			{Key: "i", Text: "Include all changes shown again", Off: none, Do: func() tea.Cmd { return d.pick(d.shown, false) }},
			{Key: "c", Text: "Exclude by condition" + d.host.Look.Mark.Ellipsis, Do: d.leaveBy},
			{Key: "e", Text: "Include everything again", Off: none, Do: func() tea.Cmd { return d.pick(all, false) }},
		},
	})
	return nil
}

// shownWords describes the changes that are shown.
func (d *Model) shownWords() string {
	words := []string{planViews()[d.shown.view].name}
	for _, g := range d.shown.in {
		words = append(words, chipWords(g))
	}
	if d.shown.filter != "" {
		words = append(words, "filter "+d.shown.filter)
	}
	text := strings.Join(words, ", ")
	if !d.shown.grouped() && !d.loading {
		text += " (" + look.Count(d.list.Total(), "change", "changes") + ")"
	}
	return text
}

// pick excludes a whole slice, or includes it again.
func (d *Model) pick(s slice, in bool) tea.Cmd {
	d.host.Say("Reading the changes%s", d.host.Look.Mark.Ellipsis)
	ctx, source := d.host.Ctx, d.source
	return func() tea.Msg {
		set, err := source.Pick(ctx, s)
		return pickedMsg{source: source, set: set, in: in, err: err}
	}
}

// pickElse excludes everything but a slice.
func (d *Model) pickElse(s slice) tea.Cmd {
	d.host.Say("Reading the changes%s", d.host.Look.Mark.Ellipsis)
	ctx, source := d.host.Ctx, d.source
	return func() tea.Msg {
		all, err := source.Pick(ctx, slice{view: viewAll})
		if err != nil {
			return pickedMsg{source: source, err: err}
		}
		shown, err := source.Pick(ctx, s)
		all.PutAll(shown, false)
		return pickedMsg{source: source, set: all, in: true, err: err}
	}
}

// leaveBy asks for conditions in the syntax of the verb apply.
func (d *Model) leaveBy() tea.Cmd {
	d.host.Ask(&component.Prompt{
		Title: "Exclude by condition",
		Lines: []string{"Conditions that must all hold, separated by commas: kind=user, action=update, " +
			"container=OU=Sales,DC=corp,DC=example, key=*@example.com, seq=1-20."},
		Label: "Conditions:",
		Check: func(text string) string {
			if _, err := control.ParseSelector(text); err != nil {
				return err.Error()
			}
			return ""
		},
		Done: func(text string) tea.Cmd {
			by, _ := control.ParseSelector(text) // already checked
			d.host.Say("Reading the plan%s", d.host.Look.Mark.Ellipsis)
			ctx, source := d.host.Ctx, d.source
			return func() tea.Msg {
				set, err := source.PickBy(ctx, by)
				return pickedMsg{source: source, set: set, in: true, words: by.String(), err: err}
			}
		},
	})
	return nil
}

func (d *Model) picked(msg pickedMsg) tea.Cmd {
	if msg.source != d.source {
		return nil
	}
	d.host.Say("")
	if msg.err != nil {
		d.host.Fail("The plan could not be read", msg.err)
		return nil
	}
	before := d.left.Len()
	d.left.PutAll(msg.set, msg.in)
	switch n := d.left.Len() - before; {
	case n > 0:
		d.host.Say("%s excluded, %s in all.", look.Count(n, "more change", "more changes"), look.Number(d.left.Len()))
	case n < 0:
		d.host.Say("%s included again; %s excluded.", look.Count(-n, "change", "changes"), look.Number(d.left.Len()))
	case msg.words != "" && msg.set.Len() == 0:
		d.host.Say("No change is chosen by %s.", msg.words)
	default:
		d.host.Say("They were so already.")
	}
	cmd := d.recount()
	if d.shown.grouped() {
		cmd = tea.Batch(cmd, d.load())
	}
	return cmd
}

// recount counts the excluded changes by kind.
func (d *Model) recount() tea.Cmd {
	d.leaving.stop()
	ctx, stop := context.WithCancel(d.host.Ctx)
	d.leaving.stop = stop
	d.tally++
	d.counting = true
	source, tally, set := d.source, d.tally, d.left.Clone()
	return func() tea.Msg {
		counts, err := source.Tally(ctx, set)
		return talliedMsg{source, tally, counts, err}
	}
}

func (d *Model) tallied(msg talliedMsg) {
	if msg.source != d.source || msg.tally != d.tally {
		return
	}
	d.counting = false
	if msg.err != nil && !draw.Stale(msg.err) {
		d.host.Fail("The plan could not be read", msg.err)
		return
	}
	d.counts = msg.counts
}

// rest returns the counts of the changes to apply.
func (d *Model) rest() record.Counts { return less(d.header().Counts, d.counts) }

// leftOutWords says, for the operator who applies the rest, which changes are excluded.
func (d *Model) leftOutWords() []string {
	return view.Excluded(d.left.Len(), d.counts)
}

// groupWords returns the line of a group.
func groupWords(g *group) string {
	if g.by != "field" {
		return g.name
	}
	if g.kind == "group" {
		return fmt.Sprintf("%s changes for %s", g.name, look.Count(g.count, "group", "groups"))
	}
	return fmt.Sprintf("%s changes for %s", g.name, look.Count(g.count, "person", "people"))
}
