package dryrun

import (
	"strings"

	"dirbridge/sync/identity"
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
		if p.Attribute != "" {
			rest = p.Attribute + ": "
		}
		return l.Mark.Problem, p.DN, rest + problemWords(p), l.Style.Bad
	case row.waits != nil:
		return l.Mark.Problem, row.waits.Person.Key, row.waits.Rule + ": account " + row.waits.Account.Key, l.Style.Warn
	case row.account != nil:
		u := row.account
		rest = u.Name
		if u.Admin {
			rest += ", full administrator"
		}
		if u.Kept != "" {
			rest += "; kept: " + u.Kept
		}
		if u.ListedApart() {
			return l.Mark.Star, u.Key, u.Kept, l.Style.Dim
		}
		return "?", u.Key, strings.TrimPrefix(rest, ", "), l.Style.Warn
	case row.change != nil:
		mark, style = draw.ChangeMark(l, row.change)
		return mark, row.name(l), l.Arrows(view.ChangeWords(row.change, view.Console)), style
	}
	return " ", "", "", l.Style.Dim
}

// problemWords returns the message without the leading DN of the guide's form: the record is shown
// beside it.
func problemWords(p *identity.Problem) string {
	return strings.TrimPrefix(p.Message, "For "+p.DN+", ")
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
		p := row.problem
		w.Text(problemWords(p))
		w.Remedy(p.Remedy)
		w.Fact("record", p.DN)
		w.Fact("field", p.Attribute)
		w.Fact("side", string(p.Side))
	case row.waits != nil:
		w.Facts(view.WithheldFacts(*row.waits, view.Console))
	case row.account != nil:
		u := row.account
		w.Fact("account", u.Key)
		w.Fact("name", u.Name)
		w.Fact("id", string(u.ID))
		switch {
		case u.ListedApart():
			w.Fact("left alone", u.Kept)
		case u.Kept != "":
			w.Fact("kept", u.Kept)
		default:
			w.Text("No directory knows it: the plan deactivates it, as set for unmatched accounts.")
		}
	case row.change != nil:
		draw.ChangeDetails(&w, row.change, row.name(l), ids)
	}
	return w.Lines
}
