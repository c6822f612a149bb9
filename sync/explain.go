package sync

import (
	"context"
	"errors"
	"fmt"

	"dirbridge/sync/affected"
	"dirbridge/sync/explain"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
	"dirbridge/sync/stage"
)

// Explain plans for one subject, by the stages of every plan, and writes nothing: not to the cloud,
// not to the state, and no plan. It works while another connector leads, and before the first run.
// A directory that cannot be read is left out, and marked in Directories; that is no error unless
// it is the only one.
//
// Memberships that were changed in the cloud by hand are not seen, nor are those of flattened
// groups: that takes the listings of a full run.
func (e *Engine) Explain(ctx context.Context, s explain.Subject) (explain.Result, error) {
	e.env.Meter.Begin(record.DryRun)
	defer e.env.Meter.End()
	if err := connect(ctx, e.env); err != nil {
		return explain.Result{}, err
	}
	without := map[string]error{}
	for {
		x, err := explainOnce(ctx, e.env, s, without)
		var out *affected.Unreadable
		var many *affected.FullInstead
		switch {
		case errors.As(err, &out) && without[out.Name] == nil:
			without[out.Name] = out.Err
		case errors.As(err, &many):
			return x, fmt.Errorf("explain %s%s: %s", s.Anchor, s.ID, many.Reason)
		default:
			return x, stage.Cancelled(ctx, err)
		}
	}
}

// Accounts finds accounts in the cloud by id and by key.
func (e *Engine) Accounts(ctx context.Context, text string) ([]identity.Resource, error) {
	e.env.Meter.Begin(record.DryRun)
	defer e.env.Meter.End()
	if err := connect(ctx, e.env); err != nil {
		return nil, err
	}
	var out []identity.Resource
	met := map[identity.ResourceID]bool{}
	add := func(r identity.Resource) {
		if !met[r.ID] {
			met[r.ID] = true
			out = append(out, r)
		}
	}
	for _, kind := range []identity.Kind{identity.User, identity.Group} {
		if isID(text) {
			r, ok, err := e.env.Target.Get(ctx, kind, identity.ResourceID(text))
			var f *identity.Failure
			switch {
			case err != nil && (!errors.As(err, &f) || f.Class != identity.GiveUp):
				return nil, fmt.Errorf("cloud: look at %s %s: %w", kind, text, err)
			case err == nil && ok:
				add(r)
			}
		}
		found, err := e.env.Target.Find(ctx, kind, text)
		if err != nil {
			return nil, fmt.Errorf("cloud: look for the %s %s: %w", kind, text, err)
		}
		for _, r := range found {
			add(r)
		}
	}
	return out, nil
}

// Archived finds a deleted account of a person by its id, if the cloud still shows it. Accounts must
// have been called before.
func (e *Engine) Archived(ctx context.Context, text string) (record.Archived, bool) {
	if !isID(text) {
		return record.Archived{}, false
	}
	return e.env.Archived(ctx, identity.User, identity.ResourceID(text))
}

// isID says whether a text can be a resource's id. A text that is clearly a name or a DN is not
// tried.
func isID(text string) bool {
	for _, c := range text {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return text != "" && len(text) <= 256
}
