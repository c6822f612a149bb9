package sync_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dirbridge/sync"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/policy"
	"dirbridge/sync/port"
	"dirbridge/sync/schema"
	"dirbridge/sync/synctest"
)

// TestConverges is promise P7: random directories, random edits on both sides, random faults, and a
// process that dies while applying. After a final clean run the cloud equals the mapped directory,
// the next plan is empty, and no account was ever added twice or lost.
func TestConverges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tmp, err := os.MkdirTemp("", "dirbridge-property-")
		if err != nil {
			t.Fatal(err)
		}
		f := newFixture(t, tmp)
		t.Cleanup(func() { os.RemoveAll(tmp) })
		f.policy.Threshold = policy.Threshold{Off: true}
		// One person who stays, because an empty directory is held, as it should be.
		f.dir.Add(person("Keeper", "keeper@example.com"))
		w := &randomWorld{fixture: f, keeper: f.dir.Anchors(identity.User)[0]}
		for range rapid.IntRange(1, 8).Draw(t, "people") {
			w.addPerson(t)
		}
		for range rapid.IntRange(0, 3).Draw(t, "groups") {
			w.addGroup(t)
		}
		for range rapid.IntRange(1, 4).Draw(t, "rounds") {
			for range rapid.IntRange(0, 6).Draw(t, "edits") {
				w.edit(t)
			}
			w.compareWays(t)
			w.faults(t)
			_, _, err := f.sync(noOverride)
			if errors.Is(err, synctest.ErrDead) {
				f.store.Close()
				f.open()
			} else if err != nil && !isHeld(err) {
				t.Fatalf("sync: %v", err)
			}
		}
		f.cloud.Fault = nil
		// Two clean runs: a key may be taken by an account that the first run only then renames or
		// releases, so a second one can be needed.
		for range 2 {
			if _, _, err := f.sync(noOverride); err != nil && !isHeld(err) {
				t.Fatalf("clean sync: %v", err)
			}
		}
		w.check(t)
	})
}

func isHeld(err error) bool {
	var h *port.HeldError
	return errors.As(err, &h)
}

type randomWorld struct {
	*fixture
	serial int
	keeper identity.Anchor
}

var mails = []string{"a@example.com", "b@example.com", "c@example.com", "d@example.com", "e@example.com",
	"A@Example.com", "f@example.com", "g@example.com"}

func (w *randomWorld) mail(t *rapid.T) string { return rapid.SampledFrom(mails).Draw(t, "mail") }

func (w *randomWorld) addPerson(t *rapid.T) {
	w.serial++
	w.dir.Add(person(fmt.Sprintf("Person %d", w.serial), w.mail(t)))
}

func (w *randomWorld) addGroup(t *rapid.T) {
	w.serial++
	w.dir.Add(synctest.Object{Kind: identity.Group, OU: fmt.Sprintf("Groups %d", w.serial),
		CN: fmt.Sprintf("Group %d", rapid.IntRange(1, 4).Draw(t, "name")), Attrs: identity.Attrs{}})
}

func (w *randomWorld) some(t *rapid.T, kind identity.Kind) identity.Anchor {
	as := slices.DeleteFunc(w.dir.Anchors(kind), func(a identity.Anchor) bool { return a == w.keeper })
	if len(as) == 0 {
		return ""
	}
	return rapid.SampledFrom(as).Draw(t, string(kind))
}

// edit does one random thing on one side.
func (w *randomWorld) edit(t *rapid.T) {
	what := rapid.IntRange(0, 18).Draw(t, "edit")
	if what > 15 {
		what += handOn - 16
	}
	w.doEdit(t, what)
}

func (w *randomWorld) doEdit(t *rapid.T, what int) {
	who := w.some(t, identity.User)
	set := func(name, value string) {
		w.dir.Edit(who, func(o *synctest.Object) {
			if value == "" {
				delete(o.Attrs, name)
			} else {
				o.Attrs[name] = []string{value}
			}
		})
	}
	switch what {
	case 0:
		w.addPerson(t)
	case 1:
		w.addGroup(t)
	case 2:
		w.dir.Delete(who)
	case 3, 4, 5:
		set("mail", w.mail(t))
	case 6:
		set("title", rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "title"))
	case 7:
		set("userAccountControl", rapid.SampledFrom([]string{"512", "514"}).Draw(t, "uac"))
	case 8:
		boss := w.some(t, identity.User)
		w.dir.Edit(who, func(o *synctest.Object) { o.Manager = boss })
	case 9:
		w.dir.Edit(who, func(o *synctest.Object) { o.Out = !o.Out; o.OU = "Elsewhere" })
	case 10, 11:
		g := w.some(t, identity.Group)
		m := w.some(t, rapid.SampledFrom([]identity.Kind{identity.User, identity.User, identity.Group}).Draw(t,
			"member kind"))
		if m != "" {
			w.dir.Edit(g, func(o *synctest.Object) {
				if o.Members[m] {
					delete(o.Members, m)
				} else {
					o.Members[m] = true
				}
			})
		}
	case 12:
		w.dir.Delete(w.some(t, identity.Group))
	case 13: // an edit by hand in the cloud
		if all := w.cloud.All(identity.User); len(all) > 0 {
			id := rapid.SampledFrom(all).Draw(t, "account").ID
			w.cloud.Edit(id, func(r *identity.Resource) { r.Attrs["title"] = []string{"by hand"} })
		}
	case 14:
		key := w.mail(t)
		if found, _ := w.cloud.Find(t.Context(), identity.User, key); len(found) == 0 {
			w.cloud.Put(identity.Resource{Kind: identity.User, Key: key, Active: true, Name: "made by hand"})
		}
	case 15:
		set("mail", "")
	default:
		w.leaverEdit(t, what)
	}
}

