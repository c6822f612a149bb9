package component

import "dirbridge/ui/look"

// Wide is the width from which details are beside a list, not below it.
const Wide = 110

// Split is a list with the details of one of its rows: beside it on a wide screen, else below it if
// there is room. A page fills it in for one frame.
type Split struct {
	L             look.Look
	Width, Height int
	Head          []string // above the list
	Rows          []string // on the screen, as wide as listWidth
	Empty         string   // shown if there are no rows
	Details       func(width int) []string
	// above is the number of lines in head; if head is set, it is computed from it.
	Scrolled int
}

func (p Split) wide() bool { return p.Width >= Wide }

func (p Split) ListWidth() int {
	if p.wide() {
		return p.Width * 3 / 5
	}
	return p.Width
}

// room returns the number of lines for list and details.
func (p Split) room() int { return max(p.Height-p.Scrolled, 0) }

// below returns the number of lines of the details under the list, including their rule.
func (p Split) below() int {
	if p.wide() || p.room() < 8 {
		return 0
	}
	return min(max(p.room()*2/5, 4), 9)
}

func (p Split) ListHeight() int { return max(p.room()-p.below(), 1) }

func (p Split) View() []string {
	lines := append([]string(nil), p.Head...)
	if len(p.Rows) == 0 {
		for _, text := range p.L.Wrap(p.Empty, p.Width-2) {
			lines = append(lines, " "+text)
		}
		return lines
	}
	rows := p.Rows
	if p.Details == nil {
		return append(lines, rows...)
	}
	if p.wide() {
		list := p.ListWidth()
		details := p.Details(p.Width - list - 2)
		for i := range p.ListHeight() {
			var left, right string
			if i < len(rows) {
				left = rows[i]
			}
			if i < len(details) {
				right = details[i]
			}
			lines = append(lines, p.L.Fit(left, list)+p.L.Style.Rule.Render(p.L.Mark.Column)+right)
		}
		return lines
	}
	lines = append(lines, rows...)
	if n := p.below(); n > 0 {
		for len(lines) < p.Height-n {
			lines = append(lines, "")
		}
		lines = append(lines, p.L.Line(p.Width))
		lines = append(lines, p.Details(p.Width)...)
	}
	return lines
}
