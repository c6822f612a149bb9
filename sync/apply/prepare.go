package apply

import (
	"context"
	"slices"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/sync/stage"
)

// prepare makes a change ready to send. If there is nothing to send, it returns the outcome
// instead.
func (a *applier) prepare(ctx context.Context, c plan.Change, step int, current *reality) (plan.Change,
	*record.Outcome, error) {
	done := &record.Outcome{Seq: c.Seq, State: record.WriteDone, ID: c.ID}
	switch {
	case a.stuck[c.Seq] != "" && step == stepMain:
		return c, &record.Outcome{Seq: c.Seq, State: record.WriteFailed, ID: c.ID, Field: stage.KeyField(c.Kind),
			Message: "its temporary name could not be written: " + a.stuck[c.Seq], Remedy: "The next run tries again."}, nil
	case step == stepVia:
		return a.prepareTemporaryKey(c, current)
	case step == stepBack, step == stepOn:
		f, _ := c.Field(stage.KeyField(c.Kind))
		key := f.Old
		if step == stepOn {
			key = f.New
		}
		c.Action, c.Fields = plan.Rename, []plan.FieldDiff{{Name: f.Name, Old: []string{c.Via}, New: key}}
		return c, nil, nil
	case step == stepRefs:
		return a.prepareRefs(ctx, c)
	case current != nil:
		if o := current.narrow(a, &c); o != nil {
			return c, o, nil
		}
	}
	if o, err := a.wantsKey(ctx, &c); o != nil || err != nil {
		return c, o, err
	}
	if c.Action == plan.Match || (c.Action == plan.Deactivate || c.Action == plan.Reactivate) && len(c.Fields) == 0 {
		return c, done, nil // the object is in the state only
	}
	if _, aside := a.atTemporaryKey[c.Seq]; aside {
		c.Fields = slices.Clone(c.Fields)
		for i := range c.Fields {
			if c.Fields[i].Name == stage.KeyField(c.Kind) {
				c.Fields[i].Old = []string{c.Via}
			}
		}
	}
	if c.Kind == identity.Member {
		return a.prepareMember(ctx, c)
	}
	late, err := a.resolve(ctx, &c)
	if err != nil {
		return c, nil, err
	}
	if late {
		a.deferred = append(a.deferred, c.Seq)
		a.late[c.Seq] = true
		if len(c.Fields) == 0 {
			a.whole[c.Seq] = true
			return c, &record.Outcome{Seq: c.Seq, State: record.WriteNotSent}, nil
		}
	}
	return c, nil, nil
}

// prepareTemporaryKey makes the write of a temporary key. There is nothing to send for an account that
// already has it, or that changed since a saved plan was made; the main step reports that.
func (a *applier) prepareTemporaryKey(c plan.Change, current *reality) (plan.Change, *record.Outcome, error) {
	none := &record.Outcome{Seq: c.Seq}
	old, ok := c.Field(stage.KeyField(c.Kind))
	if !ok || c.ID == "" {
		return c, none, nil
	}
	if current != nil {
		judged := c
		if o := current.narrow(a, &judged); o != nil {
			return c, none, nil
		}
		if now := current.account[c.ID]; slices.Equal(now.Attrs[old.Name], []string{c.Via}) {
			a.atTemporaryKey[c.Seq] = c
			return c, none, nil
		}
	}
	c.Action, c.Fields = plan.Rename, []plan.FieldDiff{{Name: old.Name, Old: old.Old, New: []string{c.Via}}}
	return c, nil, nil
}

// resolve turns references into ids, and removes those that have none yet.
func (a *applier) resolve(ctx context.Context, c *plan.Change) (late bool, err error) {
	var fields []plan.FieldDiff
	for _, f := range c.Fields {
		if f.Ref && len(f.New) > 0 {
			id, err := a.refOf(ctx, c, f)
			if err != nil {
				return false, err
			}
			if id == "" {
				late = true
				continue
			}
			f.New = []string{string(id)}
		}
		fields = append(fields, f)
	}
	c.Fields = fields
	return late, nil
}

