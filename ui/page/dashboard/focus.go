package dashboard

import (
	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/component"
	"dirbridge/ui/page"
)

// selectIn finds the selected line of a panel: the one chosen, else the most urgent one that leads
// somewhere; and scrolls the panel to it.
func (d *Model) selectIn(p *dashPanel) {
	p.at = -1
	for i, line := range p.lines {
		if line.leads == nil {
			continue
		}
		if line.id == d.at[p.title] {
			p.at = i
			break
		}
		if p.at < 0 || line.rank > p.lines[p.at].rank {
			p.at = i
		}
	}
	p.top = d.tops[p.title]
	if p.at >= 0 {
		p.top = min(max(p.top, p.at-p.room()+1), p.at)
	}
	p.top = max(min(p.top, len(p.lines)-p.room()), 0)
	d.tops[p.title] = p.top
}

func (p dashPanel) extent() component.Extent {
	return component.Extent{From: int64(p.top), Shown: int64(p.room()), Total: int64(len(p.lines))}
}

// rank is how urgent the selected line of a panel is.
func (p dashPanel) rank() int {
	if p.at < 0 {
		return 0
	}
	return p.lines[p.at].rank
}

// focused returns the panel that has the focus: the one chosen, else that of the most urgent line on the
// screen.
func (d *Model) focused(panels []dashPanel) int {
	best := 0
	for i, p := range panels {
		if p.title == d.focus {
			return i
		}
		if d.sees(p) && p.rank() > panels[best].rank() {
			best = i
		}
	}
	return best
}

// sees reports whether the selected line of a panel is on the screen.
func (d *Model) sees(p dashPanel) bool {
	return p.at >= 0 && d.scroll.Sees(p.first()+p.at-p.top, d.height)
}

// selected returns the line that Enter opens.
func (d *Model) selected() (dashLine, bool) {
	panels := d.layout()
	if len(panels) == 0 {
		return dashLine{}, false
	}
	if p := panels[d.focused(panels)]; d.sees(p) {
		return p.lines[p.at], true
	}
	return dashLine{}, false
}

// turn gives the focus to another panel, and scrolls the page to it.
func (d *Model) turn(by int) tea.Cmd {
	panels := d.layout()
	if n := len(panels); n > 0 {
		d.enter(panels[(d.focused(panels)+by+n)%n])
	}
	return nil
}

func (d *Model) enter(p dashPanel) {
	d.focus = p.title
	d.scroll.Show(p.y, p.y+p.h, d.height)
}

// move moves within the panel that has the focus; the page keys scroll the page, and give the focus to
// the first panel there if the one before is off the screen.
func (d *Model) move(key string) tea.Cmd {
	panels := d.layout()
	if len(panels) == 0 {
		return nil
	}
	p := panels[d.focused(panels)]
	by := map[string]int{"up": -1, "k": -1, "down": 1, "j": 1}[key]
	if by != 0 && d.step(p, by) || by != 0 && d.width >= twoColumns {
		return nil
	}
	d.scroll.Key(key, d.height)
	if d.scroll.Sees(p.y, d.height) {
		return nil
	}
	for _, other := range panels {
		if d.scroll.Sees(other.y, d.height) {
			d.focus = other.title
			return nil
		}
	}
	return nil
}

// step selects the next line of a panel that leads somewhere; false if there is none.
func (d *Model) step(p dashPanel, by int) bool {
	for i := p.at + by; p.at >= 0 && i >= 0 && i < len(p.lines); i += by {
		if p.lines[i].leads != nil {
			d.focus, d.at[p.title] = p.title, p.lines[i].id
			return true
		}
	}
	return false
}

// Mouse gives the panel below the pointer the focus, and selects its line; the wheel moves in a panel
// that has more lines than it shows, and else scrolls the page.
func (d *Model) Mouse(m page.Mouse) tea.Cmd {
	if d.failing != nil {
		d.panel().Mouse(m)
		return nil
	}
	y := m.Y + d.scroll.Top()
	for _, p := range d.layout() {
		if m.Drag || m.X < p.x || m.X >= p.x+p.w || y < p.y || y >= p.y+p.h {
			continue
		}
		if m.Wheel != 0 {
			d.wheel(p, m.Wheel)
			return nil
		}
		d.focus = p.title
		if i := p.top + y - p.first(); y >= p.first() && i < len(p.lines) && p.lines[i].leads != nil {
			d.at[p.title] = p.lines[i].id
		}
	}
	return nil
}

func (d *Model) wheel(p dashPanel, by int) {
	if len(p.lines) <= p.room() {
		d.scroll.Go(d.scroll.Top() + by)
		return
	}
	way := 1
	if by < 0 {
		way, by = -1, -by
	}
	for range by {
		if p = d.again(p); !d.step(p, way) {
			return
		}
	}
}

// again returns a panel as it is after a step.
func (d *Model) again(p dashPanel) dashPanel {
	d.selectIn(&p)
	return p
}
