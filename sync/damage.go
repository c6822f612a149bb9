package sync

import (
	"context"
	"errors"
	"fmt"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/stage"
)

// The store detects rows that differ from what was written: a bit flipped on disk or in memory. At
// best the link of such a row is left. That alone would be wrong in an incremental run, which would
// not miss an object that it does not remember, and in the middle of a plan, which knew the object
// when it began. So a plan that met damage is discarded, and everything is read again on both
// sides.

// errDamagedState ends a plan that met damaged records.
var errDamagedState = errors.New("records of the state are damaged")

// maxDamageTold is how many damaged records are reported by name.
const maxDamageTold = 50

// stillUndamaged ends the plan if the store has met damage since the plan began.
func stillUndamaged(ctx context.Context, d *stage.Draft) error {
	now, err := d.Env.Store.Damaged(ctx, false)
	if err == nil && now.Len() > d.Damage {
		return errDamagedState
	}
	return err
}

// leaveOut finds everything that is damaged, so that the next plan knows it from the beginning. If
// the plan has a run, it also removes it from the state and reports it.
func leaveOut(ctx context.Context, e *stage.Env, req Request) (port.Damage, error) {
	damage, err := e.Store.Damaged(ctx, true)
	if err == nil && req.leads {
		err = takeOut(ctx, e, damage, req.run)
	}
	return damage, err
}

// takeOut reduces the damaged records in the state to what is left of them, and reports that. Until
// a full run succeeds every run is a full one: what was removed may have been the only trace of a
// leaver.
func takeOut(ctx context.Context, e *stage.Env, damage port.Damage, run int64) error {
	if damage.Len() == 0 {
		return nil
	}
	b := port.Batch{Values: map[string]string{}}
	for _, name := range damage.Values {
		b.Values[name] = ""
	}
	b.Values[facts.DamagedValue] = damage.Text()
	const remedy = "Nothing to do in Dirbridge: everything is read again on both sides. Check the disk and the " +
		"memory of this machine."
	tell := func(anchor identity.Anchor, message string) {
		if len(b.Events) < maxDamageTold {
			b.Events = append(b.Events, record.Event{Time: e.Now().UTC(), Run: run, Level: record.Warn, Code: "state-damaged",
				Anchor: anchor, Message: message, Remedy: remedy})
		}
	}
	for _, s := range damage.Shadows {
		is := "What the state remembered of " + string(s.Anchor) + " is damaged (its checksum does not fit)"
		if s.Left == nil {
			b.Forget = append(b.Forget, s.Anchor)
			tell(s.Anchor, is+". It was left out.")
			continue
		}
		b.Shadows = append(b.Shadows, *s.Left)
		tell(s.Anchor, is+". The owner of its account was still readable.")
	}
	for _, name := range damage.Values {
		tell("", "The value "+name+" of the state is damaged (its checksum does not fit). It was left out.")
	}
	if more := damage.Len() - len(b.Events); more > 0 {
		b.Events = append(b.Events, record.Event{Time: e.Now().UTC(), Run: run, Level: record.Warn, Code: "state-damaged",
			Remedy:  remedy,
			Message: fmt.Sprintf("%d more records of the state are damaged.", more)})
	}
	return e.Store.Commit(ctx, b)
}

// tidy removes damage that was met outside of a plan: by other queries to the store before this
// run, or by a plan that does not read everything.
func tidy(ctx context.Context, e *stage.Env, run int64) error {
	damage, err := e.Store.Damaged(ctx, false)
	if err != nil || damage.Len() == 0 {
		return err
	}
	return takeOut(ctx, e, damage, run)
}
