package widget

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Input is a one-line text field. The zero Input is empty.
type Input struct {
	text []rune
	at   int
}

// NewInput starts with text, the cursor after it.
func NewInput(text string) Input {
	var in Input
	in.Insert(text)
	return in
}

func (in *Input) Text() string { return string(in.text) }
func (in *Input) Clear()       { in.text, in.at = nil, 0 }

// limit is the maximum number of characters in an Input; pasted text beyond it is dropped.
const limit = 4096

// Insert puts typed or pasted text at the cursor. Line ends become spaces; control characters and
// text direction marks are dropped.
func (in *Input) Insert(text string) {
	if room := (limit - len(in.text)) * utf8.UTFMax; len(text) > room {
		text = text[:max(room, 0)]
	}
	clean := strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r) || r == unicode.ReplacementChar || unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, text)
	typed := []rune(clean)
	typed = typed[:min(len(typed), limit-len(in.text))]
	rest := append([]rune(nil), in.text[in.at:]...)
	in.text = append(append(in.text[:in.at], typed...), rest...)
	in.at += len(typed)
}

// Key handles a key by its name, and the text that it types, if any. It reports whether the text
// changed.
func (in *Input) Key(key, typed string) bool {
	switch key {
	case "left", "ctrl+b":
		in.at = max(in.at-1, 0)
	case "right", "ctrl+f":
		in.at = min(in.at+1, len(in.text))
	case "home", "ctrl+a":
		in.at = 0
	case "end", "ctrl+e":
		in.at = len(in.text)
	case "backspace", "ctrl+h":
		return in.erase(in.at-1, in.at)
	case "delete", "ctrl+d":
		return in.erase(in.at, in.at+1)
	case "ctrl+u":
		return in.erase(0, in.at)
	case "ctrl+k":
		return in.erase(in.at, len(in.text))
	case "ctrl+w":
		return in.erase(in.word(), in.at)
	default:
		if typed != "" {
			in.Insert(typed)
			return true
		}
	}
	return false
}

func (in *Input) erase(from, to int) bool {
	from, to = max(from, 0), min(to, len(in.text))
	if from >= to {
		return false
	}
	in.text = append(in.text[:from], in.text[to:]...)
	in.at = from
	return true
}

// word returns the start of the word before the cursor.
func (in *Input) word() int {
	i := in.at
	for i > 0 && in.text[i-1] == ' ' {
		i--
	}
	for i > 0 && in.text[i-1] != ' ' {
		i--
	}
	return i
}

// View draws the text in width cells, scrolled so that the cursor, drawn by cursor, is visible.
// clean makes text safe to draw.
func (in *Input) View(width int, clean func(string) string, cursor func(...string) string) string {
	if width <= 0 {
		return ""
	}
	from, cells := in.at, 0
	for from > 0 {
		if cells += ansi.StringWidth(clean(string(in.text[from-1]))); cells >= width {
			break
		}
		from--
	}
	under, after := " ", ""
	if in.at < len(in.text) {
		under, after = clean(string(in.text[in.at])), clean(string(in.text[in.at+1:min(in.at+1+width, len(in.text))]))
	}
	if ansi.StringWidth(under) == 0 { // a combining mark has no cell
		under = " "
	}
	return ansi.Truncate(clean(string(in.text[from:in.at]))+cursor(under)+after, width, "")
}
