package look

import (
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Clean makes external text safe to show: control characters, escape sequences, text direction
// marks, characters without width and invalid bytes become visible question marks, and line ends
// become blanks. So no directory and no cloud can write to the administrator's terminal, or start a
// line.
func Clean(s string) string {
	if plain(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case hostile(r):
			return '?'
		}
		return r
	}, s)
}

func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// hostile reports whether a character could do more on a terminal than appear.
func hostile(r rune) bool {
	return r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || !unicode.IsPrint(r) && r != ' '
}

// Lines is text with our own line ends, whose values are already clean. Args leaves it unchanged.
type Lines string

// Inline is Clean for a text that may mark a position within itself: a line of blanks and a caret
// stays a separate line. Nothing else gets its own line.
func Inline(s string) string {
	if !strings.Contains(s, "\n") {
		return Clean(s)
	}
	var b strings.Builder
	for i, line := range strings.Split(s, "\n") {
		switch {
		case i == 0:
		case strings.Trim(line, " ^") == "" && strings.Contains(line, "^"):
			b.WriteByte('\n')
		default:
			b.WriteByte(' ')
		}
		b.WriteString(Clean(line))
	}
	return b.String()
}

// Args makes arguments safe for formatting in one line: each text, error and list of texts becomes
// one line. Numbers stay as they are.
func Args(args []any) []any {
	out := make([]any, len(args))
	for i, arg := range args {
		out[i] = value(arg)
	}
	return out
}

func value(arg any) any {
	switch v := arg.(type) {
	case nil:
		return nil
	case Lines:
		return string(v)
	case string:
		return Inline(v)
	case error:
		return Inline(v.Error())
	case fmt.Stringer:
		return Inline(v.String())
	}
	switch v := reflect.ValueOf(arg); v.Kind() {
	case reflect.String:
		return Inline(v.String())
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		return arg
	}
	return Inline(fmt.Sprint(arg))
}

// Printf formats a line with external values.
func Printf(w io.Writer, format string, args ...any) error {
	_, err := fmt.Fprintf(w, format, Args(args)...)
	return err
}

// ErrorLines returns an error as lines; joined errors are on separate lines.
func ErrorLines(err error) []string {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var lines, texts []string
		for _, e := range joined.Unwrap() {
			lines, texts = append(lines, ErrorLines(e)...), append(texts, e.Error())
		}
		if strings.Join(texts, "\n") == err.Error() {
			return lines
		}
	}
	return []string{Inline(err.Error())}
}

// Writer is the last filter before a terminal, or before a file that may be shown on one. It lets
// through only printable characters, blanks, tabs and line ends. If JSON returns true, it escapes
// the rest in JSON syntax, since such characters appear there only within strings.
type Writer struct {
	To   io.Writer
	JSON func() bool // nil is never
	rest []byte      // start of an incomplete character
}

func (w *Writer) Write(p []byte) (int, error) {
	text := p
	if len(w.rest) > 0 {
		text = append(w.rest, p...)
		w.rest = nil
	}
	for i := 1; i < utf8.UTFMax && i <= len(text); i++ {
		if tail := text[len(text)-i:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				w.rest = append([]byte(nil), tail...)
				text = text[:len(text)-i]
			}
			break
		}
	}
	if _, err := io.WriteString(w.To, w.clean(string(text))); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (w *Writer) clean(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n' || r == '\t' || !hostile(r):
			b.WriteRune(r)
		case w.JSON == nil || !w.JSON():
			b.WriteByte('?')
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
