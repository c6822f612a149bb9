package view

import (
	"strings"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/look"
)

// What a run, or the list of runs, says if it has nothing.
const (
	NoRun        = "there is no run"
	NoFailures   = "No record failed or was skipped."
	NoNotes      = "There are no other notes on this run."
	NoWrites     = "This run wrote nothing."
	NoneKept     = "An earlier version did not store which records it withheld."
	NothingFound = "Nothing matches the filter."
)

// The parts of the report of a run.
const (
	FailedPart   = "Failed"
	NotesPart    = "Notes"
	WithheldPart = "Withheld"
	WrittenPart  = "Written"
)

// NoRuns is the empty history.
func NoRuns(to Audience) string {
	if to == Console {
		return "No runs yet. Press [d] for a dry run; it changes nothing."
	}
	return "No runs yet. Start with a dry run; it changes nothing."
}

// RunName names a run with its type: "Run 412, Incremental".
func RunName(run record.Run) string {
	text := "Run " + number(run.ID) + ", " + Mode(run.Mode)
	if run.UndoOf != 0 {
		text += ", undo of run " + number(run.UndoOf)
	}
	return text
}

// RunTime says when a run started, how long it took, and which operator started it.
func RunTime(run record.Run, v Voice) string {
	text := v.Clock(run.Started)
	if !run.Ended.IsZero() {
		text += ", took " + look.Length(run.Ended.Sub(run.Started))
	}
	if run.By != "" {
		text += ", by " + run.By
	}
	return text
}

// RunEnd says how a run ended, and what it wrote.
func RunEnd(run record.Run) string {
	done := append(written(run), run.Shortfall()...)
	if n := run.Counts.Users.Problem + run.Counts.Groups.Problem; n > 0 {
		done = append(done, count(n, "problem", "problems"))
	}
	return RunOutcome(run) + ": " + strings.Join(done, ", ")
}

// RunOutcome names a run, and says how it ended.
func RunOutcome(run record.Run) string { return RunName(run) + ", " + run.Outcome.Text() }

// RunLine returns a run in one line.
func RunLine(run record.Run, v Voice) string { return RunEnd(run) + "; " + RunTime(run, v) }

// RunNotes says why a run ended as it did, and which guards were overridden.
func RunNotes(run record.Run) (notes []string) {
	if run.Detail != "" {
		notes = append(notes, run.Detail)
	}
	for _, o := range run.Overrides {
		notes = append(notes, o.Text(run.By, ""))
	}
	return notes
}

// Run says everything about a run; undone lists the runs that undid it.
func Run(run record.Run, undone []int64, v Voice) []Fact {
	var all facts
	if run.Outcome == record.Done || run.Outcome == record.Running {
		all.add("detail", run.Detail)
	} else {
		all.problem("detail", run.Detail, "")
	}
	all.add("written", strings.Join(written(run), ", "))
	all.add("not done", strings.Join(run.Shortfall(), ", "))
	all = append(all, Unread(run, v)...)
	all.add("problems", ProblemCount(run.Counts.Users.Problem, run.Counts.Groups.Problem))
	for _, o := range run.Overrides {
		all.add("override", o.Text(run.By, ""))
	}
	if run.UndoOf != 0 {
		all.add("undoes", "run "+number(run.UndoOf))
	}
	for _, id := range undone {
		all.add("undone", "by run "+number(id))
	}
	started := run.Started.In(v.Now.Location()).Format("2006-01-02 15:04:05")
	if !run.Ended.IsZero() {
		started += ", took " + look.Length(run.Ended.Sub(run.Started))
	}
	all.add("started", started)
	all.add("by", run.By)
	all.add("plan", run.Plan)
	return all
}

// Unread says which directories a run could not read, and what that means.
func Unread(run record.Run, v Voice) []Fact {
	var all facts
	for _, dir := range run.Unread {
		all.problem("unread", "directory "+dir.Name+": "+dir.Error, v.In(dir.Remedy))
		all.add("", "Its people are left unchanged, and no account is removed until it can be read.")
	}
	return all
}

// written returns what a run wrote; never empty.
func written(run record.Run) []string {
	if run.Counts.Writes() == 0 {
		return []string{"nothing written"}
	}
	return Written(run.Counts)
}

// ProblemCount says how many records have problems: "3 users and 1 group"; "" if none has.
func ProblemCount(users, groups int64) string {
	var parts []string
	if users > 0 {
		parts = append(parts, count(users, "user", "users"))
	}
	if groups > 0 {
		parts = append(parts, count(groups, "group", "groups"))
	}
	return strings.Join(parts, " and ")
}

// UndoBlocked says why a run cannot be undone; "" if it can.
func UndoBlocked(run record.Run) string {
	switch {
	case run.Outcome == record.Running:
		return "the run is under way"
	case run.Counts.Writes() == 0 && run.Failed+run.Skipped+run.NotDone == 0 && run.Outcome != record.Crashed:
		return "run " + number(run.ID) + " wrote nothing"
	}
	return ""
}

// UndoTitle is the command that plans the reverse of a run.
const UndoTitle = "plan an undo of this run; nothing is written yet"

// NotInLog says how many records of a run are missing from the event log.
func NotInLog(n int64) string {
	return count(n, "record is", "records are") + " not in the event log; the setting log_level says what is stored."
}

// OfRecord reports whether an event of a run is about one record that failed or was skipped.
func OfRecord(e record.Event) bool { return e.Code == "write-failed" || e.Code == "write-skipped" }

// WriteWord is the result of one write in a word or two.
func WriteWord(s record.WriteState) string {
	switch s {
	case record.WriteDone:
		return "written"
	case record.WriteUnknown:
		return "no answer"
	case record.WriteLeftOut:
		return "excluded"
	}
	return strings.ReplaceAll(string(s), "-", " ")
}

// Intended returns the result of one write of a run.
func Intended(in control.Intent) record.Outcome {
	if in.Answer == nil {
		return record.Outcome{State: record.WriteUnknown}
	}
	return in.Answer.Outcome
}

// Answer says how one write ended.
func Answer(o record.Outcome, to Audience) []Fact {
	var all facts
	if o.State == record.WriteDone {
		all.add("", o.Message)
	} else {
		all.problem("", In(to, o.Message), In(to, o.Remedy))
	}
	state := WriteWord(o.State)
	if o.State == record.WriteUnknown {
		state = "sent, but the cloud did not answer; the next run checks it"
	}
	all.add("state", state)
	return all
}
