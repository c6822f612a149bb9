package undo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	stdsync "sync"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// found is an effect with the current state of the object.
type found struct {
	effect
	Now     *identity.Resource `json:",omitempty"` // nil: it is not in the cloud
	Blind   *blindness         `json:",omitempty"` // set: the cloud does not show it
	Owner   *identity.Shadow   `json:",omitempty"` // owner of the account, even if the account is deleted
	Holders []identity.Resource
	// Holds says whether the group has the member now. Gone names which of the two is not in the
	// cloud.
	Holds bool
	Gone  string
	// Refs are, by resource id, the accounts to which a reference would be restored.
	Refs map[identity.ResourceID]reference
}

// blindness is why the cloud does not show an object, and the remedy.
type blindness struct{ Why, Remedy string }

// reference is an account to which a field referred before the run.
type reference struct {
	There  bool
	Anchor identity.Anchor // its owner; "" if it is not linked
}

// Look reads every object of the effects from the cloud, a few at a time, and its owner from the
// state.
func (u *Undoing) Look(ctx context.Context) error {
	// What the run wrote may no longer be mapped: that is a reason to undo it.
	u.D.Env.Target.Follow(slices.Sorted(maps.Keys(u.Fields)))
	n, err := u.D.Work.CountEffects(ctx)
	if err != nil {
		return err
	}
	u.D.Env.Meter.Phase(port.Verifying, n)
	for after := (workdb.Written{}); ; {
		page, err := u.D.Work.Effects(ctx, after)
		if err != nil || len(page) == 0 {
			return err
		}
		after = page[len(page)-1].Written
		some := make([]*found, len(page))
		for i, e := range page {
			some[i] = &found{}
			if err := workdb.Decode(e.Encoded, &some[i].effect); err != nil {
				return err
			}
		}
		if err := u.lookAt(ctx, some); err != nil {
			return err
		}
	}
}

func (u *Undoing) lookAt(ctx context.Context, some []*found) error {
	g := glance{u: u, seen: map[string]*identity.Resource{}}
	if err := g.all(ctx, some); err != nil {
		return err
	}
	if err := u.owners(ctx, some); err != nil {
		return err
	}
	for _, f := range some {
		u.D.Env.Meter.Add(1)
		if f.Now != nil && f.Now.Admin != identity.Unknown {
			u.D.AdminsKnown = true
		}
		if f.Now != nil && f.Now.Admin == identity.Yes { // guards know them by it
			if err := u.D.Work.AddRole(ctx, *f.Now); err != nil {
				return err
			}
		}
		want, holder := u.wants(f), identity.ResourceID("")
		for _, h := range f.Holders {
			if h.ID != f.ID && want != "" {
				holder = h.ID
			}
		}
		err := u.D.Work.AddReversal(ctx, workdb.Reversal{Written: f.written(), Key: want, Holder: holder,
			Encoded: workdb.Encode(f)})
		if err != nil {
			return err
		}
	}
	return nil
}

// wants returns the key that the object gets back; "" if it keeps its key.
func (u *Undoing) wants(f *found) string {
	k := f.field(stage.KeyField(f.Kind))
	if k == nil || f.Added || f.Removed || f.Now == nil || f.Blind != nil || len(k.Old) == 0 ||
		u.stateOf(*k, f.Now) != asLeft {
		return ""
	}
	return k.Old[0]
}

