package apply

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/stage"
)

// recover looks at every write that was intended and never answered, because the
// process died or the answer was lost: a PATCH by its fields, a DELETE by the
// absence of its resource, a POST by looking its key up, repeated through the
// settling time. Nothing is written to the cloud.
func Recover(ctx context.Context, e *stage.Env) error {
	if other, err := e.OtherOrganization(ctx); other != nil || err != nil {
		return err // nothing is done then, and nothing of another cloud means anything
	}
	var open []port.Intent
	err := e.Store.Unanswered(ctx, func(i port.Intent) error {
		open = append(open, i)
		return nil
	})
	if err != nil || len(open) == 0 {
		return err
	}
	e.Meter.Phase(port.Recovering, int64(len(open)))
	for _, i := range open {
		if i.Damaged {
			if err := recoverDamaged(ctx, e, i); err != nil {
				return err
			}
			continue
		}
		o, err := whatBecame(ctx, e, i)
		if err != nil && maySkip(e, i, err) {
			if err := e.Store.Commit(ctx, unreadWrite(e, i, err)); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("look at an unfinished write (%s %s): %w", i.Change.Action, i.Change.Key, err)
		}
		if err := e.Store.Commit(ctx, recovered(e, i, o)); err != nil {
			return err
		}
		e.Meter.Add(1)
	}
	return nil
}

// maySkip says whether a run may go on although the cloud will not tell what became
// of a write. It may where it would be refused again (P8): the listing that follows
// shows the rest. It may not while the object could be there and not be listed yet,
// and be made a second time.
func maySkip(e *stage.Env, i port.Intent, err error) bool {
	var f *identity.Failure
	if !errors.As(err, &f) || f.Class != identity.GiveUp {
		return false
	}
	return i.Change.Action != plan.Add || !stage.Young(i.At, e.Now(), e.Target.Limits().Settling)
}

// unread is the batch that tells of an unfinished write that could not be looked at.
// It stays unanswered.
func unreadWrite(e *stage.Env, i port.Intent, err error) port.Batch {
	c := i.Change
	remedy := identity.Remedy(err)
	if remedy == "" {
		remedy = "See why the cloud does not show the account. Every run looks at it again."
	}
	b := port.Batch{Events: []record.Event{{Time: e.Now().UTC(), Run: i.Run, Level: record.Warn, Code: "not-recovered",
		Anchor: c.Anchor, Record: c.Key, Side: identity.InCloud, Remedy: remedy,
		Message: fmt.Sprintf("%s %s %s: it was never answered, and it cannot be looked at: %v", c.Action, c.Kind, c.Key,
			err)}}}
	if c.Anchor != "" {
		b.Dirty = map[identity.Anchor]string{c.Anchor: "unfinished write"}
	}
	return b
}

// recovered is the batch that closes an intent.
func recovered(e *stage.Env, i port.Intent, o record.Outcome) port.Batch {
	c := i.Change
	o.Seq = i.Seq
	b := port.Batch{Answers: []port.Answer{{Run: i.Run, Step: i.Step, Outcome: o, At: e.Now().UTC()}}}
	if c.Anchor != "" && c.Action != plan.Delete {
		// What was done may have been asked for by no directory: an undo, or a plan of
		// before another run. So it is looked at again either way.
		b.Dirty = map[identity.Anchor]string{c.Anchor: "unfinished write"}
	}
	done := o.State == record.WriteDone
	text, remedy := "was not done", "Nothing need be done: it is planned again."
	switch {
	case !done:
		if c.Anchor != "" {
			b.Dirty = map[identity.Anchor]string{c.Anchor: "unfinished write"}
		}
	case c.Action == plan.Delete:
		b.Forget = []identity.Anchor{c.Anchor}
	case c.After != nil && i.Step == stepMain:
		s := *c.After
		s.ID, s.Run = o.ID, i.Run
		if s.Linked.IsZero() {
			s.Linked = i.At
		}
		b.Shadows = []identity.Shadow{s}
	}
	if done {
		text, remedy = "had been done", "Nothing need be done."
		b.Values = map[string]string{stage.ValueState: stage.NewStateName()}
	}
	b.Events = []record.Event{{Time: e.Now().UTC(), Run: i.Run, Level: record.Warn, Code: "recovered", Anchor: c.Anchor,
		Record: c.Key, Side: identity.InCloud, Remedy: remedy,
		Message: fmt.Sprintf("%s %s %s: it was never answered; looked at in the cloud, it %s", c.Action, c.Kind, c.Key,
			text)}}
	return b
}

func whatBecame(ctx context.Context, e *stage.Env, i port.Intent) (record.Outcome, error) {
	c := i.Change
	not := record.Outcome{State: record.WriteNotSent, ID: c.ID}
	done := record.Outcome{State: record.WriteDone, ID: c.ID}
	switch {
	case c.Kind == identity.Member:
		in, err := e.Target.HasMember(ctx, c.ID, c.MemberID)
		if err != nil {
			return not, err
		}
		if in == (c.Action == plan.Add) {
			return done, nil
		}
		return not, nil
	case c.Action == plan.Add:
		return findAdded(ctx, e, i)
	}
	r, ok, err := e.Target.Get(ctx, c.Kind, c.ID)
	switch {
	case err != nil:
		return not, err
	case c.Action == plan.Delete && !ok:
		return done, nil
	case c.Action == plan.Delete || !ok:
		return not, nil
	}
	// A PATCH is done whole or not at all (RFC 7644 section 3.5.2): one field that came to
	// have its new value tells of all, whatever somebody made of the others since.
	all, some := true, false
	for _, f := range c.Fields {
		have := e.Target.Normalize(f.Name, stage.AttributeOf(&r, f.Name))
		isNew := stage.Same(f.Name, f.New, have)
		all = all && isNew
		some = some || isNew && !stage.Same(f.Name, f.New, e.Target.Normalize(f.Name, f.Old))
	}
	if all || some {
		return done, nil
	}
	return not, nil
}

// settledAt is when what an intent made is listed for certain.
func settledAt(e *stage.Env, i port.Intent) time.Time {
	settling := e.Target.Limits().Settling
	until := i.At.Add(settling)
	if latest := e.Now().Add(settling); until.After(latest) {
		until = latest // the clock was set back since
	}
	return until
}

// findAdded looks a created resource up by key. One that is not there may only not
// be listed yet, so it is asked for until the settling time since the POST is over.
func findAdded(ctx context.Context, e *stage.Env, i port.Intent) (record.Outcome, error) {
	until := settledAt(e, i)
	for wait := 500 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		found, err := e.Target.Find(ctx, i.Change.Kind, i.Change.Key)
		if err != nil {
			return record.Outcome{}, err
		}
		for _, r := range found {
			if e.Target.Limits().Anchorless || strings.EqualFold(r.ExternalID, i.Change.Anchor.GUID()) {
				return record.Outcome{State: record.WriteDone, ID: r.ID, Version: r.Version}, nil
			}
		}
		if !e.Now().Before(until) {
			return record.Outcome{State: record.WriteNotSent}, nil
		}
		select {
		case <-ctx.Done():
			return record.Outcome{}, ctx.Err()
		case <-time.After(wait):
		}
	}
}
