package ui

import (
	"fmt"
	"slices"
	"strings"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/look"
	"dirbridge/ui/view"
)

// rowText returns a row of a plan as a mark, a name, and the most important words.
func rowText(l look.Look, row planRow) (mark, key, rest string, style styleOf) {
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
		mark, style = changeMark(l, row.change)
		return mark, changeKey(row.change), changeWords(l, row.change), style
	}
	return " ", "", "", l.Style.Dim
}

// problemWords returns the message without the leading DN of the guide's form: the record is shown
// beside it.
func problemWords(p *identity.Problem) string {
	return strings.TrimPrefix(p.Message, "For "+p.DN+", ")
}

type styleOf = interface{ Render(...string) string }

func changeMark(l look.Look, c *control.Change) (string, styleOf) {
	switch c.Action {
	case "add", "reactivate":
		return l.Mark.Add, l.Style.Add
	case "deactivate", "delete", "remove":
		return l.Mark.Take, l.Style.Take
	case "match":
		return l.Mark.Match, l.Style.Dim
	}
	return l.Mark.Change, l.Style.Change
}

func changeKey(c *control.Change) string {
	if c.Kind == identity.Member {
		return c.MemberKey
	}
	return c.Key
}

// changeWords returns the most important fact of a change in one line.
func changeWords(l look.Look, c *control.Change) string {
	if c.Drift && c.Kind != identity.Member {
		return "removed in the cloud by hand: made again"
	}
	switch {
	case c.Kind == identity.Member && c.Action == "remove" && c.Drift:
		return "leaves group " + c.Key + ", into which it was put in the cloud by hand"
	case c.Kind == identity.Member && c.Drift:
		return "joins group " + c.Key + " again, from which it was taken in the cloud by hand"
	case c.Kind == identity.Member && c.Action == "remove":
		return "leaves group " + c.Key
	case c.Kind == identity.Member:
		return "joins group " + c.Key
	case c.Action == "deactivate" || c.Action == "delete" || c.Action == "reactivate" || c.Action == "match":
		why := c.Cause
		if why == "" {
			why = c.Reason
		}
		return string(c.Action) + ": " + why
	case c.Action == "add":
		if c.DN == "" {
			return c.Reason
		}
		return c.DN
	case len(c.Fields) == 0:
		return c.Reason
	}
	more := ""
	if n := len(c.Fields) - 1; n > 0 {
		more = fmt.Sprintf(", and %d more", n)
	}
	first := slices.IndexFunc(c.Fields, func(f control.Field) bool { return f.Drift })
	if first < 0 {
		telling := max(slices.IndexFunc(c.Fields, func(f control.Field) bool {
			return c.Action == "rename" &&
				f.Name == "uid"
		}), 0)
		return fieldWords(l, c.Fields[telling]) + more
	}
	return "cloud edit: " + fieldWords(l, c.Fields[first]) + more
}

func fieldWords(l look.Look, f control.Field) string {
	return f.Name + ": " + look.Values(f.Old) + " " + l.Mark.Arrow + " " + look.Values(f.New)
}

// rowDetails returns all facts of a row, in lines of at most width cells. Without all, it omits the
// least important ones.
func rowDetails(l look.Look, row planRow, width int, all bool) []string {
	w := writer{l: l, width: width}
	switch {
	case row.group != nil:
		w.text(groupWords(row.group))
		w.fact("changes", look.Number(row.group.count)+"; Enter shows them, Space leaves them out")
		if n := row.group.left; n > 0 {
			w.fact("left out", look.Number(n)+" of them")
		}
	case row.problem != nil:
		p := row.problem
		w.text(problemWords(p))
		w.remedy(p.Remedy)
		w.fact("record", p.DN)
		w.fact("field", p.Attribute)
		w.fact("side", string(p.Side))
	case row.waits != nil:
		w.facts(view.WithheldFacts(*row.waits, view.Console))
	case row.account != nil:
		u := row.account
		w.fact("account", u.Key)
		w.fact("name", u.Name)
		w.fact("id", string(u.ID))
		switch {
		case u.ListedApart():
			w.fact("left alone", u.Kept)
		case u.Kept != "":
			w.fact("kept", u.Kept)
		default:
			w.text("No directory knows it: the plan deactivates it, as set for unmatched accounts.")
		}
	case row.change != nil:
		changeDetails(&w, row.change, all)
	}
	return w.lines
}

func changeDetails(w *writer, c *control.Change, all bool) {
	who := changeKey(c)
	if c.Kind == identity.Member {
		who += ", group " + c.Key
	}
	if all { // under a list, the row itself shows it
		w.text(fmt.Sprintf("%s %s %s", c.Action, c.Kind, who))
	}
	if all {
		w.fact("record", c.DN)
	}
	for _, f := range c.Fields {
		w.diff(f)
	}
	if c.Drift {
		w.fact("in the cloud", changeWords(w.l, c))
	}
	w.fact("because", c.Reason)
	w.fact("cause", c.Cause)
	if !all {
		w.fact("record", c.DN)
	}
	if c.Via != "" {
		w.fact("first", "renamed to "+c.Via+" for a moment, because two people swap names")
	}
	if all {
		w.fact("anchor", string(c.Anchor))
		w.fact("cloud id", string(c.ID))
		if c.Missing {
			w.text("The delete threshold counts this change.")
		}
	}
}

// writer collects lines with names and values.
type writer struct {
	l     look.Look
	width int
	lines []string
}

func (w *writer) text(s string) {
	for _, line := range w.l.Wrap(w.l.Clean(s), w.width-2) {
		w.lines = append(w.lines, " "+line)
	}
}

// remedy writes a remedy, in the words of the console.
func (w *writer) remedy(text string) { w.fact("remedy", view.In(view.Console, text)) }

// facts writes facts, each with its remedy below.
func (w *writer) facts(all []view.Fact) {
	for _, f := range all {
		if f.Label == "" {
			w.text(f.Text)
		} else {
			w.fact(f.Label, f.Text)
		}
		w.remedy(f.Remedy)
	}
}

// fact writes a name and its value, or nothing if the value is empty.
func (w *writer) fact(name, value string) {
	if value == "" {
		return
	}
	label := w.l.Style.Dim.Render(w.l.Fit(w.l.Clean(name), min(18, w.width/3)))
	for i, line := range w.l.Wrap(w.l.Clean(value), max(w.width-look.Width(label)-3, 8)) {
		if i > 0 {
			label = strings.Repeat(" ", look.Width(label))
		}
		w.lines = append(w.lines, " "+label+" "+line)
	}
}
