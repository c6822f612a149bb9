package control

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// Withheld is one record of which nothing is written until an operator confirms it.
type Withheld = plan.Withheld

// Withholding is about the records that wait for an operator's confirmation. Those of a plan are in
// Plan.Withheld, Plan.WithheldCount and Plan.WithheldWindow.
type Withholding interface {
	// Withheld lists the records that the last run withheld.
	Withheld(ctx context.Context) ([]Withheld, error)
	// Confirm lets one withheld record go on, once: exactly this pair of person and account, and
	// only while both sides are as they are shown in w. It writes nothing to the cloud; the next
	// run does. It is refused during a run, here or in another process, because that run would not
	// see it.
	Confirm(ctx context.Context, w Withheld) error
}

func (l *Local) Withheld(ctx context.Context) ([]Withheld, error) {
	list := []Withheld{}
	return list, facts.ReadValue(ctx, l.opt.Store, facts.WithheldValue, &list)
}

func (l *Local) Confirm(ctx context.Context, w Withheld) error {
	shown := w
	if shown.Seal(); shown.Fingerprint != w.Fingerprint || w.Person.Anchor == "" || w.Account.ID == "" {
		return errors.New("what is to be confirmed is no withheld record")
	}
	if err := l.quiet(ctx); err != nil {
		return err
	}
	now := time.Now().UTC().Truncate(time.Second)
	c := facts.Confirmation{Rule: w.Rule, ID: w.Account.ID, Fingerprint: w.Fingerprint, By: l.opt.Operator, At: now}
	text, err := facts.TextOf(c)
	if err != nil {
		return err
	}
	said := fmt.Sprintf("%s confirmed %s: [%s] may be linked to the account %s (%s).", by(c.By), w.Rule, w.Person.DN,
		w.Account.Key, w.Account.ID)
	return l.opt.Store.Commit(ctx, port.Batch{
		Values: map[string]string{facts.ConfirmationValue(w.Person.Anchor): text},
		// The next run checks the person, whatever changed.
		Dirty: map[identity.Anchor]string{w.Person.Anchor: "an operator confirmed it"},
		Events: []record.Event{{Time: now, Level: record.Warn, Code: "confirmed", Anchor: w.Person.Anchor,
			Record: w.Person.Key, Message: said}},
	})
}
