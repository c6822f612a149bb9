package dryrun

import (
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
)

// turn shows another view that has rows; its list starts at the top.
func (d *Model) turn(by int) func() tea.Cmd {
	return func() tea.Cmd {
		views, h := planViews(), d.header()
		at := d.shown.view
		for range views {
			if at = (at + by + len(views)) % len(views); !views[at].empty(h) {
				break
			}
		}
		d.shown.view = at
		return d.restart()
	}
}

func (d *Model) restart() tea.Cmd {
	d.list.Go(0)
	return d.load()
}

func (d *Model) groupOff(none string) string {
	if none == "" && !d.shown.ofChanges() {
		return "only changes have something in common: Left and Right go to them"
	}
	return none
}

// group switches between the changes and their groups.
func (d *Model) group(by string) func() tea.Cmd {
	return func() tea.Cmd {
		if d.shown.by == by {
			by = ""
		}
		d.shown.by = by
		d.shown.in = slices.DeleteFunc(slices.Clone(d.shown.in), func(g *group) bool { return g.by == by })
		return d.restart()
	}
}

func (d *Model) sortOff(none string) string {
	switch {
	case none != "":
		return none
	case !d.shown.ofChanges():
		return "only changes are sorted: Left and Right go to them"
	case d.shown.grouped():
		return "groups are sorted by their size"
	}
	return ""
}

func (d *Model) sort() tea.Cmd {
	switch d.shown.order {
	case control.InPlan:
		d.shown.order = control.ByName
	case control.ByName:
		d.shown.order = control.ByPlace
	default:
		d.shown.order = control.InPlan
	}
	d.host.Say("Sorted %s.", orderWords(d.shown.order))
	return d.restart()
}

// order is the order at first: by name, with what changes before what only matches. A plan that takes
// long to sort is shown as it will be done.
func (d *Model) order() control.Order {
	if d.plan.Plan.Len() > 100_000 {
		return control.InPlan
	}
	return control.ByName
}

func orderWords(o control.Order) string {
	switch o {
	case control.ByName:
		return "by name"
	case control.ByPlace:
		return "by OU"
	}
	return "in execution order"
}

// jump asks for a target: a position in the list, or a text.
func (d *Model) jump() tea.Cmd {
	d.host.Ask(&component.Prompt{
		Title: "Jump to a place in the list (a number, or a share as 50%), or to the next one that has a text.",
		Label: "To:",
		Check: func(text string) string {
			if strings.TrimSpace(text) == "" {
				return "Give a number, or part of a name, DN, attribute or value."
			}
			return ""
		},
		Done: func(text string) tea.Cmd {
			text = strings.TrimSpace(text)
			plainly := strings.ReplaceAll(text, ",", "")
			if n, err := strconv.ParseInt(strings.TrimSuffix(plainly, "%"), 10, 64); err == nil {
				if strings.HasSuffix(plainly, "%") {
					n = 1 + int64(float64(d.list.Total()-1)*float64(min(max(n, 0), 100))/100)
				}
				d.list.Go(n - 1)
				return d.fetch()
			}
			return d.seek(text)
		},
	})
	return nil
}

func (d *Model) nextOff(none string) string {
	if none == "" && d.sought == "" {
		return "nothing was looked for yet: # jumps to a text"
	}
	return none
}

// seek finds the next row with a text, after the cursor.
func (d *Model) seek(text string) tea.Cmd {
	if !d.shown.ofChanges() || d.shown.grouped() {
		d.host.Say("Only changes are found by a text here; / filters other lists.")
		return nil
	}
	d.sought = text
	ctx, source, shown, after, version := d.host.Ctx, d.source, d.shown, d.list.Cursor(), d.list.Version()
	d.host.Say("Looking for %s%s", text, d.host.Look.Mark.Ellipsis)
	return func() tea.Msg {
		at, ok, err := source.Seek(ctx, shown, text, after)
		return soughtMsg{version, text, at, ok, err}
	}
}

func (d *Model) found(msg soughtMsg) tea.Cmd {
	d.host.Say("")
	switch {
	case msg.version != d.list.Version():
		return nil
	case msg.err != nil:
		d.host.Fail("The plan could not be read", msg.err)
		return nil
	case !msg.ok:
		d.host.Say("No change that is shown has %s in it.", msg.text)
		return nil
	}
	d.host.Say("%s of %s; n goes to the next %s.", look.Number(msg.at+1), look.Number(d.list.Total()), msg.text)
	d.list.Go(msg.at)
	return d.fetch()
}

func (d *Model) backOff() string {
	if d.shown.by == "" && len(d.shown.in) == 0 && d.shown.filter == "" {
		return "nothing is filtered"
	}
	return ""
}

// back drops the last filter: the words, then what f added or a group that was opened.
func (d *Model) back() tea.Cmd {
	n := len(d.shown.in)
	switch {
	case d.shown.filter != "":
		d.shown.filter = ""
		d.filter.Clear()
	case n > 0:
		d.shown.in = d.shown.in[:n-1]
	default:
		d.shown.by = ""
	}
	return d.restart()
}

func (d *Model) Typing() bool { return d.filter.Typing() }

// Paste inserts text into the filter line.
func (d *Model) Paste(text string) tea.Cmd {
	d.filter.Insert(text)
	d.shown.filter = d.filter.Text()
	return d.restart()
}

// Type handles a key of the filter line.
func (d *Model) Type(k tea.KeyPressMsg) tea.Cmd {
	var cmd tea.Cmd
	if !d.filter.Type(k, func(key string) bool { cmd = d.listed(key); return true }) {
		return cmd
	}
	d.shown.filter = d.filter.Text()
	return d.restart()
}
