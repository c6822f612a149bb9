package view

import (
	"slices"
	"time"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/ui/look"
)

// Leavers says what happens to the accounts of people who leave the scope: if their kind is
// switched off, the accounts stay; otherwise the policy decides.
func Leavers(saved, edited config.Draft, d control.ScopeDelta) []string {
	lines := SwitchedOff(saved, edited)
	if d.People.Leave+d.Groups.Leave > d.Kept {
		lines = append(lines, whoLeaves(edited.Values))
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
				"Users of "+d.Name+" are synchronized no more: their accounts stay as they are. None is updated, deactivated or "+
					"purged.")
		}
		if was.SyncGroups && !d.SyncGroups {
			lines = append(lines,
				"Groups of "+d.Name+" are synchronized no more: they stay as they are in the cloud, with their members.")
		}
	}
	if p := edited.Values["policy.on_unmatched"]; users && NoUsers(edited) && (p == "deactivate" || p == "remove") {
		lines = append(lines,
			"Accounts that no directory knows stay too: policy.on_unmatched does nothing while no users are synchronized.")
	}
	return lines
}

// NoUsers reports whether users are synchronized from no directory.
func NoUsers(s config.Draft) bool {
	return !slices.ContainsFunc(s.Directories, func(d config.Directory) bool { return d.SyncUsers })
}

// whoLeaves says what the policy does with people who leave.
func whoLeaves(values map[string]string) string {
	switch values["policy.on_missing"] {
	case "keep":
		return "The accounts of who leaves stay as they are (policy.on_missing is keep)."
	case "delete":
		return "The accounts of who leaves are deactivated and then deleted (policy.on_missing). More than the delete " +
			"threshold (" + values["policy.delete_threshold"] + ") holds the run."
	}
	grace := values["policy.purge_after"]
	if d, err := time.ParseDuration(grace); err == nil {
		grace = look.Length(d)
	}
	return "The accounts of who leaves are deactivated, and purged after " + grace +
		". More than the delete threshold (" + values["policy.delete_threshold"] + ") holds the run."
}
