package ui

import "dirbridge/ui/look"

// panel is a list with the details of one of its rows: beside it on a wide screen, else below it if
// there is room. A page fills it in for one frame.
type panel struct {
	l             look.Look
	width, height int
	head          []string // above the list
	rows          []string // on the screen, as wide as listWidth
	empty         string   // shown if there are no rows
	details       func(width int) []string
	// above is the number of lines in head; if head is set, it is computed from it.
	above int
}

func (d *dashboard) panel() panel {
	return panel{l: d.host.Look, width: d.width, height: d.height, above: 2}
}

func (p panel) wide() bool { return p.width >= wide }

func (p panel) listWidth() int {
	if p.wide() {
		return p.width * 3 / 5
	}
	return p.width
}

// room returns the number of lines for list and details.
func (p panel) room() int { return max(p.height-p.above, 0) }

// below returns the number of lines of the details under the list, including their rule.
func (p panel) below() int {
	if p.wide() || p.room() < 8 {
		return 0
	}
	return min(max(p.room()*2/5, 4), 9)
}

func (p panel) listHeight() int { return max(p.room()-p.below(), 1) }

func (p panel) view() []string {
	lines := append([]string(nil), p.head...)
	if len(p.rows) == 0 {
		for _, text := range p.l.Wrap(p.empty, p.width-2) {
			lines = append(lines, " "+text)
		}
		return lines
	}
	rows := p.rows
	if p.details == nil {
		return append(lines, rows...)
	}
	if p.wide() {
		list := p.listWidth()
		details := p.details(p.width - list - 2)
		for i := range p.listHeight() {
			var left, right string
			if i < len(rows) {
				left = rows[i]
			}
			if i < len(details) {
				right = details[i]
			}
			lines = append(lines, p.l.Fit(left, list)+p.l.Style.Rule.Render(p.l.Mark.Column)+right)
		}
		return lines
	}
	lines = append(lines, rows...)
	if n := p.below(); n > 0 {
		for len(lines) < p.height-n {
			lines = append(lines, "")
		}
		lines = append(lines, p.l.Line(p.width))
		lines = append(lines, p.details(p.width)...)
	}
	return lines
}
