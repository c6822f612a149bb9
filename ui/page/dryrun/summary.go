package dryrun

import (
	"dirbridge/ui/look"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

// summaryLines returns the plan as a whole, in the guide's terms and order.
func (d *Model) summaryLines(width int) []string {
	l, h := d.host.Look, d.header()
	w := draw.Details{L: l, Width: width}
	w.Lines = append(w.Lines, "", l.Style.Head.Render(l.Cut(" Summary of "+view.PlanName(h)+", made "+
		look.Clock(d.host.Now(), h.Made), width)))
	w.Text(view.ReadFrom(h))
	w.Lines = append(w.Lines, "")
	for _, row := range view.Summary(h) {
		w.Lines = append(w.Lines, l.Cut(" "+l.Right(look.Number(row.Count), 9)+"  "+row.Words, width))
	}
	paragraph := func(mark, text string) {
		w.Lines = append(w.Lines, "")
		for i, s := range l.Wrap(l.Clean(text), width-4) {
			if i > 0 {
				mark = " "
			}
			w.Lines = append(w.Lines, " "+mark+" "+s)
		}
	}
	for _, f := range view.Notes(h, view.Console) {
		mark := " "
		if f.Tone != view.Normal {
			mark = l.Mark.Problem
		}
		paragraph(mark, f.Text)
	}
	for _, hold := range h.Holds {
		w.Lines = append(w.Lines, "")
		w.Lines = append(w.Lines, holdLines(l, hold, width, true)...)
	}
	for _, text := range d.leftOutWords() {
		paragraph("x", text)
	}
	return w.Lines
}
