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

// Recover checks every write that was intended and never answered, because the process died or the
// answer was lost: a PATCH by its fields, a DELETE by the absence of its resource, a POST by a
// search for its key that is repeated until the settling time is over. It writes nothing to the
// cloud.
func Recover(ctx context.Context, e *stage.Env) error {
	if other, err := e.OtherOrganization(ctx); other != nil || err != nil {
		return err // then nothing is done: the state means nothing in another cloud
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
	crashed := tallies{}
	for _, i := range open {
		if i.Damaged {
			if err := recoverDamaged(ctx, e, i); err != nil {
				return err
			}
			continue
		}
		o, err := outcomeOf(ctx, e, i)
		if err != nil && maySkip(e, i, err) {
			if err := e.Store.Commit(ctx, unreadWrite(e, i, err)); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("look at an unfinished write (%s %s): %w", i.Change.Action, i.Change.Key, err)
		}
		b := recovered(e, i, o)
		if b.Runs, err = crashed.add(ctx, e.Store, i, o); err != nil {
			return err
		}
		if err := e.Store.Commit(ctx, b); err != nil {
			return err
		}
		e.Meter.Add(1)
	}
	return nil
}

// maySkip says whether a run may continue although the cloud does not reveal what became of a
// write. It may if the cloud would refuse the read again (P8): the listing that follows shows the
// rest. It may not while the object could exist without being listed yet, because the run could
// then add it a second time.
func maySkip(e *stage.Env, i port.Intent, err error) bool {
	var f *identity.Failure
	if !errors.As(err, &f) || f.Class != identity.GiveUp {
		return false
	}
	return i.Change.Action != plan.Add || !stage.Young(i.At, e.Now(), e.Target.Limits().Settling)
}

// unreadWrite returns the batch that reports an unfinished write that could not be checked. The
// write stays unanswered.
func unreadWrite(e *stage.Env, i port.Intent, err error) port.Batch {
	c := i.Change
	remedy := identity.Remedy(err)
	if remedy == "" {
		remedy = "See why the cloud does not show the account. Every run looks at it again."
	}
	b := port.Batch{Events: []record.Event{{Time: e.Now().UTC(), Run: i.Run, Level: record.Warn, Code: "not-recovered",
		Anchor: c.Anchor, Record: c.Key, Side: identity.InCloud, Remedy: remedy,
		Message: fmt.Sprintf("%s %s %s: the write was not answered, and the cloud cannot be checked: %v", c.Action,
			c.Kind, c.Key, err)}}}
	if c.Anchor != "" {
		b.Dirty = map[identity.Anchor]string{c.Anchor: "unfinished write"}
	}
	return b
}

// recovered returns the batch that closes an intent.
func recovered(e *stage.Env, i port.Intent, o record.Outcome) port.Batch {
	c := i.Change
	o.Seq = i.Seq
	b := port.Batch{Answers: []port.Answer{{Run: i.Run, Step: i.Step, Outcome: o, At: e.Now().UTC()}}}
	if c.Anchor != "" && c.Action != plan.Delete {
		// The write may not reflect the directory: it may come from an undo, or from a plan made
		// before another run. So the next run checks the object either way.
		b.Dirty = map[identity.Anchor]string{c.Anchor: "unfinished write"}
	}
	done := o.State == record.WriteDone
	text, remedy := "was not written", "Nothing to do: it is planned again."
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
		text, remedy = "was written", "Nothing to do."
		b.Values = map[string]string{stage.ValueState: stage.NewStateName()}
	}
	b.Events = []record.Event{{Time: e.Now().UTC(), Run: i.Run, Level: record.Warn, Code: "recovered", Anchor: c.Anchor,
		Record: c.Key, Side: identity.InCloud, Remedy: remedy,
		Message: fmt.Sprintf("%s %s %s: the write was not answered; a check in the cloud shows that it %s", c.Action,
			c.Kind, c.Key, text)}}
	return b
}

func outcomeOf(ctx context.Context, e *stage.Env, i port.Intent) (record.Outcome, error) {
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
	// A PATCH is applied completely or not at all (RFC 7644 section 3.5.2): one field with its new
	// value proves the whole write, even if others were edited since.
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

// settledAt is when an object that an intent created is certain to be listed.
func settledAt(e *stage.Env, i port.Intent) time.Time {
	settling := e.Target.Limits().Settling
	until := i.At.Add(settling)
	if latest := e.Now().Add(settling); until.After(latest) {
		until = latest // the clock was set back since
	}
	return until
}

// findAdded looks up a created resource by its key. A resource that is not found may not be listed
// yet, so the search is repeated until the settling time after the POST is over.
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
