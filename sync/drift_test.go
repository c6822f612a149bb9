package sync_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dirbridge/sync"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/synctest"
)

// sides lists, for each change of a plan, what came from the cloud and what from both sides.
func sides(t tb, p *plan.Plan) []string {
	out := []string{}
	for _, c := range changes(t, p) {
		text := fmt.Sprintf("%s %s %s%s", c.Action, c.Kind, c.Key, map[bool]string{true: " " +
			c.MemberKey}[c.Kind == identity.Member])
		if c.Drift {
			text += " DRIFT"
		}
		for _, f := range c.Fields {
			switch {
			case f.Drift:
				text += " " + f.Name + ":cloud"
			case f.Both:
				text += " " + f.Name + ":both"
			case c.Action != plan.Add:
				text += " " + f.Name + ":directory"
			}
		}
		out = append(out, text)
	}
	slices.Sort(out)
	return out
}

// hand edits an account as an administrator would in the cloud's own console.
func (f *fixture) hand(a identity.Anchor, fn func(*identity.Resource)) {
	f.cloud.Edit(f.account(a).ID, fn)
}

func titled(value string) func(*identity.Resource) {
	return func(r *identity.Resource) {
		if value == "" {
			delete(r.Attrs, "title")
		} else {
			r.Attrs["title"] = []string{value}
		}
	}
}

func key(value string) func(*identity.Resource) {
	return func(r *identity.Resource) { r.Key, r.Attrs["uid"] = value, []string{value} }
}

func active(is bool) func(*identity.Resource) {
	return func(r *identity.Resource) { r.Active = is }
}

// TestDriftDiffersFromDirectoryChanges: which side changed what, field by field.
func TestDriftDiffersFromDirectoryChanges(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		do   func(f *fixture, a, b identity.Anchor)
		want []string
	}{
		"a value by hand": {func(f *fixture, a, b identity.Anchor) { f.hand(a, titled("X")) },
			[]string{"update user a@example.com title:cloud"}},
		"a value removed": {func(f *fixture, a, b identity.Anchor) { f.hand(a, titled("")) },
			[]string{"update user a@example.com title:cloud"}},
		"a value where none was": {func(f *fixture, a, b identity.Anchor) { f.hand(b, titled("X")) },
			[]string{"update user b@example.com title:cloud"}},
		"the directory": {func(f *fixture, a, b identity.Anchor) { f.edit(a, "title", "Y") },
			[]string{"update user a@example.com title:directory"}},
		"one field each": {func(f *fixture, a, b identity.Anchor) {
			f.edit(a, "displayName", "Anna")
			f.hand(a,
				titled("X"))
		},
			[]string{"update user a@example.com displayName:directory title:cloud"}},
		"one field by both": {func(f *fixture, a, b identity.Anchor) { f.edit(a, "title", "Y"); f.hand(a, titled("X")) },
			[]string{"update user a@example.com title:both"}},
		"the same by both": {func(f *fixture, a, b identity.Anchor) { f.edit(a, "title", "Y"); f.hand(a, titled("Y")) },
			[]string{}},
		"deactivated by hand": {func(f *fixture, a, b identity.Anchor) { f.hand(a, active(false)) },
			[]string{"reactivate user a@example.com active:cloud"}},
		"disabled": {func(f *fixture, a, b identity.Anchor) { f.edit(a, "userAccountControl", "514") },
			[]string{"deactivate user a@example.com active:directory"}},
		"renamed by hand": {func(f *fixture, a, b identity.Anchor) { f.hand(a, key("q@example.com")) },
			[]string{"rename user a@example.com uid:cloud"}},
		"renamed": {func(f *fixture, a, b identity.Anchor) { f.edit(a, "mail", "q@example.com") },
			[]string{"rename user q@example.com uid:directory"}},
		"the manager by hand": {func(f *fixture, a, b identity.Anchor) {
			f.hand(b, func(r *identity.Resource) { delete(r.Attrs, "manager") })
		}, []string{"update user b@example.com manager:cloud"}},
		"the manager": {func(f *fixture, a, b identity.Anchor) {
			f.dir.Edit(b,
				func(o *synctest.Object) { o.Manager = "" })
		}, []string{"update user b@example.com manager:directory"}},
		"the manager's account": {func(f *fixture, a, b identity.Anchor) {
			f.cloud.Remove(f.account(a).ID)
			f.hand(b, func(r *identity.Resource) { delete(r.Attrs, "manager") })
		}, []string{"add member Team a@example.com", "add user a@example.com DRIFT", "update user b@example.com " +
			"manager:cloud"}},
		"removed by hand": {func(f *fixture, a, b identity.Anchor) { f.cloud.Remove(f.account(b).ID) },
			[]string{"add user b@example.com DRIFT"}},
		"new": {func(f *fixture, a, b identity.Anchor) { f.dir.Add(person("Cy", "c@example.com")) },
			[]string{"add user c@example.com"}},
		"a group's name": {func(f *fixture, a, b identity.Anchor) {
			f.cloud.Edit(f.team().ID, func(r *identity.Resource) { r.Key, r.Attrs["displayName"] = "Tea", []string{"Tea"} })
		}, []string{"rename group Team displayName:cloud"}},
		"a group by hand": {func(f *fixture, a, b identity.Anchor) { f.cloud.Remove(f.team().ID) },
			[]string{"add group Team DRIFT", "add member Team a@example.com"}},
		"a member put in": {func(f *fixture, a, b identity.Anchor) {
			f.cloud.SetMember(f.team().ID, f.account(b).ID,
				true)
		}, []string{"remove member Team b@example.com DRIFT"}},
		"a member taken out": {func(f *fixture, a, b identity.Anchor) {
			f.cloud.SetMember(f.team().ID, f.account(a).ID,
				false)
		},
			[]string{"add member Team a@example.com DRIFT"}},
		"members of the directory": {func(f *fixture, a, b identity.Anchor) {
			f.dir.Edit(f.dir.Anchors(identity.Group)[0],
				func(o *synctest.Object) { o.Members = map[identity.Anchor]bool{b: true} })
		}, []string{"add member Team b@example.com", "remove member Team a@example.com"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, t.TempDir())
			a := f.dir.Add(person("Ana", "a@example.com"))
			b := f.dir.Add(person("Bo", "b@example.com"))
			f.edit(a, "title", "Clerk")
			f.dir.Edit(b, func(o *synctest.Object) { o.Manager = a })
			f.dir.Add(synctest.Object{Kind: identity.Group, CN: "Team", Members: map[identity.Anchor]bool{a: true}})
			f.mustSync()
			f.mustSync()
			if got := sides(t, f.plan()); len(got) != 0 {
				t.Fatalf("not settled: %v", got)
			}
			tt.do(f, a, b)
			f.now = f.now.Add(time.Hour)
			if diff := cmp.Diff(tt.want, sides(t, f.plan())); diff != "" {
				t.Fatal(diff)
			}
			// Without fingerprints, everything is compared, with the same result.
			f.store.Commit(t.Context(), port.Batch{Values: map[string]string{"members-clean": "", "prints": ""}})
			p := f.plan()
			if diff := cmp.Diff(tt.want, sides(t, p)); diff != "" {
				t.Fatal(diff)
			}
			var counted plan.DriftCounts
			for _, c := range changes(t, p) {
				counted.Count(&c)
			}
			if diff := cmp.Diff(counted, p.Header().Drift); diff != "" {
				t.Error(diff)
			}
			f.mustSync()
			if got := sides(t, f.plan()); len(got) != 0 {
				t.Fatalf("not converged: %v", got)
			}
			if said := strings.Contains(f.events(), "changed in the cloud by hand"); said != p.Header().Drift.Any() {
				t.Errorf("drift %v, told %v:\n%s", p.Header().Drift, said, f.events())
			}
		})
	}
}

