package view

import (
	"slices"
	"strings"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/look"
)

// Mode returns a type of run in the guide's terms.
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
	case record.Trial:
		return "Test account"
	case control.PurgePlan:
		return "Dry run of the purge"
	case control.UndoPlan:
		return "Dry run of the undo"
	}
	return string(m)
}

// PlanName returns the type of a plan in words.
func PlanName(h control.Header) string {
	switch {
	case h.UndoOf != 0:
		return "Undo of run " + number(h.UndoOf)
	case h.Mode == record.Purge:
		return "Purge"
	}
	return "Dry run, " + string(h.Mode)
}

// Counts returns what a plan would do, omitting zeros; never empty.
func Counts(c record.Counts) []string {
	words := Written(c)
	if len(words) == 0 {
		words = append(words, "nothing: the cloud is as the directory")
	}
	return words
}

// Written returns what a run wrote, omitting zeros.
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

// Changes lists the differences between the saved and the edited settings, one per line, with the
// labels and values of the pages: first those of directories and mappings, then those of Settings.
func Changes(saved, edited config.Draft) []string {
	var named, settings []string
	for _, d := range saved.Differences(edited) {
		if _, ok := saved.Setting(d.Key); ok {
			settings = append(settings, Difference(saved, d))
		} else {
			named = append(named, Difference(saved, d))
		}
	}
	slices.Sort(settings)
	return append(named, settings...)
}

// Difference describes one changed key with the label and the values of its page.
func Difference(settings config.Draft, d config.Difference) string {
	if s, ok := settings.Setting(d.Key); ok {
		return Labelled(s) + ": " + Setting(s, d.Was) + " -> " + Setting(s, d.Is)
	}
	return Change(config.Called(d.Key), yesOrNo(d.Was), yesOrNo(d.Is))
}

// Called returns the names of keys as their pages have them.
func Called(settings config.Draft, keys []string) (names []string) {
	for _, key := range keys {
		if s, ok := settings.Setting(key); ok {
			key = Labelled(s)
		}
		names = append(names, key)
	}
	return names
}

// Labelled returns the label of a setting, with the directory that it is of.
func Labelled(s config.Setting) string {
	if s.Under == "" {
		return s.Label
	}
	return s.Label + " of " + s.Under
}

// yesOrNo returns a boolean value as people say it.
func yesOrNo(value string) string {
	if value == "true" || value == "false" {
		return Yes(value == "true")
	}
	return value
}

// Change describes one changed value; a list has one value per line.
func Change(what, was, now string) string {
	in := func(value string) string { return None(strings.Join(config.SplitList(value), "; ")) }
	return what + ": " + in(was) + " -> " + in(now)
}

// None returns the text, or a placeholder if it is empty.
func None(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}

// Yes returns yes or no.
func Yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// Elsewhere describes a run of another process.
func Elsewhere(r record.Run, clock string) string {
	text := Mode(r.Mode) + " is running in another process (run " + look.Number(r.ID)
	if r.By != "" {
		text += ", by " + r.By
	}
	return text + "), started " + clock
}

// Unserved says that the schedule is enabled and no service runs it.
const Unserved = "Synchronization is enabled, but no service is running: nothing is started"

// Saved says where a file is.
func Saved(path string) string { return "Saved to " + path + " (readable only by you)." }

// SavedPlan says where a plan is, and how it is applied later.
func SavedPlan(path string) string {
	return Saved(path) + " To apply it later: dirbridge apply " + path
}
