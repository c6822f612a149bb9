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

// learnGroupNames notes that the cloud refused a group because of its name. From the next
// plan on groups of one name are Problems, and names that change hands are put in order.
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

// notAnothers refuses the answer to an add that it found what is there already, where that
// belongs to another object of a directory. Of a cloud that gives no externalId back two
// groups of one name would else share one group there.
func (a *applier) notAnothers(ctx context.Context, c plan.Change, o record.Outcome) record.Outcome {
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
		return o // a state that cannot be read ends the run with its next write
	}
	return record.Outcome{Seq: o.Seq, State: record.WriteFailed, Class: identity.GiveUp, Status: http.StatusConflict,
		Field:   stage.KeyField(c.Kind),
		Message: stage.NamingConflict(c.DN, c.Key, string(c.Kind)),
		Remedy:  "That " + stage.Called(c.Kind) + " belongs to " + owner.DN + ". Give each of the two a name of its own."}
}
