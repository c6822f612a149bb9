package plan

// SparesLeavers says that a hold does not keep leavers from being deactivated: it is
// about other changes of the plan. A guard of removals does, and one by which something
// was not read whole, or is not what it was taken for. A rule that is not named here
// holds leavers, too.
func (h Hold) SparesLeavers() bool {
	switch h.Rule {
	case RuleKeyChanges, RuleAttributeBlanked, RuleAttributeChanged, RuleAttributeLost,
		RuleMembersRemoved, RuleGroupMembersRemoved, RuleGroupsEmptied, RuleAdoption:
		return true
	}
	return false
}

// SparesLeavers says that leavers of a plan that is held are deactivated all the same.
func SparesLeavers(holds []Hold) bool {
	for _, h := range holds {
		if !h.SparesLeavers() {
			return false
		}
	}
	return true
}
