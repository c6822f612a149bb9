package view

import (
	"slices"
	"strings"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
)

// What the question asks for, and what it says without an answer.
const (
	ExplainHint    = "Enter an e-mail address, DN, GUID, name, or the id or name of an account in the cloud."
	ExplainMissing = "Enter a person, a group or an account."
)

// Explain says everything about one person, group or account: first what will happen and why, then
// what needs a fix, with the remedies, and then the stages in the order in which data flows.
func Explain(x control.Explanation, to Audience) []Fact {
	all := slices.Concat(answer(x), problems(x), withheld(x), held(x), failing(x.Failing), found(x), scope(x),
		matched(x), mapped(x), account(x), change(x), state(x))
	for i := range all {
		all[i].Remedy = In(to, all[i].Remedy)
		if all[i].Label == "next" {
			all[i].Text = In(to, all[i].Text)
		}
	}
	return all
}

// ExplainTitle names the subject, and the account that it has or will have.
func ExplainTitle(x control.Explanation) string {
	name := x.Key
	if x.Match.ID != "" && x.Cloud != nil && x.Cloud.Key != "" {
		name = x.Cloud.Key // the current name, not the planned one
	}
	for _, other := range []string{x.Name, x.Where.DN} {
		if name == "" {
			name = other
		}
	}
	switch {
	case x.Match.ID != "" && !x.Match.Since.IsZero():
		text := name + ": linked to account " + string(x.Match.ID) + " since " + day(x.Match.Since)
		if x.Match.Run != 0 {
			text += ", run " + number(x.Match.Run)
		}
		return text
	case x.Match.ID != "":
		return name + ": will be linked to the existing account " + string(x.Match.ID) + accountName(x)
	case x.Cloud != nil && x.Cloud.Unmatched:
		return name + ": account " + string(x.Cloud.ID) + " has no match in any directory"
	}
	return name + ": no account in the cloud"
}

// accountName returns the display name of the account, in quotes; "" if it has none.
func accountName(x control.Explanation) string {
	if x.Cloud == nil || x.Cloud.Name == "" {
		return ""
	}
	return ` "` + x.Cloud.Name + `"`
}

// answer says in one sentence what will happen, and why if a change does.
func answer(x control.Explanation) []Fact {
	text := x.Next.Text
	if x.Change != nil && x.Change.Reason != "" {
		text = Sentence(text) + " Reason: " + Sentence(x.Change.Reason)
	}
	return []Fact{{Label: "next", Text: text}}
}

func problems(x control.Explanation) (out facts) {
	for _, p := range x.Problems {
		out.problem("problem", p.Message, p.Remedy)
	}
	return out
}

func withheld(x control.Explanation) (out facts) {
	if x.Withheld == nil {
		return nil
	}
	w := x.Withheld
	out.problem("withheld", w.Rule+": "+w.Reason, w.Remedy)
	var made []string
	if !w.Person.Created.IsZero() {
		made = append(made, "the person on "+moment(w.Person.Created))
	}
	if !w.Account.Created.IsZero() {
		made = append(made, "the account on "+moment(w.Account.Created))
	}
	if len(made) > 0 {
		out.add("", "Created: "+strings.Join(made, ", ")+".")
	}
	return out
}

// held returns the holds that concern the change.
func held(x control.Explanation) (out facts) {
	label := "held"
	for _, h := range x.Holds {
		where := ""
		switch {
		case h.Run != 0:
			where = "the last run, " + number(h.Run) + ", was held: "
		case h.Plan != "":
			where = "plan " + h.Plan + " is held: "
		}
		out.problem(label, where+h.Detail, h.Remedy)
		label = ""
	}
	return out
}

// failing says that a record's write failed, with the remedy.
func failing(f *record.Failing) (out facts) {
	if f == nil {
		return nil
	}
	runs := "in run " + number(f.LastRun)
	if f.Runs > 1 {
		runs = "in " + number(f.Runs) + " runs in a row since " + moment(f.Since) + ", last in run " + number(f.LastRun)
	}
	out.problem("failed", runs+": "+f.Message, f.Remedy)
	return out
}

// NotFound says that a query means no subject, or several, with the remedy.
func NotFound(x control.Explanation) (text, remedy string) {
	if x.Ambiguous {
		return count(int64(len(x.Candidates)), "match", "matches") + ` for "` + x.Query + `"`,
			"Choose one by the id or DN below its name."
	}
	remedy = "Check the spelling, or enter an e-mail address, DN, GUID, or the id of the account in the cloud."
	for _, p := range x.Searched {
		if p.Error != "" && p.Remedy != "" {
			remedy = p.Remedy
		}
	}
	if x.Cloud != nil && x.Cloud.Archived != nil {
		return x.Cloud.Archived.Sentence(), control.ArchivedRemedy
	}
	if len(x.Candidates) > 0 {
		remedy = "Similar names are listed. " + remedy
	}
	return `No match for "` + x.Query + `"`, remedy
}

// Searched says where a subject was searched, and which places could not be read.
func Searched(x control.Explanation) string {
	var places []string
	for _, p := range x.Searched {
		text := p.Place
		if p.Error != "" {
			text += " (could not be read: " + p.Error + ")"
		}
		places = append(places, text)
	}
	return strings.Join(places, ", ")
}

// Candidate returns the name of an object that a query may mean, and a query that finds only that
// object.
func Candidate(c control.Candidate) (name, exact string) {
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
