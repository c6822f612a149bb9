package app

import (
	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/component"
)

// What a dialog may have besides what page.Dialog requires. It stands in the middle, over the dimmed
// page.
type (
	// framed fills the frame itself, after View: title, count, scroll bar.
	framed interface{ Dress(frame *component.Panel) }
	// updated takes the messages of its commands.
	updated interface{ Update(tea.Msg) tea.Cmd }
	// clickable has lines that can be chosen; Click returns the key that completes the click, or "".
	clickable interface{ Click(line int) string }
	// wideDialog is read or searched, and has more cells.
	wideDialog interface{ Wide() bool }
)

// Most cells of a dialog; one that is read or searched is wider.
const (
	askWidth  = 76
	readWidth = 104
)

// dialogBox draws the open dialog and its frame.
func (r *root) dialogBox() component.Box {
	width, height := r.width, r.height-2
	if r.width >= 60 {
		width -= 4
	}
	if r.height >= 20 {
		height -= 2
	}
	most := askWidth
	if d, ok := r.top().(wideDialog); ok && d.Wide() {
		most = readWidth
	}
	frame := component.Panel{Look: r.look, Width: min(width, most), Focused: true}
	lines := r.top().View(r.look, frame.Width-2, height-2)
	frame.Height = min(len(lines)+2, height)
	if d, ok := r.top().(framed); ok {
		d.Dress(&frame)
	}
	return component.Middle(frame.View(lines), r.width, r.height-2)
}
