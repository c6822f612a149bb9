package app

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"

	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
)

// menuTop is the screen line at which a menu starts: the menu bar replaces the tabs.
const menuTop = 1

func (r *root) menuBar() component.Bar {
	bar := component.Bar{Width: r.width}
	for i := range barMenus {
		bar.Items = append(bar.Items, component.Item{ID: menuNames()[i].name,
			Text: r.look.Tab(menuNames()[i].name, i == r.menu.bar)})
	}
	return bar
}

// drawn is one open menu on the screen, with its frame.
type drawn struct {
	component.Box
	first int // item of the first line
}

// drawMenus returns the open menus side by side, or only the last one if there is not enough room.
func (r *root) drawMenus() []drawn {
	levels := r.levels()
	var open []drawn
	left := 0
	for _, item := range r.menuBar().Items[:r.menu.bar] {
		left += look.Width(item.Text)
	}
	top := menuTop + 1
	for i, items := range levels {
		d := r.drawMenu(items, r.menu.at[i], r.height-2-top)
		d.X, d.Y = left, top
		open = append(open, d)
		left += look.Width(d.Lines[0])
		top += min(max(r.menu.at[i]-d.first, 0), max(len(d.Lines)-3, 0))
	}
	last := &open[len(open)-1]
	if last.X+look.Width(last.Lines[0]) > r.width || last.Y+len(levels[len(levels)-1])+2 > r.height-2 {
		d := r.drawMenu(levels[len(levels)-1], r.menu.at[len(levels)-1], r.height-3-menuTop)
		d.X, d.Y = max(min(open[0].X, r.width-look.Width(d.Lines[0])), 0), menuTop+1
		return []drawn{d}
	}
	return open
}

// menuBoxes returns the open menus as they are drawn.
func (r *root) menuBoxes() (boxes []component.Box) {
	for _, d := range r.drawMenus() {
		boxes = append(boxes, d.Box)
	}
	return boxes
}

// drawMenu draws one menu in at most most lines.
func (r *root) drawMenu(items []menuItem, at, most int) drawn {
	l := r.look
	title, tail := 0, 0
	for _, i := range items {
		title, tail = max(title, look.Width(l.Clean(i.title))), max(tail, look.Width(i.tail(l)))
	}
	room := max(most-2, 1)
	width := min(title+tail+8, r.width-2)
	d := drawn{first: max(min(at-room/2, len(items)-room), 0)}
	var lines []string
	for i := d.first; i < min(d.first+room, len(items)); i++ {
		item := items[i]
		letter := item.letter
		if r.menu.bar != menuPage { // its letters are keys, and f differs from F
			letter = strings.ToUpper(letter)
		}
		text := l.Sides(" "+l.Fit(letter, 1)+"  "+l.Clean(item.title), item.tail(l)+" ", width)
		switch {
		case i == at:
			text = l.Row(text, width)
		case item.command.Off != "":
			text = l.Style.Dim.Render(text)
		default:
			text = " " + l.Style.Key.Render(l.Fit(letter, 1)) + text[1+len(l.Fit(letter, 1)):]
		}
		lines = append(lines, text)
	}
	if len(items) == 0 {
		width = min(24, r.width-2)
		lines = []string{"  nothing can be done"}
	}
	frame := component.Panel{Look: l, Width: width + 2, Height: len(lines) + 2, Focused: true,
		Scroll: component.Extent{From: int64(d.first), Shown: int64(len(lines)), Total: int64(len(items))}}
	d.Lines = frame.View(lines)
	return d
}

// tail returns the text at the right of a line: the key for the same command, or that it is
// unavailable.
func (i menuItem) tail(l look.Look) string {
	switch {
	case i.items != nil:
		return l.Mark.Closed
	case i.command.Off != "":
		return "(off)"
	case i.command.Label() == i.letter:
		return ""
	}
	return i.command.Label()
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
		return "Off: " + item.command.Off
	case item.items != nil:
		return "Right or Enter opens it"
	default:
		return item.command.Title
	}
}

func (r *root) menuHints() []key.Binding {
	return []key.Binding{page.Keys("choose", "enter"), page.KeysShown("Left Right", "other menus", "left"),
		page.Keys("back", "esc")}
}

// menuClick handles a click while a menu is open. It returns the key that completes the click, or
// "".
func (r *root) menuClick(x, y int) string {
	if y == menuTop {
		if name := r.menuBar().Hit(x); name != "" {
			r.openMenu(slices.IndexFunc(menuNames(), func(m menuName) bool { return m.name == name }))
			return ""
		}
	}
	open := r.drawMenus()
	for i := len(open) - 1; i >= 0; i-- {
		d := open[i]
		level := len(r.menu.at) - len(open) + i
		d.ID = "menu"
		id, _, dy := component.Hit(x, y, d.Box)
		if at := d.first + dy - 1; id != "" && dy > 0 && at < len(r.levels()[level]) {
			r.menu.at = r.menu.at[:level+1]
			r.menu.at[level] = at
			return "enter"
		}
	}
	r.menu = nil
	return ""
}
