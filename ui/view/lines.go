package view

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"dirbridge/ui/look"
)

// labelWidth is the column of labels.
const labelWidth = 10

// Lines returns a fact as lines of at most width cells, with its label before the first and its
// remedy below.
func Lines(l look.Look, f Fact, width int) []string {
	var out []string
	for i, part := range wrap(l.Arrows(l.Clean(f.Text)), max(width-labelWidth-2, 20)) {
		label := ""
		if i == 0 {
			label = f.Label
			if f.Tone == Bad {
				label = "! " + label
			}
		} else {
			part = "  " + part
		}
		out = append(out, strings.TrimRight(l.Fit(label, labelWidth)+part, " "))
	}
	if f.Remedy != "" {
		out = append(out, Lines(l, Fact{Text: f.Remedy}, width)...)
	}
	return out
}

// wrap breaks text at blanks and, because of DNs, after commas; a word longer than a line is broken
// anywhere.
func wrap(text string, width int) (out []string) {
	line := ""
	for text != "" {
		cut := strings.IndexAny(text, " ,") + 1
		if cut == 0 {
			cut = len(text)
		}
		part := text[:cut]
		text = text[cut:]
		if line != "" && look.Width(line+strings.TrimRight(part, " ")) > width {
			out, line = append(out, strings.TrimRight(line, " ")), ""
		}
		if line == "" && len(out) > 0 {
			part = strings.TrimLeft(part, " ")
		}
		for line += part; look.Width(strings.TrimRight(line, " ")) > width; {
			head := ansi.Truncate(line, width, "")
			if head == "" {
				break // no room for even one character
			}
			out, line = append(out, head), line[len(head):]
		}
	}
	return append(out, strings.TrimRight(line, " "))
}
