package view

import (
	"slices"
	"time"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/look"
)

// Voice is how times and remedies are said.
type Voice struct {
	To  Audience
	Now time.Time
}

// Clock writes a time: the verbs, whose output is kept, in full.
func (v Voice) Clock(t time.Time) string {
	if v.To == Verb && !t.IsZero() {
		return moment(t)
	}
	return look.Clock(v.Now, t)
}

// In returns a text in the words of the front end.
func (v Voice) In(text string) string { return In(v.To, text) }

// Condition is the overall status: a word, and the reason if it is not good.
type Condition struct {
	Word string
	Tone Tone
	Why  string
}

// String returns the word and the reason.
func (c Condition) String() string {
	if c.Why == "" {
		return c.Word
	}
	return c.Word + ": " + c.Why
}

// ConditionOf returns the overall status, whether or not a run is under way.
func ConditionOf(s control.Status) Condition {
	switch s.Overall() {
	case control.Held:
		return Condition{"HELD", Bad, "a guard stopped the run; nothing was written"}
	case control.Failed:
		return Condition{"FAILED", Bad, failure(s)}
	case control.NoRun:
		return Condition{"none", Dim, "no synchronization yet"}
	case control.Degraded:
		return Condition{"degraded", Warn, degraded(s)}
	case control.Stopped:
		run, _ := LastEnded(s.Last)
		return Condition{"stopped", Warn, "run " + number(run.ID) + " was cancelled"}
	case control.NotYet:
		return Condition{"not yet", Warn, "no run has brought the cloud up to date"}
	}
	return Condition{"good", Good, ""}
}

func failure(s control.Status) string {
	for _, d := range s.Directories {
		if d.Error != "" {
			return "directory " + d.Name + " cannot be read"
		}
	}
	if run, any := LastEnded(s.Last); any && IsFailed(run.Outcome) {
		return "run " + number(run.ID) + ", " + string(run.Outcome)
	}
	return count(s.Escalated, "record fails", "records fail") + " in run after run"
}

func degraded(s control.Status) string {
	switch {
	case s.Problems.Total() > 0:
		return Problems(s)
	case s.WithheldCount > 0:
		return count(s.WithheldCount, "record is withheld", "records are withheld")
	case len(s.Held) > 0:
		return "the purge is held"
	}
	return count(s.FailingCount, "record fails", "records fail")
}

// Problems says how many records have problems.
func Problems(s control.Status) string {
	return count(s.Problems.Total(), "record has a problem", "records have problems")
}

// LastEnded returns the last run that has ended.
func LastEnded(runs []record.Run) (record.Run, bool) {
	i := slices.IndexFunc(runs, func(r record.Run) bool { return r.Outcome != record.Running })
	if i < 0 {
		return record.Run{}, false
	}
	return runs[i], true
}

// IsFailed reports whether a run ended badly.
func IsFailed(o record.RunOutcome) bool {
	return o == record.Partial || o == record.Failed || o == record.Crashed
}

// LastGood returns the time of the last good run, and its age.
func LastGood(s control.Status, v Voice) string {
	if s.LastGood.IsZero() {
		return "never"
	}
	return v.Clock(s.LastGood) + ", " + look.Ago(v.Now, s.LastGood)
}

// Held says since when a guard holds the runs, or the purge.
func Held(h control.HeldSince, v Voice) string {
	what := "HELD"
	if h.Purge {
		what = "Purge HELD"
	}
	return what + " since " + v.Clock(h.Since) + ", for " + look.Length(v.Now.Sub(h.Since)) + " (" +
		count(h.Runs, "run", "runs") + ")"
}

// Escalated says how many records have failed often enough to need an operator; "" if none.
func Escalated(n int64) string {
	if n == 0 {
		return ""
	}
	return count(n, "record", "records") + " failed in " + number(record.Escalated) + " or more runs in a row"
}

// Failing says how many records failed in the last runs; "" if none.
func Failing(s control.Status) string {
	n := s.FailingCount - s.Escalated
	switch {
	case n <= 0:
		return ""
	case s.Escalated > 0:
		return count(n, "more record", "more records") + " failed in the last run"
	}
	return count(n, "record", "records") + " failed in the last run"
}

// Leftovers says what earlier runs left for the next one.
func Leftovers(s control.Status) (out []Fact) {
	var all facts
	if n := s.Unfinished; n > 0 {
		all.tone(Warn, "", count(n, "write", "writes")+" without an answer; the next run checks "+
			of(n, "it", "them")+" first")
	}
	if n := s.Dirty; n > 0 {
		all.add("", count(n, "record", "records")+" will be retried in the next run")
	}
	return all
}

// Directory says what is wrong with a directory; empty if nothing is.
func Directory(d control.DirectoryHealth, v Voice) []Fact {
	var all facts
	if d.Error != "" {
		all.problem("error", "Directory "+d.Name+" cannot be read since "+v.Clock(d.Since)+": "+d.Error, v.In(d.Remedy))
		all.add("", "Its people are left unchanged.")
	}
	if d.NoDeletions != "" {
		all.tone(Warn, "deletions", "only full runs see deletions in "+d.Name+": "+d.NoDeletions)
		all[len(all)-1].Remedy = v.In(d.NoDeletionsRemedy)
	}
	for _, w := range d.Warnings {
		all.tone(Warn, "warning", d.Name+": "+w)
	}
	return all
}
