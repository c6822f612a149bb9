package synctest

import (
	"context"
	"maps"
	"testing"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/schema"
)

func addGroup(n int, name string) plan.Change {
	return plan.Change{
		Action: plan.Add, Kind: identity.Group, Phase: plan.GroupWrites, Anchor: identity.NewAnchor("corp", external(n)),
		Key: name, DN: "CN=" + name,
		Fields: []plan.FieldDiff{set(schema.GroupName, name), set(schema.ExternalID, external(n))},
	}
}

// memberChange adds the member to the group, or removes it.
func memberChange(action plan.Action, group, member identity.ResourceID, kind identity.Kind) plan.Change {
	phase := plan.MemberAdds
	if action == plan.Remove {
		phase = plan.MemberRemoves
	}
	return plan.Change{
		Action: action, Kind: identity.Member, Phase: phase, ID: group, MemberID: member, MemberKind: kind, Key: "Group",
		MemberKey: string(member),
		Anchor:    identity.NewAnchor("corp", external(900)), Member: identity.NewAnchor("corp", external(901)),
	}
}

// membership is a member of a group.
type membership struct{ group, member identity.ResourceID }

func (f *TargetFixture) members(t *testing.T) map[membership]bool {
	t.Helper()
	found := map[membership]bool{}
	if err := f.Target.Members(t.Context(), func(group, member identity.ResourceID) error {
		m := membership{group, member}
		if found[m] {
			t.Errorf("%v came twice", m)
		}
		found[m] = true
		return nil
	}); err != nil {
		t.Fatalf("listing members: %v", err)
	}
	return found
}

func (f *TargetFixture) wantMembers(t *testing.T, when string, want ...membership) {
	t.Helper()
	expected := map[membership]bool{}
	for _, m := range want {
		expected[m] = true
	}
	if got := f.members(t); !maps.Equal(got, expected) {
		t.Errorf("%s %d memberships, want %d: %v", when, len(got), len(expected), got)
	}
}

func targetGroups(t *testing.T, f *TargetFixture) {
	ids := f.done(t, addGroup(1, `Team "A", Ω`), addGroup(2, "Team B"))
	r := f.resource(t, identity.Group, ids[0])
	if r.Key != `Team "A", Ω` || !f.Target.Limits().Anchorless && r.ExternalID != external(1) {
		t.Errorf("made as %+v", r)
	}
	found, err := f.Target.Find(t.Context(), identity.Group, `TEAM "a", ω`)
	if refused := err != nil && f.NoQuotes; !refused && (err != nil || len(found) != 1 || found[0].ID != ids[0]) {
		t.Errorf("looked up: %v, %v", found, err)
	}
	rename := addGroup(2, "Team C")
	rename.Action, rename.ID, rename.Fields = plan.Rename, ids[1],
		[]plan.FieldDiff{set(schema.GroupName, "Team C", "Team B")}
	f.done(t, rename)
	if r := f.resource(t, identity.Group, ids[1]); r.Key != "Team C" {
		t.Errorf("renamed, it is %+v", r)
	}
	remove := addGroup(1, "")
	remove.Action, remove.Phase, remove.ID, remove.Fields = plan.Delete, plan.Deletions, ids[0], nil
	for range 2 {
		f.done(t, remove)
		if left := f.list(t, identity.Group); len(left) != 1 || left[ids[1]].ID == "" {
			t.Errorf("left are %v", left)
		}
	}
	if n := len(f.users(t)); n != 0 {
		t.Errorf("groups are listed as %d users", n)
	}
}

func targetMembers(t *testing.T, f *TargetFixture) {
	people := f.people(t, 3)
	groups := f.done(t, addGroup(101, "One"), addGroup(102, "Two"), addGroup(103, "Nobody"))
	add := func(group, member identity.ResourceID, kind identity.Kind) plan.Change {
		return memberChange(plan.Add, group, member, kind)
	}
	inner, kind := f.inner(groups[0], people[2])
	for range 2 { // adding a member again is done
		f.done(t, add(groups[0], people[0], identity.User), add(groups[0], people[1], identity.User),
			add(groups[1], people[0], identity.User), add(groups[1], inner, kind))
		f.wantMembers(t, "added,", membership{groups[0], people[0]}, membership{groups[0], people[1]},
			membership{groups[1], people[0]}, membership{groups[1], inner})
	}
	for m, want := range map[membership]bool{
		{groups[0], people[0]}: true, {groups[0], people[2]}: false, {groups[1], inner}: true,
		{groups[2], people[0]}: false,
	} {
		if got, err := f.Target.HasMember(t.Context(), m.group, m.member); got != want || err != nil {
			t.Errorf("%v: %v, %v", m, got, err)
		}
	}
	for range 2 { // removing a member again is done
		f.done(t, memberChange(plan.Remove, groups[0], people[0], identity.User),
			memberChange(plan.Remove, groups[1], inner, kind))
		f.wantMembers(t, "removed,", membership{groups[0], people[1]}, membership{groups[1], people[0]})
	}
}

