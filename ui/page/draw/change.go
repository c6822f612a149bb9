package draw

import (
	"fmt"
	"slices"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
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

// ChangeFacts writes all facts of a change; without all, it omits what the row above shows.
func ChangeFacts(w *Details, c *control.Change, all bool) {
	who := ChangeKey(c)
	if c.Kind == identity.Member {
		who += ", group " + c.Key
	}
	if all { // under a list, the row itself shows it
		w.Text(fmt.Sprintf("%s %s %s", c.Action, c.Kind, who))
	}
	if all {
		w.Fact("record", c.DN)
	}
	for _, f := range c.Fields {
		w.diff(f)
	}
	if c.Drift {
		w.Fact("in the cloud", ChangeWords(w.L, c))
	}
	w.Fact("because", c.Reason)
	w.Fact("cause", c.Cause)
	if !all {
		w.Fact("record", c.DN)
	}
	if c.Via != "" {
		w.Fact("first", "renamed to "+c.Via+" for a moment, because two people swap names")
	}
	if all {
		w.Fact("anchor", string(c.Anchor))
		w.Fact("cloud id", string(c.ID))
		if c.Missing {
			w.Text("The delete threshold counts this change.")
		}
	}
}
