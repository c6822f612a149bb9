package sync_test

import (
	"path/filepath"
	"testing"
	"time"

	"dirbridge/sync"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/synctest"
)

// other is a second connector of the same configuration, on the same directory and cloud, with a
// state of its own.
func (f *fixture) other(t *testing.T) *fixture {
	g := *f
	g.dbPath = filepath.Join(t.TempDir(), "state.db")
	g.open()
	t.Cleanup(func() { g.store.Close() })
	return &g
}

// TestSavedPlanOnTheOtherConnector: a connector whose state is empty, or older than the one from
// which the plan was made, applies the plan exactly. Neither connector then adds an account twice,
// loses one, or treats objects that it did not read as known.
func TestSavedPlanOnTheOtherConnector(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ first, older bool }{
		"the first plan of all":    {first: true},
		"with an empty state":      {},
		"with a state that is old": {older: true},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, t.TempDir())
			boss, sam := f.dir.Add(person("Boss", "boss@example.com")), f.dir.Add(person("Sam", "sam@example.com"))
			gone, left := f.dir.Add(person("Gone", "gone@example.com")), f.dir.Add(person("Left", "left@example.com"))
			team := f.group("Team", boss, gone)
			g := f.other(t)
			if tt.older {
				g.mustSync()
			}
			if !tt.first {
				f.mustSync()
				f.edit(sam, "title", "x", "mail", "sam2@example.com")
				f.dir.Edit(sam, func(o *synctest.Object) { o.Manager = boss })
				f.dir.Delete(gone)
				f.join(team, sam, true)
				f.dir.Add(person("New", "new@example.com"))
			}
			f.now = f.now.Add(time.Minute)
			p := f.saved(t)
			want := p.Len()
			g.now = f.now.Add(time.Minute)
			run, err := g.engine().Apply(t.Context(), p, noOverride)
			if err != nil || run.Outcome != record.Done || run.Counts.Writes() != writesOf(p) {
				t.Fatalf("%v %+v, not %d\n%s", err, run, want, g.events())
			}
			if tt.first {
				g.incremental(t) // everything to remember is stored
			}
			// The connector that made the plan finds nothing to write.
			f.now = g.now.Add(time.Minute)
			writes := f.cloud.Writes
			f.mustSync()
			if f.cloud.Writes != writes {
				t.Errorf("the other writes again: %s", f.events())
			}
			// The second one does not treat what it did not read as known.
			g.now = f.now.Add(time.Minute)
			f.dir.Delete(left)
			q, run, err := g.engine().Sync(t.Context(), sync.Request{Mode: record.Incremental, OrFull: true}, noOverride)
			if err != nil || run.Outcome != record.Done {
				t.Fatalf("%v %+v", err, run)
			}
			q.Close()
			if !tt.first {
				if s, _ := g.shadow(sam); s.ID != f.account(sam).ID {
					t.Errorf("Sam is linked to %q", s.ID)
				}
			}
			if tt.older && f.account(left).Active {
				t.Error("who left is active")
			}
			for who, c := range map[string]*fixture{"the first": f, "the second": g} {
				c.now = g.now.Add(2 * time.Minute)
				c.mustSync()
				if found := sides(t, c.plan()); len(found) != 0 {
					t.Errorf("%s does not converge: %v", who, found)
				}
			}
			for key, n := range f.cloud.Created {
				if n > 1 {
					t.Errorf("%s was made %d times", key, n)
				}
			}
			// Applied by both, it does nothing twice.
			for _, c := range []*fixture{f, g} {
				writes := f.cloud.Writes
				c.now = c.now.Add(time.Hour)
				if _, err := c.engine().Apply(t.Context(), p, noOverride); err != nil {
					t.Fatal(err)
				}
				if members := int(p.Header().Counts.Members.Add +
					p.Header().Counts.Members.Remove); f.cloud.Writes > writes+members {
					t.Errorf("applied again it writes %d", f.cloud.Writes-writes)
				}
			}
			for key, n := range f.cloud.Created {
				if n > 1 {
					t.Errorf("%s was made %d times", key, n)
				}
			}
		})
	}
}

func writesOf(p *plan.Plan) int64 { return p.Header().Counts.Writes() }

// TestPlanOfAStateThatLinksElsewhere: if the other connector links a person to another account, the
// plan's change is skipped and reported.
func TestPlanOfAStateThatLinksElsewhere(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	a := f.dir.Add(person("Ana", "a@example.com"))
	f.dir.Add(person("Bo", "b@example.com"))
	f.mustSync()
	g := f.other(t)
	f.edit(a, "title", "x")
	p := f.saved(t)
	s, _ := f.shadow(a)
	s.ID = f.cloud.Put(identity.Resource{Kind: identity.User, Key: "twin@example.com", Active: true})
	if err := g.store.Commit(t.Context(), port.Batch{Shadows: []identity.Shadow{s}}); err != nil {
		t.Fatal(err)
	}
	writes := f.cloud.Writes
	run, err := g.engine().Apply(t.Context(), p, noOverride)
	if err != nil || run.Skipped != 1 || f.cloud.Writes != writes {
		t.Fatalf("%v %+v\n%s", err, run, g.events())
	}
}
