package read

import (
	"context"
	"fmt"
	"slices"

	"dirbridge/sync/identity"
	"dirbridge/sync/stage"
)

// Leaver is a shadow whose object was not in the listing.
type Leaver struct {
	Shadow identity.Shadow
	Res    *identity.Resource // its account, if it is still listed
	Base   string             // fingerprint of the account
	Taken  bool               // the account was linked to another object
	Wanted bool               // another object, which has a problem, claims the account
}

// Batch is how many anchors are read again at a time.
const Batch = 200

// Whereabouts is what a second look, by GUID, found of a leaver. A paged read can miss what moves
// meanwhile, so the listing alone does not make an object missing.
type Whereabouts struct {
	Dn      string
	InScope bool
}

func LookAgain(ctx context.Context, d *stage.Draft, batch []Leaver) (map[identity.Anchor]Whereabouts, error) {
	found := map[identity.Anchor]Whereabouts{}
	for _, src := range d.Env.Sources {
		dir, err := src.Describe(ctx)
		if !slices.ContainsFunc(batch, func(l Leaver) bool { return l.Shadow.Anchor.Directory() == dir.Name }) {
			continue // none of its objects is in question, and it may well be frozen
		}
		if err != nil {
			return nil, d.Coverage.Unreadable(ctx, dir.Name, err)
		}
		for _, kind := range []identity.Kind{identity.User, identity.Group} {
			var anchors []identity.Anchor
			for _, l := range batch {
				if l.Shadow.Kind == kind && l.Shadow.Anchor.Directory() == dir.Name {
					anchors = append(anchors, l.Shadow.Anchor)
				}
			}
			if len(anchors) == 0 {
				continue
			}
			err := src.Get(ctx, kind, anchors, func(e identity.Entry, inScope bool) error {
				found[e.Anchor] = Whereabouts{e.DN, inScope}
				return nil
			})
			if err != nil {
				return nil, d.Coverage.Unreadable(ctx, dir.Name, fmt.Errorf("look up missing objects again: %w", err))
			}
		}
	}
	return found, nil
}
