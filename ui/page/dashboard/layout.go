package dashboard

import (
	"strings"

	"dirbridge/ui/component"
	"dirbridge/ui/look"
)

// dashPanel is a frame of the dashboard, at its place on the page.
type dashPanel struct {
	title, foot string
	header      string // the columns of a table; "" is none
	lines       []dashLine
	least       int  // lines that it wants, if fewer than it has
	grows       bool // it takes the room that is left
	x, y, w, h  int
	at, top     int                         // the selected line, -1 if none leads anywhere; the first visible line
	fill        func(height int) []dashLine // makes the lines for the room that the frame got; nil has them
}

// build makes a panel of that width within its frame.
type build func(width int) dashPanel

// twoColumns is the width from which panels stand side by side.
const twoColumns = 76

// layout places the panels, each with its selected line.
func (d *Model) layout() []dashPanel {
	panels := d.place()
	for i := range panels {
		if fill := panels[i].fill; fill != nil {
			panels[i].lines = fill(panels[i].room())
		}
		d.selectIn(&panels[i])
	}
	return panels
}

// place places the panels: three columns on a very wide screen, two on a wide one; else two above the
// last runs, which take the whole width, and the rest below; in one column if there is no room for two.
func (d *Model) place() []dashPanel {
	left := []build{d.current, d.attention}
	w, h := d.width, d.height
	switch {
	case w >= 160:
		a, b := w/2, w/4
		panels := column(nil, 0, 0, a, h, append(left, d.last)...)
		panels = column(panels, a, 0, b, h, d.cloud, d.next, d.connectors)
		return column(panels, a+b, 0, w-a-b, h, d.summary, d.trend)
	case w >= 110:
		a := w * 3 / 5
		panels := column(nil, 0, 0, a, h, append(left, d.last)...)
		return column(panels, a, 0, w-a, h, d.cloud, d.next, d.connectors, d.summary, d.trend)
	case w >= twoColumns:
		right := 31
		panels := column(nil, 0, 0, w-right, 0, left...)
		y := bottom(panels)
		panels = column(panels, w-right, 0, right, y, d.cloud, d.next)
		if high := bottom(panels); high > y {
			panels[1].h += high - y
			y = high
		}
		panels = column(panels, 0, y, w, max(h-y, 0), d.last)
		y = bottom(panels)
		panels = column(panels, 0, y, w-right, 0, d.summary, d.trend)
		return column(panels, w-right, y, right, bottom(panels)-y, d.connectors)
	}
	first := []build{d.current, d.attention}
	if len(d.standing(w)) > 0 {
		first = []build{d.attention, d.current}
	}
	return column(nil, 0, 0, w, 0, append(first, d.last, d.next, d.cloud, d.connectors, d.summary)...)
}

// column stacks panels at a place; those that grow, or else the last one, take the room that is left
// of height.
func column(panels []dashPanel, x, y, w, height int, builds ...build) []dashPanel {
	from, used, grows := len(panels), 0, -1
	for _, b := range builds {
		p := b(w - 2)
		if len(p.lines) == 0 {
			continue
		}
		p.h = len(p.lines) + 2
		if p.least > 0 {
			p.h = min(p.least, len(p.lines)) + 2
		}
		if p.header != "" {
			p.h++
		}
		if p.grows {
			grows = len(panels)
		}
		used += p.h
		panels = append(panels, p)
	}
	if grows < 0 {
		grows = len(panels) - 1
	}
	if len(panels) > from && used < height {
		panels[grows].h += height - used
	}
	for i := from; i < len(panels); i++ {
		panels[i].x, panels[i].y, panels[i].w = x, y, w
		y += panels[i].h
	}
	return panels
}

func bottom(panels []dashPanel) (y int) {
	for _, p := range panels {
		y = max(y, p.y+p.h)
	}
	return y
}

// first is the line of the page at which the lines of a panel start.
func (p dashPanel) first() int {
	if p.header != "" {
		return p.y + 2
	}
	return p.y + 1
}

// room is how many lines the frame has room for.
func (p dashPanel) room() int { return max(p.y+p.h-1-p.first(), 0) }

// visible returns the lines on the screen.
func (p dashPanel) visible() []dashLine { return p.lines[p.top:min(p.top+p.room(), len(p.lines))] }

func (d *Model) View() []string {
	if d.failing != nil {
		return d.failing.view(d)
	}
	panels := d.layout()
	focus := d.focused(panels)
	page, used := make([]string, bottom(panels)), make([]int, bottom(panels))
	for i, p := range panels {
		for j, text := range d.draw(p, i == focus) {
			page[p.y+j] += strings.Repeat(" ", max(p.x-used[p.y+j], 0)) + text
			used[p.y+j] = p.x + p.w
		}
	}
	shown := append([]string(nil), d.scroll.Lines(page, d.height)...)
	if n := len(page) - d.scroll.Top() - len(shown); n > 0 && len(shown) > 1 {
		more := d.host.Look.Style.Dim.Render(d.host.Look.Mark.Open + " " + look.Number(int64(n)) + " more ")
		shown[len(shown)-1] = d.host.Look.Sides(shown[len(shown)-1], more, d.width)
	}
	return shown
}

// draw draws one panel; without the focus its selected line is dimmed, and has no mark.
func (d *Model) draw(p dashPanel, focused bool) []string {
	l := d.host.Look
	l.Blurred = !focused
	frame := component.Panel{Look: l, Width: p.w, Height: p.h, Title: p.title, Foot: p.foot, Focused: focused,
		Scroll: p.extent()}
	var lines []string
	if p.header != "" {
		lines = append(lines, p.header)
	}
	for i, line := range p.visible() {
		if p.top+i == p.at && (focused || !l.Bare()) {
			line.text = l.Row(line.text, p.w-2)
		}
		lines = append(lines, line.text)
	}
	return frame.View(lines)
}
