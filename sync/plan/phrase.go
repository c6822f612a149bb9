package plan

import (
	"slices"
	"strconv"
	"strings"

	"dirbridge/sync/identity"
)

// OverridePhrase is what an operator types to override the plan's holds: the effect of each with
// its number, such as "deactivate 312, rename 40". It is "" if there is no hold.
func (h Header) OverridePhrase() string {
	var parts []string
	for _, hold := range h.Holds {
		if part := h.verb(hold) + " " + strconv.FormatInt(hold.Count, 10); hold.Overridable && !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

func (h Header) verb(hold Hold) string {
	switch hold.Rule {
	case RuleDeleteThreshold, RuleRemovals, RuleDirectoryDisable:
		n := h.Counts.Users
		if hold.Kind == identity.Group || n.Deactivate+n.Delete == 0 {
			n = h.Counts.Groups
		}
		if n.Deactivate == 0 && n.Delete > 0 {
			return "delete"
		}
		return "deactivate"
	case RuleKeyChanges:
		return "rename"
	case RuleMembersRemoved, RuleGroupMembersRemoved:
		return "remove"
	case RuleGroupsEmptied:
		return "empty"
	case RuleAttributeBlanked:
		return "blank"
	case RuleAttributeLost:
		return "leave"
	case RuleAttributeChanged, RuleAdminsTouched:
		return "change"
	case RuleCloudShrunk:
		return "create"
	case RuleAdoption, RuleRelinking:
		return "link"
	}
	return "accept"
}
