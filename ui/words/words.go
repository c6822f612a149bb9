package words

import (
	"slices"
	"strings"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/look"
)

// Mode is a type of run in the guide's words.
func Mode(m record.Mode) string {
	switch m {
	case record.Full:
		return "Full"
	case record.Incremental:
		return "Incremental"
	case record.ApplyPlan:
		return "Apply"
	case record.Purge:
		return "Purge"
	case record.Undo:
		return "Undo"
	case record.DryRun:
		return "Dry run"
	case control.PurgePlan:
		return "Dry run of the purge"
	case control.UndoPlan:
		return "Dry run of the undo"
	}
	return string(m)
}

// Counts are what a plan would do, leaving out what is none; never empty.
func Counts(c record.Counts) []string {
	words := Written(c)
	if len(words) == 0 {
		words = append(words, "nothing: the cloud is as the directory")
	}
	return words
}

// Written are what a run wrote, leaving out what is none.
func Written(c record.Counts) (words []string) {
	add := func(n int64, one, many, verb string) {
		if n > 0 {
			words = append(words, look.Count(n, one, many)+" "+verb)
		}
	}
	add(c.Users.Add, "person", "people", "added")
	add(c.Users.Update, "person", "people", "updated")
	add(c.Users.Rename, "person", "people", "renamed")
	add(c.Users.Reactivate, "person", "people", "reactivated")
	add(c.Users.Deactivate, "person", "people", "deactivated")
	add(c.Users.Delete, "person", "people", "deleted")
	add(c.Groups.Add, "group", "groups", "added")
	add(c.Groups.Update+c.Groups.Rename, "group", "groups", "updated")
	add(c.Groups.Delete+c.Groups.Deactivate, "group", "groups", "deleted")
	add(c.Members.Add, "membership", "memberships", "added")
	add(c.Members.Remove, "membership", "memberships", "removed")
	return words
}

// Changes say what differs between the saved settings and those that are edited, one
// key a line: what has a name of its own, and then the keys of the file.
func Changes(saved, edited config.Draft) []string {
	var named, keys []string
	for _, d := range saved.Differences(edited) {
		if name := config.Called(d.Key); name != d.Key {
			named = append(named, Change(name, yesOrNo(d.Was), yesOrNo(d.Is)))
		} else {
			keys = append(keys, Change(d.Key, d.Was, d.Is))
		}
	}
	slices.Sort(keys)
	return append(named, keys...)
}

// yesOrNo is a value that is true or false as people say it.
func yesOrNo(value string) string {
	if value == "true" || value == "false" {
		return Yes(value == "true")
	}
	return value
}

// Change is one value that becomes another; of lists one value stands on a line.
func Change(what, was, now string) string {
	in := func(value string) string { return None(strings.Join(config.SplitList(value), "; ")) }
	return what + ": " + in(was) + " -> " + in(now)
}

// None is the text, or that there is none.
func None(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}

// Yes is yes or no.
func Yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// Applying is what the engine calls its phase while it writes.
const Applying control.Phase = "applying"

// Elsewhere says of a run that another process is doing which it is.
func Elsewhere(r record.Run, clock string) string {
	text := Mode(r.Mode) + " is running in another process (run " + look.Number(r.ID)
	if r.By != "" {
		text += ", by " + r.By
	}
	return text + "), started " + clock
}

// Unserved says that the schedule is enabled and nothing serves it.
const Unserved = "Synchronization is enabled, but no service is running: nothing is started"
