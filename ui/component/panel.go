package component

import (
	"strings"

	"charm.land/lipgloss/v2"

	"dirbridge/ui/look"
)

// Panel is a thin frame with a title above, a count below, and a scroll bar as its right side.
// Lip Gloss draws borders without titles, so the lines are put together here from its border.
type Panel struct {
	Look          look.Look
	Width, Height int
	Title         string
	Foot          string // in the lower frame, as "2 of 139"
	Focused       bool   // its frame has the accent
	Danger        bool   // its frame is red
	Scroll        Extent
}

// Extent is the visible part of a list; the zero Extent has no scroll bar.
type Extent struct{ From, Shown, Total int64 }

// Inside returns the number of cells and lines within the frame.
func (p Panel) Inside() (width, height int) { return max(p.Width-2, 0), max(p.Height-2, 0) }

// View draws the frame around lines: exactly Height lines of exactly Width cells.
func (p Panel) View(lines []string) []string {
	l, frame := p.Look, p.Look.Mark.Frame
	width, height := p.Inside()
	if p.Width < 2 || p.Height < 2 {
		return nil
	}
	style := l.Style.Rule
	switch {
	case p.Danger:
		style = l.Style.Bad
	case p.Focused:
		style = l.Style.Accent
	}
	out := make([]string, 0, p.Height)
	out = append(out, p.top(style))
	left, right, thumb := style.Render(frame.Left), style.Render(frame.Right), l.Style.Accent.Render(l.Mark.Thumb)
	from, to := p.Scroll.thumb(height)
	for i := range height {
		line, side := "", right
		if i < len(lines) {
			line = lines[i]
		}
		if i >= from && i < to {
			side = thumb
		}
		out = append(out, left+l.Fit(line, width)+side)
	}
	return append(out, p.bottom(style))
}

func (p Panel) top(style lipgloss.Style) string {
	l, frame := p.Look, p.Look.Mark.Frame
	width := p.Width - 2
	title := l.Cut(l.Clean(p.Title), width-4)
	if title == "" {
		return style.Render(frame.TopLeft + strings.Repeat(frame.Top, width) + frame.TopRight)
	}
	name := l.Style.Title
	if p.Danger || p.Focused {
		name = style.Bold(true)
	}
	rest := strings.Repeat(frame.Top, width-3-look.Width(title))
	return style.Render(frame.TopLeft+frame.Top) + name.Render(" "+title+" ") + style.Render(rest+frame.TopRight)
}

func (p Panel) bottom(style lipgloss.Style) string {
	l, frame := p.Look, p.Look.Mark.Frame
	width := p.Width - 2
	foot := l.Cut(l.Clean(p.Foot), width-4)
	if foot == "" {
		return style.Render(frame.BottomLeft + strings.Repeat(frame.Bottom, width) + frame.BottomRight)
	}
	rest := strings.Repeat(frame.Bottom, width-3-look.Width(foot))
	return style.Render(frame.BottomLeft+rest) + l.Style.Dim.Render(" "+foot+" ") +
		style.Render(frame.Bottom+frame.BottomRight)
}

// thumb returns the lines of the scroll bar that are the visible part, from (inclusive) to
// (exclusive): at least one, and none if everything is visible.
func (e Extent) thumb(height int) (from, to int) {
	if !e.bars() || height < 1 {
		return 0, 0
	}
	n := max(int(float64(e.Shown)/float64(e.Total)*float64(height)), 1)
	from = int(float64(e.From)/float64(e.Total-e.Shown)*float64(height-n) + 0.5)
	from = min(max(from, 0), height-n)
	return from, from + n
}

// At returns the first visible row for a click on a line of the scroll bar.
func (e Extent) At(line, height int) int64 {
	if height < 2 {
		return 0
	}
	return int64(float64(e.Total-e.Shown) * float64(min(max(line, 0), height-1)) / float64(height-1))
}
