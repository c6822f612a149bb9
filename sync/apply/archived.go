package apply

import (
	"context"
	"errors"
	"net/http"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
)

// mostArchived bounds how often a run looks for the deleted account of a refused address: the journal
// may be read as a whole for each.
const mostArchived = 20

// tellArchived adds to a refused address that it is held by an account of the same person which was
// deleted, and until when.
func (a *applier) tellArchived(ctx context.Context, c plan.Change, o record.Outcome) record.Outcome {
	_, names := c.Field(schema.UID)
	if o.State != record.WriteFailed || o.Status != http.StatusConflict || c.Kind != identity.User || !names {
		return o
	}
	if _, can := a.env.Target.(port.Archive); !can || a.archived >= mostArchived {
		return o
	}
	a.archived++
	for _, id := range a.formerAccounts(ctx, c) {
		old, ok := a.env.Archived(ctx, identity.User, id)
		if !ok || old.Key != "" && identity.Fold(old.Key) != identity.Fold(c.Key) {
			continue
		}
		o.Message += " " + old.Sentence() + "."
		o.Remedy = record.ArchivedRemedy + " The address is tried again with each run."
		return o
	}
	return o
}

// formerAccounts lists the accounts that a person had, the last one first.
func (a *applier) formerAccounts(ctx context.Context, c plan.Change) (ids []identity.ResourceID) {
	add := func(id identity.ResourceID) {
		if id != "" && id != c.ID && (len(ids) == 0 || ids[len(ids)-1] != id) {
			ids = append(ids, id)
		}
	}
	if s, ok, err := a.env.Store.Shadow(ctx, c.Anchor); err == nil && ok {
		add(s.ID)
	}
	enough := errors.New("enough")
	_ = a.env.Store.Past(ctx, c.Anchor, "", func(i port.Intent) error { // without it, nothing more is known
		if i.Change.Anchor == c.Anchor && i.Answer != nil && i.Answer.Outcome.State == record.WriteDone {
			add(i.Answer.Outcome.ID)
			add(i.Change.ID)
		}
		if len(ids) >= 3 {
			return enough
		}
		return nil
	})
	return ids
}
