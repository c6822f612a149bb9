package view

import (
	"slices"
	"time"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/ui/look"
)

// ScopeMoves says how many people and groups enter and leave the scope.
func ScopeMoves(d control.ScopeDelta) (lines []string) {
	add := func(c control.ScopeCount, one, many string) {
		if c.Enter+c.Leave > 0 {
			lines = append(lines, count(c.Leave, one+" leaves", many+" leave")+" the scope, "+
				count(c.Enter, one+" enters", many+" enter")+": "+number(c.Was)+" -> "+number(c.Now))
		}
	}
	add(d.People, "person", "people")
	add(d.Groups, "group", "groups")
	if lines == nil {
		return []string{"Scope unchanged: " + count(d.People.Now, "person", "people") + " and " +
			count(d.Groups.Now, "group", "groups") + " in scope."}
	}
	return lines
}

// Leavers says what happens to the accounts of people who leave the scope: if their kind is
// switched off, the accounts stay; otherwise the policy decides.
func Leavers(saved, edited config.Draft, d control.ScopeDelta) []string {
	lines := SwitchedOff(saved, edited)
	if d.People.Leave+d.Groups.Leave > d.Kept {
		lines = append(lines, leaving(edited.Values))
	}
	return lines
}

// SwitchedOff says what switching off users or groups does to their accounts.
func SwitchedOff(saved, edited config.Draft) (lines []string) {
	users := false
	for i, d := range edited.Directories {
		if i >= len(saved.Directories) {
			break
		}
		was := saved.Directories[i]
		if was.SyncUsers && !d.SyncUsers {
			users = true
			lines = append(lines,
				"Users of "+d.Name+" will no longer be synchronized: their accounts stay unchanged. None is updated, deactivated "+
					"or purged.")
		}
		if was.SyncGroups && !d.SyncGroups {
			lines = append(lines,
				"Groups of "+d.Name+" will no longer be synchronized: they stay unchanged in the cloud, with their members.")
		}
	}
	if p := edited.Values["policy.on_unmatched"]; users && NoUsers(edited) && (p == "deactivate" || p == "remove") {
		lines = append(lines,
			"Unmatched accounts stay too, because no users are synchronized.")
	}
	return lines
}

// NoUsers reports whether users are synchronized from no directory.
func NoUsers(s config.Draft) bool {
	return !slices.ContainsFunc(s.Directories, func(d config.Directory) bool { return d.SyncUsers })
}

// leaving says what the policy does with people who leave.
func leaving(values map[string]string) string {
	switch values["policy.on_missing"] {
	case "keep":
		return "Their accounts stay unchanged, because the policy keeps the accounts of removed people."
	case "delete":
		return "Their accounts will be deactivated and then deleted. " + holding(values)
	}
	grace := values["policy.purge_after"]
	if d, err := time.ParseDuration(grace); err == nil {
		grace = look.Length(d)
	}
	return "Their accounts will be deactivated and deleted after " + grace + ". " + holding(values)
}

// holding says how many removals hold a run.
func holding(values map[string]string) string {
	threshold := values["policy.delete_threshold"]
	if threshold == "off" {
		return "No threshold holds the run."
	}
	return "More than " + threshold + " removals will hold the run."
}
