package cloud_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dirbridge/cloud"
	"dirbridge/cloud/scimtest"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/schema"
)

// servers runs the round trips against the embedded cloud in both kinds, and against SCIMMY if it
// is available.
func servers(t *testing.T, run func(t *testing.T, target *cloud.Target, kind string)) {
	t.Run("webex", func(t *testing.T) {
		_, target := webexSandbox(t, scimtest.Options{RequireUserType: true})
		run(t, target, "webex")
	})
	t.Run("scim", func(t *testing.T) {
		s := startSandbox(t, scimtest.Options{MembersInListing: true, BulkStatus: scimtest.StatusObject})
		run(t, open(t, options("scim", s.URL(), s.Token())), "scim")
	})
	t.Run("scimmy", func(t *testing.T) {
		s := scimmy.Scimmy(t)
		run(t, open(t, options("scim", s.URL, s.Token)), "scim")
	})
}

// sample is a value for each attribute; boss is the id of a user.
func sample(a schema.Attribute, n int, boss identity.ResourceID) []string {
	switch {
	case a.Reference:
		return []string{string(boss)}
	case a.Format == schema.Phone:
		return []string{fmt.Sprintf("+1 408 555 01%02d", n)}
	case a.Format == schema.SIP:
		return []string{fmt.Sprintf("sip%d@example.com", n)}
	case a.Format == schema.Language:
		return []string{[]string{"en_US", "de_DE"}[n%2]}
	case a.Name == "timezone":
		return []string{[]string{"Europe/Lisbon", "America/New_York"}[n%2]}
	}
	return []string{fmt.Sprintf("Çömpl\"ex \\ %s & <%d>", a.Name, n)}
}

// mapped lists the attributes that a round trip writes.
func mapped(target *cloud.Target, kind string) []schema.Attribute {
	c, _ := schema.Of(kind)
	together := managed(c)
	return slices.DeleteFunc(slices.Clone(c.Users), func(a schema.Attribute) bool {
		return !slices.Contains(together, a.Name) ||
			a.Name == schema.UID || a.Name == schema.ExternalID || a.Name == schema.State || !target.Supports(a.Name)
	})
}

// without removes the two attributes that every account has.
func without(a identity.Attrs) identity.Attrs {
	a = a.Clone()
	delete(a, schema.UID)
	delete(a, schema.ExternalID)
	return a
}

func TestEveryAttributeIsCreatedChangedAndCleared(t *testing.T) {
	servers(t, func(t *testing.T, target *cloud.Target, kind string) {
		boss := done(t, apply(t, target, person(1, "boss@example.com")), 1)
		attrs := mapped(target, kind)
		if len(attrs) < 15 {
			t.Fatalf("only %d attributes have a place", len(attrs))
		}
		want := identity.Attrs{}
		var all []plan.FieldDiff
		for _, a := range attrs {
			want[a.Name] = sample(a, 0, boss)
			all = append(all, set(a.Name, want[a.Name]...))
		}
		out := apply(t, target, person(2, "Ana.Silva@example.com", all...))
		id := done(t, out, 1)
		if d := cmp.Diff(want, without(get(t, target, id).Attrs)); d != "" {
			t.Fatalf("after the create (-want +got):\n%s", d)
		}
		if d := cmp.Diff([]string{"true"}, out[1].After[schema.Active]); d != "" {
			t.Errorf("the answer's state: %s", d)
		}

		for _, step := range []struct {
			name  string
			value func(a schema.Attribute) []string
		}{
			{"changed", func(a schema.Attribute) []string { return sample(a, 1, id) }},
			{"cleared", func(schema.Attribute) []string { return nil }},
			{"set again", func(a schema.Attribute) []string { return sample(a, 2, boss) }},
		} {
			for _, a := range attrs {
				f := plan.FieldDiff{Name: a.Name, Old: want[a.Name], New: step.value(a), Ref: a.Reference}
				done(t, apply(t, target, update(id, "Ana.Silva@example.com", f)), 1)
				if want[a.Name] = f.New; f.New == nil {
					delete(want, a.Name)
				}
				got := get(t, target, id)
				if d := cmp.Diff(want, without(got.Attrs)); d != "" {
					t.Fatalf("%s was %s (-want +got):\n%s", a.Name, step.name, d)
				}
			}
		}
		// All at once, and back.
		for n := range 2 {
			var fields []plan.FieldDiff
			for _, a := range attrs {
				f := plan.FieldDiff{Name: a.Name, Old: want[a.Name]}
				if n == 1 {
					f.New = sample(a, 3, boss)
				}
				fields = append(fields, f)
				if want[a.Name] = f.New; f.New == nil {
					delete(want, a.Name)
				}
			}
			done(t, apply(t, target, update(id, "Ana.Silva@example.com", fields...)), 1)
			if d := cmp.Diff(want, without(get(t, target, id).Attrs)); d != "" {
				t.Fatalf("all at once, %d (-want +got):\n%s", n, d)
			}
		}
	})
}

