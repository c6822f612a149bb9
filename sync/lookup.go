package sync

import (
	"context"
	"fmt"
	"slices"

	"dirbridge/sync/identity"
	"dirbridge/sync/stage"
)

// leaver is a shadow whose object was not in the listing.
type leaver struct {
	shadow identity.Shadow
	res    *identity.Resource // its account, if it is still listed
	base   string             // fingerprint of the account
	taken  bool               // the account was linked to another object
	wanted bool               // another object, which has a problem, claims the account
}

// lookup is how many anchors are read again at a time.
const lookup = 200

// whereabouts is what a second look, by GUID, found of a leaver. A paged read can miss what moves
// meanwhile, so the listing alone does not make an object missing.
type whereabouts struct {
	dn      string
	inScope bool
}

func lookAgain(ctx context.Context, d *stage.Draft, batch []leaver) (map[identity.Anchor]whereabouts, error) {
	found := map[identity.Anchor]whereabouts{}
	for _, src := range d.Env.Sources {
		dir, err := src.Describe(ctx)
		if !slices.ContainsFunc(batch, func(l leaver) bool { return l.shadow.Anchor.Directory() == dir.Name }) {
			continue // none of its objects is in question, and it may well be frozen
		}
		if err != nil {
			return nil, d.Coverage.Unreadable(ctx, dir.Name, err)
		}
		for _, kind := range []identity.Kind{identity.User, identity.Group} {
			var anchors []identity.Anchor
			for _, l := range batch {
				if l.shadow.Kind == kind && l.shadow.Anchor.Directory() == dir.Name {
					anchors = append(anchors, l.shadow.Anchor)
				}
			}
			if len(anchors) == 0 {
				continue
			}
			err := src.Get(ctx, kind, anchors, func(e identity.Entry, inScope bool) error {
				found[e.Anchor] = whereabouts{e.DN, inScope}
				return nil
			})
			if err != nil {
				return nil, d.Coverage.Unreadable(ctx, dir.Name, fmt.Errorf("look again for who is missing: %w", err))
			}
		}
	}
	return found, nil
}
