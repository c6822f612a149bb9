package purge

import (
	"fmt"

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
	p.Empty = view.QueueEmpty + " " + view.QueueMeans
	if !q.read {
		p.Empty = component.Working(q.host.Look, q.host.Now()) + " Reading the purge queue" + q.host.Look.Mark.Ellipsis
	}
	p.Fill([]component.Column{{Width: 3}, {Title: "Account", Width: 22, Grow: 3},
		{Title: "Due", Width: 12, Sort: component.Rising}, {Title: "Kept", Width: 22, Grow: 2},
		{Title: "Since", Width: 10}}, func(i int64) []component.Cell { return q.cells(q.waiting[i]) })
	if w, ok := q.current(); ok {
		p.Details = func(width, _ int) []string {
			return draw.FactLines(q.host.Look, view.Queued(w, draw.Voice(q.host)), width)
		}
	}
	return p.View()
}

func (q *Model) headWords() string {
	if !q.read {
		return "Purge queue"
	}
	text := view.QueueCounts(q.count)
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

func (q *Model) panel() component.Split {
	return component.Split{Look: q.host.Look, Width: q.width, Height: q.height, Above: 1, Headed: true,
		Pane: &q.pane, List: &q.list}
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
	return []component.Cell{component.Text(tick), component.Styled(who, style), component.Styled(view.Due(w, now), style),
		component.Styled(view.KeptBy(w), style), component.Styled(look.Ago(now, w.Since), l.Style.Dim)}
}
