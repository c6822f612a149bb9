package sync_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"dirbridge/sync"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
	"dirbridge/sync/synctest"
)

// TestIncrementalWithOneUnreadable: whatever fails in a directory, an incremental run applies the
// changes of the others, and nothing to its people; no account is removed meanwhile. Once it can be
// read, an incremental run catches up.
func TestIncrementalWithOneUnreadable(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"Changes", "Get", "Below", "EdgesOf", "Referrers"} {
		t.Run(call, func(t *testing.T) {
			f, other := twoDirectories(t)
			ana, lea := f.dir.Add(person("Ana", "ana@example.com")), f.dir.Add(person("Lea", "lea@example.com"))
			bo, cy, out := other.Add(person("Bo", "bo@example.com")), other.Add(person("Cy",
				"cy@example.com")), other.Add(person("Di", "di@example.com"))
			other.Edit(out, func(o *synctest.Object) { o.Out = true })
			team := other.Add(synctest.Object{Kind: identity.Group, CN: "Team", OU: "Groups",
				Members: map[identity.Anchor]bool{bo: true, out: true}})
			f.mustSync()
			f.mustSync()

			set(f.dir, ana, "title", "new")
			f.dir.Delete(lea)
			eve := f.dir.Add(person("Eve", "eve@example.com"))
			other.RenameOU("Staff", "Crew")
			set(other, bo, "title", "new")
			other.Edit(out, func(o *synctest.Object) { o.Out = false; o.OU = "Groups" })
			other.Edit(team, func(o *synctest.Object) { o.Members[cy] = true })
			other.Delete(bo)
			failed := 0
			other.Fail = func(c string) error {
				if c == call {
					failed++
					return errors.New("the connection was closed")
				}
				return nil
			}
			for range 2 {
				h, cs, run, err := f.increment()
				if err != nil || run.Outcome != record.Partial || len(run.Unread) != 1 || run.Unread[0].Name != "other" ||
					h.Mode != record.Incremental || h.Complete {
					t.Fatalf("%v %+v %+v", err, run, h)
				}
				for _, c := range cs {
					if c.Anchor.Directory() == "other" || c.Missing {
						t.Errorf("%s", brief(cs))
					}
				}
				if dir := h.Directories[1]; dir.Whole || !strings.Contains(dir.Error, "connection was closed") {
					t.Errorf("%+v", dir)
				}
			}
			if failed == 0 {
				t.Fatal("nothing failed")
			}
			if f.account(ana).Attrs.First("title") != "new" || !f.account(eve).Active || !f.account(lea).Active {
				t.Errorf("%+v", f.cloud.All(identity.User))
			}
			other.Fail = nil
			f.changed(t)
			if f.account(lea).Active || f.account(bo).Active || f.account(out).Key != "di@example.com" {
				t.Errorf("%+v", f.cloud.All(identity.User))
			}
			if p := f.plan(); p.Len() != 0 {
				t.Fatalf("a full plan finds more: %s", brief(changes(t, p)))
			}
		})
	}
}

// TestFullWithOneUnreadable: later incremental runs catch up on what a full run could not decide
// for a directory.
func TestFullWithOneUnreadable(t *testing.T) {
	t.Parallel()
	f, other := twoDirectories(t)
	ana, lea := f.dir.Add(person("Ana", "ana@example.com")), f.dir.Add(person("Lea", "lea@example.com"))
	bo, cy := other.Add(person("Bo", "bo@example.com")), other.Add(person("Cy", "cy@example.com"))
	f.mustSync()
	duplicate := other.Add(person("Another Bo", "bo@example.com")) // both are deferred from now on
	f.changed(t)
	other.Fail = func(string) error { return errors.New("dial: connection refused") }
	f.dir.Delete(lea)
	set(f.dir, ana, "title", "new")
	set(other, cy, "title", "new")
	if h := f.mustSync(); h.Complete || f.account(ana).Attrs.First("title") != "new" || !f.account(lea).Active {
		t.Fatalf("%+v", h)
	}
	other.Fail = nil
	set(other, bo, "mail", "bo2@example.com")
	f.changed(t)
	if f.account(lea).Active || f.account(bo).Key != "bo2@example.com" || f.account(duplicate).Key != "bo@example.com" ||
		f.account(cy).Attrs.First("title") != "new" {
		t.Errorf("%+v", f.cloud.All(identity.User))
	}
	f.changed(t)
	if p := f.plan(); p.Len() != 0 {
		t.Fatalf("a full plan finds more: %s", brief(changes(t, p)))
	}
}

