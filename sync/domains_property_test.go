package sync_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"dirbridge/sync"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/policy"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/synctest"
)

// TestIncrementsOfTwoDomains: people come, go, change, and move between two domains, in whatever
// order these report it, by mail address or by SID history, and at times one of the domains cannot
// be read, or fails midway. In the end a full plan finds nothing to do, and no account was ever
// deleted.
func TestIncrementsOfTwoDomains(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tmp, err := os.MkdirTemp("", "dirbridge-property-")
		if err != nil {
			t.Fatal(err)
		}
		f := newFixture(t, tmp)
		t.Cleanup(func() { os.RemoveAll(tmp) })
		f.policy.Threshold = policy.Threshold{Off: true}
		w := newDomains(t, f)
		for range rapid.IntRange(1, 6).Draw(t, "people") {
			w.pick(t)
			w.hire(t)
		}
		for range rapid.IntRange(0, 2).Draw(t, "groups") {
			w.pick(t)
			w.addGroup(t)
		}
		if _, _, err := f.sync(noOverride); err != nil && !isHeld(err) {
			t.Fatalf("full sync: %v", err)
		}
		for range rapid.IntRange(1, 4).Draw(t, "rounds") {
			for range rapid.IntRange(0, 5).Draw(t, "edits") {
				w.change(t)
			}
			w.fail(t)
			if rapid.IntRange(0, 3).Draw(t, "faulty") == 0 {
				w.faults(t)
			}
			w.increment(t, rapid.SampledFrom([]record.Mode{record.Incremental, record.Incremental, record.Incremental,
				record.Full}).Draw(t, "mode"))
			w.both(func(d *synctest.Directory) { d.Fail, d.FailChanges = nil, 0 })
		}
		f.cloud.Fault = nil
		for range 3 {
			w.increment(t, record.Incremental)
		}
		p, err := f.engine().Plan(t.Context(), sync.Request{Mode: record.Full})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		if p.Len() != 0 && !slices.ContainsFunc(p.Header().Holds, func(h plan.Hold) bool { return !h.Overridable }) {
			t.Fatalf("a full plan finds more:\n%s%s\nlog:\n%s", brief(changes(t, p)), f.problems(p), w.log)
		}
		if f.cloud.Deleted != 0 {
			t.Fatalf("%d were deleted\n%s", f.cloud.Deleted, w.log)
		}
	})
}

// domains are two directories between which people move.
type domains struct {
	*randomWorld
	dirs    [2]*synctest.Directory
	keepers [2]identity.Anchor
	at      int // the current one
	sids    int
	left    []synctest.Object // left one, and not in another yet
	log     string
}

func newDomains(t *rapid.T, f *fixture) *domains {
	w := &domains{randomWorld: &randomWorld{fixture: f}}
	other := synctest.NewDirectory("other")
	for range 300 { // so that their GUIDs differ
		other.Delete(other.Add(synctest.Object{}))
	}
	w.dirs = [2]*synctest.Directory{f.dir, other}
	for i, d := range w.dirs {
		w.keepers[i] = d.Add(person("Keeper", fmt.Sprintf("keeper%d@example.com", i)))
		d.AddOU("Staff")
		d.AddOU("Elsewhere")
		d.ReportMembers = rapid.Bool().Draw(t, "tell members")
		d.OmitDeletedKinds = rapid.Bool().Draw(t, "bare deletes")
		d.ReportRemaining = rapid.Bool().Draw(t, "present")
	}
	f.sources = []port.Source{f.dir, other}
	if rapid.Bool().Draw(t, "own rules") {
		f.overrides = map[string]map[string]string{"other": {"title": "", "ds-pwp-account-disabled": ""}}
	}
	return w
}

func (w *domains) both(fn func(*synctest.Directory)) {
	for _, d := range w.dirs {
		fn(d)
	}
}

// pick chooses the current directory.
func (w *domains) pick(t *rapid.T) {
	w.at = rapid.IntRange(0, 1).Draw(t, "domain")
	w.dir, w.keeper = w.dirs[w.at], w.keepers[w.at]
}

func (w *domains) sid() []string {
	w.sids++
	return []string{fmt.Sprintf("S-1-5-21-%d", w.sids)}
}

func (w *domains) hire(t *rapid.T) {
	w.serial++
	o := person(fmt.Sprintf("Person %d", w.serial), w.mail(t))
	o.Attrs["objectSid"] = w.sid()
	w.dir.Add(o)
}