// idOf returns the account that the state has for an anchor.
func (a *applier) idOf(ctx context.Context, anchor identity.Anchor) (identity.ResourceID, error) {
	s, ok, err := a.env.Store.Shadow(ctx, anchor)
	if err != nil || !ok {
		return "", err
	}
	return s.ID, nil
}

// madeID returns the account of an anchor that had none when the plan was made. An account that the
// state already knew then does not count: it was gone, and the plan adds it again.
func (a *applier) madeID(ctx context.Context, anchor identity.Anchor) (identity.ResourceID, error) {
	s, ok, err := a.env.Store.Shadow(ctx, anchor)
	if err != nil || !ok || s.Run != a.run.ID {
		return "", err
	}
	return s.ID, nil
}

// refOf returns the account that a field refers to, "" if it does not exist yet.
func (a *applier) refOf(ctx context.Context, c *plan.Change, f plan.FieldDiff) (identity.ResourceID, error) {
	if a.header.Mode == record.Undo && c.After != nil && len(c.After.Applied[f.Name]) > 0 {
		return identity.ResourceID(c.After.Applied.First(f.Name)), nil // as in the journal
	}
	if c.After != nil && len(c.After.Applied[f.Name]) == 0 {
		return a.madeID(ctx, identity.Anchor(f.New[0]))
	}
	if c.After == nil || a.behind {
		id, err := a.idOf(ctx, identity.Anchor(f.New[0]))
		if id == "" && c.After != nil {
			id = identity.ResourceID(c.After.Applied.First(f.Name)) // as linked when planned
		}
		return id, err
	}
	// This plan may link the account to the person; the state then has no link yet, or still has
	// the previous one.
	return identity.ResourceID(c.After.Applied.First(f.Name)), nil
}

func (a *applier) prepareRefs(ctx context.Context, c plan.Change) (plan.Change, *record.Outcome, error) {
	id := c.ID
	if id == "" {
		var err error
		if id, err = a.madeID(ctx, c.Anchor); err != nil {
			return c, nil, err
		}
	}
	var fields []plan.FieldDiff
	missing, waits := "", false
	for _, f := range c.Fields {
		if !f.Ref || len(f.New) == 0 {
			continue
		}
		to, err := a.refOf(ctx, &c, f)
		if err != nil {
			return c, nil, err
		}
		if to == "" {
			missing, waits = f.Name, !a.how.Part.Whole() && !a.failed[identity.Anchor(f.New[0])]
			continue
		}
		f.New = []string{string(to)}
		fields = append(fields, f)
	}
	switch {
	case id == "":
		return c, &record.Outcome{Seq: c.Seq, State: record.WriteSkipped, Message: "its account was not created",
			Remedy: "See why it failed; the next run tries again."}, nil
	case waits && len(fields) == 0:
		return c, &record.Outcome{Seq: c.Seq, State: record.WriteLeftOut, ID: id,
			Message: "the reference is set by a later run"}, nil
	case missing != "" && len(fields) == 0:
		return c, &record.Outcome{Seq: c.Seq, State: record.WriteSkipped, Field: missing,
			Message: "the account that " + missing +
				" refers to was not created", Remedy: "See why that account failed; the next run sets the reference."}, nil
	}
	c.ID, c.Action, c.Fields = id, plan.Update, fields
	return c, nil, nil
}

func (a *applier) prepareMember(ctx context.Context, c plan.Change) (plan.Change, *record.Outcome, error) {
	var err error
	if c.ID == "" {
		if c.ID, err = a.madeID(ctx, c.Anchor); err != nil {
			return c, nil, err
		}
	}
	if c.MemberID == "" {
		if c.MemberID, err = a.madeID(ctx, c.Member); err != nil {
			return c, nil, err
		}
	}
	lacks := func(what string, anchor identity.Anchor) (plan.Change, *record.Outcome, error) {
		return c, &record.Outcome{Seq: c.Seq, State: record.WriteSkipped, Message: "the account of the " + what + " " +
			a.lacking(anchor),
			Remedy: "The next run adds the membership, once the account exists."}, nil
	}
	switch {
	case c.ID == "":
		return lacks("group", c.Anchor)
	case c.MemberID == "":
		return lacks("member", c.Member)
	}
	return c, nil, nil
}
