package apply

import (
	"context"
	"net/http"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
)

// learnGroupNames remembers that the cloud refused a group because of its name. From the next plan
// on, groups with equal names are problems, and names that move between groups are ordered.
func (a *applier) learnGroupNames(c plan.Change, o record.Outcome) {
	if c.Kind != identity.Group || o.Status != http.StatusConflict || o.Field != schema.GroupName ||
		a.env.Target.Limits().UniqueGroupNames {
		return
	}
	if a.pending.Values == nil {
		a.pending.Values = map[string]string{}
	}
	a.pending.Values[stage.ValueGroupNames] = a.at().Format(time.RFC3339)
}

// refuseSharedGroup refuses an add that the cloud answered with an existing group, if that group belongs
// to another object of a directory. In a cloud that does not return externalId, two groups with one
// name would otherwise share one group.
func (a *applier) refuseSharedGroup(ctx context.Context, c plan.Change, o record.Outcome) record.Outcome {
	if !o.Linked || o.State != record.WriteDone || o.ID == "" {
		return o
	}
	var owner identity.Shadow
	look := func(s identity.Shadow) error {
		if s.Kind == c.Kind && s.ID == o.ID && s.Anchor != c.Anchor {
			owner = s
		}
		return nil
	}
	for _, s := range a.pending.Shadows {
		_ = look(s)
	}
	if err := a.env.Store.Seek(ctx, port.ByID, []string{string(o.ID)}, look); err != nil || owner.Anchor == "" {
		return o // if the state cannot be read, the next write ends the run
	}
	return record.Outcome{Seq: o.Seq, State: record.WriteFailed, Class: identity.GiveUp, Status: http.StatusConflict,
		Field:   stage.KeyField(c.Kind),
		Message: stage.NamingConflict(c.DN, c.Key, string(c.Kind)),
		Remedy:  "That " + stage.Called(c.Kind) + " belongs to " + owner.DN + ". Give each of the two a name of its own."}
}
