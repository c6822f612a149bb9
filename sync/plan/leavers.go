package plan

// AllowsLeavers reports whether leavers may be deactivated despite the hold, because it is about
// other changes. Holds about removals, about incomplete listings and about wrong sources do not
// permit it, nor does an unknown rule.
func (h Hold) AllowsLeavers() bool {
	switch h.Rule {
	case RuleKeyChanges, RuleAttributeBlanked, RuleAttributeChanged, RuleAttributeLost,
		RuleMembersRemoved, RuleGroupMembersRemoved, RuleGroupsEmptied, RuleAdoption:
		return true
	}
	return false
}

// AllowsLeavers reports whether the leavers of a held plan are deactivated.
func AllowsLeavers(holds []Hold) bool {
	for _, h := range holds {
		if !h.AllowsLeavers() {
			return false
		}
	}
	return true
}