// inner is a member that is a group or, where the cloud has no groups in groups, a person.
func (f *TargetFixture) inner(group, person identity.ResourceID) (identity.ResourceID, identity.Kind) {
	if f.NoNested {
		return person, identity.User
	}
	return group, identity.Group
}

func targetManyMembers(t *testing.T, f *TargetFixture) {
	people := f.people(t, 230) // more than any provider accepts at once
	group := f.done(t, addGroup(500, "Everybody"))[0]
	var adds, removes []plan.Change
	var all []membership
	for _, id := range people {
		adds = append(adds, memberChange(plan.Add, group, id, identity.User))
		removes = append(removes, memberChange(plan.Remove, group, id, identity.User))
		all = append(all, membership{group, id})
	}
	f.done(t, adds...)
	f.wantMembers(t, "all added,", all...)
	f.wantGroupMembers(t, "all added,", group, people...)
	f.done(t, removes[:200]...)
	f.wantMembers(t, "most removed,", all[200:]...)
	f.wantGroupMembers(t, "most removed,", group, people[200:]...)
}

// wantGroupMembers checks the members of one group, once each.
func (f *TargetFixture) wantGroupMembers(t *testing.T, when string, group identity.ResourceID,
	want ...identity.ResourceID) {
	t.Helper()
	expected, found := map[identity.ResourceID]bool{}, map[identity.ResourceID]bool{}
	for _, m := range want {
		expected[m] = true
	}
	if err := f.Target.GroupMembers(t.Context(), group, func(m identity.ResourceID) error {
		if found[m] {
			t.Errorf("%s came twice", m)
		}
		found[m] = true
		return nil
	}); err != nil {
		t.Errorf("%s listing the members of a group: %v", when, err)
	}
	if !maps.Equal(found, expected) {
		t.Errorf("%s the group has %d members, want %d: %v", when, len(found), len(expected), found)
	}
}

func targetGroupMembers(t *testing.T, f *TargetFixture) {
	people := f.people(t, 3)
	groups := f.done(t, addGroup(101, "One"), addGroup(102, "Two"), addGroup(103, "Nobody"), addGroup(104, "Gone"))
	inner, kind := f.inner(groups[0], people[1])
	f.done(t, memberChange(plan.Add, groups[0], people[0], identity.User),
		memberChange(plan.Add, groups[0], people[1], identity.User),
		memberChange(plan.Add, groups[1], people[2], identity.User),
		memberChange(plan.Add, groups[1], inner, kind),
		memberChange(plan.Add, groups[3], people[0], identity.User))
	f.wantGroupMembers(t, "of one,", groups[0], people[0], people[1])
	f.wantGroupMembers(t, "of one with a group in it,", groups[1], people[2], inner)
	f.wantGroupMembers(t, "of one without members,", groups[2])
	f.wantGroupMembers(t, "of one with members,", groups[3], people[0])
	gone := addGroup(104, "Gone")
	gone.Action, gone.Phase, gone.ID, gone.Fields = plan.Delete, plan.Deletions, groups[3], nil
	f.done(t, gone)
	f.wantGroupMembers(t, "of one that was deleted,", groups[3])
	f.done(t, memberChange(plan.Remove, groups[0], people[0], identity.User))
	f.wantGroupMembers(t, "after one left,", groups[0], people[1])
}

// listings returns all methods that list, over some of each.
func (f *TargetFixture) listings(t *testing.T) map[string]func(ctx context.Context, each func() error) error {
	t.Helper()
	people := f.people(t, 3)
	groups := f.done(t, addGroup(101, "One"), addGroup(102, "Two"), addGroup(103, "Three"))
	for _, id := range people {
		f.done(t, memberChange(plan.Add, groups[0], id, identity.User))
	}
	s := f.Target
	return map[string]func(context.Context, func() error) error{
		"Resources of users": func(ctx context.Context, each func() error) error {
			return s.Resources(ctx, identity.User, func(identity.Resource) error { return each() })
		},
		"Resources of groups": func(ctx context.Context, each func() error) error {
			return s.Resources(ctx, identity.Group, func(identity.Resource) error { return each() })
		},
		"Members": func(ctx context.Context, each func() error) error {
			return s.Members(ctx, func(_, _ identity.ResourceID) error { return each() })
		},
		"GroupMembers": func(ctx context.Context, each func() error) error {
			return s.GroupMembers(ctx, groups[0], func(identity.ResourceID) error { return each() })
		},
	}
}
