package sync_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dirbridge/sync"
	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/policy"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/synctest"
)

// TestAdministratorsAreProtected is promise P15: in random worlds with administrators on both sides, no account
// with the role is ever linked, passed on, renamed, or deactivated except for a person who is
// disabled in the directory, and no account goes from a person who is gone to another, unless an
// operator confirmed that very pair.
func TestAdministratorsAreProtected(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tmp, err := os.MkdirTemp("", "dirbridge-property-")
		if err != nil {
			t.Fatal(err)
		}
		f := newFixture(t, tmp)
		t.Cleanup(func() { os.RemoveAll(tmp) })
		f.policy.Threshold = policy.Threshold{Off: true}
		f.policy.OnUnmatched = rapid.SampledFrom([]string{"report", "deactivate"}).Draw(t, "on unmatched")
		f.dir.Add(person("Keeper", "keeper@example.com"))
		// One more, so that not all of them go.
		f.cloud.Put(identity.Resource{Kind: identity.User, Key: "root@example.com", Active: true, Admin: identity.Yes})
		w := &guardedWorld{randomWorld: &randomWorld{fixture: f, keeper: f.dir.Anchors(identity.User)[0]},
			confirmed: map[string]bool{}}
		for range rapid.IntRange(1, 6).Draw(t, "people") {
			w.addPerson(t)
		}
		for range rapid.IntRange(1, 5).Draw(t, "rounds") {
			for range rapid.IntRange(0, 5).Draw(t, "edits") {
				w.edit(t)
			}
			if rapid.IntRange(0, 3).Draw(t, "faulty") == 0 {
				w.faults(t)
			}
			w.run(t, rapid.SampledFrom([]record.Mode{record.Full, record.Incremental}).Draw(t, "mode"))
			f.cloud.Fault = nil
		}
		w.run(t, record.Full)
		w.run(t, record.Full)
		if p := f.plan(); p.Len() != 0 {
			held := slices.ContainsFunc(p.Header().Holds, func(h plan.Hold) bool { return !h.Overridable })
			if !held {
				t.Fatalf("P7: the next plan is not empty:\n%s\n%s", brief(changes(t, p)), w.log)
			}
		}
	})
}

type guardedWorld struct {
	*randomWorld
	confirmed map[string]bool // anchor and account that an operator ever confirmed
	log       string
}

// edit changes something about administrators, or about who has which account, or anything else.
func (w *guardedWorld) edit(t *rapid.T) {
	accounts := w.cloud.All(identity.User)
	switch rapid.IntRange(0, 9).Draw(t, "guarded edit") {
	case 0, 1:
		if len(accounts) > 0 {
			id := rapid.SampledFrom(accounts).Draw(t, "account").ID
			role := rapid.SampledFrom([]identity.Tri{identity.Yes, identity.Yes, identity.Partly, identity.No}).Draw(t, "role")
			w.cloud.Edit(id, func(r *identity.Resource) { r.Admin = role })
		}
	case 2:
		key := w.mail(t)
		if found, _ := w.cloud.Find(t.Context(), identity.User, key); len(found) == 0 {
			w.cloud.Put(identity.Resource{Kind: identity.User, Key: key, Active: true, Name: "made by hand",
				Admin: identity.Yes})
		}
	case 3: // the same person under a new GUID, or another one in the same place
		who := w.some(t, identity.User)
		if o, ok := w.dir.Snapshot()[who]; ok {
			w.dir.Delete(who)
			if rapid.Bool().Draw(t, "another") {
				w.serial++
				o = person(fmt.Sprintf("Person %d", w.serial), o.Attrs.First("mail"))
			}
			w.dir.Add(synctest.Object{Kind: identity.User, OU: o.OU, CN: o.CN, Attrs: o.Attrs.Clone()})
		}
	case 4:
		w.confirm(t)
	default:
		w.randomWorld.edit(t)
	}
}

// confirm makes an operator confirm one of the open records.
func (w *guardedWorld) confirm(t *rapid.T) {
	var standing []plan.Withheld
	if err := facts.ReadValue(t.Context(), w.store, facts.WithheldValue, &standing); err != nil {
		t.Fatal(err)
	}
	if len(standing) == 0 {
		return
	}
	h := rapid.SampledFrom(standing).Draw(t, "confirmed")
	text, _ := facts.TextOf(facts.Confirmation{Rule: h.Rule, ID: h.Account.ID, Fingerprint: h.Fingerprint, By: "ana"})
	if err := w.store.Commit(t.Context(),
		port.Batch{Values: map[string]string{facts.ConfirmationValue(h.Person.Anchor): text},
			Dirty: map[identity.Anchor]string{h.Person.Anchor: "confirmed"}}); err != nil {
		t.Fatal(err)
	}
	w.confirmed[string(h.Person.Anchor)+" "+string(h.Account.ID)] = true
	w.log += fmt.Sprintf("confirmed %s: %s and %s\n", h.Rule, h.Person.Anchor, h.Account.ID)
}

