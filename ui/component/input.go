package component

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// Input is a one-line text field. The zero Input is empty. Editing is done by textinput. What goes
// in is cleaned before, since textinput accepts text direction marks; and the part that is visible
// is chosen here, since textinput counts characters and not cells.
type Input struct {
	model  textinput.Model
	ready  bool
	typing bool // on a page
}

// NewInput starts with text, the cursor after it.
func NewInput(text string) Input {
	var in Input
	in.Insert(text)
	return in
}

// limit is the maximum number of characters in an Input; pasted text beyond it is dropped.
const limit = 4096

func (in *Input) text() *textinput.Model {
	if !in.ready {
		in.model, in.ready = textinput.New(), true
		in.model.CharLimit = limit
		in.model.KeyMap.Paste.Unbind() // the terminal pastes; the clipboard of this machine is another one
		in.model.Focus()
	}
	return &in.model
}

func (in *Input) Text() string { return in.model.Value() }
func (in *Input) Clear()       { in.text().Reset() }

// Insert puts typed or pasted text at the cursor. Line ends become spaces; control characters and
// text direction marks are dropped.
func (in *Input) Insert(text string) {
	if most := limit * utf8.UTFMax; len(text) > most {
		text = text[:most]
	}
	m, _ := in.text().Update(tea.PasteMsg{Content: sanitized(text)})
	in.model = m
}

func sanitized(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r) || r == unicode.ReplacementChar || unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, text)
}

// Key handles a key. It reports whether the text changed.
func (in *Input) Key(k tea.KeyPressMsg) bool {
	before := in.Text()
	k.Text = sanitized(k.Text)
	m, _ := in.text().Update(k)
	in.model = m
	return in.Text() != before
}

// Begin starts typing on a page: until Enter keeps the text or Esc clears it, all keys are the field's.
func (in *Input) Begin() { in.typing = true }

// End ends typing.
func (in *Input) End() { in.typing = false }

// Typing reports whether a text is being typed on a page.
func (in *Input) Typing() bool { return in.typing }

// Type handles a key while a text is being typed on a page; move gets those that move the cursor of the
// list below. It reports whether the text changed.
func (in *Input) Type(k tea.KeyPressMsg, move func(key string) bool) bool {
	before := in.Text()
	switch name := k.String(); name {
	case "enter":
		in.End()
	case "esc":
		in.End()
		in.Clear()
	case "up", "down", "pgup", "pgdown":
		move(name)
	default:
		in.Key(k)
	}
	return in.Text() != before
}

// View draws the text in width cells, scrolled so that the cursor is visible. clean makes text safe
// to draw. TakeCursor finds the cursor in what is drawn.
func (in *Input) View(width int, clean func(string) string) string {
	if width <= 0 {
		return ""
	}
	text, at := []rune(in.text().Value()), in.model.Position()
	from, cells := at, 0
	for from > 0 {
		if cells += ansi.StringWidth(clean(string(text[from-1]))); cells >= width {
			break
		}
		from--
	}
	after := clean(string(text[at:min(at+1+width, len(text))]))
	return ansi.Truncate(clean(string(text[from:at]))+cursorMark+after, width, "")
}

// Lines draws the text in exactly rows lines of that width, scrolled so that the cursor is visible.
// Bubbles' textarea does not fit here: it keeps line ends, which a filter has not, draws what the
// terminal would act on, and has its own cursor.
func (in *Input) Lines(width, rows int, clean func(string) string) []string {
	text, at := []rune(in.text().Value()), in.model.Position()
	marked := clean(string(text[:at])) + cursorMark + clean(string(text[at:]))
	lines := strings.Split(ansi.Hardwrap(marked, max(width, 1), true), "\n")
	on := slices.IndexFunc(lines, func(line string) bool { return strings.Contains(line, cursorMark) })
	from := max(on-rows+1, 0)
	lines = append(lines[from:], make([]string, rows)...)
	return lines[:rows]
}

// cursorMark is where the terminal's cursor belongs: an application program command, which has no
// width. External text cannot contain it, since it is cleaned of control characters.
const cursorMark = "\x1b_cursor\x1b\\"

// TakeCursor removes the marks of cursors from lines, and returns the position of the last one. A
// terminal's own cursor is what screen readers, magnifiers and input methods follow.
func TakeCursor(lines []string) (x, y int, ok bool) {
	for i, line := range lines {
		if before, _, found := strings.Cut(line, cursorMark); found {
			x, y, ok = ansi.StringWidth(before), i, true
			lines[i] = strings.ReplaceAll(line, cursorMark, "")
		}
	}
	return x, y, ok
}
