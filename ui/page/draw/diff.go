package draw

import (
	"slices"
	"strings"

	"dirbridge/sync/control"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
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

// render draws the text, the marked parts in a style.
func (m marked) render(style component.Styler) string {
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
			b.WriteString(part.String())
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

// diff writes a field of a change: old -> new, with the difference marked, and a note if the cloud
// is involved.
func (w *Details) diff(f control.Field) {
	l := w.L
	note := driftNote(f)
	if len(f.Old) > 1 || len(f.New) > 1 {
		w.lists(f, note)
		return
	}
	was, is := l.Clean(look.Values(f.Old)), l.Clean(look.Values(f.New))
	a, b := differing(was, is)
	if len(f.Old) == 0 || len(f.New) == 0 { // "(empty)" is not a value
		a, _ = differing(was, "")
		_, b = differing("", is)
	}
	arrow := " " + l.Mark.Arrow + " "
	label := l.Fit(l.Clean(f.Name), min(18, w.Width/3))
	indent := strings.Repeat(" ", look.Width(label)+2)
	room := max(w.Width-len(indent)-1, 8)
	put := func(before string, m marked) {
		w.Lines = append(w.Lines, before+m.render(l.Style.Diff))
		if under := m.carets(); l.Mark.ASCII && under != "" {
			w.Lines = append(w.Lines, strings.Repeat(" ", look.Width(before))+under)
		}
	}
	name := " " + l.Style.Dim.Render(label) + " "
	if a.width()+look.Width(arrow)+b.width() <= room {
		both := slices.Concat(a, plainly(arrow), b)
		put(name, both)
	} else {
		for i, line := range a.wrap(room) {
			if i > 0 {
				name = indent
			}
			put(name, line)
		}
		lead := l.Right(l.Mark.Arrow+" ", len(indent))
		for i, line := range b.wrap(room) {
			if i > 0 {
				lead = indent
			}
			put(lead, line)
		}
	}
	w.note(indent, note)
}

// lists writes a field with several values: those added and those removed.
func (w *Details) lists(f control.Field, note string) {
	l := w.L
	label := l.Fit(l.Clean(f.Name), min(18, w.Width/3))
	indent := strings.Repeat(" ", look.Width(label)+2)
	name := " " + l.Style.Dim.Render(label) + " "
	room := max(w.Width-len(indent)-3, 8)
	stay := 0
	put := func(mark, value string) {
		for i, s := range l.Wrap(l.Clean(value), room) {
			if i > 0 {
				mark = " "
			}
			w.Lines = append(w.Lines, name+mark+" "+s)
			name = indent
		}
	}
	for _, v := range f.Old {
		if slices.Contains(f.New, v) {
			stay++
		} else {
			put(l.Style.Take.Render(l.Mark.Take), v)
		}
	}
	for _, v := range f.New {
		if !slices.Contains(f.Old, v) {
			put(l.Style.Add.Render(l.Mark.Add), v)
		}
	}
	if stay > 0 {
		put(" ", look.Count(int64(stay), "value stays", "values stay"))
	}
	w.note(indent, note)
}

func (w *Details) note(indent, text string) {
	if text == "" {
		return
	}
	for _, s := range w.L.Wrap(text, max(w.Width-len(indent)-1, 8)) {
		w.Lines = append(w.Lines, indent+w.L.Style.Warn.Render(s))
	}
}

func plainly(s string) marked {
	var m marked
	for _, r := range s {
		m = append(m, markedRune{r: r})
	}
	return m
}

// driftNote says that a field was changed in the cloud by hand; "" if it was not.
func driftNote(f control.Field) string {
	switch {
	case f.Drift:
		return "[changed in the cloud by hand]"
	case f.Both && f.Mapping:
		return "[changed with the mapping; also in the cloud by hand]"
	case f.Both:
		return "[changed in the directory; also in the cloud by hand]"
	}
	return ""
}
