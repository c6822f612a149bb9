package draw

import (
	"fmt"
	"slices"
	"strings"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/view"
)

// ChangeMark returns the mark of a change, and its style.
func ChangeMark(l look.Look, c *control.Change) (string, component.Styler) {
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

// ChangeKey returns the name of the record that a change is about.
func ChangeKey(c *control.Change) string {
	if c.Kind == identity.Member {
		return c.MemberKey
	}
	return c.Key
}

// ChangeWords returns the most important fact of a change in one line.
func ChangeWords(l look.Look, c *control.Change) string {
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
		return view.Because(c)
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

// ChangeDetails writes who a change is about, what it changes, and why. DN and ids stay out of the way
// unless ids asks for them.
func ChangeDetails(w *Details, c *control.Change, name string, ids bool) {
	l := w.L
	w.line(name, l.Style.Title)
	if key := ChangeKey(c); key != name {
		w.line(key, l.Style.Dim)
	}
	if c.Kind == identity.Member {
		w.line("group "+c.Key, l.Style.Dim)
	} else if _, place := Place(l, c.DN, 0); place != "" {
		w.line(place, l.Style.Dim)
	}
	w.Lines = append(w.Lines, "")
	before := len(w.Lines)
	for _, f := range c.Fields {
		if ids || !view.Housekeeping(f.Name) {
			w.field(f, c.Action == "add")
		}
	}
	if len(w.Lines) > before {
		w.Lines = append(w.Lines, "")
	}
	w.line("Why", l.Style.Title)
	w.Text(view.Why(c))
	if c.Drift {
		w.line(ChangeWords(l, c), l.Style.Warn)
	}
	if c.Via != "" {
		w.Text("First renamed to " + c.Via + ", because two people swap names.")
	}
	if c.Missing {
		w.line("It counts towards the delete threshold.", l.Style.Dim)
	}
	if slices.ContainsFunc(c.Fields, func(f control.Field) bool { return view.Housekeeping(f.Name) }) {
		w.line("First link: stores objectGUID.", l.Style.Dim)
	}
	if ids {
		w.Lines = append(w.Lines, "")
		w.Fact("DN", c.DN)
		w.Fact("AD id", string(c.Anchor))
		w.Fact("Cloud id", string(c.ID))
		w.Fact("Member", string(c.Member))
	}
}

// Place returns the name of an object, and so many of the containers around it, 0 for all: "Staff >
// Sales EMEA".
func Place(l look.Look, dn string, levels int) (name, place string) {
	first, parent := identity.SplitDN(dn)
	var places []string
	for parent != "" {
		var part string
		if part, parent = identity.SplitDN(parent); strings.HasPrefix(strings.ToUpper(part), "DC=") {
			break
		}
		places = append([]string{identity.RDNValue(part)}, places...)
	}
	if levels > 0 {
		places = places[max(len(places)-levels, 0):]
	}
	return identity.RDNValue(first), strings.Join(places, " "+l.Mark.Under+" ")
}
