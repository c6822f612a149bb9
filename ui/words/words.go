package words

import (
	"maps"
	"slices"
	"strings"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/look"
	"dirbridge/ui/scope"
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
// key a line.
func Changes(saved, edited control.Settings) []string {
	var lines []string
	for i, d := range edited.Directories {
		if i >= len(saved.Directories) {
			break
		}
		was := saved.Directories[i]
		lines = append(lines, listChange(d.Name+", chosen", was.BaseDNs, d.BaseDNs)...)
		lines = append(lines, listChange(d.Name+", excluded", was.ExcludeDNs, d.ExcludeDNs)...)
		lines = append(lines, valueChange(d.Name+", users", Yes(was.SyncUsers), Yes(d.SyncUsers))...)
		lines = append(lines, valueChange(d.Name+", groups", Yes(was.SyncGroups), Yes(d.SyncGroups))...)
		lines = append(lines, valueChange(d.Name+", user filter", was.UserFilter, d.UserFilter)...)
		lines = append(lines, valueChange(d.Name+", group filter", was.GroupFilter, d.GroupFilter)...)
		lines = append(lines, valueChange(d.Name+", group types", was.GroupTypes, d.GroupTypes)...)
	}
	var names []string
	for name := range edited.Mapping {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		lines = append(lines, valueChange("mapping of "+name, saved.Mapping[name], edited.Mapping[name])...)
	}
	for _, key := range slices.Sorted(maps.Keys(edited.Values)) {
		lines = append(lines, valueChange(key, saved.Values[key], edited.Values[key])...)
	}
	return lines
}

func listChange(what string, was, now []string) []string {
	if scope.Same(was, now) {
		return nil
	}
	return valueChange(what, strings.Join(was, "; "), strings.Join(now, "; "))
}

func valueChange(what, was, now string) []string {
	if was == now {
		return nil
	}
	return []string{Change(what, was, now)}
}

// Change is one value that becomes another; of lists one value stands on a line.
func Change(what, was, now string) string {
	in := func(value string) string { return None(strings.Join(control.SplitList(value), "; ")) }
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