// run synchronizes, and compares the accounts before and after.
func (w *guardedWorld) run(t *rapid.T, mode record.Mode) {
	before := map[identity.ResourceID]identity.Resource{}
	for _, r := range w.cloud.All(identity.User) {
		before[r.ID] = r
	}
	for _, r := range before {
		w.log += fmt.Sprintf("  %s %s %s active=%v admin=%d\n", r.ID, r.Key, r.ExternalID, r.Active, r.Admin)
	}
	in := w.dir.Snapshot()
	for _, a := range slices.Sorted(maps.Keys(in)) {
		w.log += fmt.Sprintf("  %s %s %v\n", a, in[a].CN, in[a].Attrs)
	}
	w.now = w.now.Add(60_000_000_000)
	p, run, err := w.engine().Sync(t.Context(), sync.Request{Mode: mode, OrFull: true}, noOverride)
	if p != nil {
		w.log += fmt.Sprintf("%s run %s, %d withheld: %v\n%s", p.Header().Mode, run.Outcome, run.Withheld, err,
			brief(changes(t, p)))
		p.Close()
	}
	if errors.Is(err, synctest.ErrDead) {
		w.store.Close()
		w.open()
	} else if err != nil && !isHeld(err) {
		t.Fatalf("sync: %v", err)
	}
	for _, now := range w.cloud.All(identity.User) {
		if was, there := before[now.ID]; there {
			w.compare(t, was, now, in)
		}
	}
}

func (w *guardedWorld) compare(t *rapid.T, was, now identity.Resource, in map[identity.Anchor]synctest.Object) {
	owner := identity.NewAnchor("corp", now.ExternalID)
	if w.confirmed[string(owner)+" "+string(now.ID)] {
		return
	}
	fail := func(what string) { t.Fatalf("%s:\nwas %+v\nis %+v\n%s", what, was, now, w.log) }
	handed := was.ExternalID != now.ExternalID
	if handed && was.ExternalID != "" {
		old := was.Attrs.First("displayName")
		if _, here := in[identity.NewAnchor("corp", was.ExternalID)]; !here && old != in[owner].Attrs.First("displayName") {
			fail("another person inherited the account")
		}
	}
	if handed && was.Privileged() {
		fail("the account of an administrator changed hands")
	}
	if was.Admin != identity.Yes {
		return
	}
	switch {
	case !strings.EqualFold(was.Key, now.Key):
		fail("an administrator was renamed")
	case was.Active && !now.Active && in[owner].Attrs.First("userAccountControl") != "514":
		fail("an administrator was deactivated whom the directory did not disable")
	}
}

// administrators adds accounts of full administrators, whose addresses people may have.
func (w *randomWorld) administrators(t *rapid.T) {
	for range rapid.IntRange(0, 2).Draw(t, "administrators") {
		key := w.mail(t)
		if found, _ := w.cloud.Find(t.Context(), identity.User, key); len(found) == 0 {
			w.cloud.Put(identity.Resource{Kind: identity.User, Key: key, Active: true, Name: "Root", Admin: identity.Yes})
		}
	}
}

// sameWithheld checks that what incremental runs report as withheld is what a full plan finds.
func (w *changingWorld) sameWithheld(t *rapid.T, p *plan.Plan, held bool) {
	var standing []plan.Withheld
	if err := facts.ReadValue(t.Context(), w.store, facts.WithheldValue, &standing); err != nil {
		t.Fatal(err)
	}
	words := func(h plan.Withheld) string {
		return fmt.Sprint(h.Rule, " ", h.Person.Anchor, " ", h.Person.Key, " ", h.Account.ID, "\n")
	}
	var want, got []string
	p.Withheld(t.Context(), func(h plan.Withheld) error { want = append(want, words(h)); return nil })
	for _, h := range standing {
		got = append(got, words(h))
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) && !held {
		t.Fatalf("a full plan withholds\n%v\nand incremental runs\n%v\nlog:\n%s", want, got, w.log)
	}
}
