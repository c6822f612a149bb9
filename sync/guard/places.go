package guard

import (
	"context"

	"dirbridge/sync/stage"
)

// reportNoPlace lists the mapped attributes without a place in a plan that examined everything.
func reportNoPlace(ctx context.Context, d *stage.Draft) error {
	p, ok := stage.NoPlaceProblem(d.Env.NoPlace())
	if !ok || !d.Coverage.Listed() {
		return nil
	}
	p.DN = d.Header.Organization.URL
	return d.Work.Problem(ctx, "", p)
}
