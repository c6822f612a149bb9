package guard

import (
	"strings"
	"testing"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/policy"
)

// TestGuards is promise P4: which totals hold a plan, and which of the holds a number lifts.
func TestGuards(t *testing.T) {
	t.Parallel()
	twenty := policy.Threshold{Number: 20}
	base := Totals{People: 1000, Ours: 1000, AdminsAll: 4, AdminsKnown: true}
	with := func(fn func(*Totals)) Totals { t := base; fn(&t); return t }
	cases := []struct {
		name string
		t    Totals
		th   policy.Threshold
		want string // rule; "" means not held
		over int64  // what lifts it; 0 means nothing does
	}{
		{"nothing", base, twenty, "", 0},
		{"exactly the threshold", with(func(t *Totals) { t.Removals = 20 }), twenty, "", 0},
		{"one more", with(func(t *Totals) { t.Removals = 21 }), twenty, plan.RuleDeleteThreshold, 21},
		{"zero allows none", with(func(t *Totals) { t.Removals = 1 }), policy.Threshold{}, plan.RuleDeleteThreshold, 1},
		{"off", with(func(t *Totals) { t.Removals = 400 }), policy.Threshold{Off: true}, "", 0},
		{"five per cent", with(func(t *Totals) { t.Removals = 51 }), policy.Threshold{Percent: 5},
			plan.RuleDeleteThreshold, 51},
		{"within five per cent", with(func(t *Totals) { t.Removals = 50 }), policy.Threshold{Percent: 5}, "", 0},
		{"more than the share, not than the number", with(func(t *Totals) { t.Removals = 51 }),
			policy.Threshold{Number: 100, Percent: 5}, "", 0},
		{"more than the number, not than the share", with(func(t *Totals) { t.Removals = 50 }),
			policy.Threshold{Number: 20, Percent: 5}, "", 0},
		{"more than both", with(func(t *Totals) { t.Removals = 51 }), policy.Threshold{Number: 20, Percent: 5},
			plan.RuleDeleteThreshold, 51},
		{"removals while not all was read", with(func(t *Totals) { t.Removals, t.unread = 1, 1 }), twenty,
			plan.RuleListingIncomplete, 0},
		{"empty source", with(func(t *Totals) { t.People = 0 }), policy.Threshold{Off: true}, plan.RuleEmptySource, 0},
		{"first run of an empty directory", with(func(t *Totals) { t.People, t.Ours = 0, 0 }), twenty, "", 0},
		{"one of several is empty", with(func(t *Totals) { t.emptied = []emptySource{{"corp", 3}} }), twenty,
			plan.RuleEmptySource, 0},
		{"all administrators", with(func(t *Totals) { t.AdminsOut = 4 }), twenty, plan.RuleLastAdmins, 0},
		{"some administrators", with(func(t *Totals) { t.AdminsOut = 3 }), twenty, "", 0},
		{"administrators unknown", with(func(t *Totals) { t.AdminsKnown, t.AdminsAll, t.Removals = false, 0, 1 }),
			twenty, plan.RuleUnknownAdmins, 0},
		{"empty cloud", with(func(t *Totals) { t.lost, t.accounts, t.Ours = 3, 0, 3 }), twenty, plan.RuleCloudShrunk, 3},
		{"relinked", with(func(t *Totals) { t.relinked.people = 501 }), twenty, plan.RuleRelinking, 501},
		{"half relinked", with(func(t *Totals) { t.relinked.people = 500 }), twenty, "", 0},
		{"few relinked", with(func(t *Totals) { t.relinked.people, t.Ours = 20, 20 }), twenty, "", 0},
		{"most of one directory relinked", with(func(t *Totals) {
			t.relinked.people, t.relinked.emptied = 30,
				[]string{"corp"}
		}), twenty, plan.RuleRelinking, 30},
		{"another directory", with(func(t *Totals) { t.relinked.people, t.relinked.replaced = 1, []string{"corp"} }),
			twenty, plan.RuleRelinking, 1},
		{"another directory, without them", with(func(t *Totals) {
			t.relinked.removed, t.relinked.replaced = 1,
				[]string{"corp"}
		}), twenty, plan.RuleRelinking, 1},
		{"adoption without anchors", with(func(t *Totals) { t.anchorless, t.adopted, t.Ours = true, 5, 0 }), twenty,
			plan.RuleAdoption, 5},
	}
	for _, tc := range cases {
		checkHeld(t, tc.name, HoldsOfTotals(tc.t, tc.th), tc.want, tc.over)
	}
}

