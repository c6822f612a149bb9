package ui

import (
	"fmt"
	"strings"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/look"
	"dirbridge/ui/page/draw"
)

// head returns the lines above the list: totals, then progress, the result, or holds.
func (d *dryRunPage) head() []string {
	l, w := d.host.Look, d.width
	h := d.header()
	var lines []string
	if d.source != nil {
		lines = append(lines, l.Sides(d.headline(h), d.verdict(h), w))
		if d.height < 8 && !d.work.Running() {
			return lines
		}
		totals := d.totals(h)
		if d.low() {
			totals = totals[:1]
		}
		lines = append(lines, totals...)
		if d.applied == "" && !d.work.Running() {
			lines = append(lines, d.warnings(h)...)
		}
	}
	switch {
	case d.work.Running():
		if d.source != nil {
			lines = append(lines, l.Line(w))
		}
		progress := draw.Progress(d.host.Look, d.work.Progress, d.host.Now(), min(w, 100))
		if d.low() {
			progress = progress[:2]
		}
		lines = append(lines, progress...)
	case d.applied != "":
		mark := l.Style.Good.Render("ok")
		run := d.result.Result.Run
		if d.result.Result.Err != nil || run.Outcome != record.Done &&
			run.Failed+run.Skipped+run.NotDone+int64(len(run.Unread)) > 0 {
			mark = l.Style.Bad.Render(l.Mark.Problem + " ")
		}
		lines = append(lines, l.Line(w))
		for _, s := range l.Wrap(d.applied+". e Events", w-4) {
			lines, mark = append(lines, " "+mark+" "+s), "  "
		}
	case len(h.Holds) > 0:
		lines = append(lines, l.Line(w))
		lines = append(lines, d.holds(h)...)
	}
	return lines
}

// planName returns the type of a plan in words.
func planName(h control.Header) string {
	switch {
	case h.UndoOf != 0:
		return fmt.Sprintf("Undo of run %d", h.UndoOf)
	case h.Mode == record.Purge:
		return "Purge"
	}
	return "Dry run, " + string(h.Mode)
}

func (d *dryRunPage) headline(h control.Header) string {
	return fmt.Sprintf(" %s, %s, plan %s", planName(h), look.Clock(d.host.Now(), h.Made), shortID(h.ID))
}

func (d *dryRunPage) verdict(h control.Header) string {
	l := d.host.Look
	switch {
	case d.applied != "":
		return "applied "
	case d.draft.PlanOf(d.plan.Of):
		text := "DRAFT: the settings are not saved"
		if len(h.Holds) > 0 {
			text = "DRAFT, not saved; and HELD"
		}
		return l.Style.Warn.Render(text) + " "
	case len(h.Holds) > 0:
		return l.Style.Bad.Render("HELD: nothing can be applied yet") + " "
	case !h.Complete:
		return l.Style.Warn.Render(l.Mark.Problem+" not all could be read") + " "
	case h.Counts.Writes() == 0:
		return l.Style.Good.Render("nothing to do") + " "
	}
	return "ready to apply "
}

