package undo

import (
	"context"
	"fmt"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/queue"
	"dirbridge/sync/record"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// effect is everything that a run did to one object, or to one membership, combined.
type effect struct {
	Kind      identity.Kind
	ID        identity.ResourceID // of the group, for a membership
	Member    identity.ResourceID
	Change    plan.Change // the last one written, which identifies the object
	Added     bool
	Removed   bool
	Unwritten bool // put into grace, which only the state knows
	Fields    []effectField
}

// effectField is one field before the run and after it.
type effectField struct {
	Name  string
	Old   []string
	New   []string // as it was written
	Shown []string // as the cloud answered, if it did
	Ref   bool
}

func (e *effect) field(name string) *effectField {
	for i := range e.Fields {
		if e.Fields[i].Name == name {
			return &e.Fields[i]
		}
	}
	return nil
}

// undoStep is one completed write in the journal.
type undoStep struct {
	Change plan.Change
	After  identity.Attrs // from the answer; nil if it showed nothing
}

// ReadJournal spools what the run is known to have written. It lists writes that were refused, or
// whose outcome is unknown.
func (u *Undoing) ReadJournal(ctx context.Context) error {
	if err := u.D.Work.BeginUndo(ctx); err != nil {
		return err
	}
	ord := 0
	err := u.D.Env.Store.Journal(ctx, u.Run.ID, func(i port.Intent) error {
		ord++
		switch {
		case i.Damaged:
			return u.damagedJournal(ctx, i)
		case i.Answer == nil || i.Answer.Outcome.State == record.WriteUnknown:
			u.open++
			return u.left(ctx, i.Change, "", "it was never answered, so its result is unknown",
				fmt.Sprintf("The next run that writes looks at what became of it: after that, undo run %d once more.", u.Run.ID))
		case i.Answer.Outcome.State == record.WriteFailed:
			return u.left(ctx, i.Change, i.Answer.Outcome.Field,
				"it failed in that run, so that there is nothing to take back", "Nothing need be done.")
		case i.Answer.Outcome.State != record.WriteDone:
			return nil
		case i.Change.Action == plan.Delete && i.Answer.Outcome.Gone():
			return u.left(ctx, i.Change, "",
				"it was gone from the cloud already when the run came to delete it, so that there is nothing to take back",
				"If it should be there, bring its object back into the directory, or make it in the cloud.")
		case i.Answer.Outcome.Linked:
			u.adopted++
			return nil
		}
		s := undoStep{Change: i.Change, After: i.Answer.Outcome.After}
		if s.Change.ID == "" {
			s.Change.ID = i.Answer.Outcome.ID
		}
		of := workdb.Written{Kind: s.Change.Kind, ID: s.Change.ID, Member: s.Change.MemberID}
		return u.D.Work.AddStep(ctx, of, ord, workdb.Encode(s))
	})
	if err != nil {
		return err
	}
	return u.D.Work.IndexSteps(ctx)
}

// left lists what is not undone, and why.
func (u *Undoing) left(ctx context.Context, c plan.Change, field, why, remedy string) error {
	kind, who := c.Kind, c.Key
	if kind == identity.Member {
		kind, who = identity.Group, c.MemberKey+" in "+c.Key
	}
	dn := c.DN
	if dn == "" {
		dn = who
	}
	return u.D.Work.Problem(ctx, kind, identity.Problem{Anchor: c.Anchor, DN: dn, Attribute: field, Side: identity.InCloud,
		Message: fmt.Sprintf("Not undone: %s %s %s: %s.", c.Action, c.Kind, who, why), Remedy: remedy})
}

// Fold combines all writes to one object into one effect.
func (u *Undoing) Fold(ctx context.Context) error {
	var at *effect
	flush := func() error {
		if at == nil || !at.Added && !at.Removed && len(at.Fields) == 0 {
			return nil
		}
		u.changed++
		return u.putEffect(ctx, at)
	}
	err := u.D.Work.EachStep(ctx, func(step string) error {
		var s undoStep
		if err := workdb.Decode(step, &s); err != nil {
			return err
		}
		c := s.Change
		if at == nil || at.Kind != c.Kind || at.ID != c.ID || at.Member != c.MemberID {
			if err := flush(); err != nil {
				return err
			}
			at = &effect{Kind: c.Kind, ID: c.ID, Member: c.MemberID}
		}
		at.add(s)
		for _, f := range c.Fields {
			u.Fields[f.Name] = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	return flush()
}

func (u *Undoing) putEffect(ctx context.Context, e *effect) error {
	return u.D.Work.AddEffect(ctx, workdb.Effect{Written: e.written(), Added: e.Added, Removed: e.Removed,
		Encoded: workdb.Encode(e)})
}

func (e *effect) written() workdb.Written {
	return workdb.Written{Kind: e.Kind, ID: e.ID, Member: e.Member}
}

// add adds one more write: the first old value and the last new one count.
func (e *effect) add(s undoStep) {
	c := s.Change
	switch {
	case c.Action == plan.Add:
		e.Added, e.Removed = !e.Removed, false
	case c.Action == plan.Delete, c.Action == plan.Remove:
		e.Added, e.Removed = false, !e.Added
	}
	for _, f := range c.Fields {
		shown := f.New
		if s.After != nil {
			shown = s.After[f.Name]
		}
		have := e.field(f.Name)
		if have == nil {
			e.Fields = append(e.Fields, effectField{Name: f.Name, Old: f.Old, Ref: f.Ref})
			have = &e.Fields[len(e.Fields)-1]
		}
		have.New, have.Shown = f.New, shown
	}
	if !e.Added && !e.Removed {
		kept := e.Fields[:0]
		for _, f := range e.Fields {
			if !stage.Same(f.Name, f.Old, f.New) {
				kept = append(kept, f)
			}
		}
		e.Fields = kept
	}
	e.Change = c
	e.Change.Fields, e.Change.After = nil, nil
}

// ReadGrace adds the objects that the run put into grace without a write: groups, and people where
// deactivating would destroy the account.
func (u *Undoing) ReadGrace(ctx context.Context) error {
	return u.D.Env.Store.Rest(ctx, func(s identity.Shadow) error {
		if s.Run != u.Run.ID || s.State != identity.Grace || !s.ByUs || s.ID == "" {
			return nil
		}
		written, err := u.D.Work.HasEffect(ctx, s.Kind, s.ID)
		if err != nil || written {
			return err
		}
		u.changed++
		c := plan.Change{Kind: s.Kind, Action: plan.Deactivate, Anchor: s.Anchor, ID: s.ID, DN: s.DN, Key: queue.KeyOf(s)}
		return u.putEffect(ctx, &effect{Kind: s.Kind, ID: s.ID, Change: c, Unwritten: true})
	})
}

// damagedJournal lists a write whose journal row is damaged, of a run that is undone.
func (u *Undoing) damagedJournal(ctx context.Context, i port.Intent) error {
	c := i.Change
	if c.Action == "" {
		c = plan.Change{Action: "write", Kind: "of row", Key: fmt.Sprint(i.Seq)}
	}
	return u.left(ctx, c, "", "its row in the journal is damaged, so that what it did is not known",
		"See in the cloud what it holds; a full run brings it in step with the directory.")
}
