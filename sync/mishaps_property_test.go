package sync_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dirbridge/sync"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/policy"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
	"dirbridge/sync/synctest"
)

// TestIncrementsWithMishaps: incremental runs, full ones, purges and saved plans in any order,
// processes that die at any write of the state or of the cloud, accounts that are removed by hand,
// rights that come and go. In the end a full plan finds nothing to do, and no person has two
// accounts.
func TestIncrementsWithMishaps(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tmp, err := os.MkdirTemp("", "dirbridge-property-")
		if err != nil {
			t.Fatal(err)
		}
		f := newFixture(t, tmp)
		t.Cleanup(func() { os.RemoveAll(tmp) })
		f.policy.Threshold, f.policy.PurgeAfter = policy.Threshold{Off: true}, 0
		f.policy.OnMissing = rapid.SampledFrom([]string{"deactivate", "deactivate", "keep"}).Draw(t, "on missing")
		f.policy.Flatten = rapid.Bool().Draw(t, "flatten")
		f.cloud.Limit.UniqueGroupNames = rapid.Bool().Draw(t, "unique group names")
		f.cloud.Limit.DeactivateDestroys = rapid.IntRange(0, 4).Draw(t, "destroys") == 0
		f.dir.ReportMembers = rapid.Bool().Draw(t, "tell members")
		f.dir.OmitDeletedKinds = rapid.Bool().Draw(t, "bare deletes")
		f.dir.RefsByDN = rapid.Bool().Draw(t, "references by DN")
		f.dir.OmitKinds = rapid.Bool().Draw(t, "bare kinds")
		f.dir.ReportTwice = rapid.Bool().Draw(t, "told twice")
		f.dir.ReportRemaining = rapid.Bool().Draw(t, "present")
		f.dir.Add(person("Keeper", "keeper@example.com"))
		w := &mishaps{changingWorld: &changingWorld{randomWorld: &randomWorld{fixture: f,
			keeper: f.dir.Anchors(identity.User)[0]}}}
		if rapid.IntRange(0, 3).Draw(t, "scope by group") == 0 {
			f.dir.ScopeGroup = f.group("Scope", w.keeper)
		}
		for _, ou := range []string{"Staff", "Staff/Inner", "Elsewhere"} {
			f.dir.AddOU(ou)
		}
		for range rapid.IntRange(1, 5).Draw(t, "people") {
			w.addPerson(t)
		}
		for range rapid.IntRange(0, 3).Draw(t, "groups") {
			w.addGroup(t)
		}
		if _, _, err := f.sync(noOverride); err != nil && !isHeld(err) {
			t.Fatalf("full sync: %v", err)
		}
		for range rapid.IntRange(1, 4).Draw(t, "rounds") {
			for range rapid.IntRange(0, 5).Draw(t, "edits") {
				w.edit(t)
			}
			if rapid.IntRange(0, 3).Draw(t, "faulty") == 0 {
				w.faults(t)
			}
			w.something(t)
			f.cloud.Fault = nil
		}
		f.dir.Untold = ""
		for range 4 {
			w.now = w.now.Add(2 * time.Minute)
			w.increment(t)
		}
		w.wantSettled(t)
	})
}

type mishaps struct {
	*changingWorld
	saved []*plan.Plan
}

// edit does one random thing on one side. Edits by hand in the cloud are seen when the directory
// changes the person.
func (w *mishaps) edit(t *rapid.T) {
	what := rapid.IntRange(0, 25).Draw(t, "edit")
	w.log += fmt.Sprintf("edit %d\n", what)
	who := w.some(t, identity.User)
	switch what {
	case 19, 20:
		w.dir.RenameOU("Staff/Inner", "Staff/Core")
		w.dir.Edit(who, func(o *synctest.Object) { o.OU = "Staff/Inner" })
	case 21:
		w.dir.RenameOU("Staff/Core", "Core")
	case 22:
		w.dir.RenameOU("Core", "Crew/Core")
	case 23:
		if s, ok := w.shadow(who); ok && s.ID != "" {
			w.cloud.Remove(s.ID)
			w.dir.Edit(who, func(*synctest.Object) {})
		}
	case 24:
		g := w.some(t, identity.Group)
		if s, ok := w.shadow(g); ok && s.ID != "" {
			w.cloud.Remove(s.ID)
			w.dir.Edit(g, func(*synctest.Object) {})
		}
	case 25:
		w.dir.Untold = map[string]string{"": "the account may not read them"}[w.dir.Untold]
	default:
		w.change(t)
	}
}

