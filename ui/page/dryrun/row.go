package dryrun

import (
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

// rowText returns a row of a plan as a mark, a name, and the most important words.
func rowText(l look.Look, row planRow) (mark, key, rest string, style component.Styler) {
	switch {
	case row.group != nil:
		return " ", look.Number(row.group.count), groupWords(row.group), l.Style.Key
	case row.problem != nil:
		p := row.problem
		return l.Mark.Problem, p.DN, view.Problem(*p), l.Style.Bad
	case row.waits != nil:
		return l.Mark.Problem, row.waits.Person.Key, row.waits.Rule + ": account " + row.waits.Account.Key, l.Style.Warn
	case row.account != nil:
		u := row.account
		if u.ListedApart() {
			return l.Mark.Star, u.Key, view.Unmatched(*u), l.Style.Dim
		}
		return "?", u.Key, view.Unmatched(*u), l.Style.Warn
	case row.change != nil:
		mark, style = draw.ChangeMark(l, row.change)
		return mark, row.name(l), l.Arrows(view.ChangeWords(row.change, view.Console)), style
	}
	return " ", "", "", l.Style.Dim
}

// rowDetails returns what is known of a row, in lines of at most width cells; ids are omitted unless
// asked for.
func rowDetails(l look.Look, row planRow, width int, ids bool) []string {
	w := draw.Details{L: l, Width: width}
	switch {
	case row.group != nil:
		w.Text(groupWords(row.group))
		w.Fact("changes", look.Number(row.group.count)+"; Enter shows them, Space leaves them out")
		if n := row.group.left; n > 0 {
			w.Fact("excluded", look.Number(n)+" of them")
		}
	case row.problem != nil:
		w.Facts(view.ProblemFacts(*row.problem, view.Console))
	case row.waits != nil:
		w.Facts(view.WithheldFacts(*row.waits, view.Console))
	case row.account != nil:
		w.Facts(view.UnmatchedFacts(*row.account))
	case row.change != nil:
		draw.ChangeDetails(&w, row.change, row.name(l), ids)
	}
	return w.Lines
}
