package draw

import (
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

// ChangeDetails writes who a change is about, what it changes, and why. DN and ids stay out of the way
// unless ids asks for them.
func ChangeDetails(w *Details, c *control.Change, name string, ids bool) {
	l := w.L
	w.line(name, l.Style.Title)
	if key := view.ChangeName(c); key != name {
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
	for _, f := range view.ChangeNotes(c) {
		w.line(f.Text, Toned(l, f.Tone))
	}
	if ids {
		w.Lines = append(w.Lines, "")
		w.Facts(view.ChangeIDs(c))
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
