package ui

import (
	"fmt"
	"time"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

// queueHead is the number of lines above the list: the count, a rule, and the headings.
const queueHead = 3

func (q *queuePage) wide() bool { return q.width >= component.Wide }

func (q *queuePage) below() int {
	if q.wide() || q.height < 14 {
		return 0
	}
	return 7
}

func (q *queuePage) listHeight() int { return max(q.height-queueHead-q.below(), 1) }

func (q *queuePage) View() []string {
	l := q.host.Look
	lines := []string{l.Sides(" "+q.headWords(), q.pageWords()+" ", q.width), l.Line(q.width)}
	if len(q.waiting) == 0 {
		return append(lines, q.emptyLines()...)
	}
	width := q.width
	if q.wide() {
		width = q.width * 3 / 5
	}
	rows := append([]string{l.Style.Dim.Render(queueColumns(l, width, "", "who", "since", "due", "held back"))},
		q.rows(width)...)
	w, ok := q.current()
	var details []string
	if ok {
		details = queuedDetails(l, w, q.host.Now(), q.width-map[bool]int{true: width + 2}[q.wide()])
	}
	if q.wide() {
		for i := range max(len(rows), min(len(details), q.height-2)) {
			left, right := "", ""
			if i < len(rows) {
				left = rows[i]
			}
			if i < len(details) {
				right = details[i]
			}
			lines = append(lines, l.Fit(left, width)+l.Style.Rule.Render(l.Mark.Column)+right)
		}
		return lines
	}
	lines = append(lines, rows...)
	if q.below() > 0 {
		for len(lines) < q.height-q.below() {
			lines = append(lines, "")
		}
		lines = append(lines, l.Line(q.width))
		lines = append(lines, details[:min(len(details), q.below()-1)]...)
	}
	return lines
}

func (q *queuePage) headWords() string {
	if !q.read {
		return "PURGE QUEUE"
	}
	n := q.count
	text := look.Number(n.Waiting) + " waiting, " + look.Number(n.Overdue) + " overdue, " + look.Number(n.Held) +
		" held back"
	if t := len(q.ticked); t > 0 {
		text += ", " + q.host.Look.Style.Warn.Render(look.Number(int64(t))+" ticked")
	}
	return text
}

func (q *queuePage) pageWords() string {
	if q.asking && !q.read {
		return "reading" + q.host.Look.Mark.Ellipsis
	}
	if len(q.waiting) == 0 {
		return ""
	}
	text := fmt.Sprintf("%d of %d", q.list.Cursor()+1, len(q.waiting))
	if len(q.places) > 1 || q.more {
		text = fmt.Sprintf("page %d: %s", len(q.places), text)
		if q.more {
			text += ", more follow"
		}
	}
	return text
}

func (q *queuePage) emptyLines() []string {
	text := "Nobody waits for the purge. Who leaves the directory, or its selection, is deactivated first, and waits " +
		"here until the grace period is over: who comes back until then is reactivated with everything."
	if !q.read {
		text = "Reading who waits for the purge" + q.host.Look.Mark.Ellipsis
	}
	lines := []string{""}
	for _, s := range q.host.Look.Wrap(text, q.width-2) {
		lines = append(lines, " "+s)
	}
	return lines
}

func (q *queuePage) rows(width int) []string {
	l, now := q.host.Look, q.host.Now()
	var rows []string
	from, to := q.list.Visible()
	for i := from; i < to; i++ {
		w := q.waiting[i]
		tick := "   "
		if _, on := q.ticked[w.Anchor]; on {
			tick = l.Mark.On
		}
		who := w.Key
		if w.Kind == identity.Group {
			who += " (group)"
		}
		text := queueColumns(l, width, tick, l.Clean(who), look.Ago(now, w.Since), dueWords(w, now), l.Clean(heldWords(w)))
		switch {
		case i == q.list.Cursor():
			text = l.Row(text, width)
		case w.Overdue:
			text = l.Style.Warn.Render(text)
		case w.Held():
			text = l.Style.Dim.Render(text)
		}
		rows = append(rows, text)
	}
	return rows
}

// queueColumns returns the columns of a row; a narrow screen omits the last ones.
func queueColumns(l look.Look, width int, tick, who, since, due, held string) string {
	room := max(width*9/20, 14)
	text := " " + l.Fit(tick, 3) + " " + l.Fit(who, room) + " "
	if width >= 100 {
		text += l.Fit(since, 9) + " "
	}
	return l.Cut(text+l.Fit(due, 13)+" "+held, width)
}

// dueWords says when the grace period ends, or that it has ended.
func dueWords(w control.Queued, now time.Time) string {
	switch left := w.Due.Sub(now); {
	case w.ByName && !w.Held():
		return "by name only"
	case left > 0:
		return "in " + look.Length(left)
	case w.Held():
		return "would be due"
	}
	return "OVERDUE"
}

// heldWords says which operator keeps an account, and why; "" if it is not kept.
func heldWords(w control.Queued) string {
	switch {
	case w.Kept != nil:
		return "kept " + w.Kept.Text()
	case w.Unmanaged != "":
		return "unmanaged: " + w.Unmanaged
	}
	return ""
}

func queuedDetails(l look.Look, q control.Queued, now time.Time, width int) []string {
	w := draw.Details{L: l, Width: width}
	w.Text(q.Key)
	moment := func(t time.Time) string { return t.In(now.Location()).Format("2006-01-02 15:04") }
	since := moment(q.Since)
	if q.Run > 0 {
		since += fmt.Sprintf(", run %d", q.Run)
	}
	verb := "deactivated"
	if q.Kind == identity.Group {
		verb = "missing"
	}
	w.Fact(verb, since)
	w.Fact("because", q.Reason)
	due := moment(q.Due) + ", " + dueWords(q, now)
	if q.Overdue {
		due += ": the next purge deletes it"
	}
	w.Fact("due", due)
	w.Fact("held back", heldWords(q))
	w.Fact("record", view.WhereQueued(q))
	w.Fact("anchor", string(q.Anchor))
	w.Fact("cloud id", string(q.ID))
	return w.Lines
}
