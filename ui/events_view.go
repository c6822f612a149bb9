package ui

import (
	"fmt"

	"dirbridge/sync/record"
	"dirbridge/ui/look"
	"dirbridge/ui/page/draw"
)

func (e *eventsPage) View() []string {
	l := e.host.Look
	p := e.panel()
	p.Head = []string{e.headLine(), l.Line(e.width)}
	p.Empty = "No events yet. Every run and every problem is recorded here."
	if len(e.all) > 0 {
		p.Empty = "Nothing matches. Esc takes the filters away, v changes the level."
	}
	from, to := e.list.Visible()
	for i := from; i < to; i++ {
		p.Rows = append(p.Rows, e.row(e.from()[e.shown[i]], p.ListWidth(), i == e.list.Cursor()))
	}
	if ev, ok := e.current(); ok {
		p.Details = func(width int) []string { return draw.EventLines(l, ev, width, e.host.Now().Location()) }
	}
	return p.View()
}

// headLine says which events are shown, and how many.
func (e *eventsPage) headLine() string {
	l := e.host.Look
	levels := []string{"all levels", "from info", "from warnings", "errors only", "operators' actions"}
	tail := look.Count(int64(len(e.shown)), "event", "events") + ", " + levels[e.level] + " "
	if e.dropped && e.ofRun == nil {
		tail = "the newest of " + tail
	}
	line := " EVENTS"
	if e.run != 0 {
		line += fmt.Sprintf(" OF RUN %d", e.run)
	}
	switch {
	case e.typing:
		line = " /" + e.filter.View(e.width-look.Width(tail)-4, l.Clean)
	case e.filter.Text() != "":
		line += "  / " + l.Clean(e.filter.Text())
	}
	return l.Sides(line, tail, e.width)
}

func (e *eventsPage) row(ev record.Event, width int, current bool) string {
	l := e.host.Look
	mark, style := draw.LevelMark(l, ev.Level)
	text := ev.Message
	if ev.Record != "" {
		text = ev.Record + ": " + text
	}
	when := look.Clock(e.host.Now(), ev.Time)
	if len(when) == 5 {
		when = ev.Time.In(e.host.Now().Location()).Format("15:04:05")
	}
	line := fmt.Sprintf("%-10s ", when) + l.Cut(l.Clean(text), max(width-16, 1))
	if current {
		return l.Row(" "+mark+" "+line, width)
	}
	return " " + style.Render(mark) + " " + line
}
