package affected

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
		return nil, &FullInstead{Reason: "no full synchronization has succeeded yet", Never: true}
	}
	damaged, err := d.Env.Store.Value(ctx, facts.DamagedValue)
	if err != nil {
		return nil, err
	}
	if damaged != "" {
		return nil, &FullInstead{Reason: damaged + ", and no full synchronization has succeeded since"}
	}
	under, err := d.Env.Store.Value(ctx, facts.FullDigestValue)
	if err != nil {
		return nil, err
	}
	if under != d.Env.FingerprintsDigest() {
		return nil, &FullInstead{Reason: "scope, mapping, policy or organization are not those of the last full " +
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
			return nil, &FullInstead{Reason: fmt.Sprintf("directory %s: from where changes are to be asked for is not known, "+
				"or was refused, and not everything was read since", dir.Name)}
		}
		if err == nil && dir.Identity != at.Identity {
			return nil, &FullInstead{Reason: fmt.Sprintf("directory %s is another one than at the last synchronization",
				dir.Name)}
		}
		out[dir.Name] = at
	}
	return out, nil
}

// FullInstead ends an incremental plan that cannot, or must not, be made: a full plan is made
// instead.
type FullInstead struct {
	Reason string
	Never  bool // no full run has succeeded yet
	// refused is the directory that does not accept the remembered cookie.
	Refused string
}

func (e *FullInstead) Error() string { return "everything must be read: " + e.Reason }

// Unreadable ends an incremental plan because a read of one directory failed. The plan is then made
// again with that directory frozen from the beginning: half of its answers must not count, and the
// other directories must not wait for it.
type Unreadable struct {
	Name string
	Err  error
}

func (e *Unreadable) Error() string { return fmt.Sprintf("directory %s: %v", e.Name, e.Err) }

func (e *Unreadable) Unwrap() error { return e.Err }
