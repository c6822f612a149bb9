package sync

import (
	"context"
	"encoding/json"
	"fmt"

	"dirbridge/sync/facts"
	"dirbridge/sync/stage"
)

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

// fullInstead ends an incremental plan that cannot, or must not, be made: a full plan is made
// instead.
type fullInstead struct {
	reason string
	never  bool // no full run has succeeded yet
	// refused is the directory that does not accept the remembered cookie.
	refused string
}

func (e *fullInstead) Error() string { return "everything must be read: " + e.reason }

// unreadable ends an incremental plan because a read of one directory failed. The plan is then made
// again with that directory frozen from the beginning: half of its answers must not count, and the
// other directories must not wait for it.
type unreadable struct {
	name string
	err  error
}

func (e *unreadable) Error() string { return fmt.Sprintf("directory %s: %v", e.name, e.err) }

func (e *unreadable) Unwrap() error { return e.err }
