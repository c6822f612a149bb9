package undo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"dirbridge/sync/diff"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/policy"
	"dirbridge/sync/port"
	"dirbridge/sync/read"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// turn is the position of one object's change among those that take keys from each other.
type turn struct {
	wave    int
	via     string
	blocked bool
	holder  identity.ResourceID
}

// Reverse makes the changes, a page at a time.
func (u *Undoing) Reverse(ctx context.Context) error {
	n, err := u.D.Work.CountReversals(ctx)
	if err != nil {
		return err
	}
	u.D.Env.Meter.Phase(port.Planning, n)
	asked := &asking{Undoing: u}
	err = u.D.Work.EachReversal(ctx, func(r workdb.Reversal) error {
		var f found
		t := turn{holder: r.Holder, wave: r.Wave, via: r.Via, blocked: r.Blocked}
		if err := workdb.Decode(r.Encoded, &f); err != nil {
			return err
		}
		u.D.Env.Meter.Add(1)
		c, err := u.back(ctx, &f, t)
		if err != nil || c == nil {
			return err
		}
		c.Anchor, c.DN = f.Change.Anchor, f.Change.DN
		if f.Owner != nil {
			c.Anchor, c.DN = f.Owner.Anchor, f.Owner.DN
		}
		if c.Reason == "" {
			c.Reason = fmt.Sprintf("as it was before run %d", u.Run.ID)
		}
		return asked.add(ctx, *c)
	})
	if err != nil {
		return err
	}
	return asked.flush(ctx)
}

// back returns the change that undoes one effect; nil if there is nothing to do, or nothing that
// may be done.
func (u *Undoing) back(ctx context.Context, f *found, t turn) (*plan.Change, error) {
	switch {
	case f.Blind != nil:
		return nil, u.left(ctx, f.Change, "", "the cloud does not show it: "+f.Blind.Why, f.Blind.Remedy)
	case u.protectedNow(f) != "":
		return nil, u.left(ctx, f.Change, "", "it is protected by "+u.protectedNow(f)+" in policy.protected",
			"Take the rule out of policy.protected if it should be undone.")
	case f.Member != "":
		return u.backMember(ctx, f)
	case f.Removed:
		return u.backDeleted(ctx, f)
	case f.Now == nil:
		return nil, u.leftGone(ctx, f)
	case f.Unwritten:
		return u.backGrace(f), nil
	case f.Added:
		return u.backAdded(ctx, f)
	}
	return u.backFields(ctx, f, t)
}

// base returns a change of the account as it is now.
func (u *Undoing) base(f *found, a plan.Action) *plan.Change {
	c := &plan.Change{Kind: f.Kind, Action: a, Phase: plan.UserWrites, ID: f.ID}
	if f.Kind == identity.Group {
		c.Phase = plan.GroupWrites
	}
	if f.Now != nil {
		c.Key, c.CloudBase, c.CloudVersion = f.Now.Key, read.CloudBase(u.D.Env, *f.Now), f.Now.Version
	}
	return c
}

func (u *Undoing) counts(kind identity.Kind, a plan.Action) {
	n := &u.D.Header.Counts.Users
	if kind == identity.Group {
		n = &u.D.Header.Counts.Groups
	}
	stage.CountAction(n, a)
}

// after returns the shadow to begin from: without a fingerprint, so that the next run compares the
// object whether or not it changed. nil if the account is not linked.
func (f *found) after() *identity.Shadow {
	if f.Owner == nil {
		return nil
	}
	s := *f.Owner
	s.Run, s.Fingerprint, s.Applied = 0, identity.Fingerprint{}, s.Applied.Clone()
	return &s
}

// grace puts a shadow into grace from now on.
func (u *Undoing) grace(s *identity.Shadow) {
	if s != nil {
		s.State, s.Since, s.ByUs = identity.Grace, u.D.Env.Now().UTC().Truncate(time.Second), true
	}
}

// live takes a shadow out of grace.
func live(s *identity.Shadow) {
	s.State, s.Since, s.ByUs = identity.Live, time.Time{}, false
}

