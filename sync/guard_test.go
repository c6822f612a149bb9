package sync

import (
	"testing"

	"dirbridge/sync/plan"
)

// TestGuards is promise P4: which totals hold a plan, and which holds a number lifts.
func TestGuards(t *testing.T) {
	twenty := Threshold{Number: 20}
	base := tally{people: 1000, ours: 1000, active: 1000, adminsAll: 4, adminsKnown: true, members: 1000, complete: true}
	with := func(fn func(*tally)) tally { t := base; fn(&t); return t }
	cases := []struct {
		name string
		t    tally
		th   Threshold
		want string // rule; "" is not held
		over bool
	}{
		{"nothing", base, twenty, "", false},
		{"exactly the threshold", with(func(t *tally) { t.removals = 20 }), twenty, "", false},
		{"one more", with(func(t *tally) { t.removals = 21 }), twenty, plan.RuleDeleteThreshold, true},
		{"zero allows none", with(func(t *tally) { t.removals = 1 }), Threshold{}, plan.RuleDeleteThreshold, true},
		{"off", with(func(t *tally) { t.removals = 400 }), Threshold{Off: true}, "", false},
		{"five per cent", with(func(t *tally) { t.removals = 51 }), Threshold{Percent: 5}, plan.RuleDeleteThreshold, true},
		{"within five per cent", with(func(t *tally) { t.removals = 50 }), Threshold{Percent: 5}, "", false},
		{"empty source", with(func(t *tally) { t.people = 0 }), Threshold{Off: true}, plan.RuleEmptySource, false},
		{"first run of an empty directory", with(func(t *tally) { t.people, t.ours = 0, 0 }), twenty, "", false},
		{"half are nowhere", with(func(t *tally) { t.vanished = 501 }), Threshold{Off: true}, plan.RuleSourceShrunk, true},
		{"few people prove nothing", with(func(t *tally) { t.vanished, t.ours = 3, 5 }), twenty, "", false},
		{"all administrators", with(func(t *tally) { t.adminsOut = 4 }), twenty, plan.RuleLastAdmins, false},
		{"some administrators", with(func(t *tally) { t.adminsOut = 3 }), twenty, "", false},
		{"administrators unknown", with(func(t *tally) { t.adminsKnown, t.adminsAll, t.removals = false, 0, 1 }), twenty, plan.RuleUnknownAdmins, false},
		{"disabled at once", with(func(t *tally) { t.disabled = 501 }), twenty, plan.RuleDirectoryDisable, true},
		{"memberships at once", with(func(t *tally) { t.membersOut = 501 }), twenty, plan.RuleMembersRemoved, true},
		{"empty cloud", with(func(t *tally) { t.lost, t.accounts, t.ours = 3, 0, 3 }), twenty, plan.RuleCloudShrunk, true},
		{"half of a cloud", with(func(t *tally) { t.lost, t.accounts = 501, 499 }), twenty, plan.RuleCloudShrunk, true},
		{"a few accounts removed by hand", with(func(t *tally) { t.lost, t.accounts = 5, 995 }), twenty, "", false},
		{"linked anew", with(func(t *tally) { t.anew.people = 501 }), twenty, plan.RuleRelinking, true},
		{"half linked anew", with(func(t *tally) { t.anew.people = 500 }), twenty, "", false},
		{"few linked anew", with(func(t *tally) { t.anew.people, t.ours = 20, 20 }), twenty, "", false},
		{"most of one directory linked anew", with(func(t *tally) { t.anew.people, t.anew.emptied = 30, []string{"corp"} }), twenty, plan.RuleRelinking, true},
		{"another directory", with(func(t *tally) { t.anew.people, t.anew.replaced = 1, []string{"corp"} }), twenty, plan.RuleRelinking, true},
		{"another directory, without them", with(func(t *tally) { t.anew.removed, t.anew.replaced = 1, []string{"corp"} }), twenty, plan.RuleRelinking, true},
		{"adoption without anchors", with(func(t *tally) { t.anchorless, t.adopted, t.ours = true, 5, 0 }), twenty, plan.RuleAdoption, true},
	}
	for _, tc := range cases {
		holds := judgeTally(tc.t, tc.th)
		switch {
		case tc.want == "" && len(holds) > 0:
			t.Errorf("%s: held: %+v", tc.name, holds)
		case tc.want != "" && (len(holds) != 1 || holds[0].Rule != tc.want || holds[0].Overridable != tc.over || holds[0].Remedy == ""):
			t.Errorf("%s: %+v", tc.name, holds)
		}
	}
}
