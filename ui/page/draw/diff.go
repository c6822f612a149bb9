package draw

import (
	"slices"
	"strings"

	"charm.land/lipgloss/v2"

	"dirbridge/sync/control"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/view"
)

// marked is text in which some runes are marked as different.
type marked []markedRune

type markedRune struct {
	r  rune
	on bool
}

// differing marks the parts of two texts that differ. If the texts share little, nothing is marked,
// because everything differs.
func differing(before, after string) (a, b marked) {
	x, y := []rune(before), []rune(after)
	head := 0
	for head < len(x) && head < len(y) && x[head] == y[head] {
		head++
	}
	tail := 0
	for tail < len(x)-head && tail < len(y)-head && x[len(x)-1-tail] == y[len(y)-1-tail] {
		tail++
	}
	some := (head+tail)*3 >= max(len(x), len(y))
	mark := func(text []rune) marked {
		m := make(marked, len(text))
		for i, r := range text {
			m[i] = markedRune{r, some && i >= head && i < len(text)-tail}
		}
		return m
	}
	return mark(x), mark(y)
}

func (m marked) width() int {
	var b strings.Builder
	for _, r := range m {
		b.WriteRune(r.r)
	}
	return look.Width(b.String())
}

// wrap breaks at spaces and after commas, or anywhere if there are none.
func (m marked) wrap(width int) []marked {
	var lines []marked
	for m.width() > width && width > 1 {
		end := 0
		for end < len(m) && m[:end+1].width() <= width {
			end++
		}
		cut := end
		for i := end; i > end/2; i-- {
			if m[i-1].r == ' ' || m[i-1].r == ',' {
				cut = i
				break
			}
		}
		cut = max(cut, 1)
		lines, m = append(lines, m[:cut]), m[cut:]
	}
	return append(lines, m)
}

// render draws the text in one style, and the marked parts in another.
func (m marked) render(plain, style component.Styler) string {
	var b strings.Builder
	for i := 0; i < len(m); {
		j := i
		var part strings.Builder
		for ; j < len(m) && m[j].on == m[i].on; j++ {
			part.WriteRune(m[j].r)
		}
		if m[i].on {
			b.WriteString(style.Render(part.String()))
		} else {
			b.WriteString(plain.Render(part.String()))
		}
		i = j
	}
	return b.String()
}

// carets returns carets under the marked parts, for terminals without underlining.
func (m marked) carets() string {
	var b strings.Builder
	for _, r := range m {
		b.WriteString(strings.Repeat(map[bool]string{true: "^", false: " "}[r.on], look.Width(string(r.r))))
	}
	return strings.TrimRight(b.String(), " ")
}

// field writes a field of a change: its name, the old value, the new one, with the parts marked that
// differ, and a note if the cloud is involved. Of a new object, it writes the value alone.
func (w *Details) field(f control.Field, added bool) {
	l := w.L
	if added && len(f.New) == 1 {
		w.Fact(f.Name, f.New[0])
		return
	}
	w.line(f.Name, nil)
	note := sourceNote(f)
	if len(f.Old) > 1 || len(f.New) > 1 {
		w.lists(f, note)
		return
	}
	was, is := l.Clean(value(f.Old)), l.Clean(value(f.New))
	a, b := differing(was, is)
	if len(f.Old) == 0 || len(f.New) == 0 { // "(none)" is not a value
		a, _ = differing(was, "")
		_, b = differing("", is)
	}
	w.side(l.Mark.Take, a, l.Style.Take)
	w.side(l.Mark.Add, b, l.Style.Add)
	w.note("   ", note)
}

func value(values []string) string {
	if len(values) == 0 {
		return "(none)"
	}
	return look.Values(values)
}

// side writes one side of a difference after its mark; the parts that differ are on a background.
func (w *Details) side(mark string, m marked, style lipgloss.Style) {
	lead := " " + mark + " "
	for _, part := range m.wrap(max(w.Width-4, 8)) {
		w.Lines = append(w.Lines, style.Render(lead)+part.render(style, style.Reverse(true)))
		if under := part.carets(); w.L.Mark.ASCII && under != "" {
			w.Lines = append(w.Lines, "   "+under)
		}
		lead = "   "
	}
}

// lists writes a field with several values: those added and those removed.
func (w *Details) lists(f control.Field, note string) {
	l := w.L
	stay := 0
	put := func(mark, value string, style component.Styler) {
		for _, s := range l.Wrap(l.Clean(value), max(w.Width-4, 8)) {
			w.Lines = append(w.Lines, style.Render(" "+mark+" "+s))
			mark = " "
		}
	}
	for _, v := range f.Old {
		if slices.Contains(f.New, v) {
			stay++
		} else {
			put(l.Mark.Take, v, l.Style.Take)
		}
	}
	for _, v := range f.New {
		if !slices.Contains(f.Old, v) {
			put(l.Mark.Add, v, l.Style.Add)
		}
	}
	if stay > 0 {
		put(" ", look.Count(int64(stay), "value stays", "values stay"), l.Style.Dim)
	}
	w.note("   ", note)
}

func (w *Details) note(indent, text string) {
	if text == "" {
		return
	}
	for _, s := range w.L.Wrap(text, max(w.Width-len(indent)-1, 8)) {
		w.Lines = append(w.Lines, indent+w.L.Style.Warn.Render(s))
	}
}

// sourceNote says why a field differs, in brackets; "" if the directory's change is the reason.
func sourceNote(f control.Field) string {
	if why := view.FieldSource(f); why != "" {
		return "[" + why + "]"
	}
	return ""
}
