package component

import (
	"strings"

	"dirbridge/ui/look"
)

// Bar is one line of names that can be clicked: the tabs, the keys, the filters. Bubbles' help draws such
// a line too, but leaves out what cannot be done now, cuts the end, and a click on it meets no key.
type Bar struct {
	Items []Item
	Width int
}

// Item is a name in a Bar.
type Item struct {
	ID   string
	Text string // as drawn, with its blanks
}

// View draws the items that fit.
func (b Bar) View() string {
	var line strings.Builder
	room := b.Width
	for _, item := range b.Items {
		if room -= look.Width(item.Text); room < 0 {
			break
		}
		line.WriteString(item.Text)
	}
	return line.String()
}

// Hit returns the ID of the item at a cell; "" is none.
func (b Bar) Hit(x int) string {
	left := 0
	for _, item := range b.Items {
		w := look.Width(item.Text)
		if left+w > b.Width {
			break
		}
		if x >= left && x < left+w {
			return item.ID
		}
		left += w
	}
	return ""
}