// crossing is a directory with groups that have members in another one.
type crossing struct {
	*synctest.Directory
	edges func() []identity.Edge
}

func (c crossing) Edges(ctx context.Context, fn func(identity.Edge) error) error {
	if err := c.Directory.Edges(ctx, fn); err != nil {
		return err
	}
	for _, e := range c.edges() {
		if err := fn(e); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (c crossing) EdgesOf(ctx context.Context, groups []identity.Anchor, fn func(identity.Edge) error) error {
	if err := c.Directory.EdgesOf(ctx, groups, fn); err != nil {
		return err
	}
	for _, e := range c.edges() {
		for _, g := range groups {
			if e.From == g {
				if err := fn(e); err != nil {
					return err
				}
			}
		}
	}
	return ctx.Err()
}

func (c crossing) Referrers(ctx context.Context, dns []string, fn func(identity.Edge) error) error {
	if err := c.Directory.Referrers(ctx, dns, fn); err != nil {
		return err
	}
	for _, e := range c.edges() {
		for _, dn := range dns {
			if strings.EqualFold(e.To.DN, dn) {
				if err := fn(identity.Edge{Kind: e.Kind, From: e.From, To: identity.Ref{DN: dn}}); err != nil {
					return err
				}
			}
		}
	}
	return ctx.Err()
}

// TestMembersOfTheUnreadable: a group's members change even while they themselves cannot be read;
// what was reported then is not reported again.
func TestMembersOfTheUnreadable(t *testing.T) {
	t.Parallel()
	for _, mode := range []record.Mode{record.Full, record.Incremental} {
		t.Run(string(mode), func(t *testing.T) {
			f, other := twoDirectories(t)
			f.dir.Add(person("Ana", "ana@example.com"))
			bo, cy := other.Add(person("Bo", "bo@example.com")), other.Add(person("Cy", "cy@example.com"))
			team := f.dir.Add(synctest.Object{Kind: identity.Group, CN: "Team", OU: "Groups"})
			member := bo
			f.sources[0] = crossing{f.dir, func() []identity.Edge {
				return []identity.Edge{{Kind: identity.Membership, From: team, To: identity.Ref{Anchor: member}}}
			}}
			f.mustSync()
			only := func(a identity.Anchor) {
				t.Helper()
				g := f.cloud.All(identity.Group)[0].ID
				if m := f.cloud.MembersOf(g); len(m) != 1 || !m[f.account(a).ID] {
					t.Fatalf("%v", m)
				}
			}
			only(bo)
			set(other, bo, "title", "new")
			set(other, cy, "title", "new")
			other.Fail = func(string) error { return errors.New("dial: connection refused") }
			member = cy
			f.dir.Edit(team, func(*synctest.Object) {})
			f.now = f.now.Add(60_000_000_000)
			p, run, err := f.engine().Sync(t.Context(), sync.Request{Mode: mode}, noOverride)
			if err != nil || run.Outcome != record.Partial || p.Header().Complete {
				t.Fatalf("%v %+v", err, run)
			}
			p.Close()
			only(cy)
			if f.account(cy).Attrs.First("title") != "" {
				t.Error("something was done to one who could not be read")
			}
			other.Fail = nil
			f.changed(t)
			only(cy)
			if p := f.plan(); p.Len() != 0 {
				t.Fatalf("a full plan finds more: %s", brief(changes(t, p)))
			}
		})
	}
}
