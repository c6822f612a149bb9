package component

import (
	"strconv"
	"strings"

	"dirbridge/ui/look"
)

// Split is a list in a frame, and the details of the row under the cursor in another one: beside the
// list on a wide screen, below it on a high one. Where there is room for neither, the page is the
// list alone, and details open over it.
type Split struct {
	Look          look.Look
	Width, Height int
	Pane          *Pane
	List          Listed
	Head          []string // above the frames
	Above         int      // the number of lines in Head; if Head is set, it is counted
	Title, Foot   string   // of the list; without a Foot it has the place in the list
	Header        string   // the columns; "" has none
	Rows          []string // on the screen, as wide as ListWidth
	Empty         string   // shown if there are no rows
	About         string   // the title of the details; "" is "Details"
	Details       func(width, height int) []string
	Headed        bool // there is a Header, even before it is set
	Single        bool // there are no details
	Stacked       bool // details are never beside the list, which needs the whole width
	Under         int  // the height of the details below the list on a low screen, where they matter; 0 is none
}

// Sizes from which details are beside and below a list.
const (
	wide = 110
	high = 26
)

// Wide reports whether details are beside the list.
func (s Split) Wide() bool { return s.Width >= wide && !s.Stacked && !s.Single }

// ListWidth returns the width of a row.
func (s Split) ListWidth() int { return max(s.frameWidth()-2, 1) }

func (s Split) frameWidth() int {
	switch {
	case s.Wide() && s.Width < 150:
		return s.Width * 2 / 3
	case s.Wide():
		return s.Width * 3 / 5
	}
	return s.Width
}

func (s Split) above() int { return max(len(s.Head), s.Above) }

func (s Split) room() int { return max(s.Height-s.above(), 0) }

// below returns the height of the frame of the details below the list.
func (s Split) below() int {
	switch {
	case s.Wide() || s.Single || s.Height < 14:
		return 0
	case s.Height < high:
		return s.Under
	case s.Stacked:
		return max(s.Under, 5)
	}
	return max(s.room()/3, 6)
}

func (s Split) header() int {
	if s.Header != "" || s.Headed {
		return 1
	}
	return 0
}

// ListHeight returns the number of rows that fit.
func (s Split) ListHeight() int { return max(s.room()-s.below()-2-s.header(), 1) }

// rowAt returns the row of a line of the page; it is negative above the rows.
func (s Split) rowAt(line int) int { return line - s.above() - 1 - s.header() }

// View draws exactly Height lines.
func (s Split) View() []string {
	list := Panel{Look: s.Look, Width: s.frameWidth(), Height: s.room() - s.below(), Title: s.Title, Foot: s.Foot,
		Focused: s.focused()}
	if s.List != nil && len(s.Rows) > 0 {
		list.Scroll = s.List.Extent()
		if list.Foot == "" {
			list.Foot = s.List.Place()
		}
	}
	lines := append(append([]string(nil), s.Head...), list.View(s.inList())...)
	side := Panel{Look: s.Look, Width: s.Width - list.Width, Height: list.Height, Title: s.About,
		Focused: !list.Focused}
	if side.Title == "" {
		side.Title = "Details"
	}
	switch {
	case s.Wide():
		for i, text := range side.View(s.details(&side)) {
			lines[len(s.Head)+i] += text
		}
	case s.below() > 0:
		side.Width, side.Height = s.Width, s.below()
		lines = append(lines, side.View(s.details(&side))...)
	}
	return lines
}

// inList returns the lines in the frame of the list.
func (s Split) inList() (lines []string) {
	switch {
	case len(s.Rows) == 0:
		for _, text := range strings.Split(s.Empty, "\n") {
			for _, part := range s.Look.Wrap(text, s.ListWidth()-2) {
				lines = append(lines, " "+part)
			}
		}
		return lines
	case s.Header != "":
		return append([]string{s.Header}, s.Rows...)
	}
	return s.Rows
}

// details returns the visible lines of the details, whose frame gets a scroll bar if there are more.
func (s Split) details(side *Panel) []string {
	if s.Details == nil || len(s.Rows) == 0 {
		return nil
	}
	width, height := side.Inside()
	all := s.Details(width, height)
	if s.Pane == nil {
		return all
	}
	shown := s.Pane.lines(all, height, s.Title+side.Title+strconv.FormatInt(s.List.Cursor(), 10))
	side.Scroll = s.Pane.extent()
	return shown
}

// Extent returns the part of the list that is on the screen.
func (w *Window[T]) Extent() Extent {
	return Extent{From: w.top, Shown: int64(w.height), Total: w.total}
}

// Place says where the cursor is: "2 of 139"; "" in an empty list.
func (w *Window[T]) Place() string {
	if w.total == 0 {
		return ""
	}
	return look.Number(w.cursor+1) + " of " + look.Number(w.total)
}
