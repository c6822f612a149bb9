package ui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
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
	Do      func() tea.Cmd
}

// Place is a command's place in the menus; the zero Place is in none.
type Place struct {
	Menu   string // "Actions", "Help"
	Under  string // the submenu; "" is none
	Title  string
	Letter string // chooses it there
}

// label returns its first key as shown; "" if it has none.
func (c Command) label() string {
	switch {
	case c.Show != "":
		return c.Show
	case len(c.Keys) > 0:
		return c.Keys[0]
	}
	return ""
}

// chord returns the keys that lead to it through the menus, as in the guide's key combinations.
func (c Command) chord() string {
	if c.Menu.Menu == "" {
		return ""
	}
	keys := []string{"Alt+" + strings.ToUpper(letterOf(c.Menu.Menu))}
	if c.Menu.Under != "" {
		keys = append(keys, strings.ToUpper(letterOf(c.Menu.Under)))
	}
	return strings.Join(append(keys, strings.ToUpper(c.Menu.Letter)), " ")
}

// idle is the action of an unavailable command.
func idle() tea.Cmd { return nil }

func (c Command) is(key string) bool { return slices.Contains(c.Keys, key) }

const readOnlyWords = "this console was started with --read-only"

// readOnlyOff returns why a read-only console refuses to act, or "".
func (s *shell) readOnlyOff() string {
	if s.readOnly {
		return readOnlyWords
	}
	return ""
}

// allowed disables the commands that a read-only console must not run.
func (s *shell) allowed(commands []Command) []Command {
	if !s.readOnly {
		return commands
	}
	for i := range commands {
		if commands[i].Changes {
			commands[i].Off = readOnlyWords
		}
	}
	return commands
}

// pageCommands returns the commands of the page in front, each ID once.
func (r *root) pageCommands() []Command {
	if r.pages == nil {
		return nil
	}
	return once(r.allowed(r.page().Commands()))
}

// registry returns all current commands: those of the page in front first, then the console's. A
// key belongs to the first command that has it (TestTheRegistryIsWhole).
func (r *root) registry() []Command {
	page, console := r.pageCommands(), r.allowed(r.commands())
	for i, c := range page {
		if j := slices.IndexFunc(console, func(o Command) bool { return o.ID == c.ID && c.ID != "" }); j >= 0 {
			page[i].Menu = console[j].Menu
			page[i].Keys = append(slices.Clone(c.Keys), console[j].Keys...)
		}
	}
	return once(append(page, console...))
}

func once(commands []Command) []Command {
	seen := map[string]bool{}
	return slices.DeleteFunc(commands, func(c Command) bool {
		again := c.ID != "" && seen[c.ID]
		seen[c.ID] = true
		return again
	})
}

// use runs a command, or shows why it is unavailable.
func (r *root) use(c Command) tea.Cmd {
	if c.Off != "" {
		r.refuse(c)
		return nil
	}
	if c.Do == nil {
		return nil
	}
	r.note = ""
	return c.Do()
}

func (s *shell) refuse(c Command) {
	what := c.label()
	if what == "" {
		what = c.Menu.Title
	}
	s.say("Not now (%s): %s", what, c.Off)
	s.refused = true
}

// moves returns the keys of every list; they need no names.
func moves(move func(key string) tea.Cmd) []Command {
	var commands []Command
	for _, k := range []string{"up", "down", "pgup", "pgdown", "home", "end", "k", "j", "G", "ctrl+b", "ctrl+f"} {
		commands = append(commands, Command{Keys: []string{k}, Do: func() tea.Cmd { return move(k) }})
	}
	return commands
}
