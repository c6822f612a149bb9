package sync

import (
	"context"
	"errors"

	"dirbridge/sync/affected"
	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/stage"
)

// ErrNoFull is returned for an incremental run if no full run has succeeded yet.
var ErrNoFull = errors.New("no full synchronization has succeeded yet: an incremental one has nothing to begin from")

// planIncremental makes an incremental plan, or a full one with the reason.
func planIncremental(ctx context.Context, e *stage.Env, req Request) (*plan.Plan, error) {
	without := map[string]error{}
	p, err := planChanges(ctx, e, req, without)
	for {
		var out *affected.Unreadable
		if !errors.As(err, &out) || without[out.Name] != nil {
			break
		}
		without[out.Name] = out.Err
		p, err = planChanges(ctx, e, req, without)
	}
	if errors.Is(err, errDamagedState) {
		e.Meter.Update(func(p *port.Progress) { p.Mode = record.Full })
		return planFull(ctx, e, wholly(req), "")
	}
	var instead *affected.FullInstead
	if !errors.As(err, &instead) {
		return p, err
	}
	if instead.Never && !req.OrFull {
		return nil, &identity.Failure{Err: ErrNoFull, Class: identity.GiveUp,
			Remedy: "Run a full synchronization first: dirbridge sync --full."}
	}
	if instead.Never {
		instead.Reason = "" // that a first run reads everything is expected
	}
	if instead.Refused != "" && req.leads {
		// The plan may be held, and the server may advance until the old cookie looks valid again:
		// the changes in between would never be reported.
		if err := e.Store.Commit(ctx, port.Batch{Values: map[string]string{facts.CookieValue +
			instead.Refused: ""}}); err != nil {
			return nil, err
		}
	}
	e.Meter.Update(func(p *port.Progress) { p.Mode = record.Full })
	return planFull(ctx, e, wholly(req), instead.Reason)
}

// wholly returns the request with everything read.
func wholly(req Request) Request {
	return Request{Mode: record.Full, Path: req.Path, leads: req.leads, run: req.run}
}
