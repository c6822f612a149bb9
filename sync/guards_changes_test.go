package sync_test

import (
	"fmt"
	"testing"

	"dirbridge/sync"
	"dirbridge/sync/apply"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/policy"
	"dirbridge/sync/record"
	"dirbridge/sync/synctest"
)

// TestIncompleteListings is P4 and P6 for an incomplete listing: if a directory fails midway, none
// of its people are changed and no account at all is removed; if the cloud fails midway, the run
// ends.
func TestIncompleteListings(t *testing.T) {
	t.Parallel()
	f, other := twoDirectories(t)
	f.policy.OnUnmatched = "deactivate"
	ana := f.dir.Add(person("Ana", "ana@example.com"))
	f.dir.Add(person("Bea", "bea@example.com"))
	cy := other.Add(person("Cy", "cy@example.com"))
	for i := range 5 {
		other.Add(person(fmt.Sprint("D", i), fmt.Sprintf("d%d@example.com", i)))
	}
	f.mustSync()
	f.cloud.Put(identity.Resource{Kind: identity.User, Key: "stray@example.com", Active: true})
	f.dir.Delete(ana)
	set(other, cy, "title", "Boss")
	f.edit(f.dir.Anchors(identity.User)[0], "title", "Clerk")
	for _, mode := range []record.Mode{record.Full, record.Incremental} {
		other.FailAfter, other.FailChanges = 3, 1
		writes := f.cloud.Writes
		p, err := f.engine().Plan(t.Context(), sync.Request{Mode: mode})
		if err != nil {
			t.Fatal(err)
		}
		h := p.Header()
		if h.Mode != mode || h.Complete || h.Removals != 0 || h.Counts.Users.Deactivate != 0 {
			t.Errorf("%s: %+v", mode, h)
		}
		for _, c := range changes(t, p) {
			if c.Anchor.Directory() == "other" || c.Action == plan.Deactivate || c.Action == plan.Delete {
				t.Errorf("%s: %s %s", mode, c.Action, c.Key)
			}
		}
		p.Close()
		if f.cloud.Writes != writes {
			t.Errorf("%s: a dry run wrote", mode)
		}
	}
	other.FailAfter, other.FailChanges = 0, 0
	f.cloud.FailListing = true
	writes := f.cloud.Writes
	if _, run, err := f.sync(noOverride); err == nil || run.Outcome != record.Failed || f.cloud.Writes != writes {
		t.Errorf("half a cloud: %v %+v", err, run)
	}
	if h := f.mustSync(); h.Removals != 2 {
		t.Errorf("once all can be read, %d removals", h.Removals)
	}
}

// TestFirstRunsAndGuards: adopting an organization whose values differ is not held, and blanking
// its values is.
func TestFirstRunsAndGuards(t *testing.T) {
	t.Parallel()
	adopt := func(t *testing.T, title string) error {
		f := newFixture(t, t.TempDir())
		for i := range 150 {
			key := fmt.Sprintf("p%d@example.com", i)
			f.dir.Add(person(fmt.Sprint("Person ", i), key))
			attrs := identity.Attrs{"uid": {key}, "displayName": {fmt.Sprint("P. ", i)}}
			if title != "" {
				attrs["title"] = []string{title}
			}
			f.cloud.Put(identity.Resource{Kind: identity.User, Key: key, Active: true, Attrs: attrs})
		}
		_, _, err := f.sync(noOverride)
		return err
	}
	if err := adopt(t, ""); err != nil {
		t.Errorf("other names: %v", err)
	}
	h, ok := heldBy(adopt(t, "Clerk"), plan.RuleAttributeBlanked)
	if !ok || h.Count != 150 || h.Of != 150 || h.Directory != "corp" || h.Kind != identity.User || len(h.Causes) != 1 ||
		h.Causes[0].Cause != "have no title in the directory" {
		t.Errorf("blanked: %v %+v", ok, h)
	}
}