// arrive adds a person of another domain to the current one, as a new object.
func (w *domains) arrive(t *rapid.T, o synctest.Object) {
	w.serial++
	n := synctest.Object{Kind: identity.User, OU: "Staff", CN: fmt.Sprintf("Moved %d", w.serial), Attrs: o.Attrs.Clone()}
	if rapid.IntRange(0, 2).Draw(t, "history") > 0 {
		n.Attrs["sIDHistory"] = append(slices.Clone(o.Attrs["sIDHistory"]), o.Attrs["objectSid"]...)
	} else {
		delete(n.Attrs, "sIDHistory")
	}
	n.Attrs["objectSid"] = w.sid()
	if rapid.Bool().Draw(t, "new mail") {
		n.Attrs["mail"] = []string{w.mail(t)}
	}
	n.Attrs["userAccountControl"] = []string{"512"}
	w.dir.Add(n)
	w.log += fmt.Sprintf("  %s arrives in %s: %s\n", n.CN, w.dir.Name, n.Attrs)
}

// change does one random thing in one of the directories.
func (w *domains) change(t *rapid.T) {
	w.pick(t)
	what := rapid.IntRange(0, 23).Draw(t, "change")
	w.log += fmt.Sprintf("change %d in %s\n", what, w.dir.Name)
	switch what {
	case 0, 13, 14: // only full runs see edits by hand in the cloud
		w.hire(t)
	case 16, 17, 18, 19: // to the other domain: at once, or with the old one left behind
		who := w.some(t, identity.User)
		o, ok := w.dir.Snapshot()[who]
		if !ok {
			return
		}
		from := w.dir
		switch what {
		case 16, 17:
			from.Delete(who)
		case 18:
			set(from, who, "userAccountControl", "514")
		}
		w.at = 1 - w.at
		w.dir, w.keeper = w.dirs[w.at], w.keepers[w.at]
		w.arrive(t, o)
	case 20: // leaves now, and arrives later
		who := w.some(t, identity.User)
		if o, ok := w.dir.Snapshot()[who]; ok {
			w.left = append(w.left, o)
			w.dir.Delete(who)
		}
	case 21, 22:
		if len(w.left) > 0 {
			o := w.left[0]
			w.left = w.left[1:]
			w.arrive(t, o)
		}
	case 23:
		w.dir.MoveOUOut("Staff", rapid.Bool().Draw(t, "out"))
	default:
		w.doEdit(t, what)
	}
}

// fail makes one directory fail somewhere in the next run, at times.
func (w *domains) fail(t *rapid.T) {
	if rapid.IntRange(0, 2).Draw(t, "failing") > 0 {
		return
	}
	w.pick(t)
	if rapid.Bool().Draw(t, "among the changes") {
		w.dir.FailChanges = rapid.IntRange(1, 4).Draw(t, "after")
		w.log += "fails among the changes: " + w.dir.Name + "\n"
		return
	}
	call := rapid.SampledFrom([]string{"Changes", "Get", "Below", "EdgesOf", "Referrers", "People", "Edges",
		"Position"}).Draw(t, "call")
	w.log += "fails at " + call + ": " + w.dir.Name + "\n"
	w.dir.Fail = func(c string) error {
		if c == call {
			return errors.New("the connection was closed")
		}
		return nil
	}
}

// increment runs once.
func (w *domains) increment(t *rapid.T, mode record.Mode) {
	w.now = w.now.Add(60_000_000_000)
	for _, d := range w.dirs {
		in := d.Snapshot()
		for _, a := range d.Anchors(identity.User) {
			o, ok := in[a]
			if !ok {
				w.log += fmt.Sprintf("  %s out\n", a)
				continue
			}
			w.log += fmt.Sprintf("  %s %s %s\n", a, o.CN, o.Attrs)
		}
	}
	p, run, err := w.engine().Sync(t.Context(), sync.Request{Mode: mode}, noOverride)
	if p != nil {
		h := p.Header()
		w.log += fmt.Sprintf("run %s %s (%s) complete=%v\n%s%s", h.Mode, run.Outcome, h.Instead, h.Complete,
			brief(changes(t, p)), w.problems(p))
		p.Close()
	}
	switch {
	case errors.Is(err, synctest.ErrDead):
		w.store.Close()
		w.open()
	case err != nil && !isHeld(err):
		w.log += fmt.Sprintf("failed: %v\n", err)
		if w.dirs[0].Fail == nil && w.dirs[1].Fail == nil {
			t.Fatalf("%s sync: %v\n%s", mode, err, w.log)
		}
	}
}
