package component

import (
	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/look"
	"dirbridge/ui/page"
)

// Pane is which panel of a Split has the focus, and how far its details are scrolled. The zero Pane has
// the focus on the list.
type Pane struct {
	inDetails bool
	details   Viewport
	room      int
	total     int
	of        string // what the details are of: another row starts at its top
	drags     bar
}

// bar is the scroll bar that the pointer holds.
type bar int

const (
	noBar bar = iota
	listBar
	detailsBar
)

// Listed is the list of a Split.
type Listed interface {
	Cursor() int64
	Place() string
	Extent() Extent
	Key(key string) bool
	Click(line int) bool
	Move(by int64)
	ScrollTo(top int64)
}

// ListLook is the look of the rows.
func (s Split) ListLook() look.Look {
	l := s.Look
	l.Blurred = !s.focused()
	return l
}

// Fill draws the rows on the screen under the heads of columns; cells returns those of one row.
func (s *Split) Fill(columns []Column, cells func(i int64) []Cell) {
	t, rows := NewTable(s.ListLook(), s.ListWidth(), columns...), s.List.Extent()
	s.Header = t.Header()
	for i := rows.From; i < min(rows.From+rows.Shown, rows.Total); i++ {
		s.Rows = append(s.Rows, t.Row(cells(i), i == s.List.Cursor()))
	}
}

// focused reports whether the list has the focus.
func (s Split) focused() bool { return s.Pane == nil || !s.Pane.inDetails || !s.double() }

// double reports whether the details have a panel.
func (s Split) double() bool { return s.Wide() || s.below() > 0 }

// Moves returns the keys of every list, which scroll the details if these have the focus, and Tab, which
// moves it. move moves in the list.
func (s Split) Moves(move func(key string) tea.Cmd) []page.Command {
	off := ""
	if !s.double() {
		off = "this page has one panel at this size; ] goes to the next page"
	}
	change := func() tea.Cmd {
		s.Pane.inDetails = s.focused()
		return nil
	}
	tab := page.Command{ID: "panel.next", Key: page.Keys("panel", "tab"),
		Title: "go to the next panel of this page", Off: off, Do: change}
	if off != "" {
		tab.Call("")
	}
	back := page.Command{ID: "panel.before", Key: page.Keys("", "shift+tab"),
		Title: "go to the panel before", Off: off, Do: change}
	return append([]page.Command{tab, back}, page.Moves(func(key string) tea.Cmd {
		if !s.focused() {
			s.Pane.details.Key(key, s.Pane.room)
			return nil
		}
		return move(key)
	})...)
}

// Move moves in a list that has all of its rows.
func (s Split) Move(key string) tea.Cmd {
	s.List.Key(key)
	return nil
}

// Mouse handles the pointer: a click gives a panel the focus and chooses a row, or jumps on a scroll bar,
// which can be dragged; the wheel scrolls the panel below the pointer.
func (s Split) Mouse(m page.Mouse) {
	top, height := s.above(), s.room()-s.below()
	right := s.frameWidth() - 1
	inDetails := s.Wide() && m.X > right || !s.Wide() && m.Y >= top+height
	switch {
	case m.Drag:
		s.drag(m.Y)
		return
	case m.Wheel == 0:
		s.Pane.drags = noBar
	}
	switch {
	case m.Y < top:
	case inDetails && m.Wheel != 0:
		s.Pane.scroll(m.Wheel)
	case m.Wheel != 0:
		s.List.Move(int64(m.Wheel))
	case inDetails:
		s.Pane.inDetails = true
		if m.X == s.Width-1 && s.Pane.total > s.Pane.room {
			s.Pane.drags = detailsBar
			s.drag(m.Y)
		}
	case m.X == right && s.List.Extent().bars():
		s.Pane.inDetails, s.Pane.drags = false, listBar
		s.drag(m.Y)
	default:
		s.Pane.inDetails = false
		s.List.Click(s.rowAt(m.Y))
	}
}

// drag moves the scroll bar that the pointer holds to a line of the page.
func (s Split) drag(line int) {
	top, height := s.above()+1, s.room()-s.below()-2
	switch s.Pane.drags {
	case listBar:
		s.List.ScrollTo(s.List.Extent().At(line-top, height))
	case detailsBar:
		if !s.Wide() {
			top, height = s.above()+s.room()-s.below()+1, s.below()-2
		}
		s.Pane.details.Go(int(s.Pane.extent().At(line-top, height)))
	}
}

func (p *Pane) scroll(by int) {
	key := "down"
	if by < 0 {
		key, by = "up", -by
	}
	for range by {
		p.details.Key(key, p.room)
	}
}

func (p *Pane) extent() Extent {
	return Extent{From: int64(p.details.Top()), Shown: int64(p.room), Total: int64(p.total)}
}

// lines returns the visible lines of the details of a row.
func (p *Pane) lines(all []string, room int, of string) []string {
	if of != p.of {
		p.details, p.of = Viewport{}, of
	}
	p.room, p.total = room, len(all)
	return p.details.Lines(all, room)
}

// bars reports whether there is a scroll bar.
func (e Extent) bars() bool { return e.Total > e.Shown && e.Shown > 0 }
