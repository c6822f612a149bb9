package look

import (
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

// Width returns the number of cells that s takes. Most texts are ASCII without styles, where it is the
// number of bytes.
func Width(s string) int {
	if plain(s) {
		return len(s)
	}
	return ansi.StringWidth(s)
}

// Clean is the function Clean. For a seven-bit terminal, it also replaces everything that the
// terminal cannot show with a question mark.
func (l Look) Clean(s string) string {
	if s = Clean(s); !l.SevenBit || plain(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII {
			return '?'
		}
		return r
	}, s)
}

// Cut shortens s, which may be styled, to at most width cells.
func (l Look) Cut(s string, width int) string {
	if width <= 0 {
		return ""
	}
	if len(s) <= width || Width(s) <= width { // no cell has less than a byte
		return s
	}
	tail := l.Mark.Ellipsis
	if Width(tail)*2 > width {
		tail = ""
	}
	return ansi.Truncate(s, width, tail)
}

// Fit makes s exactly width cells wide: cut at the right, or padded.
func (l Look) Fit(s string, width int) string {
	if width <= 0 {
		return ""
	}
	s = l.Cut(s, width)
	if n := width - Width(s); n > 0 {
		s += strings.Repeat(" ", n)
	}
	return s
}

// Right makes s exactly width cells wide, aligned right.
func (l Look) Right(s string, width int) string {
	s = l.Cut(s, width)
	if n := width - Width(s); n > 0 {
		s = strings.Repeat(" ", n) + s
	}
	return s
}

// Sides puts left and right at the two ends of a line of width cells. If both do not fit, left is
// cut.
func (l Look) Sides(left, right string, width int) string {
	if right == "" {
		return l.Fit(left, width)
	}
	right = l.Cut(right, width)
	return l.Fit(left, width-Width(right)-1) + l.Fit(" ", min(1, width-Width(right))) + right
}

// Wrap breaks plain text into lines of at most width cells, at spaces and, because of DNs, at
// commas. Arrows are drawn as the terminal can.
func (l Look) Wrap(s string, width int) []string {
	if width <= 0 {
		return nil
	}
	return strings.Split(ansi.Wrap(l.Arrows(s), width, ","), "\n")
}

// Arrows draws the arrows of a text, which are ASCII in every source of texts, as the terminal can.
func (l Look) Arrows(text string) string {
	if l.Mark.Arrow == "" {
		return text
	}
	return strings.ReplaceAll(text, " -> ", " "+l.Mark.Arrow+" ")
}

// Line returns a rule of width cells.
func (l Look) Line(width int) string {
	return l.Style.Rule.Render(strings.Repeat(l.Mark.Rule, max(0, width)))
}

// Plot draws values as bars in rows lines, scaled to the highest; a bar above zero has at least one
// mark.
func (l Look) Plot(values []int64, rows int) []string {
	var top int64 = 1
	for _, v := range values {
		top = max(top, v)
	}
	lines := make([]string, max(rows, 0))
	levels := int64(len(l.Mark.Levels))
	for i := range lines {
		var b strings.Builder
		below := int64(rows-1-i) * levels // steps in the lines below this one
		for _, v := range values {
			steps := int64(float64(v)/float64(top)*float64(int64(rows)*levels)+0.5) - below
			if v > 0 && below == 0 {
				steps = max(steps, 1)
			}
			switch {
			case steps <= 0:
				b.WriteString(" ")
			case steps >= levels:
				b.WriteRune(l.Mark.Full)
			default:
				b.WriteString(l.Mark.Levels[steps-1])
			}
		}
		lines[i] = b.String()
	}
	return lines
}

// Spark draws values as a line of small bars, scaled to the highest.
func (l Look) Spark(values []int64) string {
	var top int64
	for _, v := range values {
		top = max(top, v)
	}
	var b strings.Builder
	for _, v := range values {
		i := 0
		if top > 0 && v > 0 {
			i = 1 + int(float64(v)/float64(top)*float64(len(l.Mark.Levels)-2)+0.5)
		}
		b.WriteString(l.Mark.Levels[min(i, len(l.Mark.Levels)-1)])
	}
	return b.String()
}

// Fold breaks plain text into lines of at most width cells, at least 20. It breaks only at blanks,
// so that names and paths stay whole; a word longer than a line, such as a DN, is broken after
// commas, or anywhere if there are none.
func Fold(text string, width int) (out []string) {
	width = max(width, 20)
	line := ""
	for _, word := range strings.Split(text, " ") {
		switch {
		case line == "" && len(out) == 0:
			line = word
		case Width(line)+1+Width(word) <= width:
			line += " " + word
		default:
			out, line = append(out, line), word
		}
		for Width(line) > width {
			head := ansi.Truncate(line, width, "")
			if head == "" {
				break // no room for even one character
			}
			if comma := strings.LastIndexByte(head, ','); comma > 0 {
				head = head[:comma+1]
			}
			out, line = append(out, strings.TrimRight(head, " ")), line[len(head):]
		}
	}
	return append(out, line)
}
