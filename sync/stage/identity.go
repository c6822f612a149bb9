package stage

import (
	"context"
	"fmt"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
)

// ValueOrg is the organization that the state belongs to.
const ValueOrg = "organization"

// ValueIdentity + directory is the source identity of a directory, as of the last plan that was
// applied.
const ValueIdentity = "identity:"

// OtherOrganization returns a hold if the state belongs to an organization other than the one that
// answers: none of its links means anything there. A state without links does not belong to an
// organization yet.
func (e *Env) OtherOrganization(ctx context.Context) (*plan.Hold, error) {
	before, err := e.Store.Value(ctx, ValueOrg)
	if err != nil || before == "" || before == e.Org.ID {
		return nil, err
	}
	linked, err := e.Store.Linked(ctx)
	if err != nil {
		return nil, err
	}
	var links int64
	for _, n := range linked {
		links += n.People
	}
	if links == 0 {
		if err := e.Store.Rest(ctx, func(s identity.Shadow) error {
			if s.ID != "" {
				links++
			}
			return nil
		}); err != nil || links == 0 {
			return nil, err
		}
	}
	return &plan.Hold{Rule: plan.RuleOtherOrganization, Count: links,
		Detail: fmt.Sprintf("The state is that of the organization %s, and this is %s.", before, e.Org.ID),
		Remedy: "Use another connector.state_dir for this organization, or the base_url and token of the other. " +
			"If it is the same one under a new address, an empty state_dir finds its accounts again by externalId and name. " +
			"This cannot be overridden."}, nil
}

// OwnState records, before the first write, to which organization the state belongs.
func (e *Env) OwnState(ctx context.Context) error {
	before, err := e.Store.Value(ctx, ValueOrg)
	if err != nil || before == e.Org.ID {
		return err
	}
	return e.Store.Commit(ctx, port.Batch{Values: map[string]string{ValueOrg: e.Org.ID}})
}
