package explain

import (
	"context"
	"fmt"
	"slices"

	"dirbridge/sync/diff"
	"dirbridge/sync/facts"
	"dirbridge/sync/guard"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/queue"
	"dirbridge/sync/record"
	"dirbridge/sync/workdb"
)

// Describe copies what the work database has about the subject.
func (ex *Explanation) Describe(ctx context.Context) error {
	d, x := ex.d, ex.x
	x.Directories = d.Header.Directories
	for _, part := range []func(context.Context) error{
		ex.entry, ex.state, ex.past, ex.match, ex.accounts, ex.change, ex.problems, ex.withheld,
		ex.unmatched, ex.holds,
	} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (ex *Explanation) entry(ctx context.Context) error {
	d, x := ex.d, ex.x
	if shadow, entry, met := ex.set.Found(x.Anchor); met {
		x.Shadow = shadow
		if entry != nil {
			// As it was when planned: it may have changed since the search.
			x.Entry, x.InScope = entry, true
		}
	}
	if x.Shadow != nil {
		x.Kind = x.Shadow.Kind
	}
	if x.Entry == nil {
		return nil
	}
	x.Kind = x.Entry.Kind
	p := d.Env.Mapped(x.Anchor.Directory(), *x.Entry)
	x.Key, x.Active = p.Key, p.Active
	m := d.Env.Mappers.Of(x.Anchor.Directory())
	if x.Kind == identity.Group {
		x.Mapped = m.GroupFields(*x.Entry)
	} else {
		x.Mapped = m.Fields(*x.Entry)
	}
	x.Written = identity.Attrs{}
	for _, f := range x.Mapped {
		name := f.Attribute.Name
		if v := d.Env.Target.Normalize(name, p.Attrs[name]); len(v) > 0 && !f.Attribute.Reference &&
			!slices.Equal(v, p.Attrs[name]) {
			x.Written[name] = v
		}
	}
	var err error
	x.Sharing, err = d.Work.SharingKey(ctx, x.Anchor)
	return err
}

func (ex *Explanation) state(ctx context.Context) error {
	d, x := ex.d, ex.x
	if x.Anchor == "" {
		return ex.mirrored(ctx)
	}
	if err := d.Env.Store.Dirty(ctx, func(a identity.Anchor, reason string) error {
		if a == x.Anchor {
			x.Dirty = reason
		}
		return nil
	}); err != nil {
		return err
	}
	subject := record.Subject{Anchor: x.Anchor}
	failing, err := d.Env.Store.FailingOf(ctx, []record.Subject{subject})
	if err != nil {
		return err
	}
	if f, ok := failing[subject]; ok {
		x.Failing = &f
	}
	if x.Shadow != nil && queue.Waits(*x.Shadow) && d.Env.Policy.OnMissing != "keep" {
		q, err := queue.Of(ctx, d.Env.Store, d.Env.Policy, d.Env.Now(), *x.Shadow)
		if err != nil {
			return err
		}
		x.Queued = &q
	}
	x.Unsynced = diff.UnsyncedKind(d, identity.Shadow{Anchor: x.Anchor, Kind: x.Kind})
	if x.Unsynced && x.Queued != nil {
		x.Queued.Overdue, x.Queued.Unmanaged = false, queue.NotSynchronized(x.Kind)
	}
	if x.Again, err = d.Work.LooksAgain(ctx, x.Anchor); err != nil {
		return err
	}
	if x.Forgotten, err = d.Work.IsForgotten(ctx, x.Anchor); err != nil {
		return err
	}
	full, err := d.Env.Store.Value(ctx, facts.FullDigestValue)
	x.NeedsFull = full != d.Env.FingerprintsDigest()
	return err
}

// mirrored says whether an account that no directory knows waits for the purge.
func (ex *Explanation) mirrored(ctx context.Context) error {
	d, x := ex.d, ex.x
	s, err := diff.Mirrored(ctx, d, x.ID)
	if err != nil || s == nil || x.Kind != s.Kind {
		return err
	}
	if x.Shadow = s; !queue.Waits(*s) || !d.Env.Policy.Purges(*s) {
		return nil
	}
	q, err := queue.Of(ctx, d.Env.Store, d.Env.Policy, d.Env.Now(), *s)
	if err != nil {
		return err
	}
	if guard.UsersUnsynced(d) {
		q.Overdue, q.Unmanaged = false, queue.NotSynchronized(s.Kind)
	}
	x.Queued = &q
	return nil
}

func (ex *Explanation) match(ctx context.Context) (err error) {
	d, x := ex.d, ex.x
	if x.Anchor == "" {
		x.Owner, err = d.Work.OwnerOf(ctx, x.Kind, x.ID)
		return err
	}
	m, err := d.Work.MatchOf(ctx, x.Anchor)
	if err == nil && m.How != "" {
		x.How, x.ID, x.From = m.How, m.ID, m.Was
	}
	return err
}

// accounts finds the account that belongs to the subject, and others that might.
func (ex *Explanation) accounts(ctx context.Context) error {
	d, x := ex.d, ex.x
	if x.ID == "" && x.Shadow != nil {
		x.ID = x.Shadow.ID
	}
	if x.Anchor != "" && x.Entry != nil {
		if err := ex.sameKey(ctx); err != nil {
			return err
		}
	}
	if x.ID == "" {
		return nil
	}
	r, ok, err := d.Env.Target.Get(ctx, x.Kind, x.ID)
	if err != nil {
		return fmt.Errorf("cloud: look at %s %s: %w", x.Kind, x.ID, err)
	}
	if ok {
		x.Account = &r
		x.Others = slices.DeleteFunc(x.Others, func(o identity.Resource) bool { return o.ID == r.ID })
	}
	return nil
}

// sameKey returns the accounts that carry the subject's GUID or have its key, whether or not the
// subject may have them.
func (ex *Explanation) sameKey(ctx context.Context) error {
	d, x := ex.d, ex.x
	found, err := d.Env.Target.FindExternal(ctx, x.Kind, x.Anchor.GUID())
	if err != nil {
		return fmt.Errorf("cloud: look for the %s with the externalId %s: %w", x.Kind, x.Anchor.GUID(), err)
	}
	if x.Key != "" {
		named, err := d.Env.Target.Find(ctx, x.Kind, x.Key)
		if err != nil {
			return fmt.Errorf("cloud: look for the %s %s: %w", x.Kind, x.Key, err)
		}
		found = append(found, named...)
	}
	for _, r := range found {
		if !slices.ContainsFunc(x.Others, func(o identity.Resource) bool { return o.ID == r.ID }) {
			x.Others = append(x.Others, r)
		}
	}
	return nil
}

func (ex *Explanation) change(ctx context.Context) error {
	d, x := ex.d, ex.x
	return d.Work.EachChange(ctx, func(encoded plan.Encoded) error {
		var c plan.Change
		if err := c.UnmarshalBinary(encoded.Payload); err != nil {
			return err
		}
		switch {
		case c.Kind == identity.Member && c.Member == x.Anchor && x.Anchor != "":
			x.Members = append(x.Members, c)
		case c.Kind == identity.Member:
		case x.Anchor != "" && c.Anchor == x.Anchor, x.Anchor == "" && c.Anchor == "" && c.ID == x.ID:
			if x.Change == nil {
				x.Change = &c
			} else {
				x.Then = &c
			}
		}
		return nil
	})
}

func (ex *Explanation) problems(ctx context.Context) error {
	d, x := ex.d, ex.x
	if x.Anchor == "" {
		return nil
	}
	return d.Work.EachFinding(ctx, func(f workdb.Finding) error {
		if f.Anchor == x.Anchor {
			x.Problems = append(x.Problems, f.Problem)
		}
		return nil
	})
}

func (ex *Explanation) withheld(ctx context.Context) (err error) {
	ex.x.Withheld, err = ex.d.Work.WithheldOf(ctx, ex.x.Anchor)
	return err
}

func (ex *Explanation) unmatched(ctx context.Context) error {
	d, x := ex.d, ex.x
	if x.Account != nil {
		x.Spared = slices.Contains(d.Spared, x.Account.Key)
	} else if x.Shadow != nil {
		if old, ok := d.Env.Archived(ctx, x.Kind, x.Shadow.ID); ok {
			x.Archived = &old
		}
	}
	id := x.ID
	if x.Anchor != "" { // an account to which it would have been linked
		guarded, err := d.Work.OffLimits(ctx, x.Anchor)
		if err != nil {
			return err
		}
		if guarded != "" {
			id = guarded
		}
	}
	if id == "" {
		return nil
	}
	return d.Work.EachUnmatchedAccount(ctx, func(u plan.Unmatched) error {
		if u.ID == id && !u.KeptAdmin() { // see Spared
			x.Unmatched = &u
		}
		return nil
	})
}

// holds returns the holds that this change causes whatever else is planned.
func (ex *Explanation) holds(ctx context.Context) error {
	d, x := ex.d, ex.x
	if x.Change == nil && len(x.Members) == 0 {
		return nil
	}
	other, err := d.Env.OtherOrganization(ctx)
	if err != nil {
		return err
	}
	if other != nil {
		x.Holds = append(x.Holds, *other)
	}
	if x.Change == nil || !x.Change.Missing {
		return nil
	}
	linked, err := d.Env.Store.Linked(ctx)
	if err != nil {
		return err
	}
	t := guard.Totals{Removals: 1, AdminsKnown: true, Changes: true}
	for _, n := range linked {
		t.Ours += n.People
	}
	x.Holds = append(x.Holds, guard.HoldsOfTotals(t, d.Env.Policy.Threshold)...)
	return nil
}
