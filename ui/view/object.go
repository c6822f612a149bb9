package view

import (
	"strings"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
)

// ChangeObject names the object of a change; a membership is named with its group.
func ChangeObject(c *control.Change) string {
	if c.Kind == identity.Member {
		return c.MemberKey + " in " + c.Key
	}
	return c.Key
}

// ChangeTitle names a change: its action, and its object.
func ChangeTitle(c *control.Change) string {
	return string(c.Action) + " " + string(c.Kind) + " " + ChangeObject(c)
}

// Unmatched says what is known of an unmatched account besides its key, and what becomes of it.
func Unmatched(u control.Unmatched) string {
	if u.ListedApart() {
		return u.Kept
	}
	return sides(where(u.Name != u.Key, u.Name), where(u.Admin, "full administrator"), fate(u))
}

func fate(u control.Unmatched) string {
	if u.Kept != "" {
		return "left unchanged: " + u.Kept
	}
	return "will be deactivated, as set for unmatched accounts"
}

// UnmatchedFacts says everything about an unmatched account.
func UnmatchedFacts(u control.Unmatched) []Fact {
	var all facts
	all.add("", Sentence("No match in any directory; "+fate(u)))
	all.add("account", u.Key)
	all.add("name", u.Name)
	all.add("role", where(u.Admin, "full administrator"))
	all.add("cloud id", string(u.ID))
	return all
}

// Problem says what is wrong with a record. The message does not name the record again.
func Problem(p identity.Problem) string {
	text := strings.TrimPrefix(p.Message, "For "+p.DN+", ")
	if p.Attribute == "" || Has(text, p.Attribute) {
		return text
	}
	return p.Attribute + ": " + text
}

// ProblemFacts says everything about a record with a problem.
func ProblemFacts(p identity.Problem, to Audience) []Fact {
	var all facts
	all.problem("", In(to, Capital(Problem(p))), In(to, p.Remedy))
	all.add("record", p.DN)
	all.add("field", p.Attribute)
	all.add("side", string(p.Side))
	return all
}

// OpenProblem says what is wrong with a record, and since when.
func OpenProblem(p record.Problem, v Voice) Fact {
	return Fact{Text: Sentence(p.Message) + " (since " + v.Clock(p.Since) + ", run " + number(p.Run) + ")", Tone: Bad,
		Remedy: v.In(p.Remedy)}
}

// MoreProblems says where the problems are that a page does not list; "" if it lists all.
func MoreProblems(p control.Problems, to Audience) string {
	switch {
	case p.Total() <= int64(len(p.List)):
		return ""
	case to == Verb:
		return "and more: dirbridge history RUN lists those of a run"
	}
	return "For all of them, see Problems in a dry run."
}

// FailingFacts says everything about a record that fails in run after run.
func FailingFacts(f record.Failing, v Voice) []Fact {
	var all facts
	all.problem("", v.In(f.Message), v.In(f.Remedy))
	all.add("record", f.Record)
	all.add("field", f.Field)
	all.add("fails since", v.Clock(f.Since)+", "+count(f.Runs, "run", "runs")+" in a row")
	all.add("last tried", where(!f.Last.IsZero(), v.Clock(f.Last)+", ")+
		"run "+number(f.LastRun)+where(f.Purge, ", by the purge"))
	return all
}

// NoData says that nothing was read from the cloud yet.
func NoData(to Audience) string {
	if to == Console {
		return "No data yet. Press [d] for a dry run."
	}
	return "No data yet. A dry run reads it."
}

// CloudStatistics returns what the cloud contains, and how many accounts wait for the purge.
func CloudStatistics(s control.Status) []Fact {
	var all facts
	if c := s.Statistics; c != nil {
		admins := "unknown"
		if c.Admins >= 0 {
			admins = number(c.Admins)
		}
		unmatched := Normal
		if c.Unmatched > 0 {
			unmatched = Warn
		}
		all.add("Active users", number(c.Active))
		all.add("Deactivated", number(c.Deactivated))
		all.add("Groups", number(c.Groups))
		all.add("Full administrators", admins)
		all.tone(unmatched, "Unmatched", number(c.Unmatched))
		all.add("Unmanaged", number(c.Unmanaged))
	}
	all.add("In the purge queue", number(s.PurgeQueue))
	return all
}