func TestAccountLifecycle(t *testing.T) {
	servers(t, func(t *testing.T, target *cloud.Target, kind string) {
		id := done(t, apply(t, target, person(1, "ana@example.com", set("displayName", "Ana"))), 1)
		r := get(t, target, id)
		if r.Key != "ana@example.com" || r.ExternalID != guid(1) || !r.Active || r.Name != "Ana" {
			t.Fatalf("created %+v", r)
		}
		rename := plan.Change{Action: plan.Rename, Kind: identity.User, ID: id, Key: "ana.silva@example.com",
			Fields: []plan.FieldDiff{diff(schema.UID, "ana@example.com", "ana.silva@example.com")}}
		done(t, apply(t, target, rename), 1)
		if r = get(t, target, id); r.Key != "ana.silva@example.com" {
			t.Fatalf("renamed to %q", r.Key)
		}
		for _, state := range []string{"false", "true"} {
			action := map[string]plan.Action{"false": plan.Deactivate, "true": plan.Reactivate}[state]
			old := map[string]string{"false": "true", "true": "false"}[state]
			done(t, apply(t, target, plan.Change{Action: action, Kind: identity.User, ID: id, Key: r.Key,
				Fields: []plan.FieldDiff{diff(schema.Active, old, state)}}), 1)
			if r = get(t, target, id); fmt.Sprint(r.Active) != state {
				t.Fatalf("%s: active is %v", action, r.Active)
			}
		}
		for _, key := range []string{"ana.silva@example.com", "ANA.Silva@Example.com"} {
			found, err := target.Find(t.Context(), identity.User, key)
			if err != nil || len(found) != 1 || found[0].ID != id {
				t.Fatalf("Find(%s) = %+v, %v", key, found, err)
			}
		}
		if found, err := target.Find(t.Context(), identity.User, "nobody@example.com"); err != nil || len(found) != 0 {
			t.Fatalf("not found: %+v, %v", found, err)
		}
		gone := plan.Change{Action: plan.Delete, Kind: identity.User, ID: id, Key: r.Key}
		done(t, apply(t, target, gone), 1)
		if _, ok, err := target.Get(t.Context(), identity.User, id); ok || err != nil {
			t.Fatalf("after the delete: %v, %v", ok, err)
		}
		done(t, apply(t, target, gone), 1) // deleting a deleted account is done
	})
}

