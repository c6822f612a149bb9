package component

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"dirbridge/ui/look"
	"dirbridge/ui/page"
)

// finder is a dialog that filters a list of options as the user types: the command palette, the keys,
// and every choice with too many options for letters. Its size stays while the list shrinks. Bubbles'
// list was tried: it is slower, ranks by letters alone, and does not find keys.
type finder struct {
	title   string
	Foot    string                // below the list
	ByKey   bool                  // the keys stand first
	Typed   func(string) []Option // options made of what is typed, below those that match; nil is none
	names   int                   // the width of names before their descriptions
	input   Input
	all     []Option
	matches []Option
	at      int
	note    string
	from    int // the first visible match in the last view
}

func NewFinder(title string, all []Option) *finder {
	return &finder{title: title, all: all, matches: all}
}

// Paste inserts pasted text.
func (f *finder) Paste(text string) tea.Cmd {
	f.input.Insert(text)
	f.narrow()
	return nil
}

// Wide says that it needs room.
func (f *finder) Wide() bool { return true }

func (f *finder) narrow() {
	f.matches, f.at, f.note = Fuzzy(f.all, f.input.Text()), 0, ""
	for _, o := range f.all {
		named := slices.ContainsFunc(f.matches, func(m Option) bool { return m.Text == o.Text })
		if !named && o.More != "" && Contains(o.More, f.input.Text()) {
			f.matches = append(f.matches, o)
		}
	}
	if f.Typed != nil { // what is typed may be no option at all, so that only literal matches are meant
		text := f.input.Text()
		f.matches = slices.DeleteFunc(f.matches, func(o Option) bool { return !Contains(o.Text, text) })
		f.matches = append(f.matches, f.Typed(text)...)
	}
}

func (f *finder) Key(k tea.KeyPressMsg) (tea.Cmd, bool) {
	f.note = ""
	switch k.String() {
	case "esc":
		return nil, true
	case "enter":
		if f.at >= len(f.matches) {
			return nil, false
		}
		o := f.matches[f.at]
		if o.Off != "" {
			f.note = "Off: " + o.Off
			return nil, false
		}
		return o.Do(), true
	}
	if to, ok := page.Moved(page.ChoiceKeys(), k.String(), f.at, 10, len(f.matches)); ok {
		f.at = to
	} else if f.input.Key(k) {
		f.narrow()
	}
	return nil, false
}

func (f *finder) View(l look.Look, width, height int) []string {
	lines := []string{" " + l.Style.Key.Render(":") + f.input.View(width-2, l.Clean)}
	room := max(min(height-3, len(f.all)), 1)
	if !f.ByKey {
		room = min(room, 16)
	}
	f.from = max(min(f.at-room/2, len(f.matches)-room), 0)
	table := f.table(l, width)
	for i := f.from; i < min(f.from+room, len(f.matches)); i++ {
		lines = append(lines, table.Row(f.cells(l, f.matches[i]), i == f.at))
	}
	if len(f.matches) == 0 {
		lines = append(lines, " No match.")
	}
	for len(lines) < room+1 {
		lines = append(lines, "")
	}
	if note := whyNot(f.note, f.matches, f.at); note != "" {
		return append(lines, l.Style.Warn.Render(l.Cut(" "+l.Clean(note), width)))
	}
	return append(lines, l.Style.Dim.Render(l.Cut(" "+l.Clean(f.Foot), width)))
}

// table returns the columns: name with its description, and keys, as far as the options have them. If
// there is room, the descriptions are aligned.
func (f *finder) table(l look.Look, width int) Table {
	keys := 0
	f.names = 0
	for _, o := range f.all {
		if o.About != "" && width >= 90 {
			f.names = min(max(f.names, look.Width(o.Text)), 44)
		}
		keys = max(keys, look.Width(o.Keys)+2)
	}
	columns := []Column{{Width: 10, Grow: 1}}
	switch {
	case keys > 2 && f.ByKey:
		columns = append([]Column{{Width: keys}}, columns...)
	case keys > 2:
		columns = append(columns, Column{Width: keys, Right: true})
	}
	return NewTable(l, width, columns...)
}

func (f *finder) cells(l look.Look, o Option) (cells []Cell) {
	plain, match := Styler(nil), Styler(l.Style.Match)
	keys := Styled(o.Keys, l.Style.Key)
	if o.Off != "" {
		plain, keys = l.Style.Dim, Styled("("+o.Keys+")", l.Style.Dim)
	}
	if f.ByKey {
		cells = append(cells, keys)
	}
	name := Marked(o.Text, f.input.Text(), plain, match)
	if o.About != "" {
		apart := strings.Repeat(" ", max(f.names-look.Width(o.Text), 0)+gap)
		name = slices.Concat(name, Text(apart), Marked(o.About, f.input.Text(), l.Style.Dim, match))
	}
	cells = append(cells, name)
	if !f.ByKey {
		cells = append(cells, keys)
	}
	return cells
}

func (f *finder) Dress(frame *Panel) {
	frame.Title = f.title
	if frame.Foot = look.Number(int64(len(f.matches))) + " of " + look.Number(int64(len(f.all))); f.Typed != nil {
		frame.Foot = "" // more can be typed than is listed
	}
	shown := int64(frame.Height - 4)
	frame.Scroll = Extent{From: int64(f.from), Shown: shown, Total: int64(len(f.matches))}
}

// Click chooses the option of a line.
func (f *finder) Click(line int) string {
	if at := f.from + line - 1; line > 0 && at < len(f.matches) {
		f.at = at
		return "enter"
	}
	return ""
}

func (f *finder) Hints() []key.Binding {
	return []key.Binding{page.Keys("choose", "enter"), page.Keys("back", "esc")}
}

// Fuzzy returns the options that match every word of the query, the best first: the key itself, then a
// literal match, then one whose letters only appear in order. Accents make no difference.
func Fuzzy(all []Option, query string) []Option {
	type found struct {
		Option
		cost int
	}
	var matches []found
	words := strings.Fields(Folded(query))
	for _, o := range all {
		total, ok := 0, true
		text := Folded(strings.TrimRight(o.Text+" "+o.About, " "))
		for _, word := range words {
			cost, has := fuzzyCost(text, word)
			total, ok = total+cost, ok && has
		}
		if o.Keys != "" && (o.Keys == query || len(query) > 1 && strings.EqualFold(o.Keys, query)) { // a key, as it is typed
			total, ok = -1, true
		}
		if ok {
			matches = append(matches, found{o, total})
		}
	}
	slices.SortStableFunc(matches, func(a, b found) int { return cmp.Compare(a.cost, b.cost) })
	options := make([]Option, len(matches))
	for i, m := range matches {
		options[i] = m.Option
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
