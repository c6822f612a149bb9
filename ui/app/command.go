package app

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/page"
)

func place(menu, under, title, letter string) page.Place {
	return page.Place{Menu: menu, Under: under, Title: title, Letter: letter}
}

// chord returns the keys that lead to a command through the menus, as in the guide's key combinations.
func chord(c page.Command) string {
	if c.Menu.Menu == "" {
		return ""
	}
	keys := []string{"Alt+" + strings.ToUpper(letterOf(c.Menu.Menu))}
	if c.Menu.Under != "" {
		keys = append(keys, strings.ToUpper(letterOf(c.Menu.Under)))
	}
	return strings.Join(append(keys, strings.ToUpper(c.Menu.Letter)), " ")
}

const readOnlyWords = "this console was started with --read-only"

// readOnlyOff returns why a read-only console refuses to act, or "".
func (r *root) readOnlyOff() string {
	if r.readOnly {
		return readOnlyWords
	}
	return ""
}

// allowed disables the commands that a read-only console must not run.
func (r *root) allowed(commands []page.Command) []page.Command {
	if !r.readOnly {
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
func (r *root) pageCommands() []page.Command {
	if r.pages == nil {
		return nil
	}
	return once(r.allowed(r.commandsOf(r.active)))
}

// commandsOf returns the commands of a page. They answer to that page; those that are the console's
// are completed from its own.
func (r *root) commandsOf(id page.ID) []page.Command {
	commands, console := r.pages[id-1].Commands(), append(r.commands(), r.offered()...)
	for i, c := range commands {
		if c.Do != nil {
			commands[i].Do = func() tea.Cmd { return r.call(id, c.Do) }
			continue
		}
		if j := slices.IndexFunc(console, func(o page.Command) bool { return o.ID == c.ID }); j >= 0 {
			commands[i] = c.Or(console[j])
		}
	}
	return commands
}

// registry returns all current commands: those of the page in front first, then the console's. A
// key belongs to the first command that has it (TestTheRegistryIsWhole).
func (r *root) registry() []page.Command {
	front, console := r.pageCommands(), r.allowed(r.commands())
	for i, c := range front {
		if j := slices.IndexFunc(console, func(o page.Command) bool { return o.ID == c.ID && c.ID != "" }); j >= 0 {
			front[i].Menu = console[j].Menu
			front[i].Key.SetKeys(slices.Concat(c.Key.Keys(), console[j].Key.Keys())...)
		}
	}
	return once(append(front, console...))
}

func once(commands []page.Command) []page.Command {
	seen := map[string]bool{}
	return slices.DeleteFunc(commands, func(c page.Command) bool {
		again := c.ID != "" && seen[c.ID]
		seen[c.ID] = true
		return again
	})
}

// use runs a command, or shows why it is unavailable.
func (r *root) use(c page.Command) tea.Cmd {
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

func (r *root) refuse(c page.Command) {
	what := c.Label()
	if what == "" {
		what = c.Menu.Title
	}
	r.say("[%s] is off: %s", what, c.Off)
	r.refused = true
}
