package ui

import (
	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/look"
	"dirbridge/ui/widget"
)

// finder is a dialog that narrows a list of options by what is typed: the command
// palette, and every choice that is too long for letters.
type finder struct {
	title   string
	input   widget.Input
	all     []option
	matches []option
	at      int
	note    string
}

func newFinder(title string, all []option) *finder {
	return &finder{title: title, all: all, matches: all}
}

func (f *finder) paste(text string) { f.input.Insert(text); f.narrow() }

func (f *finder) narrow() {
	f.matches, f.at, f.note = nil, 0, ""
	for _, o := range f.all {
		if sameText(o.text, f.input.Text()) {
			f.matches = append(f.matches, o)
		}
	}
}

func (f *finder) key(k tea.KeyPressMsg) (tea.Cmd, bool) {
	switch k.String() {
	case "esc":
		return nil, true
	case "up", "shift+tab":
		f.at = max(f.at-1, 0)
	case "down", "tab":
		f.at = max(min(f.at+1, len(f.matches)-1), 0)
	case "enter":
		if f.at >= len(f.matches) {
			return nil, false
		}
		o := f.matches[f.at]
		if o.off != "" {
			f.note = "Not now: " + o.off
			return nil, false
		}
		return o.do(), true
	default:
		if f.input.Key(k.String(), k.Text) {
			f.narrow()
		}
	}
	return nil, false
}

func (f *finder) view(l look.Look, width, height int) []string {
	lines := head(l, f.title, nil, width)
	lines = append(lines, " :"+f.input.View(width-2, l.Style.Cursor.Render))
	room := max(min(height-len(lines)-1, 12), 1)
	from := max(min(f.at-room/2, len(f.matches)-room), 0)
	for i := from; i < min(from+room, len(f.matches)); i++ {
		o := f.matches[i]
		text := "   " + l.Clean(o.text)
		if o.off != "" {
			text += "  (not now)"
		}
		text = l.Fit(text, width)
		if i == f.at {
			text = l.Style.Cursor.Render(text)
		}
		lines = append(lines, text)
	}
	if len(f.matches) == 0 {
		lines = append(lines, "   nothing has that name")
	}
	if f.note != "" {
		lines = append(lines, l.Style.Warn.Render(l.Cut(" "+f.note, width)))
	}
	return lines
}

func (f *finder) hints() []Key {
	return []Key{{On: []string{"enter"}, Show: "Enter", Short: "do it"}, {On: []string{"esc"}, Show: "Esc", Short: "back"}}
}

// palette offers what the page in front can do, then the console's own commands.
func (r *root) palette() tea.Cmd {
	var all []option
	for _, k := range r.page().Keys() {
		if k.Do != nil && k.Help != "" {
			all = append(all, option{text: k.Help, off: k.Off, do: k.Do})
		}
	}
	for _, k := range r.keys() {
		if k.Do != nil && k.On[0] != ":" && k.On[0] != "alt+a" {
			all = append(all, option{text: k.Help, off: k.Off, do: k.Do})
		}
	}
	all = append(all,
		option{text: "marks: ASCII or line drawing", do: func() tea.Cmd { r.setLook(r.look.Theme, !r.look.Mark.ASCII); return nil }})
	for _, theme := range look.Themes() {
		all = append(all, option{text: "theme " + theme, do: func() tea.Cmd { r.setLook(theme, r.look.Mark.ASCII); return nil }})
	}
	r.ask(newFinder("Commands: type to find, Enter does it", all))
	return nil
}
