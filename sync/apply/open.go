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

// prove reads the accounts again whose deactivation an answer did not show, a few at a
// time, and puts what they show into the outcomes. One that cannot be read now is
// believed: the next full run lists it.
func (a *applier) prove(ctx context.Context, sent map[int64]plan.Change, outcomes []record.Outcome) {
	ctx = context.WithoutCancel(ctx) // what was sent is answered, also where the run ends
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
				return // gone is inactive enough
			}
			o.State = stateSeen(sent[o.Seq], r, o)
		})
	}
	wg.Wait()
}

// stateSeen is what the account, read again, makes of an outcome.
func stateSeen(c plan.Change, r identity.Resource, o *record.Outcome) record.WriteState {
	if !r.Active {
		return record.WriteDone
	}
	return staysOpen(c, r.Stateless, o)
}

// staysOpen makes an outcome say that the account is still active. An account that was
// made is made: it is the next run's to deactivate.
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

// openTries is how many runs in a row write a deactivation that the cloud does not keep,
// before runs of changes alone leave the writing to full runs.
const openTries = 4

// leftOpen is the outcome of a deactivation that the cloud did not keep in the runs before,
// and that this run does not write once more: the account was active when the run looked.
// It fails as before, so that the run and the status stay red. nil: it is written.
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

// notShown is what is said of a cloud that shows nothing of the state of an account.
const notShown = "does not show whether the account is active"

// weigh looks at an outcome that shows the account. It is true for one that the answer
// does not show: the account is then read again.
func weigh(sent plan.Change, o *record.Outcome) (look bool) {
	if unproven(sent, *o) {
		return true
	}
	if o.State == record.WriteDone && stage.Deactivates(sent) && o.After[schema.Active][0] != "false" {
		o.State = staysOpen(sent, false, o)
	}
	return false
}

// open remembers an account that stays active: its shadow says so, without a fingerprint, so
// that every full run comes back to it. A purge never takes it.
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

// openAdded tells of an account that was made for a disabled person, and is active.
func (a *applier) openAdded(c plan.Change, o record.Outcome) {
	a.run.Failed++
	a.dirty(c, o.Message)
	a.event(record.Error, codeOf(o), c, o)
	a.missed(c, o)
}
