package sync

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// ErrNoFull is returned for an incremental run if no full run has succeeded yet.
var ErrNoFull = errors.New("no full synchronization has succeeded yet: an incremental one has nothing to begin from")

// fullInstead ends an incremental plan that cannot, or must not, be made: a full plan is made
// instead.
type fullInstead struct {
	reason string
	never  bool // no full run has succeeded yet
	// refused is the directory that does not accept the remembered cookie.
	refused string
}

func (e *fullInstead) Error() string { return "everything must be read: " + e.reason }

// planIncremental makes an incremental plan, or a full one with the reason.
func planIncremental(ctx context.Context, e *stage.Env, req Request) (*plan.Plan, error) {
	without := map[string]error{}
	p, err := planChanges(ctx, e, req, without)
	for {
		var out *unreadable
		if !errors.As(err, &out) || without[out.name] != nil {
			break
		}
		without[out.name] = out.err
		p, err = planChanges(ctx, e, req, without)
	}
	if errors.Is(err, errDamagedState) {
		e.Meter.Update(func(p *port.Progress) { p.Mode = record.Full })
		return planFull(ctx, e, wholly(req), "")
	}
	var instead *fullInstead
	if !errors.As(err, &instead) {
		return p, err
	}
	if instead.never && !req.OrFull {
		return nil, &identity.Failure{Err: ErrNoFull, Class: identity.GiveUp,
			Remedy: "Run a full synchronization first (f in the console, or dirbridge sync --full)."}
	}
	if instead.never {
		instead.reason = "" // that a first run reads everything is expected
	}
	if instead.refused != "" && req.leads {
		// The plan may be held, and the server may advance until the old cookie looks valid again:
		// the changes in between would never be reported.
		if err := e.Store.Commit(ctx, port.Batch{Values: map[string]string{facts.CookieValue +
			instead.refused: ""}}); err != nil {
			return nil, err
		}
	}
	e.Meter.Update(func(p *port.Progress) { p.Mode = record.Full })
	return planFull(ctx, e, wholly(req), instead.reason)
}

// wholly returns the request with everything read.
func wholly(req Request) Request {
	return Request{Mode: record.Full, Path: req.Path, leads: req.leads, run: req.run}
}

// cookies returns the points from which each directory reports its changes. If one is missing, or
// if the rules of scope differ from the last full run, only a full run will do.
func cookies(ctx context.Context, d *stage.Draft) (map[string]stage.RememberedCookie, error) {
	last, err := d.Env.Store.Value(ctx, facts.LastFullValue)
	if err != nil {
		return nil, err
	}
	if last == "" {
		return nil, &fullInstead{reason: "no full synchronization has succeeded yet", never: true}
	}
	damaged, err := d.Env.Store.Value(ctx, facts.DamagedValue)
	if err != nil {
		return nil, err
	}
	if damaged != "" {
		return nil, &fullInstead{reason: damaged + ", and no full synchronization has succeeded since"}
	}
	under, err := d.Env.Store.Value(ctx, facts.FullDigestValue)
	if err != nil {
		return nil, err
	}
	if under != d.Env.FingerprintsDigest() {
		return nil, &fullInstead{reason: "scope, mapping, policy or organization are not those of the last full " +
			"synchronization"}
	}
	out := map[string]stage.RememberedCookie{}
	for _, src := range d.Env.Sources {
		dir, err := src.Describe(ctx)
		if err != nil && ctx.Err() != nil {
			return nil, err
		}
		text, verr := d.Env.Store.Value(ctx, facts.CookieValue+dir.Name)
		if verr != nil {
			return nil, verr
		}
		var at stage.RememberedCookie
		if text == "" || json.Unmarshal([]byte(text), &at) != nil || at.Cookie.Way == "" {
			return nil, &fullInstead{reason: fmt.Sprintf("directory %s: from where changes are to be asked for is not known, "+
				"or was refused, and not everything was read since", dir.Name)}
		}
		if err == nil && dir.Identity != at.Identity {
			return nil, &fullInstead{reason: fmt.Sprintf("directory %s is another one than at the last synchronization",
				dir.Name)}
		}
		out[dir.Name] = at
	}
	return out, nil
}

// beginCookie asks a directory, before it is read completely, for the cookie from which it will report
// changes next time. If it has none, it is read all the same.
func beginCookie(ctx context.Context, d *stage.Draft, src port.Source, read *plan.DirectoryRead) error {
	at, err := src.Cookie(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		at = identity.Cookie{Untold: "changes cannot be asked for: " + err.Error(), Remedy: identity.Remedy(err)}
	}
	read.Untold, read.Remedy = at.Untold, at.Remedy
	reachCookie(d, read.Directory, at)
	return nil
}

// reachCookie records the cookie to store with the plan.
func reachCookie(d *stage.Draft, dir identity.Directory, at identity.Cookie) {
	if d.Reached == nil {
		d.Reached = map[string]stage.RememberedCookie{}
	}
	if at.Way != "" {
		d.Reached[dir.Name] = stage.RememberedCookie{Cookie: at, Identity: dir.Identity}
	}
}

// keepCookie drops the new cookie of a directory unless the server that gave it has answered ever
// since. Another server that took over may lag behind the first, and would never report what it had
// not received yet. The cookie of an earlier run, if there is one, stays and reports it.
func keepCookie(ctx context.Context, d *stage.Draft, src port.Source, read *plan.DirectoryRead) error {
	now, err := src.Describe(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil || now.Server != read.Server || now.ServerChanges != read.ServerChanges {
		delete(d.Reached, read.Name)
	}
	return nil
}

// keepCookies does the same for every directory that reported its changes.
func keepCookies(ctx context.Context, d *stage.Draft) error {
	for i, src := range d.Env.Sources {
		if read := &d.Header.Directories[i]; read.Whole {
			if err := keepCookie(ctx, d, src, read); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeCookies writes the cookies of the directories that were read.
func writeCookies(d *stage.Draft, w *plan.Writer) error {
	for _, dir := range d.Header.Directories {
		at, ok := d.Reached[dir.Name]
		if !ok || !dir.Whole {
			continue
		}
		if err := w.SetValue(facts.CookieValue+dir.Name, workdb.Encode(at)); err != nil {
			return err
		}
	}
	return nil
}

// reportUntold lists the directories whose deletions are not seen between full runs.
func reportUntold(ctx context.Context, d *stage.Draft) error {
	for _, dir := range d.Header.Directories {
		if dir.Untold == "" {
			continue
		}
		err := d.Work.Problem(ctx, "", identity.Problem{DN: dir.BaseDN, Side: identity.InDirectory, Remedy: dir.Remedy,
			Message: fmt.Sprintf("Directory %s: incremental runs do not see deletions: %s. They wait for full runs.", dir.Name,
				dir.Untold)})
		if err != nil {
			return err
		}
	}
	return nil
}
