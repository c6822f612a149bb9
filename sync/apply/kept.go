package apply

import (
	"context"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/queue"
	"dirbridge/sync/record"
)

// keptOf returns the outcomes of those deletions in a batch whose account is held back by now: an
// operator may have kept it after the plan was made.
func (a *applier) keptOf(ctx context.Context, rows []plan.Change) (map[identity.Anchor]*record.Outcome, error) {
	if len(rows) == 0 || rows[0].Phase != plan.Deletions {
		return nil, nil
	}
	spare, err := queue.NewSparing(ctx, a.env.Store, nil, a.env.Now())
	if err != nil {
		return nil, err
	}
	kept := map[identity.Anchor]*record.Outcome{}
	for _, c := range rows {
		if k, ok := spare.Keeps[c.Anchor]; ok {
			kept[c.Anchor] = &record.Outcome{State: record.WriteSkipped, Message: "it is kept " + k.Text(),
				Remedy: "To delete it, release it: dirbridge purge --release " + c.Key}
		} else if k, ok := spare.Withheld[c.ID]; ok && c.Kind == identity.User {
			kept[c.Anchor] = &record.Outcome{State: record.WriteSkipped, Message: k.Reason,
				Remedy: "dirbridge status lists the withheld records."}
		}
	}
	return kept, nil
}