// backAdded deactivates what the run added (P6): it is then in grace, and counted, as a missing
// object is.
func (u *Undoing) backAdded(ctx context.Context, f *found) (*plan.Change, error) {
	made := f.field(schema.Active)
	wasActive := made == nil || len(made.New) != 1 || made.New[0] == "true"
	switch {
	case f.Owner != nil && f.Owner.Anchor != f.Change.Anchor:
		return nil, u.left(ctx, f.Change, "", "the account belongs to "+string(f.Owner.Anchor)+" by now",
			"If it should go, deactivate it in the cloud.")
	case f.Owner != nil && f.Owner.State == identity.Grace && (f.Kind == identity.Group || !f.Now.Active ||
		u.D.Env.Target.Limits().DeactivateDestroys):
		return nil, nil // it is so already
	case f.Now.Admin == identity.Yes:
		return nil, diff.SpareAdmin(ctx, u.D, *f.Now)
	case u.ruled(f) != "":
		return nil, u.left(ctx, f.Change, schema.Active, "a rule leaves it unchanged: "+u.ruled(f),
			"Take it out of [[unmanaged]] if it should go.")
	case f.Kind == identity.User && !f.Now.Active && wasActive:
		return nil, u.left(ctx, f.Change, schema.Active, "the account was deactivated since", "Nothing need be done.")
	}
	c := u.base(f, plan.Deactivate)
	c.Phase, c.Missing, c.After = plan.Deactivations, true, f.after()
	c.Reason = fmt.Sprintf("run %d made it", u.Run.ID)
	u.grace(c.After)
	kept := "; kept for " + diff.GraceWords(u.D.Env.Policy.PurgeAfter) + ", then deleted"
	switch {
	case f.Kind == identity.Group:
		c.Reason += kept
	case !f.Now.Active:
		c.Reason += "; already inactive, grace period starts now"
	case u.D.Env.Target.Limits().DeactivateDestroys:
		c.Reason += "; deactivating would destroy the account here, so it is left as it is" + kept
	default:
		c.Fields = []plan.FieldDiff{{Name: schema.Active, Old: []string{"true"}, New: []string{"false"}}}
		if c.After != nil {
			c.After.Active = false
		}
	}
	if len(c.Fields) == 0 && c.After == nil {
		return nil, nil // nothing of it is remembered that could be put into grace
	}
	u.D.Header.Removals++
	u.counts(f.Kind, plan.Deactivate)
	return c, nil
}

// ruled returns the rule that leaves an account unchanged, "" for none.
func (u *Undoing) ruled(f *found) string {
	if f.Kind != identity.User {
		return ""
	}
	at, _ := policy.RuleFor(u.D.Env.Policy.Unmanaged, f.Now.ID, f.Now.Key, u.D.Env.Now())
	if at < 0 {
		return ""
	}
	rule := u.D.Env.Policy.Unmanaged[at]
	return rule.Name() + ": " + rule.Why()
}

// protectedNow returns the rule by which the account or group is out of reach, "" for none.
func (u *Undoing) protectedNow(f *found) string {
	key := f.Change.Key // for a membership, that of the group
	if f.Now != nil {
		key = f.Now.Key
	}
	rule, _ := u.D.Env.Protects(f.ID, key)
	return rule
}

// backGrace takes out of grace what the run put there without a write.
func (u *Undoing) backGrace(f *found) *plan.Change {
	if f.Owner == nil || f.Owner.State != identity.Grace {
		return nil
	}
	c := u.base(f, plan.Reactivate)
	c.After = f.after()
	live(c.After)
	c.Reason = fmt.Sprintf("run %d put it into grace", u.Run.ID)
	u.counts(f.Kind, plan.Reactivate)
	return c
}

// backFields restores values, key and activation.
func (u *Undoing) backFields(ctx context.Context, f *found, t turn) (*plan.Change, error) {
	c := u.base(f, plan.Update)
	c.After = f.after()
	drop := false
	for _, field := range f.Fields {
		d, err := u.restore(ctx, f, field, t, c.After)
		if err != nil {
			return nil, err
		}
		if d == nil {
			continue
		}
		c.Fields = append(c.Fields, *d)
		if d.Name == schema.ExternalID && c.After != nil && len(d.New) == 1 &&
			!strings.EqualFold(d.New[0], c.After.Anchor.GUID()) {
			drop = true
		}
	}
	if len(c.Fields) == 0 {
		return nil, nil
	}
	u.name(f, c, t)
	if drop {
		// The account carries another object's GUID again: the link that the run made in its place
		// would contradict it.
		if err := u.D.Work.Forget(ctx, c.After.Anchor); err != nil {
			return nil, err
		}
		c.After = nil
	}
	u.counts(f.Kind, c.Action)
	return c, nil
}

// name decides the action of a change of fields, and updates its shadow.
func (u *Undoing) name(f *found, c *plan.Change, t turn) {
	p := diff.Pair{Kind: f.Kind, Res: f.Now, How: workdb.ByLink}
	c.Action = diff.ActionOf(p, c.Fields)
	if k, ok := c.Field(stage.KeyField(f.Kind)); ok {
		c.Key, c.Wave, c.Via = k.New[0], t.wave, t.via
		if t.via != "" {
			c.Reason = fmt.Sprintf("as it was before run %d; through the temporary name %s, because two accounts swap names",
				u.Run.ID, t.via)
		}
	}
	if s := c.After; s != nil {
		s.Ignored = without(s.Ignored, c.Fields)
	}
	switch c.Action {
	case plan.Deactivate:
		c.Missing = true
		u.D.Header.Removals++
		u.grace(c.After)
		if len(c.Fields) == 1 {
			c.Phase = plan.Deactivations
		}
	case plan.Reactivate:
		if c.After != nil {
			live(c.After)
		}
	}
	if s := c.After; s != nil {
		if a, ok := c.Field(schema.Active); ok {
			s.Active = a.New[0] == "true"
		}
	}
}

