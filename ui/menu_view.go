package ui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"dirbridge/ui/look"
)

// menuTop is the screen line at which a menu starts: the menu bar replaces the tabs.
const menuTop = 1

func (r *root) menuBar() string {
	var b strings.Builder
	for bar := range barMenus {
		b.WriteString(r.look.Tab(menuNames()[bar].name, bar == r.menu.bar))
	}
	return b.String()
}

// drawn is one open menu on the screen.
type drawn struct {
	left, top, width int
	first            int // item of the first line
	lines            []string
}

// drawMenus returns the open menus side by side, or only the last one if there is not enough room.
func (r *root) drawMenus() []drawn {
	levels := r.levels()
	var open []drawn
	left := 0
	for bar := range r.menu.bar {
		left += look.Width(r.look.Tab(menuNames()[bar].name, false))
	}
	top := menuTop + 1
	for i, items := range levels {
		d := r.drawMenu(items, r.menu.at[i], max(r.height-2-top, 1))
		d.left, d.top = left, top
		open = append(open, d)
		left += d.width + 1
		top += min(max(r.menu.at[i]-d.first, 0), max(len(d.lines)-1, 0))
	}
	last := &open[len(open)-1]
	if last.left+last.width > r.width || last.top+len(levels[len(levels)-1]) > r.height-2 {
		d := r.drawMenu(levels[len(levels)-1], r.menu.at[len(levels)-1], max(r.height-3-menuTop, 1))
		d.left, d.top = max(min(open[0].left, r.width-d.width), 0), menuTop+1
		return []drawn{d}
	}
	return open
}

func (r *root) drawMenu(items []menuItem, at, room int) drawn {
	l := r.look
	title, tail := 0, 0
	for _, i := range items {
		title, tail = max(title, look.Width(l.Clean(i.title))), max(tail, look.Width(i.tail(l)))
	}
	d := drawn{width: min(title+tail+8, r.width), first: max(min(at-room/2, len(items)-room), 0)}
	for i := d.first; i < min(d.first+room, len(items)); i++ {
		item := items[i]
		letter := item.letter
		if r.menu.bar != menuPage { // its letters are keys, and f differs from F
			letter = strings.ToUpper(letter)
		}
		text := l.Sides(" "+l.Fit(letter, 1)+"  "+l.Clean(item.title), item.tail(l)+" ", d.width)
		switch {
		case i == at:
			text = l.Row(text, d.width)
		case item.command.Off != "":
			text = l.Style.Dim.Render(text)
		}
		d.lines = append(d.lines, text)
	}
	if len(items) == 0 {
		d.width = min(24, r.width)
		d.lines = []string{l.Fit("  nothing can be done", d.width)}
	}
	if len(d.lines) < room {
		d.lines = append(d.lines, l.Line(d.width))
	}
	return d
}

// tail returns the text at the right of a line: the key for the same command, or that it is
// unavailable.
func (i menuItem) tail(l look.Look) string {
	switch {
	case i.items != nil:
		return l.Mark.Closed
	case i.command.Off != "":
		return "(not now)"
	case i.command.label() == i.letter:
		return ""
	}
	return i.command.label()
}

// overlay draws the open menus over the lines of the frame.
func (r *root) overlay(lines []string) {
	l := r.look
	for _, d := range r.drawMenus() {
		for i, text := range d.lines {
			y := d.top + i
			if y >= len(lines)-2 {
				break
			}
			line := l.Fit(lines[y], r.width)
			before := l.Fit(ansi.Truncate(line, d.left, ""), d.left)
			bar := l.Style.Rule.Render(l.Mark.Column)
			after := ""
			if rest := r.width - d.left - d.width - 1; rest > 0 {
				after = l.Right(ansi.TruncateLeft(line, d.left+d.width+1, ""), rest)
			} else {
				bar = ""
			}
			lines[y] = l.Cut(before+text+bar+after, r.width)
		}
	}
}

// menuWords says what the line under the cursor does, or why it is unavailable.
func (r *root) menuWords() string {
	if r.menu.note != "" {
		return r.menu.note
	}
	levels := r.levels()
	items, at := levels[len(levels)-1], r.menu.at[len(levels)-1]
	if at >= len(items) {
		return ""
	}
	switch item := items[at]; {
	case item.command.Off != "":
		return "Not now: " + item.command.Off
	case item.items != nil:
		return "Right or Enter opens it"
	default:
		return item.command.Title
	}
}

func (r *root) menuHints() []Command {
	return []Command{
		{Keys: []string{"enter"}, Show: "Enter", Short: "choose"}, {Keys: []string{"left"}, Show: "Left Right",
			Short: "other menus"},
		{Keys: []string{"esc"}, Show: "Esc", Short: "back"},
	}
}

// menuClick handles a click while a menu is open. It returns the key that completes the click, or
// "".
func (r *root) menuClick(x, y int) string {
	if y == menuTop {
		left := 0
		for bar := range barMenus {
			left += look.Width(r.look.Tab(menuNames()[bar].name, false))
			if x < left {
				r.openMenu(bar)
				return ""
			}
		}
	}
	open := r.drawMenus()
	for i := len(open) - 1; i >= 0; i-- {
		d := open[i]
		level := len(r.menu.at) - len(open) + i
		if x < d.left || x >= d.left+d.width || y < d.top || d.first+y-d.top >= len(r.levels()[level]) {
			continue
		}
		r.menu.at = r.menu.at[:level+1]
		r.menu.at[level] = d.first + y - d.top
		return "enter"
	}
	r.menu = nil
	return ""
}
