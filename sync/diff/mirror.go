package diff

import (
	"context"
	"fmt"
	"strings"
	"time"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/match"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
)

// With on_unmatched "remove", an account that no directory ever knew is deactivated, and then waits
// for the purge like the account of a leaver. It is remembered as a shadow whose anchor is made of
// the account's id, because it has no GUID.
//
// Before a full run has succeeded with this state, such an account is deactivated as the plan
// shows, and does not wait: the state may have been lost, with all links. The next full run that
// again finds it without an owner begins its grace period.

// Mirrored returns what is remembered of an unmatched account, nil if nothing is.
func Mirrored(ctx context.Context, d *stage.Draft, id identity.ResourceID) (*identity.Shadow, error) {
	s, ok, err := d.Env.Store.Shadow(ctx, identity.UnmatchedAnchor(id))
	if err != nil || !ok || s.ID != id {
		return nil, err
	}
	return &s, nil
}

// needsQueue says whether unmatched accounts may begin to wait for their purge.
func needsQueue(ctx context.Context, d *stage.Draft) (bool, error) {
	last, err := d.Env.Store.Value(ctx, facts.LastFullValue)
	return last != "", err
}

// waitsUnwritten says what becomes of an unmatched account that is inactive: "" if it was deactivated
// elsewhere.
func waitsUnwritten(ctx context.Context, d *stage.Draft, r identity.Resource) (kept string, err error) {
	s, err := Mirrored(ctx, d, r.ID)
	if err != nil || s == nil || s.State != identity.Grace || s.Active {
		return "", err
	}
	if !s.ByUs {
		if ready, err := needsQueue(ctx, d); err != nil || !ready {
			return "deactivated; its grace period begins with the first full run after one that succeeded", err
		}
		s.ByUs, s.Since = true, d.Env.Now().UTC().Truncate(time.Second)
		if err := d.Work.Renew(ctx, *s); err != nil {
			return "", err
		}
	}
	return "deactivated, and waits for the purge until " + stage.Moment(s.Since.Add(d.Env.Policy.PurgeAfter)), nil
}

// mirrorAfter returns the shadow to store for an unmatched account that is deactivated.
func mirrorAfter(ctx context.Context, d *stage.Draft, r identity.Resource) (*identity.Shadow, error) {
	ready, err := needsQueue(ctx, d)
	now := d.Env.Now().UTC().Truncate(time.Second)
	return &identity.Shadow{Anchor: identity.UnmatchedAnchor(r.ID), Kind: identity.User, ID: r.ID, Linked: now,
		State: identity.Grace, Since: now, ByUs: ready,
		Applied: identity.Attrs{schema.UID: {r.Key}}}, err
}

// forgetMirrored ends the wait of an unmatched account that is now left unchanged.
func forgetMirrored(ctx context.Context, d *stage.Draft, r identity.Resource) error {
	if s, err := Mirrored(ctx, d, r.ID); err != nil || s == nil {
		return err
	}
	return d.Work.Forget(ctx, identity.UnmatchedAnchor(r.ID))
}

// knownTo matches an unmatched account once more, before it is purged: by its externalId, and by its
// name. A person in scope who has either owns it; the next run links them.
func knownTo(ctx context.Context, d *stage.Draft, r identity.Resource) (dn string, err error) {
	found := func(e identity.Entry) error { dn = e.DN; return nil }
	for _, src := range d.Env.Sources {
		dir, err := src.Describe(ctx)
		if err == nil && match.IsGUID(r.ExternalID) {
			err = src.Get(ctx, identity.User, []identity.Anchor{identity.NewAnchor(dir.Name, r.ExternalID)},
				func(e identity.Entry, inScope bool) error {
					if inScope {
						return found(e)
					}
					return nil
				})
		}
		attributes, joined := d.Env.Mappers.Of(dir.Name).KeyAttributes(identity.User)
		if err == nil && len(attributes) > 0 && r.Key != "" {
			values := []string{r.Key}
			for i, c := range r.Key {
				if joined && c == ' ' {
					values = append(values, strings.TrimSpace(r.Key[:i]))
				}
			}
			err = src.FindByAttribute(ctx, identity.User, attributes, values, func(e identity.Entry) error {
				if identity.Fold(d.Env.Mapped(dir.Name, e).Key) == identity.Fold(r.Key) {
					return found(e)
				}
				return nil
			})
		}
		if err != nil {
			return "", fmt.Errorf("directory %s: look again for the owner of %s: %w", dir.Name, r.Key, err)
		}
	}
	return dn, nil
}

// SparesKnown lists an unmatched account that a directory knows by now.
func SparesKnown(ctx context.Context, d *stage.Draft, r identity.Resource) (bool, error) {
	dn, err := knownTo(ctx, d, r)
	if err != nil || dn == "" {
		return false, err
	}
	return true, d.Work.Problem(ctx, identity.User, identity.Problem{Anchor: identity.UnmatchedAnchor(r.ID), DN: dn,
		Side: identity.InCloud, Attribute: stage.KeyField(identity.User),
		Message: fmt.Sprintf("The account %s had no match in any directory, and now belongs to [%s]. It is not purged.",
			r.Key, dn),
		Remedy: "Nothing to do: the next synchronization links and reactivates it."})
}