// owners finds the owners of the accounts, and those of the accounts to which references are
// restored.
func (u *Undoing) owners(ctx context.Context, some []*found) error {
	var ids []string
	for _, f := range some {
		if f.Member == "" {
			ids = append(ids, string(f.ID))
		}
		for id := range f.Refs {
			ids = append(ids, string(id))
		}
	}
	users, groups := map[identity.ResourceID]*identity.Shadow{}, map[identity.ResourceID]*identity.Shadow{}
	err := u.D.Env.Store.Seek(ctx, port.ByID, ids, func(s identity.Shadow) error {
		if s.Kind == identity.Group {
			groups[s.ID] = &s
		} else {
			users[s.ID] = &s
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, f := range some {
		for id, ref := range f.Refs {
			if s := users[id]; s != nil {
				ref.Anchor = s.Anchor
			} else if err := u.removedOwner(ctx, id, &ref); err != nil {
				return err
			}
			f.Refs[id] = ref
		}
		switch {
		case f.Member != "":
		case f.Removed:
			s, ok, err := u.D.Env.Store.Shadow(ctx, f.Change.Anchor)
			if err != nil {
				return err
			}
			if ok {
				f.Owner = &s
			}
		case f.Kind == identity.Group:
			f.Owner = groups[f.ID]
		default:
			f.Owner = users[f.ID]
		}
	}
	return nil
}

// removedOwner finds the owner of an account that the run deleted and to which a reference points:
// the account is added again under another id.
func (u *Undoing) removedOwner(ctx context.Context, id identity.ResourceID, ref *reference) error {
	text, err := u.D.Work.EffectOnRemoved(ctx, id)
	if err != nil || text == "" {
		return err
	}
	var e effect
	err = workdb.Decode(text, &e)
	ref.Anchor = e.Change.Anchor
	return err
}

// glance reads the objects of one page. It sends each request once, even if several objects need
// it.
type glance struct {
	u    *Undoing
	mu   stdsync.Mutex
	seen map[string]*identity.Resource
}

func (g *glance) all(ctx context.Context, some []*found) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg stdsync.WaitGroup
	var failure error
	slots := make(chan struct{}, stage.Lookers)
	for _, f := range some {
		slots <- struct{}{}
		wg.Add(1)
		go func() {
			defer func() { <-slots; wg.Done() }()
			err := g.one(ctx, f)
			var refused *identity.Failure
			if errors.As(err, &refused) && refused.Class == identity.GiveUp {
				f.Blind = &blindness{err.Error(), refused.Remedy} // and nothing else is stopped by it (P8)
				return
			}
			if err != nil {
				g.mu.Lock()
				if failure == nil {
					failure = fmt.Errorf("cloud: look at %s %s: %w", f.Kind, f.Change.Key, err)
				}
				g.mu.Unlock()
				cancel()
			}
		}()
	}
	wg.Wait()
	return failure
}

func (g *glance) one(ctx context.Context, f *found) (err error) {
	if f.Member != "" {
		return g.membership(ctx, f)
	}
	if f.Now, err = g.get(ctx, f.Kind, f.ID); err != nil {
		return err
	}
	if err := g.holders(ctx, f); err != nil {
		return err
	}
	for _, field := range f.Fields {
		if !field.Ref || f.Added || len(field.Old) == 0 {
			continue
		}
		id := identity.ResourceID(field.Old[0])
		r, err := g.get(ctx, identity.User, id)
		if err != nil {
			return err
		}
		if f.Refs == nil {
			f.Refs = map[identity.ResourceID]reference{}
		}
		f.Refs[id] = reference{There: r != nil}
	}
	return nil
}

// holders finds the account that now has the key that the object had before the run or, for a
// deleted object, its GUID.
func (g *glance) holders(ctx context.Context, f *found) error {
	target := g.u.D.Env.Target
	k := f.field(stage.KeyField(f.Kind))
	if f.Added || k == nil || len(k.Old) == 0 {
		return nil
	}
	unique, err := g.u.D.Env.UniqueGroupNames(ctx)
	if err != nil {
		return err
	}
	if f.Kind == identity.User || unique {
		if f.Holders, err = target.Find(ctx, f.Kind, k.Old[0]); err != nil {
			return err
		}
	}
	x := f.field(schema.ExternalID)
	if !f.Removed || x == nil || len(x.Old) == 0 {
		return nil
	}
	more, err := target.FindExternal(ctx, f.Kind, x.Old[0])
	for _, r := range more {
		if strings.EqualFold(r.ExternalID, x.Old[0]) {
			f.Holders = append(f.Holders, r)
		}
	}
	return err
}

func (g *glance) membership(ctx context.Context, f *found) (err error) {
	if f.Removed {
		group, err := g.get(ctx, identity.Group, f.ID)
		if err != nil {
			return err
		}
		kind := f.Change.MemberKind
		if kind == "" {
			kind = identity.User
		}
		member, err := g.get(ctx, kind, f.Member)
		switch {
		case err != nil:
			return err
		case group == nil:
			f.Gone = "the group"
			return nil
		case member == nil:
			f.Gone = "the member"
			return nil
		}
	}
	f.Holds, err = g.u.D.Env.Target.HasMember(ctx, f.ID, f.Member)
	return err
}

func (g *glance) get(ctx context.Context, kind identity.Kind, id identity.ResourceID) (*identity.Resource, error) {
	name := string(kind) + ":" + string(id)
	g.mu.Lock()
	r, known := g.seen[name]
	g.mu.Unlock()
	if known {
		return r, nil
	}
	got, ok, err := g.u.D.Env.Target.Get(ctx, kind, id)
	if err != nil {
		return nil, err
	}
	if ok {
		r = &got
	}
	g.mu.Lock()
	g.seen[name] = r
	g.mu.Unlock()
	return r, nil
}
