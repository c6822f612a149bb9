package app

import (
	"cmp"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/page"
)

// menuName is a menu or a submenu, with the letter that opens it.
type menuName struct{ name, letter string }

// menuNames returns the menus, those of the bar first; the letters are those of the guide's key
// combinations. "Page" has the commands of the page in front.
func menuNames() []menuName {
	return []menuName{{"Actions", "a"}, {"Page", "p"}, {"Help", "h"}, {"Sync Now", "s"}, {"Synchronization Mode", "m"}}
}

// Menus of the bar.
const (
	menuActions = iota
	menuPage
	menuHelp
	barMenus
)

func letterOf(menu string) string {
	for _, m := range menuNames() {
		if m.name == menu {
			return m.letter
		}
	}
	return ""
}

// menu is the open menu bar: the current menu, and the cursor in it and in its open submenu.
type menu struct {
	bar  int
	at   []int
	note string // why the last choice was unavailable
}

// menuItem is a line of a menu: a command or a submenu.
type menuItem struct {
	title, letter string
	command       page.Command
	items         []menuItem
}

func (r *root) menuCommands() []page.Command {
	open := func(bar int) func() tea.Cmd {
		return func() tea.Cmd { r.openMenu(bar); return nil }
	}
	return []page.Command{
		{ID: "menu.actions", Key: page.KeysShown("F10 Alt+A", "", "f10", "alt+a", "alt+A"), Title: "open the menus",
			Do: open(menuActions)},
		{ID: "menu.page", Key: page.Keys("", "f9"), Title: "what can be done on this page", Do: open(menuPage)},
		{ID: "menu.help", Key: page.Keys("", "alt+h", "alt+H"), Title: "open the Help menu", Do: open(menuHelp)},
	}
}

func (r *root) openMenu(bar int) { r.menu = &menu{bar: bar, at: []int{0}} }

// items returns the lines of a menu of the bar. They are created for every key and frame, so that
// they show which commands are available now.
func (r *root) items(bar int) []menuItem {
	if bar == menuPage {
		return pageItems(r.pageCommands())
	}
	name, commands := menuNames()[bar].name, r.registry()
	var items []menuItem
	for _, own := range r.commands() {
		i := slices.IndexFunc(commands, func(c page.Command) bool { return c.ID == own.ID })
		c := commands[i]
		if c.Menu.Menu != name {
			continue
		}
		item := menuItem{title: c.Menu.Title, letter: c.Menu.Letter, command: c}
		if c.Menu.Under == "" {
			items = append(items, item)
			continue
		}
		at := slices.IndexFunc(items, func(i menuItem) bool { return i.title == c.Menu.Under })
		if at < 0 {
			at = len(items)
			items = append(items, menuItem{title: c.Menu.Under, letter: letterOf(c.Menu.Under)})
		}
		items[at].items = append(items[at].items, item)
	}
	return items
}

func pageItems(commands []page.Command) []menuItem {
	var items []menuItem
	for _, c := range commands {
		if c.ID == "" || c.Do == nil {
			continue
		}
		item := menuItem{title: c.Title, command: c}
		if c.Menu.Title != "" {
			item.title = c.Menu.Title
		}
		if k := cmp.Or(c.Key.Keys()...); len(k) == 1 {
			item.letter = k
		}
		items = append(items, item)
	}
	return items
}

// levels returns the open menus, starting at the bar.
func (r *root) levels() [][]menuItem {
	levels := [][]menuItem{r.items(r.menu.bar)}
	for _, at := range r.menu.at[:len(r.menu.at)-1] {
		levels = append(levels, levels[len(levels)-1][at].items)
	}
	return levels
}

// pressMenu handles a key while a menu is open. Letters work with Alt or without, because some
// users hold Alt down through a chord.
func (r *root) pressMenu(key string) tea.Cmd {
	m := r.menu
	m.note = ""
	levels := r.levels()
	last := len(levels) - 1
	items, at := levels[last], &m.at[last]
	*at = min(*at, max(len(items)-1, 0))
	switch key {
	case "esc", "left":
		switch {
		case last > 0:
			m.at = m.at[:last]
		case key == "esc":
			r.menu = nil
		default:
			r.openMenu((m.bar + barMenus - 1) % barMenus)
		}
	case "f9", "f10", "q":
		r.menu = nil
	case "up":
		*at = (*at + len(items) - 1) % max(len(items), 1)
	case "down":
		*at = (*at + 1) % max(len(items), 1)
	case "home":
		*at = 0
	case "end":
		*at = max(len(items)-1, 0)
	case "right":
		if *at < len(items) && items[*at].items != nil {
			return r.choose(items, *at)
		}
		r.openMenu((m.bar + 1) % barMenus)
	case "tab":
		r.openMenu((m.bar + 1) % barMenus)
	case "shift+tab":
		r.openMenu((m.bar + barMenus - 1) % barMenus)
	case "enter", "space":
		return r.choose(items, *at)
	default:
		return r.menuLetter(items, key)
	}
	return nil
}

func (r *root) menuLetter(items []menuItem, key string) tea.Cmd {
	letter, alt := strings.CutPrefix(key, "alt+")
	for _, same := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.EqualFold} {
		for i, item := range items {
			if item.letter != "" && same(item.letter, letter) {
				return r.choose(items, i)
			}
		}
	}
	for bar := range barMenus {
		if alt && strings.EqualFold(menuNames()[bar].letter, letter) {
			r.openMenu(bar)
		}
	}
	return nil
}

// choose opens the submenu, or runs the command and closes the menu. For an unavailable command,
// the menu stays open and says why.
func (r *root) choose(items []menuItem, i int) tea.Cmd {
	if i >= len(items) {
		return nil
	}
	m := r.menu
	m.at[len(m.at)-1] = i
	item := items[i]
	if item.items != nil {
		m.at = append(m.at, 0)
		return nil
	}
	if item.command.Off != "" {
		m.note = "Off: " + item.command.Off
		return nil
	}
	r.menu = nil
	return r.use(item.command)
}
