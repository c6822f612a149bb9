package component

import (
	"strings"

	"charm.land/bubbles/v2/viewport"
	"github.com/charmbracelet/x/ansi"

	"dirbridge/ui/page"
)

// Viewport is the position in a block of text that is longer than its space. The zero Viewport is at
// the top.
type Viewport struct {
	model viewport.Model
}

// Key scrolls by the keys that every list has. It returns false for any other key.
func (v *Viewport) Key(key string, height int) bool {
	v.model.SetHeight(max(height, 0))
	keys := page.ListKeys()
	keys.PageDown.SetKeys(append(keys.PageDown.Keys(), "space")...)
	keys.Home.SetKeys("home", "g")
	to, ok := page.Moved(keys, key, v.Top(), max(height-1, 1), v.model.TotalLineCount())
	if ok {
		v.Go(to)
	}
	return ok
}

// Go makes a line the first visible one.
func (v *Viewport) Go(line int) { v.model.SetYOffset(line) }

// Show scrolls as little as shows the lines from (inclusive) to (exclusive), or the first of them.
func (v *Viewport) Show(from, to, height int) {
	switch {
	case from < v.Top() || to-from > height:
		v.Go(from)
	case to > v.Top()+height:
		v.Go(to - height)
	}
}

// Top returns the first visible line.
func (v *Viewport) Top() int { return v.model.YOffset() }

// Sees reports whether a line is visible in height lines.
func (v *Viewport) Sees(line, height int) bool { return line >= v.Top() && line < v.Top()+height }

// Lines returns the visible lines, at most height.
func (v *Viewport) Lines(all []string, height int) []string {
	height = max(height, 0)
	v.model.SetHeight(height)
	v.model.SetContentLines(all)
	v.model.SetYOffset(v.Top()) // within the text
	return all[v.Top():min(v.Top()+height, len(all))]
}

// Find scrolls to the next line after the first visible one that contains text, in the lines that
// were drawn last; from the end it goes on at the top. It reports whether there is one.
func (v *Viewport) Find(text string) bool { return v.find(text, v.Top()+1, 1) }

// FindBack is Find upwards.
func (v *Viewport) FindBack(text string) bool { return v.find(text, v.Top()-1, -1) }

// FindFrom is Find from a line on, which it includes.
func (v *Viewport) FindFrom(text string, line int) bool { return v.find(text, line, 1) }

func (v *Viewport) find(text string, from, step int) bool {
	lines := strings.Split(Folded(ansi.Strip(v.model.GetContent())), "\n")
	for i := range lines {
		at := (from + step*i + 2*len(lines)) % len(lines)
		if strings.Contains(lines[at], Folded(text)) {
			v.model.SetYOffset(at)
			return true
		}
	}
	return false
}
