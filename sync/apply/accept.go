package apply

import (
	"context"
	"fmt"
	"slices"

	"dirbridge/sync/plan"
	"dirbridge/sync/port"
)

// accept refuses a plan that does not fit the state or the cloud that it would be applied to (P3),
// and holds a plan that a guard holds (P4).
func (a *applier) accept(ctx context.Context) error {
	h := a.header
	if !a.how.Fresh {
		a.env.Meter.Phase(port.Verifying, 0)
		if err := a.plan.Verify(ctx); err != nil {
			return port.Refused(err.Error(), "make a new plan")
		}
		if h.Organization.ID != a.env.Org.ID {
			return port.Refused(fmt.Sprintf("the plan is for the organization %s, and this is %s", h.Organization.ID,
				a.env.Org.ID), "apply it with the configuration that it was made with")
		}
		if err := a.sameDirectories(ctx); err != nil {
			return err
		}
		if h.Config != a.env.ConfigDigest() {
			return port.Refused("scope, mapping or policy were changed since the plan was made", "make a new plan")
		}
	}
	holds := h.Holds
	other, err := a.env.OtherOrganization(ctx)
	if err != nil {
		return err
	}
	if other != nil && !slices.ContainsFunc(holds, func(h plan.Hold) bool { return h.Rule == other.Rule }) {
		holds = append([]plan.Hold{*other}, holds...)
	}
	return a.override(holds)
}

func (a *applier) sameDirectories(ctx context.Context) error {
	now := map[string]string{}
	for _, src := range a.env.Sources {
		dir, err := src.Describe(ctx)
		if err != nil {
			return fmt.Errorf("directory %s: %w", dir.Name, err)
		}
		now[dir.Name] = dir.Identity
	}
	for _, dir := range a.header.Directories {
		if id, ok := now[dir.Name]; !ok || dir.Whole && id != dir.Identity {
			return port.Refused(fmt.Sprintf("the plan was made from the directory %s (%s), which is not the one configured "+
				"now", dir.Name, dir.BaseDN), "make a new plan")
		}
	}
	if len(now) != len(a.header.Directories) {
		return port.Refused("the configured directories are not those that the plan was made from", "make a new plan")
	}
	return nil
}