func checkHeld(t *testing.T, name string, holds []plan.Hold, want string, over int64) {
	t.Helper()
	switch {
	case want == "" && len(holds) > 0:
		t.Errorf("%s: held: %+v", name, holds)
	case want == "":
	case len(holds) != 1 || holds[0].Rule != want || holds[0].Overridable != (over > 0) || holds[0].Detail == "" ||
		holds[0].Count == 0:
		t.Errorf("%s: %+v", name, holds)
	case over > 0 && (holds[0].Count != over || !strings.HasSuffix(holds[0].Remedy, naming(over))):
		t.Errorf("%s: not lifted by %d: %+v", name, over, holds)
	case over == 0 && !strings.HasSuffix(holds[0].Remedy, "This cannot be overridden."):
		t.Errorf("%s: %s", name, holds[0].Remedy)
	}
}

// TestGuardsByDirectory: which numbers of one directory and kind hold a plan by default.
func TestGuardsByDirectory(t *testing.T) {
	t.Parallel()
	one := func(rule string, kind identity.Kind, n, of int64) []metric {
		return []metric{{rule: rule, directory: "corp", kind: kind, count: n, of: of, what: []metricPart{{"x", n, of}},
			total: 1}}
	}
	cases := []struct {
		name     string
		readings []metric
		want     string
		over     int64
	}{
		{"many lost their mail", one(plan.RuleAttributeLost, identity.User, 101, 1000), plan.RuleAttributeLost, 101},
		{"removals have the delete threshold alone", one(plan.RuleRemovals, identity.User, 900, 1000), "", 0},
		{"half are disabled", one(plan.RuleDirectoryDisable, identity.User, 500, 1000), "", 0},
		{"more than half are disabled", one(plan.RuleDirectoryDisable, identity.User, 501, 1000), plan.RuleDirectoryDisable,
			501},
		{"all of twenty are disabled", one(plan.RuleDirectoryDisable, identity.User, 20, 20), "", 0},
		{"keys of a tenth", one(plan.RuleKeyChanges, identity.User, 100, 1000), "", 0},
		{"keys of more", one(plan.RuleKeyChanges, identity.User, 101, 1000), plan.RuleKeyChanges, 101},
		{"group names of more", one(plan.RuleKeyChanges, identity.Group, 21, 100), plan.RuleKeyChanges, 21},
		{"one administrator", one(plan.RuleAdminsTouched, identity.User, 1, 1), plan.RuleAdminsTouched, 1},
		{"two administrators", one(plan.RuleAdminsTouched, identity.User, 2, 50), plan.RuleAdminsTouched, 2},
		{"one group emptied", one(plan.RuleGroupsEmptied, identity.Group, 1, 400), plan.RuleGroupsEmptied, 1},
		{"half are gone", one(plan.RuleSourceShrunk, identity.User, 500, 1000), "", 0},
		{"more are gone", one(plan.RuleSourceShrunk, identity.User, 501, 1000), plan.RuleSourceShrunk, 501},
		{"few people prove nothing", one(plan.RuleSourceShrunk, identity.User, 3, 5), "", 0},
		{"most groups are gone", one(plan.RuleSourceShrunk, identity.Group, 51, 100), plan.RuleSourceShrunk, 51},
		{"half of a cloud", one(plan.RuleCloudShrunk, identity.User, 501, 1000), plan.RuleCloudShrunk, 501},
		{"a few accounts removed by hand", one(plan.RuleCloudShrunk, identity.User, 5, 1000), "", 0},
		{"little in each of two directories", []metric{
			{rule: plan.RuleSourceShrunk, directory: "a", kind: identity.User, count: 15,
				of: 20}, {rule: plan.RuleSourceShrunk, directory: "b", kind: identity.User, count: 15, of: 20},
			{rule: plan.RuleSourceShrunk, kind: identity.User, count: 30, of: 40}}, plan.RuleSourceShrunk, 30},
		{"all of them are told once", []metric{
			{rule: plan.RuleSourceShrunk, kind: identity.User, count: 45, of: 60}, {rule: plan.RuleSourceShrunk,
				directory: "b", kind: identity.User, count: 30, of: 40}}, plan.RuleSourceShrunk, 30},
	}
	for _, tc := range cases {
		checkHeld(t, tc.name, holdsOfMetrics(tc.readings, policy.Policy{}), tc.want, tc.over)
	}
	own := policy.Policy{Guards: policy.DefaultGuards(),
		DirectoryGuards: map[string]policy.Guards{"corp": {KeyChanges: policy.Threshold{Number: 500}}}}
	checkHeld(t, "a directory's own", holdsOfMetrics(one(plan.RuleKeyChanges, identity.User, 101, 1000), own), "", 0)
	own.DirectoryGuards["corp"] = policy.Guards{Removals: policy.Threshold{Percent: 1}}
	checkHeld(t, "removals of a directory", holdsOfMetrics(one(plan.RuleRemovals, identity.User, 11, 1000), own),
		plan.RuleRemovals, 11)
}
