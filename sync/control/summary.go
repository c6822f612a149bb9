package control

import (
	"fmt"
	"maps"
	"slices"
	"strings"

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
		out = append(out, name+"Scope: "+strings.Join([]string{objectsOf(d), usersOf(d), groupsOf(d)}, ", "))
	}
	if s.Policy.DeleteThreshold.Off {
		out = append(out, "Delete threshold: off")
	} else {
		out = append(out, "Delete threshold: "+s.Policy.DeleteThreshold.String())
	}
	switch s.Policy.OnMissing {
	case "keep":
		out = append(out, "Removed users: keep")
	case "delete":
		out = append(out, "Removed users: deactivate, delete with the next purge")
	default:
		out = append(out, fmt.Sprintf("Removed users: deactivate, delete after %d days", int(s.Policy.PurgeAfter.Hours()/24)))
	}
	unsynced := !slices.ContainsFunc(s.Directories, func(d config.Directory) bool { return d.SyncUsers })
	switch p := s.Policy.OnUnmatched; {
	case unsynced && (p == "remove" || p == "deactivate"):
		out = append(out, "Unmatched accounts: keep, because no users are synchronized")
	case p == "remove":
		out = append(out, "Unmatched accounts: deactivate, delete after the grace period")
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
		return "whole domain"
	case n == 0:
		return "whole domain except " + some(without)
	case without == 0:
		return some(n)
	default:
		return some(n) + " except " + some(without)
	}
}

func usersOf(d config.Directory) string {
	switch n := len(d.MemberOf); {
	case !d.SyncUsers:
		return "no users"
	case n == 1:
		return "users in group " + d.MemberOf[0]
	case n > 1:
		return fmt.Sprintf("users in %d groups", n)
	case d.UserFilter != "":
		return "users by filter"
	}
	return "users"
}

func groupsOf(d config.Directory) string {
	what := "groups"
	if d.GroupTypes == "security" || d.GroupTypes == "distribution" {
		what = d.GroupTypes + " groups"
	}
	switch {
	case !d.SyncGroups:
		return "no groups"
	case d.GroupFilter != "":
		return what + " by filter"
	}
	return what
}
