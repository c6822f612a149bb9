package view

import (
	"strings"
	"time"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/look"
)

// QueueEmpty is an empty purge queue; QueueMeans says what the queue is for.
const (
	QueueEmpty = "The purge queue is empty."
	QueueMeans = "People who leave the directory or the scope are deactivated first and listed here until the grace " +
		"period ends. If they return before that, they are reactivated with all their data."
)

// What keeping and purging mean, and what the questions about them ask for.
const (
	KeepMeans  = "A kept account stays deactivated and is not purged."
	KeepReason = "Reason, for others to see:"
	KeepWhy    = "A reason is required: it is what others will see."
	PurgeFind  = "E-mail address, group name, DN or GUID:"
)

// QueueCounts says how many accounts are in the purge queue.
func QueueCounts(n control.QueueCount) string {
	return number(n.Waiting) + " waiting, " + number(n.Overdue) + " overdue, " + number(n.Held) + " kept"
}

// OverdueMeans says what happens to overdue accounts.
const OverdueMeans = "The next purge deletes the overdue accounts. " + control.PurgeWarning

// KeptBy says which operator or rule keeps an account, and why; "" if it is not kept.
func KeptBy(q control.Queued) string {
	switch {
	case q.Kept != nil:
		return "kept " + q.Kept.Text()
	case q.Unmanaged != "":
		return "unmanaged, by a rule: " + q.Unmanaged
	}
	return ""
}

// Due says when the grace period of an account ends, in a few words.
func Due(q control.Queued, now time.Time) string {
	switch left := q.Due.Sub(now); {
	case q.ByName && !q.Held():
		return "by name only"
	case left > 0:
		return "in " + look.Length(left)
	case q.Held():
		return "would be due"
	}
	return "OVERDUE"
}

// Queued says everything about an account in the purge queue; its name is the first fact.
func Queued(q control.Queued, v Voice) []Fact {
	all := facts{{Label: string(q.Kind), Text: q.Key}}
	at := func(t time.Time) string { return t.In(v.Now.Location()).Format("2006-01-02 15:04") }
	label, since := "inactive", "since "+at(q.Since)
	if q.Kind == identity.Group {
		label = "missing"
	}
	if q.Run > 0 {
		since += ", by run " + number(q.Run)
	}
	all.add(label, since)
	all.add("reason", q.Reason)
	due := at(q.Due) + ", " + Due(q, v.Now)
	switch {
	case q.Overdue:
		due += ": the next purge deletes it"
	case q.ByName && !q.Held():
		due += ": the policy keeps the accounts of removed people, so only a purge that names it deletes it"
	}
	all.add("due", due)
	all.add("kept", strings.TrimPrefix(KeptBy(q), "kept "))
	all.add("record", WhereQueued(q))
	all.add("AD id", string(q.Anchor))
	all.add("cloud id", string(q.ID))
	return all
}

// QueuedLine returns an account in the purge queue in one line.
func QueuedLine(q control.Queued, now time.Time) string {
	text := q.Key
	if q.Kind != identity.User {
		text += " (" + string(q.Kind) + ")"
	}
	if kept := KeptBy(q); kept != "" {
		return text + ", " + kept
	}
	return text + ", due " + Due(q, now)
}

// LastDay returns the moment after the last day on which an account is kept, as it was typed; zero
// for none. Otherwise it says what is wrong.
func LastDay(text string, now time.Time) (until time.Time, wrong string) {
	if text = strings.TrimSpace(text); text == "" {
		return until, ""
	}
	day, err := time.ParseInLocation(time.DateOnly, text, now.Location())
	if err != nil {
		return until, "Enter a date, for example " + now.AddDate(0, 1, 0).Format(time.DateOnly) + ", or nothing."
	}
	if until = day.AddDate(0, 0, 1); !until.After(now) {
		return until, "This day is over."
	}
	return until, ""
}
