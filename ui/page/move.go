package page

import (
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// Cursor has the keys that move a cursor through lines.
type Cursor struct{ Up, Down, PageUp, PageDown, Home, End key.Binding }

// ListKeys returns the keys of every list.
func ListKeys() Cursor {
	bind := func(keys ...string) key.Binding { return key.NewBinding(key.WithKeys(keys...)) }
	return Cursor{bind("up", "k"), bind("down", "j"), bind("pgup", "ctrl+b"), bind("pgdown", "ctrl+f"), bind("home"),
		bind("end", "G")}
}

// ChoiceKeys returns the keys of a list below a text field, which takes all others.
func ChoiceKeys() Cursor {
	return Cursor{Up: Keys("", "up", "shift+tab"), Down: Keys("", "down", "tab"), PageUp: Keys("", "pgup"),
		PageDown: Keys("", "pgdown")}
}

// Moved returns the line to which a key moves the cursor, among total lines; false if it is another key.
func Moved[N int | int64](keys Cursor, name string, at, page, total N) (N, bool) {
	switch k := pressed(name); {
	case key.Matches(k, keys.Up):
		at--
	case key.Matches(k, keys.Down):
		at++
	case key.Matches(k, keys.PageUp):
		at -= page
	case key.Matches(k, keys.PageDown):
		at += page
	case key.Matches(k, keys.Home):
		at = 0
	case key.Matches(k, keys.End):
		at = total - 1
	default:
		return at, false
	}
	return max(min(at, total-1), 0), true
}

// Moves returns commands of the keys of every list; they need no names.
func Moves(move func(key string) tea.Cmd) (commands []Command) {
	c := ListKeys()
	for _, k := range slices.Concat(c.Up.Keys(), c.Down.Keys(), c.PageUp.Keys(), c.PageDown.Keys(), c.Home.Keys(),
		c.End.Keys()) {
		commands = append(commands, Command{Key: key.NewBinding(key.WithKeys(k)), Do: func() tea.Cmd { return move(k) }})
	}
	return commands
}

// pressed is a key by its name.
type pressed string

func (p pressed) String() string { return string(p) }
