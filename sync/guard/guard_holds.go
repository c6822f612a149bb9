package guard

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/policy"
)

// holdsOfMetrics holds a plan for each metric that is too high. The sum over several directories is
// reported if none of them is held separately.
func holdsOfMetrics(metrics []metric, p policy.Policy) []plan.Hold {
	var holds []plan.Hold
	own := map[string]bool{}
	slices.SortStableFunc(metrics, func(a, b metric) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a.rule, b.rule),
			strings.Compare(a.directory, b.directory), strings.Compare(string(a.kind), string(b.kind)))
	})
	for _, r := range metrics {
		t := p.GuardsOf(r.directory).Threshold(r.rule)
		part := r.rule + " " + string(r.kind)
		if own[part] && rank(r) > 0 && r.rule != plan.RuleRemovals || !r.exceeds(t) {
			continue
		}
		own[part] = own[part] || r.directory != ""
		detail, remedy := r.words()
		holds = append(holds, plan.Hold{Rule: r.rule, Detail: detail, Remedy: remedy + naming(r.count), Overridable: true,
			Directory: r.directory, Kind: r.kind, Count: r.count, Of: r.of, Causes: r.causes})
	}
	return holds
}

// rank sorts the sum over all directories after each single directory.
func rank(r metric) int {
	if r.directory == "" {
		return 1
	}
	return 0
}

// exceeds says whether a metric is too high. A metric with parts contains only parts that are too
// high themselves.
func (r metric) exceeds(t policy.Threshold) bool {
	switch r.rule {
	case plan.RuleAttributeBlanked, plan.RuleAttributeChanged, plan.RuleAttributeLost, plan.RuleGroupMembersRemoved:
		return !t.Off && r.total > 0
	}
	return t.Exceeded(r.count, r.of)
}

// words returns what is too high, and the remedy.
func (r metric) words() (detail, remedy string) {
	n := fmt.Sprintf("%d of %d", r.count, r.of)
	switch r.rule {
	case plan.RuleRemovals:
		if r.directory == "" {
			return n + " accounts would be deactivated because they have no match in any directory.", "Review these accounts; " +
				"policy.on_unmatched sets what happens to unmatched accounts."
		}
		return n + " " + r.objects("") + " would be deactivated or deleted.", "Review the accounts and the reasons."
	case plan.RuleDirectoryDisable:
		return fmt.Sprintf("%s active accounts%s are disabled in the directory at once.", n,
			r.where()), "Check the mapping of userAccountControl."
	case plan.RuleKeyChanges:
		if r.kind == identity.Group {
			return n + " " + r.objects("") + " would get another name.", "Look at what was renamed in the directory."
		}
		return n + " " + r.objects("") +
				" would get another userName, which they sign in with.",
			"Look at what changed in the directory, and at the mapping " +
				"of uid."
	case plan.RuleAdminsTouched:
		return n + " full administrators would be deactivated or renamed: " + r.names(false) +
			".", "Make sure that this is intended and that others can administer the organization."
	case plan.RuleMembersRemoved:
		return n + " memberships would be removed at once.", "Check that the bind account may read the members of groups."
	case plan.RuleGroupMembersRemoved:
		remedy = "Look at the group in the directory, and check that the bind account may read its members."
		if r.total == 1 {
			return n + " members of the group " + r.what[0].name + " would be removed.", remedy
		}
		return fmt.Sprintf("%d groups would lose many members, %s: %s.", r.total, n, r.names(true)), remedy
	case plan.RuleGroupsEmptied:
		remedy = "Look at the groups in the directory, and check that the bind account may read their members."
		if r.total == 1 {
			return fmt.Sprintf("The group %s would lose all of its %d members.", r.what[0].name, r.what[0].of), remedy
		}
		return fmt.Sprintf("%d groups would lose all of their members: %s.", r.total, r.names(false)), remedy
	case plan.RuleAttributeBlanked:
		return r.attributeWords("would be cleared",
			"that have one"), "Check that the bind account may read the attribute, and its mapping."
	case plan.RuleAttributeChanged:
		return r.attributeWords("would be changed", ""), "Look at the mapping, and at what changed in the directory."
	case plan.RuleAttributeLost:
		return r.attributeWords("can no longer be read",
				"that had it"), "Check that the bind account may still read the attribute: a right that it lost looks like this. " +
				"Until then these people are left as they are in the cloud, and those who are disabled or gone are deactivated " +
				"all the same."
	case plan.RuleSourceShrunk:
		return n + " " + r.objects("") +
				" are no longer in the directory.", "Check that this is the right directory and that the bind account may " +
				"read all of it."
	case plan.RuleCloudShrunk:
		what := "linked accounts"
		if r.kind == identity.Group {
			what = "linked groups"
		}
		return n + " " + what + r.where() +
				" are not in the cloud any more: the plan would create them again.", "Check that this is the right organization " +
				"and that the token may read all of it."
	}
	return n, ""
}

func (r metric) attributeWords(verb, having string) string {
	if r.total == 1 {
		return fmt.Sprintf("%s %s for %d of %d %s.", r.what[0].name, verb, r.count, r.of, r.objects(having))
	}
	return fmt.Sprintf("%d attributes %s for many %s: %s.", r.total, verb, r.objects(having), r.names(true))
}

// objects describes what a metric counts, for people: "people of the directory corp".
func (r metric) objects(having string) string {
	what := "people"
	if r.kind == identity.Group {
		what = "groups"
	}
	if having != "" {
		what += " " + having
	}
	return what + r.where()
}

func (r metric) where() string {
	if r.directory == "" {
		return ""
	}
	return " of the directory " + r.directory
}

// names lists the parts, with their numbers on request.
func (r metric) names(numbers bool) string {
	list := make([]string, len(r.what))
	for i, p := range r.what {
		if list[i] = p.name; numbers {
			list[i] = fmt.Sprintf("%s (%d of %d)", p.name, p.count, p.of)
		}
	}
	if more := r.total - int64(len(list)); more > 0 {
		list = append(list, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(list, ", ")
}
