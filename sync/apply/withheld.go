package apply

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/stage"
)

// keepConfirmations removes from a plan's values those whose record could not be written: the
// operator's confirmation stays valid for the next run.
func (a *applier) keepConfirmations(values map[string]string) {
	for name := range values {
		if anchor, ok := strings.CutPrefix(name, facts.ConfirmationPrefix); ok &&
			(a.failed[identity.Anchor(anchor)] || a.run.LeftOut > 0) {
			delete(values, name)
		}
	}
}

// privilegedNow skips changes of a saved plan that became out of reach since: accounts whose
// current name is protected, and accounts that would be withheld now because they got an
// administrative role and would be linked for the first time or get another key. The next run
// withholds them, showing both sides. Changes that an operator confirmed go on.
func (a *applier) privilegedNow(c *plan.Change, now *identity.Resource) *record.Outcome {
	if rule, yes := a.env.Protects(now.ID, now.Key); yes {
		return &record.Outcome{Seq: c.Seq, State: record.WriteSkipped, ID: c.ID, Field: stage.KeyField(c.Kind),
			Message: "it is protected now, by " + rule + " in policy.protected", Remedy: "Nothing to do."}
	}
	if c.Kind != identity.User || !now.Privileged() || a.confirmed[c.Anchor] || a.header.Mode == record.Undo {
		return nil
	}
	f, renames := c.Field(stage.KeyField(c.Kind))
	renames = renames && now.Admin == identity.Yes && len(f.New) > 0 &&
		identity.Fold(f.New[0]) != identity.Fold(now.Key) &&
		a.env.Policy.GuardsOf(c.Anchor.Directory()).Administrators.Exceeded(1, 1)
	links := !c.Missing && c.After != nil && c.After.Run == 0 // an existing link has its run
	if !renames && !links {
		return nil
	}
	return &record.Outcome{Seq: c.Seq, State: record.WriteSkipped, ID: c.ID, Field: "roles",
		Message: "the account has an administrative role now", Remedy: "The next dry run shows both sides, and how to " +
			"confirm the link."}
}

// loadConfirmed reads which records the operator confirmed when the plan was made.
func (a *applier) loadConfirmed(ctx context.Context) error {
	a.confirmed = map[identity.Anchor]bool{}
	return a.plan.Values(ctx, func(name, _ string) error {
		if anchor, ok := strings.CutPrefix(name, facts.ConfirmationPrefix); ok {
			a.confirmed[identity.Anchor(anchor)] = true
		}
		return nil
	})
}

// maxTellWithheld limits how many withheld records one run logs by name, and how many its report
// lists.
const maxTellWithheld = 200

// noteWithheld stores what the plan withholds for the report of the run. Runs that withhold the
// same records share one list, so the incremental runs of a day do not store it again each time.
func (a *applier) noteWithheld(ctx context.Context) error {
	if a.header.Withheld == 0 {
		return nil
	}
	list, err := a.plan.WithheldWindow(ctx, "", 0, maxTellWithheld)
	if err != nil {
		return err
	}
	text, err := facts.TextOf(list)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(text))
	a.run.WithheldAs = facts.WithheldValue + ":" + hex.EncodeToString(sum[:16])
	if known, err := a.env.Store.Value(ctx, a.run.WithheldAs); err != nil || known != "" {
		return err
	}
	return a.env.Store.Commit(ctx, port.Batch{Values: map[string]string{a.run.WithheldAs: text}})
}

// reportWithheld logs the withheld records of the plan: a full run logs all of them, any other run
// only the new ones.
func (a *applier) reportWithheld(ctx context.Context) error {
	if a.header.Withheld == 0 {
		return nil
	}
	known := map[string]bool{}
	if a.header.Mode != record.Full {
		standing, err := stage.StillWithheld(ctx, a.env)
		if err != nil {
			return err
		}
		for _, h := range standing {
			known[h.Fingerprint] = true
		}
	}
	var events []record.Event
	more := 0
	if err := a.plan.Withheld(ctx, func(h plan.Withheld) error {
		if known[h.Fingerprint] {
			return nil
		}
		if len(events) == maxTellWithheld {
			more++
			return nil
		}
		events = append(events, record.Event{Time: a.at(), Run: a.run.ID, Level: record.Warn, Code: "withheld",
			Anchor: h.Person.Anchor, Record: h.Account.Key,
			Message: "Withheld (" + h.Rule + "): " + h.Reason, Remedy: h.Remedy})
		return nil
	}); err != nil {
		return err
	}
	if more > 0 {
		events = append(events, record.Event{Time: a.at(), Run: a.run.ID, Level: record.Warn, Code: "withheld",
			Message: fmt.Sprintf("%d more records are withheld.", more), Remedy: "dirbridge plan --json lists all of them."})
	}
	return a.env.Store.Append(ctx, events...)
}

// reportAdministrator logs that a full administrator is disabled in the directory and is deactivated
// like any other account.
func (a *applier) reportAdministrator(c plan.Change, o record.Outcome) {
	if c.Kind != identity.User || c.Action != plan.Deactivate || !strings.Contains(c.Reason, stage.FullAdministrator) {
		return
	}
	a.event(record.Warn, "administrator-deactivated", c, record.Outcome{ID: o.ID,
		Message: "the directory disabled a full administrator; the account is inactive now",
		Remedy:  "If that is wrong, enable the account in the directory: the next run reactivates it."})
}