// TestWhatIsNoDrift: an unmapped attribute that gets mapped, a value that the cloud did not keep,
// and an account that comes back are not edits by hand.
func TestWhatIsNoDrift(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	rules := f.rules
	f.rules = map[string]string{}
	for k, v := range rules {
		f.rules[k] = v
	}
	f.rules["title"] = ""
	a := f.dir.Add(person("Ana", "a@example.com"))
	b := f.dir.Add(person("Bo", "b@example.com"))
	f.dir.Add(person("Cy", "c@example.com"))
	f.mustSync()
	f.hand(a, titled("Written before it was ours"))
	f.rules = rules
	f.edit(b, "title", "Clerk")
	if diff := cmp.Diff([]string{"update user a@example.com title:directory",
		"update user b@example.com title:directory"}, sides(t, f.plan())); diff != "" {
		t.Error(diff)
	}
	f.mustSync()
	f.dir.Delete(b)
	f.mustSync()
	f.dir.Undelete(b)
	if diff := cmp.Diff([]string{"reactivate user b@example.com active:directory"}, sides(t, f.plan())); diff != "" {
		t.Error(diff)
	}
}

// TestDriftOfChangedPeople: an incremental run sees the drift of objects that the directory
// changed, and no other; the next full run sees the rest.
func TestDriftOfChangedPeople(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	a, b := f.dir.Add(person("Ana", "a@example.com")), f.dir.Add(person("Bo", "b@example.com"))
	f.mustSync()
	f.hand(a, titled("X"))
	f.hand(b, titled("X"))
	f.edit(a, "displayName", "Anna")
	p, err := f.engine().Plan(t.Context(), sync.Request{Mode: record.Incremental})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if diff := cmp.Diff([]string{"update user a@example.com displayName:directory title:cloud"}, sides(t, p)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"update user a@example.com displayName:directory title:cloud",
		"update user b@example.com title:cloud"}, sides(t, f.plan())); diff != "" {
		t.Error(diff)
	}
}

// team is the one group of the cloud.
func (f *fixture) team() identity.Resource { return f.cloud.All(identity.Group)[0] }