// without leaves out what is remembered of values that are written again.
func without(ignored map[string]identity.Ignored, fields []plan.FieldDiff) map[string]identity.Ignored {
	var out map[string]identity.Ignored
	for name, ig := range ignored {
		if slices.ContainsFunc(fields, func(f plan.FieldDiff) bool { return f.Name == name }) {
			continue
		}
		if out == nil {
			out = map[string]identity.Ignored{}
		}
		out[name] = ig
	}
	return out
}

// state is how a field of an account compares with what a run did to it.
type state int

const (
	asLeft   state = iota // as the run left it
	asBefore              // as it was before the run
	changed               // changed since by another write
)

func (u *Undoing) stateOf(f effectField, now *identity.Resource) state {
	if f.Name == stage.KeyField(now.Kind) && len(f.Old) == 1 && now.Key == undoTemporaryKey(now.Kind, now.ID, f.Old[0]) {
		return asLeft // an undo of the run died while the account had its temporary key
	}
	norm := func(v []string) []string { return u.D.Env.Target.Normalize(f.Name, v) }
	have := norm(stage.AttributeOf(now, f.Name))
	switch {
	case stage.Same(f.Name, norm(f.Old), have):
		return asBefore
	case stage.Same(f.Name, norm(f.New), have), stage.Same(f.Name, norm(f.Shown), have):
		return asLeft
	}
	return changed
}

// restore returns the difference that gives one field its value from before the run, and sets the
// value in after as well.
func (u *Undoing) restore(ctx context.Context, f *found, field effectField, t turn,
	after *identity.Shadow) (*plan.FieldDiff, error) {
	if !u.D.Env.Target.Supports(field.Name) && field.Name != stage.KeyField(f.Kind) {
		return nil, u.left(ctx, f.Change, field.Name, "the cloud has no place for "+field.Name+" any more",
			"Nothing need be done.")
	}
	have := stage.AttributeOf(f.Now, field.Name)
	switch u.stateOf(field, f.Now) {
	case asBefore:
		return nil, nil
	case changed:
		return nil, u.left(ctx, f.Change, field.Name, fmt.Sprintf("%s changed since: the run left %s, and it is %s now",
			field.Name, stage.Quoted(field.New), stage.Quoted(have)),
			fmt.Sprintf("It is left unchanged. Before the run it was %s: set it by hand if that is right.",
				stage.Quoted(field.Old)))
	}
	d := &plan.FieldDiff{Name: field.Name, Old: have, New: u.D.Env.Target.Normalize(field.Name, field.Old)}
	switch {
	case field.Ref && len(d.New) > 0:
		return u.restoreRef(ctx, f, d, after)
	case field.Name == stage.KeyField(f.Kind) && t.blocked:
		return nil, u.left(ctx, f.Change, field.Name, fmt.Sprintf("the account %s has the name %s by now", t.holder,
			d.New[0]),
			"Rename or remove that account, and undo the run once more.")
	case field.Name == schema.Active && d.New[0] == "false" && f.Now.Admin == identity.Yes:
		return nil, diff.SpareAdmin(ctx, u.D, *f.Now)
	case field.Name == schema.Active && d.New[0] == "false" && u.ruled(f) != "":
		return nil, u.left(ctx, f.Change, field.Name, "a rule leaves it unchanged: "+u.ruled(f),
			"Take it out of [[unmanaged]] if it should go.")
	case field.Name == schema.Active && d.New[0] == "false" && u.D.Env.Target.Limits().DeactivateDestroys:
		return nil, u.left(ctx, f.Change, field.Name, "deactivating would destroy the account here",
			"If it should go, remove it in the cloud.")
	}
	if after != nil && field.Name != schema.Active {
		put(after.Applied, d.Name, d.New)
	}
	return d, nil
}

func put(attrs identity.Attrs, name string, values []string) {
	if len(values) == 0 {
		delete(attrs, name)
		return
	}
	attrs[name] = values
}

// restoreRef refers to an account by the anchor of its owner, and to an unlinked account by its id.
func (u *Undoing) restoreRef(ctx context.Context, f *found, d *plan.FieldDiff,
	after *identity.Shadow) (*plan.FieldDiff, error) {
	id := identity.ResourceID(d.New[0])
	ref := f.Refs[id]
	d.Ref = true
	switch {
	case !ref.There && ref.Anchor == "", !ref.There && !f.Removed, after == nil && ref.Anchor == "":
		return nil, u.left(ctx, f.Change, d.Name, fmt.Sprintf("the account %s that it referred to is not there any more",
			id), "The next synchronization sets it as the directory says.")
	case ref.Anchor != "":
		d.New = []string{string(ref.Anchor)}
	}
	if after != nil {
		delete(after.Applied, d.Name)
		if ref.There {
			after.Applied[d.Name] = []string{string(id)}
		}
	}
	return d, nil
}
