package page

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/look"
)

// Command is one thing that the console can do. Menus, palette, key hints, help and the keys
// themselves all use the same commands, so a new command is added in one place.
type Command struct {
	// ID is its permanent name. If the page in front and the console both have a command with one
	// ID, the page's command replaces the console's. "" is a key without a name, such as the arrows
	// in a list: it appears in no menu and not in the help.
	ID    string
	Title string // in menus, palette and help
	// Short is its name on the line of keys; "" hides it there.
	Short string
	Keys  []string // names of keys, the first is shown
	Show  string   // text for the first key, if not its name
	Menu  Place
	// Changes says that it changes something, directly or indirectly: a read-only console never
	// runs it (TestAReadOnlyConsoleChangesNothing).
	Changes bool
	Off     string // why it is unavailable; "" if it is available
	// Do runs it. A page's command without Do is the console's command of that ID: what the page
	// leaves empty is taken from there, but for Short, and it is unavailable if either has a reason.
	Do func() tea.Cmd
}

// Place is a command's place in the menus; the zero Place is in none.
type Place struct {
	Menu   string // "Actions", "Help"
	Under  string // the submenu; "" is none
	Title  string
	Letter string // chooses it there
}

// Label returns its first key as shown; "" if it has none.
func (c Command) Label() string {
	switch {
	case c.Show != "":
		return c.Show
	case len(c.Keys) > 0:
		return c.Keys[0]
	}
	return ""
}

// Is reports whether the key runs it.
func (c Command) Is(key string) bool { return slices.Contains(c.Keys, key) }

// Or completes a page's command without Do by the console's command of the same ID.
func (c Command) Or(console Command) Command {
	if c.Title == "" {
		c.Title = console.Title
	}
	if len(c.Keys) == 0 {
		c.Keys, c.Show = console.Keys, console.Show
	}
	if c.Off == "" {
		c.Off = console.Off
	}
	c.Changes = c.Changes || console.Changes
	c.Menu, c.Do = console.Menu, console.Do
	return c
}

// Of is the console's command of an ID, with its name on the line of keys of a page, and the keys that
// the page adds.
func Of(id, short string, keys ...string) Command { return Command{ID: id, Short: short, Keys: keys} }

// Explain is the command that explains why one person is, or is not, in the cloud. It only reads, so it
// is available in a read-only console.
func Explain(l look.Look) Command {
	return Command{ID: "explain", Keys: []string{"x"}, Title: "explain why a person is, or is not, in the cloud",
		Menu: Place{Menu: "Actions", Title: "Explain a Person" + l.Mark.Ellipsis, Letter: "w"}}
}

// Idle is the action of an unavailable command.
func Idle() tea.Cmd { return nil }

// Moves returns the keys of every list; they need no names.
func Moves(move func(key string) tea.Cmd) []Command {
	var commands []Command
	for _, k := range []string{"up", "down", "pgup", "pgdown", "home", "end", "k", "j", "G", "ctrl+b", "ctrl+f"} {
		commands = append(commands, Command{Keys: []string{k}, Do: func() tea.Cmd { return move(k) }})
	}
	return commands
}
