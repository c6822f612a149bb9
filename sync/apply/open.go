package apply

import (
	"context"
	"strings"
	stdsync "sync"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
)

// unproven says whether an outcome claims a deactivation without showing the account.
func unproven(sent plan.Change, o record.Outcome) bool {
	return o.State == record.WriteDone && stage.Deactivates(sent) && len(o.After[schema.Active]) == 0
}

// readBackUnproven reads again the accounts whose deactivation an answer did not show, a few at a time, and
// adds what it finds to the outcomes. If an account cannot be read now, its answer is accepted: the
// next full run lists the account.
func (a *applier) readBackUnproven(ctx context.Context, sent map[int64]plan.Change, outcomes []record.Outcome) {
	ctx = context.WithoutCancel(ctx) // a change that was sent gets its answer even if the run ends
	var wg stdsync.WaitGroup
	slots := make(chan struct{}, stage.Lookers)
	for i := range outcomes {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			o := &outcomes[i]
			id := o.ID
			if id == "" {
				id = sent[o.Seq].ID
			}
			r, ok, err := a.env.Target.Get(ctx, identity.User, id)
			if err != nil || !ok {
				return // an account that is gone is inactive
			}
			o.State = stateSeen(sent[o.Seq], r, o)
		})
	}
	wg.Wait()
}

// stateSeen updates an outcome with the state of the account that was read again.
func stateSeen(c plan.Change, r identity.Resource, o *record.Outcome) record.WriteState {
	if !r.Active {
		return record.WriteDone
	}
	return staysOpen(c, r.Stateless, o)
}

// staysOpen turns an outcome into one that says that the account is still active. An account that
// was added stays added; the next run deactivates it.
func staysOpen(c plan.Change, stateless bool, o *record.Outcome) record.WriteState {
	o.Field, o.Class = schema.Active, identity.GiveUp
	o.Open = true
	o.Message = "the cloud answered that it was done, and the account is still active"
	if stateless {
		o.Message = "the cloud answered that it was done, and " + notShown
	}
	o.Remedy = "Deactivate the account in the cloud by hand, and ask its provider why it does not keep active. Full " +
		"runs try again."
	if c.Action == plan.Add {
		return record.WriteDone
	}
	return record.WriteFailed
}

// openTries is how many runs in a row write a deactivation that the cloud does not keep. After that
// incremental runs leave it to full runs.
const openTries = 4

// leftOpen returns the outcome of a deactivation that the cloud did not keep in earlier runs, and
// that this run does not write again: the account was active when the run read it. It fails as
// before, so that the run and the status stay red. nil means that the change is written.
func (a *applier) leftOpen(ctx context.Context, c plan.Change, step int) (*record.Outcome, error) {
	if step != stepMain || a.header.Mode != record.Incremental || a.stale || len(c.Fields) != 1 || !stage.StayedOpen(c) {
		return nil, nil
	}
	subject := subjectOf(c)
	known, err := a.env.Store.FailingOf(ctx, []record.Subject{subject})
	if f := known[subject]; err != nil || f.Field != schema.Active || f.Runs < openTries {
		return nil, err
	}
	o := &record.Outcome{Seq: c.Seq, ID: c.ID}
	o.State = staysOpen(c, strings.Contains(known[subject].Message, notShown), o)
	return o, nil
}

// notShown is the message for a cloud that does not show the state of an account.
const notShown = "does not show whether the account is active"

// checkShown checks the account that an outcome shows. look is true if the answer does not show it and
// the account must be read again.
func checkShown(sent plan.Change, o *record.Outcome) (look bool) {
	if unproven(sent, *o) {
		return true
	}
	if o.State == record.WriteDone && stage.Deactivates(sent) && o.After[schema.Active][0] != "false" {
		o.State = staysOpen(sent, false, o)
	}
	return false
}

// open stores an account that stays active: its shadow says so and has no fingerprint, so every
// full run checks it again. A purge never takes it.
func (a *applier) open(full, sent plan.Change, o record.Outcome) {
	if full.After == nil {
		return
	}
	s := *full.After
	a.stamp(&s)
	s.Active, s.ByUs, s.Fingerprint = true, false, identity.Fingerprint{}
	if o.ID != "" {
		s.ID = o.ID
	} else if sent.ID != "" {
		s.ID = sent.ID
	}
	ignored := map[string]identity.Ignored{}
	for name, ig := range s.Ignored {
		ignored[name] = ig
	}
	ignored[schema.Active] = identity.Ignored{Wanted: []string{"false"}, Got: []string{"true"}, Sure: true}
	s.Ignored = ignored
	a.pending.Shadows = append(a.pending.Shadows, s)
}

// openAdded reports an account that was added for a disabled person and is active.
func (a *applier) openAdded(c plan.Change, o record.Outcome) {
	a.run.Failed++
	a.dirty(c, o.Message)
	a.event(record.Error, codeOf(o), c, o)
	a.missed(c, o)
}