// totals returns the guide's counts, in as many lines as they need.
func (d *dryRunPage) totals(h control.Header) []string {
	c := h.Counts
	n := look.Number
	words := []string{
		"Objects Added " + n(c.Users.Add+c.Groups.Add), "Matched " + n(c.Users.Match+c.Groups.Match),
		"Updated " + n(c.Users.Update+c.Users.Rename+c.Users.Reactivate+c.Groups.Update+c.Groups.Rename),
		"Deactivated " + n(c.Users.Deactivate+c.Groups.Deactivate), "Deleted " + n(c.Users.Delete+c.Groups.Delete),
		"Admins " + n(c.AdminsDelete), "Groups " + n(c.Groups.Writes()), "Members +" + n(c.Members.Add) + " -" +
			n(c.Members.Remove),
		"Unmatched " + n(c.Users.Unmatched+c.Groups.Unmatched), "Problems " + n(c.Users.Problem+c.Groups.Problem),
	}
	if alone := h.Kept + h.Unmanaged + h.Protected + c.AdminsDelete; alone > 0 {
		words = append(words, "Left alone "+n(alone))
	}
	if h.Drift.Any() {
		words = append(words, d.host.Look.Style.Warn.Render("Cloud edits: "+h.Drift.Text()))
	}
	if h.Withheld > 0 {
		words = append(words, d.host.Look.Style.Warn.Render("Withheld "+n(h.Withheld)))
	}
	if left := d.left.Len(); left > 0 {
		words = append(words, d.host.Look.Style.Warn.Render(n(left)+" left out"))
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
func (d *dryRunPage) warnings(h control.Header) []string {
	l := d.host.Look
	var all []string
	for _, text := range planWarnings(h) {
		for i, s := range l.Wrap(l.Clean(text), d.width-4) {
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
		all = append(all[:room-1], "   "+l.Mark.Ellipsis+" Left: Summary")
	}
	return all
}

// planWarnings returns sentences about a plan of an uncommon type, or one made without reading
// everything.
func planWarnings(h control.Header) []string {
	var all []string
	if h.Mode == record.Purge && h.Counts.Users.Delete > 0 {
		all = append(all, control.PurgeWarning)
	}
	all = append(all, h.Notes...)
	for _, dir := range h.Directories {
		if !dir.Whole {
			all = append(all, "The directory "+dir.Name+" could not be read: "+dir.Error+". Its people are left as they are, "+
				"and nobody is removed.")
		}
	}
	return all
}

// holds returns the guards that hold the plan, each with its causes as far as there is room; the
// key w shows all of them.
func (d *dryRunPage) holds(h control.Header) []string {
	l := d.host.Look
	room := 4
	switch {
	case d.height > 25:
		room = 12
	case d.low():
		room = 1
	}
	var lines []string
	for i, hold := range h.Holds {
		lines = append(lines, holdLines(l, hold, d.width, i == len(h.Holds)-1)...)
	}
	switch {
	case len(lines) <= room:
		return lines
	case room == 1:
		return lines[:1]
	}
	lines = lines[:room-1]
	more := "   " + l.Mark.Ellipsis + " w shows all of it"
	if n := len(h.Holds); n > 1 {
		more = fmt.Sprintf("   %s w shows all that holds it: %d guards", l.Mark.Ellipsis, n)
	}
	return append(lines, l.Cut(more, d.width))
}

// viewLine names the kinds of change and counts the one that is shown.
func (d *dryRunPage) viewLine() string {
	l := d.host.Look
	tail := ""
	switch {
	case d.shown.view == viewSummary:
	case d.loading:
		tail = "reading" + l.Mark.Ellipsis
	default:
		tail = look.Number(d.list.Total())
		if total := d.list.Total(); total > 0 {
			tail = look.Number(d.list.Cursor()+1) + " of " + tail
		}
	}
	switch {
	case d.shown.view == viewMatched && !d.loading && d.shown.in == nil && !d.shown.grouped():
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
	tail += " "
	line := ""
	switch {
	case d.typing:
		return l.Sides(" /"+d.filter.View(d.width-look.Width(tail)-4, l.Clean), tail, d.width)
	case d.shown.filter != "":
		line = " / " + l.Clean(d.shown.filter) + "  in"
	}
	if d.shown.in != nil {
		line += " " + l.Cut(l.Clean(groupWords(d.shown.in)), max(d.width/2, 10)) + ":"
	}
	return l.Sides(line+d.viewNames(d.width-look.Width(line)-look.Width(tail)-1), tail, d.width)
}

// viewNames returns the kinds of change in one line, scrolled so that the current one is visible.
// Kinds without changes are omitted.
func (d *dryRunPage) viewNames(room int) string {
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
