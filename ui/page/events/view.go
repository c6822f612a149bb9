package events

import (
	"slices"
	"strconv"
	"strings"

	"dirbridge/sync/record"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

func (e *Model) View() []string {
	p := e.panel()
	p.Head = []string{e.headLine()}
	p.Title, p.About = "Events", "Event"
	if e.run != 0 {
		p.Title = view.EventsOf(e.run)
	}
	p.Empty = view.NoEvents
	if len(e.all) > 0 {
		p.Empty = view.NoEventsFound + " [Esc] clears the filters, [v] changes the level."
	}
	columns := []component.Column{{Title: "", Width: 2}, {Title: "Time", Width: 10, Sort: component.Rising},
		{Title: "Event", Width: 16, Grow: 3}}
	if p.ListWidth() >= 100 {
		columns = append(columns, component.Column{Title: "Run", Width: 5, Right: true})
	}
	p.Fill(columns, func(i int64) []component.Cell { return e.cells(e.from()[e.shown[i]]) })
	if ev, ok := e.current(); ok {
		p.Details = func(width, _ int) []string {
			return draw.FactLines(e.host.Look, view.Event(ev, draw.Voice(e.host)), width)
		}
	}
	return p.View()
}

// headLine says which events are shown, and how many.
func (e *Model) headLine() string {
	l := e.host.Look
	_, levels := view.EventLevels()
	tail := look.Count(int64(len(e.shown)), "event", "events") + ", " + append(levels, "operators' actions")[e.level] + " "
	if e.dropped && e.ofRun == nil {
		tail = "the newest of " + tail
	}
	line := " "
	switch {
	case e.filter.Typing():
		line = " /" + e.filter.View(e.width-look.Width(tail)-4, l.Clean)
	case e.filter.Text() != "":
		line = " " + l.Chip("/ "+l.Clean(e.filter.Text()))
	}
	return l.Sides(line, tail, e.width)
}

func (e *Model) cells(ev record.Event) []component.Cell {
	mark, style := draw.LevelMark(e.host.Look, ev.Level)
	text := component.Marked(view.EventLine(ev), e.filter.Text(), nil, e.host.Look.Style.Match)
	if who := ev.Record; who != "" {
		if strings.Contains(who, "=") && strings.Contains(who, ",") { // a DN
			who, _ = draw.Place(e.host.Look, who, 1)
		}
		name := component.Marked(who, e.filter.Text(), e.host.Look.Style.Title, e.host.Look.Style.Match)
		text = slices.Concat(name, component.Text("  "), text)
	}
	when := look.Clock(e.host.Now(), ev.Time)
	if len(when) == 5 {
		when = ev.Time.In(e.host.Now().Location()).Format("15:04:05")
	}
	run := ""
	if ev.Run != 0 {
		run = strconv.FormatInt(ev.Run, 10)
	}
	return []component.Cell{component.Styled(mark, style), component.Text(when), text, component.Text(run)}
}
