package plan_test

import (
	"testing"

	"dirbridge/sync/plan"
	"dirbridge/sync/record"
)

func TestOverridePhraseNamesEachNumber(t *testing.T) {
	hold := func(rule string, n int64) plan.Hold { return plan.Hold{Rule: rule, Count: n, Overridable: true} }
	deactivating, deleting := record.Counts{Users: record.ObjectCounts{Deactivate: 312, Delete: 1}},
		record.Counts{Users: record.ObjectCounts{Delete: 4}}
	for _, c := range []struct {
		want  string
		n     record.Counts
		holds []plan.Hold
	}{
		{"", deactivating, nil},
		{"deactivate 312", deactivating, []plan.Hold{hold(plan.RuleDeleteThreshold, 312)}},
		{"deactivate 312, rename 40", deactivating,
			[]plan.Hold{hold(plan.RuleDeleteThreshold, 312), hold(plan.RuleRemovals, 312), hold(plan.RuleKeyChanges, 40)}},
		{"delete 4, remove 9", deleting,
			[]plan.Hold{hold(plan.RuleRemovals, 4), hold(plan.RuleMembersRemoved, 9), {Rule: plan.RuleLastAdmins, Count: 3}}},
	} {
		if got := (plan.Header{Counts: c.n, Holds: c.holds}).OverridePhrase(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
