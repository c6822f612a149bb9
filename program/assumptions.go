package program

import (
	"context"

	"dirbridge/sync/schema"
	"dirbridge/ui/cli"
)

// assumptions returns what tests what is taken for granted about Webex; nil for another provider.
func (c *connector) assumptions() func(context.Context) ([]cli.AssumptionReport, error) {
	if c.config().Cloud.Kind != schema.KindWebex {
		return nil
	}
	return func(ctx context.Context) (all []cli.AssumptionReport, err error) {
		t, err := c.target(c.config())
		if err != nil {
			return nil, err
		}
		defer t.Close()
		found, err := t.CheckAssumptions(ctx)
		for _, a := range found {
			all = append(all, cli.AssumptionReport{ID: a.ID, Says: a.Says, Source: a.Source, Verdict: a.Verdict,
				Detail: a.Detail, Otherwise: a.Otherwise})
		}
		return all, err
	}
}
