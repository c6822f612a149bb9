package ui

import (
	"fmt"
	"time"

	"dirbridge/sync/record"
	"dirbridge/ui/look"
)

func (e *eventsPage) View() []string {
	l := e.look
	levels := []string{"all levels", "from info", "from warnings", "errors only"}
	tail := look.Count(int64(len(e.shown)), "event", "events") + ", " + levels[e.level] + " "
	if e.dropped {
		tail = "the newest of " + tail
	}
	line := " EVENTS"
	switch {
	case e.typing:
		line = " /" + e.filter.View(e.width-look.Width(tail)-4, l.Clean, l.Style.Cursor.Render)
	case e.filter.Text() != "":
		line = " / " + l.Clean(e.filter.Text())
	}
	lines := []string{l.Sides(line, tail, e.width), l.Line(e.width)}
	if len(e.shown) == 0 {
		if len(e.all) > 0 {
			return append(lines, "", " Nothing matches. Esc clears the filter, v changes the level.")
		}
		return append(lines, "", " No events yet. Every run and every problem is recorded here.")
	}
	width := e.width
	if e.width >= wide {
		width = e.width * 3 / 5
	}
	from, to := e.list.Visible()
	for i := from; i < to; i++ {
		lines = append(lines, e.row(e.all[e.shown[i]], width, i == e.list.Cursor()))
	}
	ev, ok := e.current()
	if !ok {
		return lines
	}
	if e.width >= wide {
		details := eventDetails(l, ev, e.width-width-2, e.now().Location())
		for i := 2; i < max(len(lines), len(details)+2) && i < e.height; i++ {
			if i == len(lines) {
				lines = append(lines, "")
			}
			right := ""
			if i-2 < len(details) {
				right = details[i-2]
			}
			lines[i] = l.Fit(lines[i], width) + l.Style.Rule.Render(l.Mark.Column) + right
		}
		return lines
	}
	if e.below() > 0 {
		for len(lines) < e.height-e.below() {
			lines = append(lines, "")
		}
		lines = append(lines, l.Line(e.width))
		lines = append(lines, eventDetails(l, ev, e.width, e.now().Location())...)
	}
	return lines
}

func (e *eventsPage) row(ev record.Event, width int, current bool) string {
	l := e.look
	mark, style := levelMark(l, ev.Level)
	text := ev.Message
	if ev.Record != "" {
		text = ev.Record + ": " + text
	}
	when := look.Clock(e.now(), ev.Time)
	if len(when) == 5 {
		when = ev.Time.In(e.now().Location()).Format("15:04:05")
	}
	line := fmt.Sprintf("%-10s ", when) + l.Cut(l.Clean(text), max(width-16, 1))
	if current {
		return l.Row(" "+mark+" "+line, width)
	}
	return " " + style.Render(mark) + " " + line
}

// levelMark is a level as two letters and a style.
func levelMark(l look.Look, level record.Level) (string, styleOf) {
	switch level {
	case record.Error:
		return l.Mark.Problem + "E", l.Style.Bad
	case record.Warn:
		return " W", l.Style.Warn
	case record.Debug:
		return " d", l.Style.Dim
	}
	return " i", l.Style.Dim
}

func eventDetails(l look.Look, ev record.Event, width int, zone *time.Location) []string {
	w := writer{l: l, width: width}
	w.text(ev.Message)
	w.fact("remedy", ev.Remedy)
	w.fact("record", ev.Record)
	w.fact("field", ev.Field)
	w.fact("side", string(ev.Side))
	w.fact("when", ev.Time.In(zone).Format("2006-01-02 15:04:05")+", "+string(ev.Level)+", "+ev.Code)
	if ev.Run != 0 {
		w.fact("run", look.Number(ev.Run))
	}
	w.fact("anchor", string(ev.Anchor))
	return w.lines
}
