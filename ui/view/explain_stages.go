package view

import (
	"fmt"
	"slices"
	"strings"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/look"
)

// found says where the subject is.
func found(x control.Explanation) (out facts) {
	w := x.Where
	switch {
	case w.Directory == "":
		out.add("found", "in the cloud only; not in "+directories(x))
	case w.Error != "":
		out.problem("found", "directory "+w.Directory+" could not be read: "+w.Error, "")
	case w.Exists:
		out.add("found", w.Directory+": "+w.DN)
	case w.Deleted:
		text := "deleted from directory " + w.Directory
		if w.Parent != "" {
			text += "; it was in " + w.Parent
		} else if w.DN != "" {
			text += "; it was " + w.DN
		}
		out.add("found", text)
	default:
		out.add("found", "not in directory "+w.Directory+"; last seen at "+w.DN)
	}
	for _, p := range x.Searched {
		if p.Error != "" && p.Place != w.Directory {
			out.problem("", p.Place+" could not be searched: "+p.Error, "")
		}
	}
	return out
}

func directories(x control.Explanation) string {
	var names []string
	for _, p := range x.Searched {
		if p.Place != "cloud" && p.Place != "state" {
			names = append(names, p.Place)
		}
	}
	if len(names) == 1 {
		return "directory " + names[0]
	}
	return "the directories " + strings.Join(names, ", ")
}

// scope returns each reason against being in scope separately; if there is none, everything in one
// line.
func scope(x control.Explanation) (out facts) {
	if x.Scope == nil {
		return nil
	}
	var passed []string
	for _, s := range x.Scope.Steps {
		if s.Pass {
			passed = append(passed, s.Text)
		} else {
			out.add("", "no: "+s.Text)
		}
	}
	if x.Scope.In {
		out = facts{{Text: "yes: " + strings.Join(passed, "; ")}}
	} else if len(passed) > 0 {
		out.add("", "otherwise: "+strings.Join(passed, "; "))
	}
	if len(out) > 0 {
		out[0].Label = "in scope"
	}
	return out
}

// matched says how the account was found.
func matched(x control.Explanation) (out facts) {
	guid := ""
	if x.Anchor != "" {
		guid = " (objectGUID " + x.Anchor.GUID() + ")"
	}
	text := ""
	switch x.Match.How {
	case "link":
		text = "by the stored link" + guid
	case "externalId":
		text = "by externalId" + guid
	case "key":
		text = "by user name; the account is not linked to another person"
	case "relink":
		text = "again: the account was linked to " + string(x.Match.From) + ", which no longer exists"
	case "history":
		text = "by SID history: the account was linked to " + string(x.Match.From)
	default:
		if x.Anchor == "" {
			return nil
		}
		text = "no account" + guid
	}
	out.add("matched", text)
	for _, c := range x.Match.Conflicts {
		text := "account " + string(c.ID) + " has the name " + c.Key
		if c.ExternalID != "" {
			text += " and the externalId " + c.ExternalID
		}
		out.add("", text)
	}
	for _, o := range x.Match.Sharing {
		out.add("", o.DN+" needs the same name")
	}
	return out
}

// mapped returns the attributes, in one column each for the name and the value.
func mapped(x control.Explanation) (out facts) {
	width := 0
	var empty []string
	for _, m := range x.Mapped {
		if len(m.Values) > 0 || m.Problem != "" {
			width = max(width, len(m.Attribute))
		}
	}
	for _, m := range x.Mapped {
		switch {
		case m.Problem != "":
			out.problem("", fmt.Sprintf("%-*s  %s", width, m.Attribute, "not valid: "+inputs(m)), "")
		case len(m.Values) == 0:
			empty = append(empty, m.Attribute)
		default:
			value := quoted(m.Values)
			if len(m.Written) > 0 {
				value += ", written as " + quoted(m.Written)
			}
			out.add("", fmt.Sprintf("%-*s  %s   from %s", width, m.Attribute, value, source(m)))
			if m.Ignored {
				out.add("", fmt.Sprintf("%-*s  the cloud does not keep it: it has %s", width, "", look.Values(m.Got)))
			}
		}
	}
	if len(empty) > 0 {
		out.add("", "no value: "+strings.Join(empty, ", "))
	}
	if len(out) > 0 {
		out[0].Label = "mapped"
	}
	return out
}

func quoted(v []string) string {
	var out []string
	for _, s := range v {
		if r := []rune(s); len(r) > 80 {
			s = string(r[:77]) + "..."
		}
		out = append(out, `"`+s+`"`)
	}
	return strings.Join(out, ", ")
}

// source returns the rule, and its source values if they differ from the result.
func source(m control.MappedAttribute) string {
	if len(m.Inputs) == 1 && slices.Equal(m.Inputs[0].Values, m.Values) {
		return m.Inputs[0].Name
	}
	if len(m.Inputs) == 0 {
		return m.Rule
	}
	return inputs(m)
}

func inputs(m control.MappedAttribute) string {
	if len(m.Inputs) == 0 {
		return m.Rule + " has no value"
	}
	var parts []string
	for _, in := range m.Inputs {
		parts = append(parts, in.Name+" "+quoted(in.Values))
	}
	return strings.Join(parts, " + ")
}

// account describes the account in the cloud.
func account(x control.Explanation) (out facts) {
	c := x.Cloud
	switch {
	case c == nil:
		out.add("cloud", "no account")
		return out
	case !c.Exists:
		out.add("cloud", "account "+string(c.ID)+" no longer exists")
		if c.Archived != nil {
			out.add("", c.Archived.Sentence())
			out[len(out)-1].Remedy = control.ArchivedRemedy
		}
		return out
	}
	text := "account " + string(c.ID) + ", name " + c.Key
	if x.Kind != identity.Group {
		if c.Active {
			text += ", active"
		} else {
			text += ", deactivated"
		}
		switch c.Admin {
		case "yes":
			text += ", full administrator"
		case "partly":
			text += ", administrative role"
		}
	}
	out.add("cloud", text)
	return out
}
