package page

import (
	"charm.land/bubbles/v2/key"
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
	// Key has its keys, and as help the name of the first and what it does on the line of keys, where ""
	// hides it (Keys). It stays enabled when the command is not: its key then says why.
	Key  key.Binding
	Menu Place
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

// Keys binds keys. On the line of keys, they are the name of the first, and short; "" hides them there.
func Keys(short string, keys ...string) key.Binding {
	shown := ""
	if len(keys) > 0 {
		shown = keyName(keys[0])
	}
	return KeysShown(shown, short, keys...)
}

// KeysShown is Keys with another name of the keys.
func KeysShown(shown, short string, keys ...string) key.Binding {
	return key.NewBinding(key.WithKeys(keys...), key.WithHelp(shown, short))
}

// keyName returns the name of a key as it is written on keyboards. It is called for every frame.
func keyName(key string) string {
	switch key {
	case "pgup":
		return "PgUp"
	case "pgdown":
		return "PgDn"
	}
	if len(key) == 1 {
		return key
	}
	name, first := []byte(key), true
	for i, c := range name {
		if first && 'a' <= c && c <= 'z' {
			name[i] = c - 'a' + 'A'
		}
		first = c == '+'
	}
	return string(name)
}

// Hints are commands of which only the line of keys knows.
func Hints(keys ...key.Binding) (commands []Command) {
	for _, k := range keys {
		commands = append(commands, Command{Key: k})
	}
	return commands
}

// Label returns its first key as shown; "" if it has none.
func (c Command) Label() string { return c.Key.Help().Key }

// Short returns its name on the line of keys.
func (c Command) Short() string { return c.Key.Help().Desc }

// Call changes its name on the line of keys.
func (c *Command) Call(short string) { c.Key.SetHelp(c.Label(), short) }

// Also adds keys, which become the first ones.
func (c *Command) Also(keys ...string) {
	c.Key = Keys(c.Short(), append(keys, c.Key.Keys()...)...)
}

// Is reports whether the key runs it.
func (c Command) Is(name string) bool { return key.Matches(pressed(name), c.Key) }

// Or completes a page's command without Do by the console's command of the same ID.
func (c Command) Or(console Command) Command {
	if c.Title == "" {
		c.Title = console.Title
	}
	if len(c.Key.Keys()) == 0 {
		c.Key = KeysShown(console.Label(), c.Short(), console.Key.Keys()...)
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
func Of(id, short string, keys ...string) Command { return Command{ID: id, Key: Keys(short, keys...)} }

// Explain is the command that explains why one person is, or is not, in the cloud. It only reads, so it
// is available in a read-only console.
func Explain(l look.Look) Command {
	return Command{ID: "explain", Key: Keys("", "x"), Title: "explain why a person is, or is not, in the cloud",
		Menu: Place{Menu: "Actions", Title: "Explain a Person" + l.Mark.Ellipsis, Letter: "w"}}
}

// Idle is the action of an unavailable command.
func Idle() tea.Cmd { return nil }
