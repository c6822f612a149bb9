package component

import (
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"dirbridge/ui/look"
)

// Box is drawn over a page: a dialog, an open menu.
type Box struct {
	ID    string
	X, Y  int
	Lines []string
}

// Over draws boxes over the lines of a screen, the last one on top.
func Over(lines []string, width, height int, boxes ...Box) []string {
	layers := []*lipgloss.Layer{lipgloss.NewLayer(strings.Join(lines, "\n"))}
	for i, b := range boxes {
		layers = append(layers, lipgloss.NewLayer(strings.Join(b.Lines, "\n")).X(b.X).Y(b.Y).Z(i+1).ID(b.ID))
	}
	canvas := lipgloss.NewCanvas(width, height)
	drawn := strings.Split(canvas.Compose(lipgloss.NewCompositor(layers...)).Render(), "\n")
	for len(drawn) < height {
		drawn = append(drawn, "")
	}
	return drawn[:height]
}

// Hit returns the ID of the box at a cell, "" if there is none, and the position in it.
func Hit(x, y int, boxes ...Box) (id string, dx, dy int) {
	layers := make([]*lipgloss.Layer, len(boxes))
	for i, b := range boxes {
		layers[i] = lipgloss.NewLayer(strings.Join(b.Lines, "\n")).X(b.X).Y(b.Y).Z(i + 1).ID(b.ID)
	}
	hit := lipgloss.NewCompositor(layers...).Hit(x, y)
	return hit.ID(), x - hit.Bounds().Min.X, y - hit.Bounds().Min.Y
}

// Dimmed returns the lines of a page behind a dialog.
func Dimmed(l look.Look, lines []string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		if text := strings.TrimRight(ansi.Strip(line), " "); text != "" {
			out[i] = l.Style.Dim.Render(text)
		}
	}
	return out
}

// Middle returns a box of that size in the middle of a screen.
func Middle(lines []string, width, height int) Box {
	w := 0
	for _, line := range lines {
		w = max(w, look.Width(line))
	}
	return Box{ID: "dialog", X: max((width-w)/2, 0), Y: max((height-len(lines))/2, 0), Lines: lines}
}
