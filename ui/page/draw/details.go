package draw

import (
	"strings"

	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/view"
)

// Details collects lines with names and values.
type Details struct {
	L     look.Look
	Width int
	Lines []string
}

// Text writes a paragraph.
func (w *Details) Text(s string) {
	for _, line := range w.L.Wrap(w.L.Clean(s), w.Width-2) {
		w.Lines = append(w.Lines, " "+line)
	}
}

// line writes one line, cut where the width ends; nil is no style.
func (w *Details) line(s string, style component.Styler) {
	s = " " + w.L.Cut(w.L.Clean(s), w.Width-2)
	if style != nil {
		s = style.Render(s)
	}
	w.Lines = append(w.Lines, s)
}

// Remedy writes a remedy, in the words of the console.
func (w *Details) Remedy(text string) { w.Fact("remedy", view.In(view.Console, text)) }

// Facts writes facts, each with its remedy below.
func (w *Details) Facts(all []view.Fact) {
	for _, f := range all {
		if f.Label == "" {
			w.Text(f.Text)
		} else {
			w.Fact(f.Label, f.Text)
		}
		w.Remedy(f.Remedy)
	}
}

// Fact writes a name and its value, or nothing if the value is empty.
func (w *Details) Fact(name, value string) {
	if value == "" {
		return
	}
	label := w.L.Style.Dim.Render(w.L.Fit(w.L.Clean(name), min(18, w.Width/3)))
	for i, line := range w.L.Wrap(w.L.Clean(value), max(w.Width-look.Width(label)-3, 8)) {
		if i > 0 {
			label = strings.Repeat(" ", look.Width(label))
		}
		w.Lines = append(w.Lines, " "+label+" "+line)
	}
}
