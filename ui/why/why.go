package why

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
	"dirbridge/ui/look"
)

// Line is one fact, or one line of several of a kind. A line without a label continues the one
// above.
type Line struct {
	Label, Text string
	Bad         bool // needs a fix
}

// labelWidth is the column of labels.
const labelWidth = 10

// Text returns the lines of an explanation, each at most width cells wide.
func Text(l look.Look, x control.Explanation, width int) []string {
	var out []string
	for _, line := range append([]Line{{Text: Title(x)}}, Lines(x)...) {
		out = append(out, Draw(l, line, width, line.Label == "" && len(out) == 0)...)
	}
	return out
}

// Draw breaks one line into several of at most width cells, with the label before the first. A head
// has no label, and starts at the margin.
func Draw(l look.Look, line Line, width int, head bool) []string {
	indent := labelWidth
	if head {
		indent = 0
	}
	var out []string
	for i, part := range wrap(l.Clean(line.Text), max(width-indent-2, 20)) {
		label := ""
		if i == 0 {
			label = line.Label
			if line.Bad {
				label = "! " + label
			}
		} else {
			part = "  " + part
		}
		out = append(out, strings.TrimRight(l.Fit(label, indent)+part, " "))
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

// Title names the subject.
func Title(x control.Explanation) string {
	name := x.Key
	if x.Match.ID != "" && x.Cloud != nil && x.Cloud.Key != "" {
		name = x.Cloud.Key // the current name, not the planned one
	}
	if name == "" {
		name = x.Name
	}
	if name == "" {
		name = x.Where.DN
	}
	switch {
	case x.Match.ID != "" && !x.Match.Since.IsZero():
		text := name + "   linked to " + string(x.Match.ID) + " since " + day(x.Match.Since)
		if x.Match.Run != 0 {
			text += fmt.Sprintf(", run %d", x.Match.Run)
		}
		return text
	case x.Match.ID != "":
		return name + "   will be linked to " + string(x.Match.ID)
	case x.Cloud != nil && x.Cloud.Unmatched:
		return name + "   an account that no directory knows: " + string(x.Cloud.ID)
	}
	return name + "   not linked to an account"
}

// Lines returns the facts, in the order in which data flows.
func Lines(x control.Explanation) []Line {
	return slices.Concat(found(x), scope(x), matched(x), mapped(x), problems(x), withheld(x), cloud(x), change(x),
		state(x), []Line{{Label: "next", Text: x.Next.Text}})
}

func withheld(x control.Explanation) []Line {
	if x.Withheld == nil {
		return nil
	}
	w := x.Withheld
	out := []Line{{Label: "withheld", Text: w.Rule + ": " + w.Reason, Bad: true}}
	var made []string
	if !w.Person.Created.IsZero() {
		made = append(made, "the person on "+moment(w.Person.Created))
	}
	if !w.Account.Created.IsZero() {
		made = append(made, "the account on "+moment(w.Account.Created))
	}
	if len(made) > 0 {
		out = append(out, Line{Text: "Created: " + strings.Join(made, ", ") + "."})
	}
	return append(out, Line{Text: w.Remedy})
}

func day(t time.Time) string    { return t.Local().Format(time.DateOnly) }
func moment(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }

func found(x control.Explanation) (out []Line) {
	w := x.Where
	switch {
	case w.Directory == "":
		out = append(out, Line{Label: "found", Text: "in the cloud alone: nowhere in " + directories(x)})
	case w.Error != "":
		out = append(out, Line{Label: "found", Text: w.Directory + " could not be read: " + w.Error, Bad: true})
	case w.Exists:
		out = append(out, Line{Label: "found", Text: w.Directory + ": " + w.DN})
	case w.Deleted:
		text := "nowhere in directory " + w.Directory + ": it was deleted"
		if w.Parent != "" {
			text += "; it stood in " + w.Parent
		} else if w.DN != "" {
			text += "; it stood at " + w.DN
		}
		out = append(out, Line{Label: "found", Text: text})
	default:
		out = append(out, Line{Label: "found", Text: "nowhere in directory " + w.Directory + "; it was last seen at " + w.DN})
	}
	for _, p := range x.Searched {
		if p.Error != "" && p.Place != w.Directory {
			out = append(out, Line{Text: p.Place + " could not be searched: " + p.Error, Bad: true})
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
func scope(x control.Explanation) (out []Line) {
	if x.Scope == nil {
		return nil
	}
	var passed []string
	for _, s := range x.Scope.Steps {
		if s.Pass {
			passed = append(passed, s.Text)
		} else {
			out = append(out, Line{Text: "no: " + s.Text})
		}
	}
	if x.Scope.In {
		out = []Line{{Text: "yes: " + strings.Join(passed, "; ")}}
	} else if len(passed) > 0 {
		out = append(out, Line{Text: "else it is " + strings.Join(passed, "; ")})
	}
	if len(out) > 0 {
		out[0].Label = "in scope"
	}
	return out
}

func matched(x control.Explanation) (out []Line) {
	guid := ""
	if x.Anchor != "" {
		guid = " (objectGUID " + x.Anchor.GUID() + ")"
	}
	text := ""
	switch x.Match.How {
	case "link":
		text = "by link" + guid
	case "externalId":
		text = "by externalId" + guid
	case "key":
		text = "by name: the account is nobody's"
	case "relink":
		text = "anew: the account was linked to " + string(x.Match.From) + ", who is gone"
	case "history":
		text = "by SID history: the account was linked to " + string(x.Match.From)
	default:
		if x.Anchor == "" {
			return nil
		}
		text = "to no account" + guid
	}
	out = append(out, Line{Label: "matched", Text: text})
	for _, c := range x.Match.Conflicts {
		text := "the account " + string(c.ID) + " has the name " + c.Key
		if c.ExternalID != "" {
			text += " and the externalId " + c.ExternalID
		}
		out = append(out, Line{Text: text})
	}
	for _, o := range x.Match.Sharing {
		out = append(out, Line{Text: "the same name is wanted by " + o.DN})
	}
	return out
}

func mapped(x control.Explanation) (out []Line) {
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
			out = append(out, Line{Text: fmt.Sprintf("%-*s  %s", width, m.Attribute, "not valid: "+inputs(m)), Bad: true})
		case len(m.Values) == 0:
			empty = append(empty, m.Attribute)
		default:
			value := quoted(m.Values)
			if len(m.Written) > 0 {
				value += ", written as " + quoted(m.Written)
			}
			out = append(out, Line{Text: fmt.Sprintf("%-*s  %s   from %s", width, m.Attribute, value, source(m))})
			if m.Ignored {
				out = append(out, Line{Text: fmt.Sprintf("%-*s  the cloud does not keep it: it has %s", width, "",
					look.Values(m.Got))})
			}
		}
	}
	if len(empty) > 0 {
		out = append(out, Line{Text: "without a value: " + strings.Join(empty, ", ")})
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

func problems(x control.Explanation) (out []Line) {
	for _, p := range x.Problems {
		out = append(out, Line{Label: "problem", Text: p.Message, Bad: true}, Line{Text: p.Remedy})
	}
	return out
}

func cloud(x control.Explanation) []Line {
	c := x.Cloud
	if c == nil {
		return []Line{{Label: "cloud", Text: "there is no account of its own"}}
	}
	if !c.Exists {
		return []Line{{Label: "cloud", Text: "the account " + string(c.ID) + " does not exist any more"}}
	}
	text := "the account " + string(c.ID) + " has the name " + c.Key
	if x.Kind != identity.Group {
		text += ", and is active"
		if !c.Active {
			text = strings.TrimSuffix(text, "active") + "deactivated"
		}
		switch c.Admin {
		case "yes":
			text += "; a full administrator"
		case "partly":
			text += "; with an administrative role"
		}
	}
	return []Line{{Label: "cloud", Text: text}}
}

func change(x control.Explanation) (out []Line) {
	if x.Change == nil && len(x.Members) == 0 {
		return []Line{{Label: "change", Text: "none"}}
	}
	out = append(oneChange(x.Change), oneChange(x.Then)...)
	for _, m := range x.Members {
		what := "will be a member of "
		if m.Action == "remove" {
			what = "will be taken out of "
		}
		out = append(out, Line{Text: what + m.Group})
	}
	out[0].Label = "change"
	for i, h := range x.Holds {
		label := ""
		if i == 0 {
			label = "held"
		}
		where := ""
		switch {
		case h.Run != 0:
			where = fmt.Sprintf("run %d, the last, was held: ", h.Run)
		case h.Plan != "":
			where = "plan " + h.Plan + " is held: "
		}
		out = append(out, Line{Label: label, Text: where + h.Detail, Bad: true}, Line{Text: h.Remedy})
	}
	return out
}

func oneChange(c *control.ExplainedChange) (out []Line) {
	if c == nil {
		return nil
	}
	out = append(out, Line{Text: string(c.Action) + ": " + c.Reason})
	if c.Cause != "" {
		out = append(out, Line{Text: "cause: " + c.Cause})
	}
	fields := c.Fields
	if c.Action == "add" {
		fields = nil // everything mapped
	}
	for _, f := range fields {
		out = append(out, Line{Text: f.Name + ": " + look.Values(f.Old) + " -> " + look.Values(f.New)})
	}
	return out
}

// failing says that a record's write failed, with the remedy.
func failing(f *record.Failing) []Line {
	if f == nil {
		return nil
	}
	runs := "in run " + fmt.Sprint(f.LastRun)
	if f.Runs > 1 {
		runs = fmt.Sprintf("in %d runs in a row since %s, last in run %d", f.Runs, moment(f.Since), f.LastRun)
	}
	return []Line{{Label: "failed", Text: runs + ": " + f.Message, Bad: true}, {Text: f.Remedy}}
}

func state(x control.Explanation) (out []Line) {
	s := x.State
	switch {
	case s == nil && x.Failing != nil:
		return append(failing(x.Failing), Line{Label: "written", Text: "never: it failed whenever it was tried"})
	case s == nil:
		return []Line{{Label: "written", Text: "never: no run has met it yet"}}
	}
	out = failing(x.Failing)
	switch {
	case s.Run == 0:
		out = append(out, Line{Label: "written", Text: "never by the connector"})
	case s.Written.IsZero():
		out = append(out, Line{Label: "written", Text: fmt.Sprintf("last by run %d", s.Run)})
	default:
		out = append(out, Line{Label: "written", Text: fmt.Sprintf("last %s, by run %d", moment(s.Written), s.Run)})
	}
	switch {
	case !s.Inactive || s.State != identity.Live:
	case s.ByUs:
		out = append(out, Line{Label: "inactive", Text: "deactivated by the connector" + deactivated(s) +
			"; it is deleted once the person is missing for the whole grace period"})
	default:
		out = append(out, Line{Label: "inactive", Text: "and not by the connector, which will not delete it"})
	}
	if s.State == identity.Grace {
		text := "since " + moment(s.Since)
		if s.ByUs {
			text += ", by the connector" + deactivated(s)
		} else {
			text += ", and not by the connector, which will not delete it"
		}
		if !s.PurgeDue.IsZero() {
			text += "; due to be deleted " + moment(s.PurgeDue)
		}
		out = append(out, Line{Label: "grace", Text: text})
		if s.Kept != nil {
			out = append(out, Line{Text: "held back from the purge " + s.Kept.Words()})
		}
		if s.Unmanaged != "" {
			out = append(out, Line{Text: "left alone by a rule: " + s.Unmanaged})
		}
	}
	if s.Leftover != "" {
		out = append(out, Line{Label: "left over", Text: "an earlier run left it to be planned again: " + s.Leftover})
	}
	return out
}

// deactivated says which run deactivated the account, and why.
func deactivated(s *control.Remembered) string {
	if s.Deactivated == nil {
		return ""
	}
	return fmt.Sprintf(" (run %d: %s)", s.Deactivated.Run, s.Deactivated.Reason)
}

// CandidateText returns the name of an object that a query may mean, and a query that finds only
// that object.
func CandidateText(c control.Candidate) (name, exact string) {
	name = c.Name
	if c.Mail != "" && c.Mail != name {
		name += " <" + c.Mail + ">"
	}
	if c.Kind != "" && c.Kind != identity.User {
		name += " (" + string(c.Kind) + ")"
	}
	switch {
	case c.Anchor != "":
		exact = string(c.Anchor)
	case c.DN != "":
		exact = c.DN
	default:
		exact = string(c.ID)
	}
	return strings.TrimSpace(name), exact
}