// TestGuardsOfDirectories: a small directory does not hide behind a large one, the sum over several
// counts, and a directory's own threshold replaces the general one.
func TestGuardsOfDirectories(t *testing.T) {
	t.Parallel()
	f, other := twoDirectories(t)
	for i := range 60 {
		f.dir.Add(person(fmt.Sprint("A", i), fmt.Sprintf("a%d@example.com", i)))
	}
	for i := range 25 {
		other.Add(person(fmt.Sprint("B", i), fmt.Sprintf("b%d@example.com", i)))
	}
	for _, d := range []*synctest.Directory{f.dir, other} {
		for _, a := range d.Anchors(identity.User) {
			set(d, a, "title", "Clerk")
		}
	}
	f.policy.Threshold = policy.Threshold{Off: true}
	f.mustSync()
	for _, a := range other.Anchors(identity.User) {
		set(other, a, "title", "", "mail", a.GUID()+"@other.example.com")
	}
	_, _, err := f.sync(noOverride)
	for _, rule := range []string{plan.RuleAttributeBlanked, plan.RuleKeyChanges} {
		if h, ok := heldBy(err, rule); !ok || h.Directory != "other" || h.Count != 25 || h.Of != 25 {
			t.Errorf("%s: %v %+v", rule, err, h)
		}
	}
	f.policy.Guards = policy.DefaultGuards()
	own := f.policy.Guards
	own.Blanked, own.KeyChanges = policy.Threshold{Off: true}, policy.Threshold{Number: 25}
	f.policy.DirectoryGuards = map[string]policy.Guards{"other": own}
	_, _, err = f.sync(noOverride)
	// Together they are 25 of 85, which is more than a tenth.
	if h, ok := heldBy(err, plan.RuleKeyChanges); !ok || h.Directory != "" || h.Of != 85 {
		t.Errorf("together: %v %+v", err, h)
	}
	if _, ok := heldBy(err, plan.RuleAttributeBlanked); ok {
		t.Error("blanked is off there")
	}
	// Another threshold does not cause a full run.
	f.policy.Guards.KeyChanges = policy.Threshold{Off: true}
	if h, _, run, err := f.increment(); err != nil || h.Mode != record.Incremental || run.Counts.Users.Rename == 0 {
		t.Errorf("under other guards: %v %s %+v", err, h.Mode, run)
	}
}

func setOf(anchors []identity.Anchor) map[identity.Anchor]bool {
	set := map[identity.Anchor]bool{}
	for _, a := range anchors {
		set[a] = true
	}
	return set
}

// TestGroupsOfGuards: members of one group among many, several emptied groups, and groups that the
// directory no longer returns.
func TestGroupsOfGuards(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	var people []identity.Anchor
	for i := range 300 {
		people = append(people, f.dir.Add(person(fmt.Sprint("A", i), fmt.Sprintf("a%d@example.com", i))))
	}
	group := func(cn string, members []identity.Anchor) identity.Anchor {
		return f.dir.Add(synctest.Object{Kind: identity.Group, OU: "Staff", CN: cn,
			Attrs: identity.Attrs{"cn": {cn}, "displayName": {cn}}, Members: setOf(members)})
	}
	large, all := group("Large", people[:200]), group("All", people)
	var small []identity.Anchor
	for i := range 30 {
		small = append(small, group(fmt.Sprint("Small ", i), people[:10]))
	}
	f.mustSync()
	members := func(a identity.Anchor, to []identity.Anchor) {
		f.dir.Edit(a, func(o *synctest.Object) { o.Members = setOf(to) })
	}
	members(large, people[:99])
	_, _, err := f.sync(noOverride)
	if h, ok := heldBy(err, plan.RuleGroupMembersRemoved); !ok || h.Count != 101 || h.Of != 200 ||
		h.Detail != "101 of 200 members of the group Large would be removed." {
		t.Errorf("one group: %v %+v", err, h)
	}
	members(large, people[:100])
	members(small[0], nil)
	members(small[1], nil)
	members(small[2], people[20:30]) // others, but some
	members(all, people[1:])
	_, _, err = f.sync(noOverride)
	h, ok := heldBy(err, plan.RuleGroupsEmptied)
	if !ok || h.Count != 2 || h.Of != 32 || h.Detail != "2 groups would lose all of their members: Small 0, Small 1." {
		t.Errorf("emptied: %v %+v", err, h)
	}
	if _, run, err := f.sync(apply.Options{Override: []int64{2}}); err != nil || run.Outcome != record.Done {
		t.Fatalf("%v %+v", err, run)
	}
	f.policy.Threshold = policy.Threshold{Off: true}
	for _, a := range append(small, large)[:30] {
		f.dir.Delete(a)
	}
	_, _, err = f.sync(noOverride)
	if h, ok := heldBy(err, plan.RuleSourceShrunk); !ok || h.Kind != identity.Group || h.Count != 30 || h.Of != 32 {
		t.Errorf("groups gone: %v %+v", err, h)
	}
}
