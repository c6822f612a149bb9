package dryrun

import (
	"fmt"
	"strings"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

// head returns the lines above the list: what the plan does, then its progress, its result, or what
// holds it.
func (d *Model) head() []string {
	l, w := d.host.Look, d.width
	h := d.header()
	var lines []string
	if d.source != nil {
		lines = d.totals(h)
		if d.low() {
			lines = lines[:1]
		}
		if d.height < 8 && !d.work.Running() {
			return lines
		}
	}
	switch {
	case d.work.Running():
		progress := draw.Progress(l, d.work, d.host.Now(), min(w, 100))
		if d.low() {
			progress = progress[:2]
		}
		lines = append(lines, progress...)
	case d.applied != "":
		mark := l.Style.Good.Render(l.Mark.Ok)
		run := d.result.Result.Run
		if d.result.Result.Err != nil || run.Outcome != record.Done &&
			run.Failed+run.Skipped+run.NotDone+int64(len(run.Unread)) > 0 {
			mark = l.Style.Bad.Render(l.Mark.Problem + " ")
		}
		for _, s := range l.Wrap(d.applied+". [e] Events", w-4) {
			lines, mark = append(lines, " "+mark+" "+s), "  "
		}
	case d.source != nil && len(h.Holds) > 0:
		lines = append(append(lines, d.holds(h)...), d.warnings(h)...)
	case d.source != nil:
		lines = append(append(lines, " "+d.verdict(h)), d.warnings(h)...)
	}
	return lines
}

func (d *Model) headline(h control.Header) string {
	return fmt.Sprintf(" %s, %s, plan %s", view.PlanName(h), look.Clock(d.host.Now(), h.Made), ShortID(h.ID))
}

func (d *Model) verdict(h control.Header) string {
	l := d.host.Look
	switch {
	case d.applied != "":
		return "applied "
	case d.draft.PlanOf(d.plan.Of):
		text := "DRAFT: unsaved settings"
		switch {
		case !d.draft.Changed():
			text = "DRAFT: discarded settings"
		case len(h.Holds) > 0:
			text = "DRAFT, HELD"
		}
		return l.Style.Warn.Render(text) + " "
	case len(h.Holds) > 0 && d.work.Running():
		return "" // it is being overridden
	case len(h.Holds) > 0:
		return l.Style.Badge.Render(" HELD ") + " "
	case !h.Complete:
		return l.Style.Warn.Render(l.Mark.Problem+" incomplete: not everything could be read") + " "
	case h.Counts.Writes() == 0:
		return l.Style.Good.Render(view.NothingToWrite) + " "
	}
	return "ready to apply "
}

// totals returns the counts of the plan that are not zero, in as many lines as they need; the Summary
// has the guide's whole list.
func (d *Model) totals(h control.Header) []string {
	c, l := h.Counts, d.host.Look
	var words []string
	add := func(n int64, style component.Styler, mark, word string) {
		if n == 1 {
			word = strings.TrimSuffix(word, "s") // memberships, problems
		}
		if n > 0 {
			words = append(words, style.Render(mark+" "+look.Number(n)+" "+word))
		}
	}
	add(c.Users.Add+c.Groups.Add, l.Style.Add, l.Mark.Add, "add")
	add(c.Users.Update+c.Groups.Update, l.Style.Change, l.Mark.Change, "update")
	add(c.Users.Rename+c.Groups.Rename, l.Style.Change, l.Mark.Change, "rename")
	add(c.Users.Reactivate+c.Groups.Reactivate, l.Style.Add, l.Mark.Add, "reactivate")
	add(c.Users.Deactivate+c.Groups.Deactivate, l.Style.Take, l.Mark.Take,
		"deactivate"+view.Split(c.Users.Deactivate, c.Groups.Deactivate))
	add(c.Users.Delete+c.Groups.Delete, l.Style.Take, l.Mark.Take, "delete"+view.Split(c.Users.Delete, c.Groups.Delete))
	add(c.Members.Add+c.Members.Remove, l.Style.Change, l.Mark.Change, "memberships")
	add(c.Users.Match+c.Groups.Match, l.Style.Tab.Faint(false), l.Mark.Match, "match")
	add(c.Users.Unmatched+c.Groups.Unmatched, l.Style.Warn, "?", "unmatched")
	add(c.Users.Problem+c.Groups.Problem, l.Style.Warn, l.Mark.Problem, "problems")
	add(h.Withheld, l.Style.Warn, l.Mark.Problem, "withheld")
	add(h.Kept+h.Unmanaged+h.Protected+c.AdminsDelete, l.Style.Dim, l.Mark.Star, "protected")
	if h.Drift.Any() {
		words = append(words, l.Style.Warn.Render("Cloud edits: "+h.Drift.Text()))
	}
	add(int64(d.left.Len()), l.Style.Warn, "x", "excluded")
	if len(words) == 0 {
		words = []string{l.Style.Dim.Render("no changes")}
	}
	return flow(words, d.width)
}

// flow arranges words in lines, with two spaces between them.
func flow(words []string, width int) []string {
	var lines []string
	line := ""
	for _, word := range words {
		if line != "" && look.Width(line)+2+look.Width(word) > width-1 {
			lines, line = append(lines, line), ""
		}
		if line == "" {
			line = " " + word
		} else {
			line += "  " + word
		}
	}
	return append(lines, line)
}

// warnings returns what the operator must know about the whole plan before applying it; the Summary
// has the long form.
func (d *Model) warnings(h control.Header) []string {
	l := d.host.Look
	var all []string
	for _, f := range view.Warnings(h, view.Console) {
		for i, s := range l.Wrap(l.Clean(f.Text), d.width-4) {
			mark := "   "
			if i == 0 {
				mark = " " + l.Mark.Problem + " "
			}
			all = append(all, l.Style.Warn.Render(mark+s))
		}
	}
	room := 3
	switch {
	case d.height > 25:
		room = 6
	case d.low():
		room = 1
	}
	switch {
	case len(all) > room && room == 1:
		return []string{l.Fit(strings.TrimRight(all[0], " "), d.width-5) + " " + l.Mark.Ellipsis}
	case len(all) > room:
		all = append(all[:room-1], "   "+l.Mark.Ellipsis+" [Left] Summary")
	}
	return all
}

// holds returns the guards that hold the plan, each with its causes as far as there is room; the key
// w shows all of them.
func (d *Model) holds(h control.Header) []string {
	l := d.host.Look
	badge := " " + l.Style.Badge.Render(" HELD ") + " "
	if d.draft.PlanOf(d.plan.Of) {
		text := "DRAFT, not saved"
		if !d.draft.Changed() {
			text = "DRAFT, discarded"
		}
		badge += l.Style.Warn.Render(text) + "  "
	}
	more := "   w why"
	if n := len(h.Holds); n > 1 {
		more = fmt.Sprintf("   w all %d guards", n)
	}
	first := badge + l.Style.Bad.Render(l.Cut(l.Clean(h.Holds[0].Detail), max(d.width-look.Width(badge+more)-1, 8))) +
		l.Style.Key.Render(more)
	lines := []string{l.Cut(first, d.width)}
	if d.height < 30 {
		return lines
	}
	for i, hold := range h.Holds {
		lines = append(lines, holdLines(l, hold, d.width, i == len(h.Holds)-1)[1:]...)
	}
	return lines[:min(len(lines), 6)]
}

// viewLine names the kinds of change.
func (d *Model) viewLine() string {
	l := d.host.Look
	if d.filter.Typing() {
		return l.Cut(" /"+d.filter.View(d.width-4, l.Clean), d.width)
	}
	return d.viewNames(d.width - 1)
}

// chips are what narrows the list: they stay in sight, and Backspace drops the last.
func (d *Model) chips() component.Bar {
	l := d.host.Look
	bar := component.Bar{Width: d.width}
	add := func(text string) {
		text = l.Cut(l.Clean(text), max(d.width/2, 10))
		bar.Items = append(bar.Items, component.Item{Text: " " + l.Chip(text)})
	}
	for _, g := range d.shown.in {
		add(chipWords(g))
	}
	if d.shown.filter != "" && !d.filter.Typing() {
		add("/ " + d.shown.filter)
	}
	if len(bar.Items) == 0 {
		return bar
	}
	dim := func(text string) {
		bar.Items = append(bar.Items, component.Item{Text: l.Style.Dim.Render(text)})
	}
	if !d.loading && !d.shown.grouped() {
		count := "  " + look.Number(d.list.Total())
		if d.all > 0 {
			count += " of " + look.Number(d.all)
		}
		bar.Items = append(bar.Items, component.Item{Text: l.Style.Title.Render(count)})
	}
	if d.width >= 60 {
		dim("   f adds   Backspace drops the last")
	}
	return bar
}

// chipWords names what the list is narrowed to.
func chipWords(g *group) string {
	switch g.by {
	case "field":
		if g.kind == identity.Group {
			return "field of groups: " + g.name
		}
		return "field: " + g.name
	case "container":
		return "OU: " + g.name
	case "kind":
		return "kind: " + g.name
	}
	return "cause: " + g.name
}

// place counts the kind of change that is shown, in the lower frame.
func (d *Model) place() string {
	tail := d.list.Place()
	switch {
	case d.loading:
		tail = "reading" + d.host.Look.Mark.Ellipsis
	case tail == "":
		tail = "0"
	}
	switch {
	case d.shown.view == viewMatched && !d.loading && len(d.shown.in) == 0 && !d.shown.grouped():
		// Changes with fields are in the other views; objects that already agree are in none.
		u, g := d.header().Counts.Users, d.header().Counts.Groups
		tail += " linked now, " + look.Number(u.Match+g.Match) + " matched in all"
	case d.shown.grouped() && d.shown.by == "field":
		tail = "by attribute, " + tail
	case d.shown.grouped():
		tail = "by cause, " + tail
	case d.shown.ofChanges() && d.shown.order != control.InPlan:
		tail = orderWords(d.shown.order) + ", " + tail
	}
	return tail
}

// viewNames returns the kinds of change in one line, scrolled so that the current one is visible.
// Kinds without changes are omitted.
func (d *Model) viewNames(room int) string {
	h := d.header()
	var names []string
	at := 0
	for i, v := range planViews() {
		if v.empty(h) && i != d.shown.view {
			continue
		}
		name := v.name
		if d.width < 110 && v.short != "" && i != d.shown.view {
			name = v.short
		}
		if i == d.shown.view {
			at = len(names)
		}
		names = append(names, d.host.Look.Tab(name, i == d.shown.view))
	}
	from := 0
	for from < at && look.Width(strings.Join(names[from:at+1], "")) > room {
		from++
	}
	to := at + 1
	for to < len(names) && look.Width(strings.Join(names[from:to+1], "")) <= room {
		to++
	}
	text := strings.Join(names[from:to], "")
	if more := d.host.Look.Mark.Ellipsis; to < len(names) && look.Width(text)+look.Width(more) <= room {
		text += more
	}
	return text
}
