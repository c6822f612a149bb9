package sync_test

import (
	"fmt"
	"os"
	"testing"

	"pgregory.net/rapid"

	"dirbridge/sync"
	"dirbridge/sync/apply"
	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// TestDomainReplaced: whatever the people of a domain are like, a new one in its place, with new
// GUIDs and the same mail addresses, causes one hold that names what happened. Overridden, every
// person is linked, and no account is added, deleted or deactivated; the accounts of administrators
// are withheld, and are linked once each is confirmed.
func TestDomainReplaced(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tmp, err := os.MkdirTemp("", "dirbridge-property-")
		if err != nil {
			t.Fatal(err)
		}
		f := newFixture(t, tmp)
		t.Cleanup(func() { os.RemoveAll(tmp) })
		n := rapid.IntRange(1, 30).Draw(t, "people")
		admins := min(rapid.IntRange(0, 3).Draw(t, "administrators"), n-1)
		for i := range n {
			o := person(fmt.Sprintf("Person %d", i), fmt.Sprintf("p%d@example.com", i))
			if i > admins {
				o.Attrs["userAccountControl"] = []string{rapid.SampledFrom([]string{"512", "512", "514"}).Draw(t, "state")}
			}
			if rapid.Bool().Draw(t, "titled") {
				o.Attrs["title"] = []string{"Clerk"}
			}
			f.dir.Add(o)
		}
		if _, _, err := f.sync(noOverride); err != nil {
			t.Fatal(err)
		}
		for i := range admins {
			found, _ := f.cloud.Find(t.Context(), identity.User, fmt.Sprintf("p%d@example.com", i))
			f.cloud.Edit(found[0].ID, func(r *identity.Resource) { r.Admin = identity.Yes })
		}
		if _, _, err := f.sync(noOverride); err != nil {
			t.Fatal(err)
		}
		before := map[string]identity.Resource{}
		for _, r := range f.cloud.All(identity.User) {
			before[r.Key] = r
		}
		f.dir = newDomain(f.dir, rapid.SampledFrom([]string{"corp", "next"}).Draw(t, "name"), "DC=next,DC=test")
		mode := rapid.SampledFrom([]record.Mode{record.Full, record.Incremental}).Draw(t, "mode")
		run := func(opt apply.Options) (plan.Header, error) {
			f.now = f.now.Add(60_000_000_000)
			p, _, err := f.engine().Sync(t.Context(), sync.Request{Mode: mode}, opt)
			if p == nil {
				t.Fatal(err)
			}
			defer p.Close()
			return p.Header(), err
		}
		h, err := run(noOverride)
		hold, ok := heldBy(err, plan.RuleRelinking)
		if !ok || len(h.Holds) != 1 || hold.Count != int64(n-admins) {
			t.Fatalf("%v", err)
		}
		if h, err = run(apply.Options{Override: []int64{hold.Count}}); err != nil {
			t.Fatal(err)
		}
		c := h.Counts.Users
		if c.Add+c.Delete+c.Deactivate+c.Reactivate+c.Rename != 0 || h.Withheld != int64(admins) {
			t.Fatalf("%+v, %d withheld; want %d", c, h.Withheld, admins)
		}
		var standing []plan.Withheld
		if err := facts.ReadValue(t.Context(), f.store, facts.WithheldValue, &standing); err != nil ||
			len(standing) != admins {
			t.Fatal(standing, err)
		}
		for _, w := range standing {
			text, _ := facts.TextOf(facts.Confirmation{Rule: w.Rule, ID: w.Account.ID, Fingerprint: w.Fingerprint})
			if err := f.store.Commit(t.Context(),
				port.Batch{Values: map[string]string{facts.ConfirmationValue(w.Person.Anchor): text}}); err != nil {
				t.Fatal(err)
			}
		}
		if h, err = run(noOverride); len(standing) > 0 {
			if hold, ok := heldBy(err, plan.RuleRelinking); ok { // the domain is not the previous one
				h, err = run(apply.Options{Override: []int64{hold.Count}})
			}
		}
		if err != nil || h.Withheld != 0 {
			t.Fatalf("%v, %d withheld", err, h.Withheld)
		}
		for a, o := range f.dir.Snapshot() {
			was := before[o.Attrs.First("mail")]
			is, there, _ := f.cloud.Get(t.Context(), identity.User, was.ID)
			if !there || is.ExternalID != a.GUID() || is.Active != was.Active || is.Admin != was.Admin || is.Key != was.Key {
				t.Fatalf("%s: was %+v, is %+v", a, was, is)
			}
		}
		if len(f.cloud.All(identity.User)) != n || f.cloud.Deleted != 0 {
			t.Fatalf("%d accounts of %d, %d deleted", len(f.cloud.All(identity.User)), n, f.cloud.Deleted)
		}
		if p := f.plan(); p.Len() != 0 || len(p.Header().Holds) != 0 {
			t.Fatalf("%s %+v", brief(changes(t, p)), p.Header().Holds)
		}
	})
}
