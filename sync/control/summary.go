package control

import (
	"fmt"
	"maps"
	"slices"

	"dirbridge/config"
	"dirbridge/sync/schema"
)

// Summary lists the settings in words, like the guide's Configuration Summary: what is
// synchronized, what happens to leavers, and where the mapping differs from the catalogue's
// defaults.
func Summary(s config.Draft, cat schema.Catalogue) []string {
	var out []string
	for _, d := range s.Directories {
		name := ""
		if len(s.Directories) > 1 {
			name = d.Name + ": "
		}
		for _, line := range []string{objectsOf(d), usersOf(d), groupsOf(d)} {
			out = append(out, name+line)
		}
	}
	if s.Policy.DeleteThreshold.Off {
		out = append(out, "Deleted threshold has been disabled")
	} else {
		out = append(out, "Delete threshold is "+s.Policy.DeleteThreshold.String())
	}
	switch s.Policy.OnMissing {
	case "keep":
		out = append(out, "Accounts of people removed from the directory are kept")
	case "delete":
		out = append(out, "Accounts of people removed from the directory are deleted")
	default:
		out = append(out, fmt.Sprintf("Deactivate, purge in %d d", int(s.Policy.PurgeAfter.Hours()/24)))
	}
	unsynced := !slices.ContainsFunc(s.Directories, func(d config.Directory) bool { return d.SyncUsers })
	switch p := s.Policy.OnUnmatched; {
	case unsynced && (p == "remove" || p == "deactivate"):
		out = append(out, "Unmatched accounts stay: no users are synchronized")
	case p == "remove":
		out = append(out, "The cloud mirrors the directory")
	case p == "deactivate":
		out = append(out, "Unmatched accounts: deactivate")
	}
	for _, a := range cat.Users {
		if rule := s.Mapping[a.Name]; rule != a.Default {
			out = append(out, a.Name+": "+ruleWords(rule))
		}
	}
	for _, d := range s.Directories {
		for _, attribute := range slices.Sorted(maps.Keys(d.Mapping)) {
			out = append(out, d.Name+": "+attribute+": "+ruleWords(d.Mapping[attribute]))
		}
	}
	return out
}

func ruleWords(rule string) string {
	if rule == "" {
		return "not synchronized"
	}
	return rule
}

// objectsOf says which containers of a directory are read.
func objectsOf(d config.Directory) string {
	some := func(n int) string {
		if n == 1 {
			return "1 container"
		}
		return fmt.Sprintf("%d containers", n)
	}
	switch n, without := len(d.BaseDNs), len(d.ExcludeDNs); {
	case n == 0 && without == 0:
		return "All objects will be synchronized"
	case n == 0:
		return "All objects but those in " + some(without) + " will be synchronized"
	case without == 0:
		return "Objects in " + some(n) + " will be synchronized"
	default:
		return "Objects in " + some(n) + ", but not in " + some(without) + " of it, will be synchronized"
	}
}

func usersOf(d config.Directory) string {
	switch n := len(d.MemberOf); {
	case !d.SyncUsers:
		return "No users will be synchronized: their accounts stay as they are"
	case n == 1:
		return "Users in group " + d.MemberOf[0] + " will be synchronized"
	case n > 1:
		return fmt.Sprintf("Users in %d groups will be synchronized", n)
	case d.UserFilter != "":
		return "Users that match the filter will be synchronized"
	}
	return "All users will be synchronized"
}

func groupsOf(d config.Directory) string {
	what := "groups"
	if d.GroupTypes == "security" || d.GroupTypes == "distribution" {
		what = d.GroupTypes + " groups"
	}
	switch {
	case !d.SyncGroups:
		return "No groups will be synchronized: they stay as they are in the cloud"
	case d.GroupFilter != "":
		return "The " + what + " that match the filter will be synchronized"
	}
	return "All " + what + " will be synchronized"
}
