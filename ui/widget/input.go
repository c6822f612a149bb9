package widget

import (
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

// Input is one line of text being typed. The zero Input is empty.
type Input struct {
	text []rune
	at   int
}

// NewInput starts with text, the cursor behind it.
func NewInput(text string) Input {
	var in Input
	in.Insert(text)
	return in
}

func (in *Input) Text() string { return string(in.text) }
func (in *Input) Clear()       { in.text, in.at = nil, 0 }

// Insert puts text at the cursor, as typed or pasted; line ends become spaces and
// other control characters are left out.
func (in *Input) Insert(text string) {
	clean := strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r) || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, text)
	typed := []rune(clean)
	rest := append([]rune(nil), in.text[in.at:]...)
	in.text = append(append(in.text[:in.at], typed...), rest...)
	in.at += len(typed)
}

// Key takes a key by its name, and the text that it types if any. It says whether
// the text changed.
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

// word is where the word before the cursor begins.
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

// View draws the text in width cells, scrolled so that the cursor, drawn by
// cursor, is seen.
func (in *Input) View(width int, cursor func(...string) string) string {
	if width <= 0 {
		return ""
	}
	from := 0
	for from < in.at && ansi.StringWidth(string(in.text[from:in.at])) >= width {
		from++
	}
	under, after := " ", ""
	if in.at < len(in.text) {
		under, after = string(in.text[in.at]), string(in.text[in.at+1:])
	}
	return ansi.Truncate(string(in.text[from:in.at])+cursor(under)+after, width, "")
}