// something runs in one of the ways in which a connector runs.
func (w *mishaps) something(t *rapid.T) {
	what := rapid.SampledFrom([]string{"increment", "increment", "increment", "full", "purge", "save", "save", "apply",
		"apply", "die"}).Draw(t, "run")
	w.log += what + "\n"
	w.now = w.now.Add(time.Minute)
	switch what {
	case "increment":
		w.increment(t)
	case "die":
		store := w.store
		w.store = &dying{store, rapid.IntRange(0, 6).Draw(t, "commits")}
		w.run(t, record.Incremental)
		w.store = store
		w.reopen()
	case "full":
		w.run(t, record.Full)
	case "purge":
		w.run(t, record.Purge)
	case "save":
		mode := rapid.SampledFrom([]record.Mode{record.Full, record.Incremental, record.Purge}).Draw(t, "mode")
		p, err := w.engine().Plan(t.Context(), sync.Request{Mode: mode, OrFull: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { p.Close() })
		w.log += brief(changes(t, p))
		w.saved = append(w.saved, p)
	case "apply":
		if len(w.saved) > 0 {
			p, opt := rapid.SampledFrom(w.saved).Draw(t, "saved"), noOverride
			if rapid.Bool().Draw(t, "in part") {
				opt.Part.Left = map[int64]bool{}
				for seq := int64(1); seq <= p.Len(); seq++ {
					if rapid.Bool().Draw(t, "left out") {
						opt.Part.Left[seq] = true
					}
				}
			}
			run, err := w.engine().Apply(t.Context(), p, opt)
			w.log += fmt.Sprintf("%s %+v %v\n", run.Outcome, run.Counts, err)
			w.survive(t, err)
		}
	}
}

func (w *mishaps) run(t *rapid.T, mode record.Mode) {
	p, run, err := w.engine().Sync(t.Context(), sync.Request{Mode: mode}, noOverride)
	w.log += fmt.Sprintf("%s %v\n", run.Outcome, err)
	if p != nil {
		w.log += brief(changes(t, p))
		p.Close()
	}
	w.survive(t, err)
}

// survive continues after the death of the process.
func (w *mishaps) survive(t *rapid.T, err error) {
	var refused *port.RefusedError
	switch {
	case errors.Is(err, synctest.ErrDead):
		if _, mortal := w.store.(*dying); !mortal {
			w.reopen()
		}
	case err != nil && !isHeld(err) && !errors.As(err, &refused):
		t.Fatalf("%v\n%s", err, w.log)
	}
}

func (w *mishaps) reopen() {
	w.store.Close()
	w.open()
}

// wantSettled checks that a full plan finds nothing, with fingerprints and without.
func (w *mishaps) wantSettled(t *rapid.T) {
	w.log += w.state()
	for _, fingerprints := range []bool{true, false} {
		if !fingerprints {
			w.store.Commit(t.Context(), port.Batch{Values: map[string]string{"prints": ""}})
		}
		p, err := w.engine().Plan(t.Context(), sync.Request{Mode: record.Full})
		if err != nil {
			t.Fatal(err)
		}
		// With no people left at all, neither kind of run writes anything.
		if p.Len() != 0 && !slices.ContainsFunc(p.Header().Holds, func(h plan.Hold) bool { return !h.Overridable }) {
			t.Fatalf("a full plan finds more (prints %v):\n%s\nlog:\n%s", fingerprints, brief(changes(t, p)), w.log)
		}
		p.Close()
	}
	has := map[string]int{}
	for _, r := range w.cloud.All(identity.User) {
		if guid := r.Attrs.First(schema.ExternalID); guid != "" {
			if has[guid]++; has[guid] > 1 {
				t.Fatalf("%s has two accounts\n%s", guid, w.log)
			}
		}
	}
}

// dying is a store whose process dies at one of its writes.
type dying struct {
	port.Store
	left int
}

func (d *dying) dead() error {
	if d.left--; d.left < 0 {
		return synctest.ErrDead
	}
	return nil
}

func (d *dying) Commit(ctx context.Context, b port.Batch) error {
	if err := d.dead(); err != nil {
		return err
	}
	return d.Store.Commit(ctx, b)
}

func (d *dying) Intend(ctx context.Context, run int64, intents []port.Intent) error {
	if err := d.dead(); err != nil {
		return err
	}
	return d.Store.Intend(ctx, run, intents)
}

func (d *dying) End(ctx context.Context, r record.Run) error {
	if d.left < 0 {
		return synctest.ErrDead
	}
	return d.Store.End(ctx, r)
}
