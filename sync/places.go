package sync

import (
	"context"

	"dirbridge/sync/stage"
)

// reportNoPlace lists the mapped attributes without a place in a plan that examined everything.
func (d *draft) reportNoPlace(ctx context.Context) error {
	p, ok := stage.NoPlaceProblem(d.env.NoPlace())
	if !ok || !d.coverage.Listed() {
		return nil
	}
	p.DN = d.header.Organization.URL
	return d.work.Problem(ctx, "", p)
}