func TestManyAccountsByBulk(t *testing.T) {
	servers(t, func(t *testing.T, target *cloud.Target, kind string) {
		const n = 250
		var adds []plan.Change
		for i := range n {
			adds = append(adds, person(i, fmt.Sprintf("user%03d@example.com", i), set("title", "Clerk")))
		}
		out := apply(t, target, adds...)
		done(t, out, n)
		users := list(t, target, identity.User)
		if len(users) != n {
			t.Fatalf("%d users are listed", len(users))
		}
		var updates []plan.Change
		for i := range n {
			key := fmt.Sprintf("user%03d@example.com", i)
			if users[key].ID != out[int64(i+1)].ID || users[key].ExternalID != guid(i) {
				t.Fatalf("%s was answered as %s, but is %+v", key, out[int64(i+1)].ID, users[key])
			}
			updates = append(updates,
				update(users[key].ID, key, diff("title", "Clerk", fmt.Sprint("Title ", i)), diff("l", "", "Porto")))
		}
		done(t, apply(t, target, updates...), n)
		for key, r := range list(t, target, identity.User) {
			var i int
			fmt.Sscanf(key, "user%d@", &i)
			if r.Attrs.First("title") != fmt.Sprint("Title ", i) || r.Attrs.First("l") != "Porto" {
				t.Fatalf("%s has %v", key, r.Attrs)
			}
		}
	})
}

func TestGroupsAndMembers(t *testing.T) {
	servers(t, func(t *testing.T, target *cloud.Target, kind string) {
		const n = 230
		var adds []plan.Change
		for i := range n {
			adds = append(adds, person(i, fmt.Sprintf("user%03d@example.com", i)))
		}
		people := apply(t, target, adds...)
		done(t, people, n)
		groups := apply(t, target, team(1001, "All \"staff\" & more"), team(1002, "Nobody"), team(1003, "Nested"))
		all := done(t, groups, 3)

		var in []plan.Change
		var want []identity.ResourceID
		for i := range n {
			in = append(in, membership(plan.Add, all, people[int64(i+1)].ID))
			want = append(want, people[int64(i+1)].ID)
		}
		nested := membership(plan.Add, all, groups[3].ID)
		nested.MemberKind = identity.Group
		in, want = append(in, nested), append(want, groups[3].ID)
		slices.Sort(want)
		done(t, apply(t, target, in...), n+1)
		if d := cmp.Diff(map[identity.ResourceID][]identity.ResourceID{all: want}, members(t, target)); d != "" {
			t.Fatalf("members (-want +got):\n%s", d)
		}
		listed := list(t, target, identity.Group)
		if g := listed["All \"staff\" & more"]; len(listed) != 3 || g.ID != all || g.ExternalID != guid(1001) {
			t.Fatalf("groups are %+v", listed)
		}
		// SCIMMY cannot parse an escaped quotation mark in a filter, so the complete list is read.
		found, err := target.Find(t.Context(), identity.Group, "all \"Staff\" & MORE")
		if err != nil || len(found) != 1 || found[0].ID != all {
			t.Fatalf("Find = %+v, %v", found, err)
		}

		var out []plan.Change
		for _, id := range want[:150] {
			out = append(out, membership(plan.Remove, all, id))
		}
		out = append(out, membership(plan.Remove, all, "no-such-member")) // not a member already
		done(t, apply(t, target, out...), 151)
		for id, expect := range map[identity.ResourceID]bool{want[0]: false, want[200]: true} {
			if has, err := target.HasMember(t.Context(), all, id); err != nil || has != expect {
				t.Errorf("HasMember(%s) = %v, %v", id, has, err)
			}
		}
		if got := members(t, target); len(got[all]) != n+1-150 {
			t.Errorf("%d members are left", len(got[all]))
		}
		rename := plan.Change{Action: plan.Rename, Kind: identity.Group, ID: all, Key: "Staff",
			Fields: []plan.FieldDiff{diff(schema.GroupName, "All \"staff\" & more", "Staff")}}
		done(t, apply(t, target, rename), 1)
		if _, ok := list(t, target, identity.Group)["Staff"]; !ok {
			t.Error("the group was not renamed")
		}
		done(t, apply(t, target, plan.Change{Action: plan.Delete, Kind: identity.Group, ID: all, Key: "Staff"}), 1)
		if got := members(t, target); len(got) != 0 {
			t.Errorf("members of a deleted group: %v", got)
		}
	})
}
