package component

import (
	"regexp"
	"strings"

	"dirbridge/ui/look"
)

// Markdown draws text of the program's own help: headings, paragraphs, lists, tables without heads,
// blocks that are indented by four blanks, and in a line **bold**, *name*, `key` and [text](address).
// Glamour draws all of Markdown and adds 6.3 MB to the program.
func Markdown(l look.Look, text string, width int) []string {
	m := markdown{l: l, width: width}
	for _, block := range strings.Split(strings.TrimSpace(text), "\n\n") {
		m.block(strings.Split(strings.Trim(block, "\n"), "\n"))
	}
	return m.lines
}

type markdown struct {
	l     look.Look
	width int
	lines []string
}

// block draws the lines between two empty ones.
func (m *markdown) block(lines []string) {
	if len(m.lines) > 0 {
		m.lines = append(m.lines, "")
	}
	first := lines[0]
	switch {
	case strings.HasPrefix(first, "# "):
		m.flow("", strings.TrimPrefix(first, "# "), m.l.Style.Head)
	case strings.HasPrefix(first, "    "):
		for _, line := range lines {
			m.lines = append(m.lines, " "+m.l.Style.Key.Render(m.l.Cut(m.l.Clean(line), m.width-2)))
		}
	case strings.HasPrefix(first, "|"):
		m.table(lines)
	default:
		m.paragraphs(lines)
	}
}

var item = regexp.MustCompile(`^(-|\d+\.) `)

// paragraphs draws running text and the items of a list.
func (m *markdown) paragraphs(lines []string) {
	for i := 0; i < len(lines); {
		mark := item.FindString(lines[i])
		text := strings.TrimPrefix(lines[i], mark)
		for i++; i < len(lines) && !item.MatchString(lines[i]); i++ {
			text += " " + strings.TrimSpace(lines[i])
		}
		m.flow(mark, text, nil)
	}
}

// table draws rows of two cells: the second wraps beside the first.
func (m *markdown) table(lines []string) {
	heads, texts := make([]string, len(lines)), make([]string, len(lines))
	width := 0
	for i, line := range lines {
		head, text, _ := strings.Cut(strings.Trim(line, "| "), " | ")
		texts[i] = text
		for _, r := range m.runs(head, nil) {
			heads[i] += rendered(r)
		}
		width = max(width, look.Width(heads[i]))
	}
	for i, head := range heads {
		m.flow(m.l.Fit(head, min(width, m.width/3))+"  ", texts[i], nil)
	}
}

// flow draws a text after a mark, which its further lines leave free. It breaks lines between words;
// styles do not reach across lines, so that each can be cut and drawn over.
func (m *markdown) flow(mark, text string, style Styler) {
	indent := look.Width(mark)
	room := max(min(m.width, 100)-indent-2, 8)
	line, used := "", 0
	end := func() {
		m.lines = append(m.lines, " "+mark+line)
		mark, line, used = strings.Repeat(" ", indent), "", 0
	}
	for _, word := range m.words(text, style) {
		if used > 0 && used+1+word.width > room {
			end()
		}
		if used > 0 {
			line, used = line+word.before, used+1
		}
		line, used = line+m.l.Cut(word.text, room), used+word.width
	}
	end()
}

// word is what must stay in one line, already in its style; before is the blank that parts it from the
// word before, in the style that both share.
type word struct {
	text, before string
	width        int
}

func (m *markdown) words(text string, style Styler) (words []word) {
	open := false // the last word goes on
	for _, r := range m.runs(text, style) {
		for i, part := range strings.Split(r.Text, " ") {
			if i > 0 {
				open = false
			}
			if part == "" {
				continue
			}
			drawn := rendered(Run{part, r.Style})
			if open {
				last := &words[len(words)-1]
				last.text, last.width = last.text+drawn, last.width+look.Width(part)
				continue
			}
			before := " "
			if i > 0 && r.Style != nil {
				before = rendered(Run{" ", r.Style})
			}
			words, open = append(words, word{drawn, before, look.Width(part)}), true
		}
		open = !strings.HasSuffix(r.Text, " ")
	}
	return words
}

func rendered(r Run) string {
	if r.Style == nil {
		return r.Text
	}
	return r.Style.Render(r.Text)
}

var inline = regexp.MustCompile("\\*\\*([^*]+)\\*\\*|\\*([^* ][^*]*)\\*|`([^`]+)`|\\[([^\\]]+)\\]\\(([^)]+)\\)")

// runs parts a text by its styles.
func (m *markdown) runs(text string, style Styler) (runs Cell) {
	s := m.l.Style
	last := 0
	add := func(text string, style Styler) {
		if text != "" {
			runs = append(runs, Run{m.l.Clean(text), style})
		}
	}
	for _, at := range inline.FindAllStringSubmatchIndex(text, -1) {
		add(text[last:at[0]], style)
		last = at[1]
		part := func(n int) string { return text[at[2*n]:at[2*n+1]] }
		switch {
		case at[2] >= 0:
			add(part(1), s.Title)
		case at[4] >= 0:
			add(part(2), s.Title)
		case at[6] >= 0:
			add(part(3), s.Key)
		case m.l.Links:
			add(part(4), s.Key.Underline(true).Hyperlink(part(5)))
		default:
			add(part(4)+" ("+part(5)+")", style)
		}
	}
	add(text[last:], style)
	return runs
}
