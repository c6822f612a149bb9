package ui

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/component"
	"dirbridge/ui/look"
)

// finder is a dialog that filters a list of options as the user types: the command palette, and
// every choice with too many options for letters.
type finder struct {
	title   string
	input   component.Input
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
	f.matches, f.at, f.note = fuzzy(f.all, f.input.Text()), 0, ""
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
		if f.input.Key(k) {
			f.narrow()
		}
	}
	return nil, false
}

func (f *finder) view(l look.Look, width, height int) []string {
	lines := []string{" :" + f.input.View(width-2, l.Clean)}
	room := max(min(height-len(lines)-1, 12), 1)
	from := max(min(f.at-room/2, len(f.matches)-room), 0)
	for i := from; i < min(from+room, len(f.matches)); i++ {
		o := f.matches[i]
		tail := o.keys
		if o.off != "" {
			tail = "(not now)"
		}
		lines = append(lines, optionLine(l, l.Sides("   "+l.Clean(o.text), tail+" ", width), width, i == f.at, o.off))
	}
	if len(f.matches) == 0 {
		lines = append(lines, "   nothing has that name")
	}
	if note := whyNot(f.note, f.matches, f.at); note != "" {
		lines = append(lines, l.Style.Warn.Render(l.Cut(" "+l.Clean(note), width)))
	}
	return lines
}

func (f *finder) dress(frame *component.Panel) { frame.Title = f.title }

func (f *finder) hints() []Command {
	return []Command{{Keys: []string{"enter"}, Show: "Enter", Short: "do it"},
		{Keys: []string{"esc"}, Show: "Esc", Short: "back"}}
}

// palette finds any command by a few letters: those of the page in front first, then the console's.
// Unavailable commands are listed with the reason.
func (r *root) palette() tea.Cmd {
	var all []option
	for _, c := range r.registry() {
		if c.ID == "" || c.ID == "palette" || c.Do == nil {
			continue
		}
		keys := c.label()
		if keys == "" {
			keys = c.chord()
		}
		all = append(all, option{text: c.Title, keys: keys, off: c.Off, do: c.Do})
	}
	r.ask(newFinder("Commands: a few letters find one, Enter does it", all))
	return nil
}

// fuzzy returns the options that match every word of the query, the best first: a literal match
// comes before one whose letters only appear in order.
func fuzzy(all []option, query string) []option {
	type found struct {
		option
		cost int
	}
	var matches []found
	words := strings.Fields(strings.ToLower(query))
	for _, o := range all {
		total, ok := 0, true
		for _, word := range words {
			cost, has := fuzzyCost(strings.ToLower(o.text), word)
			total, ok = total+cost, ok && has
		}
		if ok {
			matches = append(matches, found{o, total})
		}
	}
	slices.SortStableFunc(matches, func(a, b found) int { return cmp.Compare(a.cost, b.cost) })
	options := make([]option, len(matches))
	for i, m := range matches {
		options[i] = m.option
	}
	return options
}

// fuzzyCost returns how far word is from being a prefix of a word in the text; ok is false if its
// letters do not even appear there in order.
func fuzzyCost(text, word string) (cost int, ok bool) {
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			break
		}
		if at := from + i; at == 0 || !letterBefore(text, at) {
			return at, true
		}
		cost, ok, from = 1000, true, from+i+1
	}
	if ok {
		return cost, true
	}
	rest := text
	for _, r := range word {
		i := strings.IndexRune(rest, r)
		if i < 0 {
			return 0, false
		}
		cost += i
		rest = rest[i+utf8.RuneLen(r):]
	}
	return 2000 + cost, true
}

func letterBefore(text string, at int) bool {
	r, _ := utf8.DecodeLastRuneInString(text[:at])
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}
