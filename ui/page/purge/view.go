package purge

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

func (q *Model) View() []string {
	p := q.panel()
	p.Head = []string{" " + q.headWords()}
	p.Title, p.Foot, p.About = "Purge Queue", q.pageWords(), "Account"
	p.Empty = "The purge queue is empty. People who leave the directory or the scope are deactivated first and listed " +
		"here until the grace period ends. If they return before that, they are reactivated with all their data."
	if !q.read {
		p.Empty = "Reading the purge queue" + q.host.Look.Mark.Ellipsis
	}
	table, widths := q.table(p)
	p.Header = table.Header(widths)
	from, to := q.list.Visible()
	for i := from; i < to; i++ {
		p.Rows = append(p.Rows, table.Row(widths, q.cells(q.waiting[i]), i == q.list.Cursor()))
	}
	if w, ok := q.current(); ok {
		p.Details = func(width, _ int) []string { return queuedDetails(q.host.Look, w, q.host.Now(), width) }
	}
	return p.View()
}

func (q *Model) headWords() string {
	if !q.read {
		return "Purge queue"
	}
	n := q.count
	text := look.Number(n.Waiting) + " waiting, " + look.Number(n.Overdue) + " overdue, " + look.Number(n.Held) +
		" held back"
	if t := len(q.on); t > 0 {
		text += ", " + q.host.Look.Style.Warn.Render(look.Number(int64(t))+" ticked")
	}
	return text
}

func (q *Model) pageWords() string {
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

func (q *Model) panel() component.Split {
	return component.Split{Look: q.host.Look, Width: q.width, Height: q.height, Above: 1, Headed: true,
		Pane: &q.pane, List: &q.list}
}

func (q *Model) table(p component.Split) (component.Table, []int) {
	return p.Table(component.Column{Width: 3}, component.Column{Title: "Account", Width: 22, Grow: 3},
		component.Column{Title: "Due", Width: 12, Sort: component.Rising},
		component.Column{Title: "Held back", Width: 22, Grow: 2}, component.Column{Title: "Since", Width: 10})
}

func (q *Model) cells(w control.Queued) []component.Cell {
	l, now := q.host.Look, q.host.Now()
	tick := ""
	if q.ticked(w) {
		tick = l.Mark.On
	}
	who := w.Key
	if w.Kind == identity.Group {
		who += " (group)"
	}
	var style component.Styler
	switch {
	case w.Overdue:
		style = l.Style.Warn
	case w.Held():
		style = l.Style.Dim
	}
	return []component.Cell{component.Text(tick), component.Styled(who, style), component.Styled(dueWords(w, now), style),
		component.Styled(heldWords(w), style), component.Styled(look.Ago(now, w.Since), l.Style.Dim)}
}