// faults sets what becomes of the writes of the next run.
func (w *randomWorld) faults(t *rapid.T) {
	script := rapid.SliceOfN(rapid.SampledFrom([]synctest.Fault{synctest.Fine, synctest.Fine, synctest.Fine,
		synctest.Refuse, synctest.Lose, synctest.Drop, synctest.Die}), 0, 12).Draw(t, "faults")
	n := 0
	w.cloud.Fault = func(plan.Change) synctest.Fault {
		if n++; n <= len(script) {
			return script[n-1]
		}
		return synctest.Fine
	}
}

// check compares the cloud with the directory.
func (w *randomWorld) check(t *rapid.T) {
	p, err := w.engine().Plan(t.Context(), sync.Request{})
	if err != nil {
		t.Fatalf("last plan: %v", err)
	}
	defer p.Close()
	if p.Len() != 0 {
		t.Fatalf("P7: the next plan is not empty: %+v\n%s", changes(t, p), w.events())
	}
	w.nobodyStays(t, "")
	deferred := map[identity.Anchor]bool{}
	p.Problems(t.Context(), func(_ identity.Kind, pr identity.Problem) error { deferred[pr.Anchor] = true; return nil })
	// A person under the address of another, who is gone, waits for an operator.
	p.Withheld(t.Context(), func(h plan.Withheld) error { deferred[h.Person.Anchor] = true; return nil })
	byGUID := map[string][]identity.Resource{}
	for _, r := range w.cloud.All(identity.User) {
		if r.ExternalID != "" {
			byGUID[r.ExternalID] = append(byGUID[r.ExternalID], r)
		}
	}
	for guid, rs := range byGUID {
		if len(rs) > 1 {
			t.Fatalf("%s has %d accounts: %+v", guid, len(rs), rs)
		}
	}
	for a, o := range w.dir.Snapshot() {
		if o.Kind != identity.User || deferred[a] {
			continue
		}
		rs := byGUID[a.GUID()]
		if len(rs) != 1 {
			t.Fatalf("%s (%s) has no account", o.CN, o.Attrs.First("mail"))
		}
		r := rs[0]
		if r.Key != o.Attrs.First("mail") || r.Active != (o.Attrs.First("userAccountControl") == "512") ||
			r.Attrs.First("title") != o.Attrs.First("title") || r.Attrs.First(schema.UID) != r.Key {
			t.Fatalf("%s differs: %+v\nwant %+v", o.CN, r, o.Attrs)
		}
	}
	if w.cloud.Deleted != 0 {
		t.Fatalf("%d accounts were deleted", w.cloud.Deleted)
	}
	for _, r := range w.cloud.All(identity.User) {
		if strings.HasPrefix(r.Key, "dirbridge-") && !deferred[identity.Anchor("corp:"+r.ExternalID)] &&
			w.present(r.ExternalID) {
			t.Fatalf("a temporary name was left behind: %+v", r)
		}
	}
}

func (w *randomWorld) present(guid string) bool {
	_, ok := w.dir.Snapshot()[identity.NewAnchor("corp", guid)]
	return ok
}

// compareWays plans twice, with and without the known unchanged people, and checks that the plans
// are equal.
func (w *randomWorld) compareWays(t *rapid.T) {
	made := func() (string, plan.Header) {
		p, err := w.engine().Plan(t.Context(), sync.Request{})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		text := ""
		for _, c := range changes(t, p) {
			c.CloudBase, c.CloudVersion = "", ""
			if c.After != nil {
				c.After.Fingerprint = identity.Fingerprint{}
				text += fmt.Sprintf("after %+v\n", *c.After)
				c.After = nil
			}
			text += fmt.Sprintf("%+v\n", c)
		}
		p.Problems(t.Context(), func(_ identity.Kind, pr identity.Problem) error { text += pr.Message + "\n"; return nil })
		p.Unmatched(t.Context(), func(u plan.Unmatched) error { text += fmt.Sprintf("%+v\n", u); return nil })
		return text, p.Header()
	}
	const name = "prints"
	have, err := w.store.Value(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	set := func(v string) {
		if err := w.store.Commit(t.Context(), port.Batch{Values: map[string]string{name: v}}); err != nil {
			t.Fatal(err)
		}
	}
	short, h := made()
	set("")
	long, hl := made()
	set(have)
	sorted := func(s string) string {
		lines := strings.Split(s, "\n")
		slices.Sort(lines)
		return strings.Join(lines, "\n")
	}
	if sorted(short) != sorted(long) || h.Counts != hl.Counts || fmt.Sprint(h.Holds) != fmt.Sprint(hl.Holds) ||
		h.Removals != hl.Removals {
		t.Fatalf("with prints:\n%s%+v %+v\nwithout:\n%s%+v %+v", short, h.Counts, h.Holds, long, hl.Counts, hl.Holds)
	}
}
