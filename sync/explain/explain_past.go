package explain

import (
	"context"
	"errors"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
)

// PastWrite is a completed write in the journal.
type PastWrite struct {
	Run    int64     `json:"run"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason"` // from its plan
}

// errTold ends a pass over the journal.
var errTold = errors.New("told")

// past finds in the journal which run last wrote the subject, and which one deactivated its
// account. The shadow does not say: it is stored for other reasons than writes, too.
func (ex *Explanation) past(ctx context.Context) error {
	d, x := ex.d, ex.x
	s := x.Shadow
	if s == nil {
		return nil
	}
	inactive := s.Kind == identity.User && !s.Active && s.ByUs
	err := d.Env.Store.Past(ctx, x.Anchor, s.ID, func(i port.Intent) error {
		c := i.Change
		if i.Damaged || i.Answer == nil || i.Answer.Outcome.State != record.WriteDone || i.Answer.Outcome.Linked ||
			c.Kind != s.Kind ||
			c.Anchor != x.Anchor && (s.ID == "" || c.ID != s.ID) {
			return nil
		}
		past := PastWrite{Run: i.Run, At: i.Answer.At, Reason: c.Reason}
		if c.Cause != "" {
			past.Reason += " (" + c.Cause + ")"
		}
		if x.Wrote == nil {
			x.Wrote = &past
		}
		if !inactive {
			return errTold
		}
		// An account that was added inactive has that as its first state.
		if f, ok := c.Field(schema.Active); ok {
			if len(f.New) == 1 && f.New[0] == "false" && (c.Action == plan.Deactivate || c.Action == plan.Add) {
				x.Deactivated = &past
			}
			return errTold
		}
		return nil
	})
	if errors.Is(err, errTold) {
		return nil
	}
	return err
}
