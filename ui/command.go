package ui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// Command is one thing that the console can do. Menus, palette, key hints, help and
// the keys themselves read the same commands: whoever adds one adds it once.
type Command struct {
	// ID names it for good. Where the page in front and the console have a command of
	// one ID, the page's stands for both. "" is a key that needs no name, as the
	// arrows in a list: it stands in no menu and in no help.
	ID    string
	Title string // what it does: in menus, palette and help
	// Short is its name on the line of keys; "" is not shown there.
	Short string
	Keys  []string // names of keys, the first is shown
	Show  string   // how the first is shown, if not by its name
	Menu  Place
	// Changes says that it changes something, or makes others do so: a read-only
	// console never does it.
	Changes bool
	Off     string // why it cannot be done now; "" where it can
	Do      func() tea.Cmd
}

// Place is where a command stands in the menus; the zero Place is in none.
type Place struct {
	Menu   string // "Actions", "Help"
	Under  string // the menu inside that one; "" is none
	Title  string
	Letter string // chooses it there
}

// label is its first key as it is shown; "" where it has none.
func (c Command) label() string {
	switch {
	case c.Show != "":
		return c.Show
	case len(c.Keys) > 0:
		return c.Keys[0]
	}
	return ""
}

// chord is the way to it through the menus, by the guide's key combinations.
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

// idle is what a command does that cannot be done now.
func idle() tea.Cmd { return nil }

func (c Command) is(key string) bool { return slices.Contains(c.Keys, key) }

const readOnlyWords = "this console was started with --read-only"

// readOnlyOff is why a console that only reads does nothing, or "".
func (s *shell) readOnlyOff() string {
	if s.readOnly {
		return readOnlyWords
	}
	return ""
}

// allowed takes from the commands what a read-only console may not do.
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

// pageCommands are those of the page in front, each ID once.
func (r *root) pageCommands() []Command {
	if r.pages == nil {
		return nil
	}
	return once(r.allowed(r.page().Commands()))
}

// registry is every command that there is now: those of the page in front first, then
// the console's. A key belongs to the first command that has it.
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

// use does a command, or says why not.
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
}

// moves are the keys of every list; they need no names.
func moves(move func(key string) tea.Cmd) []Command {
	var commands []Command
	for _, k := range []string{"up", "down", "pgup", "pgdown", "home", "end", "k", "j", "G", "ctrl+b", "ctrl+f"} {
		commands = append(commands, Command{Keys: []string{k}, Do: func() tea.Cmd { return move(k) }})
	}
	return commands
}
