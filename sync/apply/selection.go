package apply

import (
	"context"
	"fmt"
	"strings"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// A plan can be applied in part. Excluded changes stay dirty, so that the next run plans them
// again. Changes that depend on an excluded one are skipped with the reason instead of being sent
// and refused. The holds of the whole plan also apply to its parts.

// leftOut is the reason why the object of an excluded change is dirty.
func (a *applier) leftOut() string {
	return fmt.Sprintf("excluded from run %d by the operator", a.run.ID)
}

// choose refuses a selection that is empty, and finds out which change frees which key.
func (a *applier) choose(ctx context.Context) (err error) {
	if a.how.Part.Whole() {
		return nil
	}
	if a.moves, err = workdb.Open(a.env.Dir); err != nil {
		return err
	}
	if err := a.moves.BeginKeyMoves(ctx); err != nil {
		return err
	}
	taken := int64(0)
	err = a.plan.Changes(ctx, func(c plan.Change) error {
		takes := a.how.Part.Takes(&c)
		if takes {
			taken++
		}
		from, to := keyMove(&c)
		if from == "" || from == to {
			return nil
		}
		return a.moves.AddKeyMove(ctx, workdb.KeyMove{Kind: c.Kind, From: from, To: to, Seq: c.Seq, Chosen: takes})
	})
	if err == nil && taken == 0 {
		err = port.Refused("nothing of the plan is chosen: "+a.how.Part.String(),
			"look at its changes, and what they are named, with \"dirbridge show FILE --changes\"")
	}
	if err == nil {
		err = a.moves.IndexKeyMoves(ctx)
	}
	return err
}

// keyMove returns the folded keys before and after a change, "" where there is none or the change
// does not write it.
func keyMove(c *plan.Change) (from, to string) {
	if c.Kind == identity.Member {
		return "", ""
	}
	f, ok := c.Field(stage.KeyField(c.Kind))
	if !ok {
		return "", ""
	}
	if len(f.Old) == 1 {
		from = identity.Fold(f.Old[0])
	}
	if len(f.New) == 1 {
		to = identity.Fold(f.New[0])
	}
	return from, to
}

// leaveOut removes the excluded changes from a batch.
func (a *applier) leaveOut(rows []plan.Change) []plan.Change {
	if a.how.Part.Whole() {
		return rows
	}
	var taken []plan.Change
	for _, c := range rows {
		if a.how.Part.Takes(&c) {
			taken = append(taken, c)
			continue
		}
		a.outcome(c, stepMain, record.Outcome{Seq: c.Seq, State: record.WriteLeftOut, ID: c.ID, Message: a.leftOut()})
	}
	return taken
}

// putBy marks the object of an excluded change as dirty. It does not count as a failure.
func (a *applier) putBy(c plan.Change, reason string) {
	if c.Anchor == "" {
		return // the account belongs to no directory: full runs list it
	}
	a.dirtyFor(c.Anchor, reason)
}

// findGiver finds the change that frees the folded key, other than the change with that number.
func (a *applier) findGiver(ctx context.Context, kind identity.Kind, key string, but int64) (m workdb.KeyMove,
	found bool, err error) {
	if kind == identity.Group {
		if unique, err := a.env.UniqueGroupNames(ctx); err != nil || !unique {
			return m, false, err
		}
	}
	return a.moves.KeyMoveFrom(ctx, kind, key, but)
}

// wantsKey skips a change that takes a key which another account still has, because the other
// account's change was excluded or not done: the cloud would refuse it.
func (a *applier) wantsKey(ctx context.Context, c *plan.Change) (*record.Outcome, error) {
	from, to := keyMove(c)
	if a.moves == nil || to == "" || from == to {
		return nil, nil
	}
	m, found, err := a.findGiver(ctx, c.Kind, to, c.Seq)
	if err != nil || !found {
		return nil, err
	}
	if _, aside := a.atTemporaryKey[m.Seq]; aside {
		return nil, nil
	}
	holder, err := a.plan.At(m.Seq)
	if err != nil {
		return nil, err
	}
	s, ok, err := a.env.Store.Shadow(ctx, holder.Anchor)
	if err != nil || !ok && holder.Action == plan.Delete || ok && s.Run == a.run.ID &&
		identity.Fold(s.Applied.First(stage.KeyField(c.Kind))) == m.To {
		return nil, err
	}
	why := "was not written"
	if !m.Chosen {
		why = "was excluded"
	}
	f, _ := c.Field(stage.KeyField(c.Kind))
	return &record.Outcome{Seq: c.Seq, State: record.WriteSkipped, ID: c.ID, Field: f.Name,
		Message: fmt.Sprintf("it needs the name %s of the %s that becomes %s, whose change %s", f.New[0],
			stage.Called(c.Kind), holder.Key, why),
		Remedy: "Apply both changes; otherwise the next run plans it again."}, nil
}

// cycleTaken says whether every object of the cycle of c is selected: a cycle is opened for all of
// them or for none.
func (a *applier) cycleTaken(ctx context.Context, c *plan.Change) (bool, error) {
	if a.moves == nil {
		return true, nil
	}
	_, key := keyMove(c)
	for first := key; ; {
		m, found, err := a.findGiver(ctx, c.Kind, key, 0)
		if err != nil || !found || m.Seq == c.Seq {
			return found, err
		}
		if !m.Chosen {
			return false, nil
		}
		if key = m.To; key == first {
			return false, nil // round a cycle to which c does not belong
		}
	}
}

// lacking says why an object has no account, in the words of a skipped change.
func (a *applier) lacking(anchor identity.Anchor) string {
	if a.how.Part.Whole() || a.failed[anchor] {
		return "was not created"
	}
	return "was not created, because its change was excluded"
}

// keepLink says that a shadow must be kept for now: another object was to take its account over,
// and that change was excluded or not done. Without the shadow the account would belong to no
// object, and would stay active for good if the successor leaves as well. The next run checks it
// again.
func (a *applier) keepLink(ctx context.Context, anchor identity.Anchor) (bool, error) {
	if a.run.LeftOut+int64(len(a.undone)) == 0 {
		return false, nil
	}
	s, ok, err := a.env.Store.Shadow(ctx, anchor)
	if err != nil || !ok || s.ID == "" || a.run.LeftOut == 0 && !a.undone[s.ID] && len(a.undone) < maxFailed {
		return false, err
	}
	handed := false
	err = a.env.Store.Seek(ctx, port.ByID, []string{string(s.ID)}, func(o identity.Shadow) error {
		handed = handed || o.Kind == s.Kind && o.Anchor != anchor
		return nil
	})
	return !handed, err
}

// unsettle removes from the values to store those that claim more than was done: the next run has
// to check again whether a directory is still the same one.
func (a *applier) unsettle(values map[string]string) {
	if a.run.LeftOut == 0 {
		return
	}
	for name := range values {
		if strings.HasPrefix(name, stage.ValueIdentity) {
			delete(values, name)
		}
	}
}

// partWords says what was excluded.
func (a *applier) partWords() string {
	n := a.run.LeftOut
	if n == 1 {
		return "1 change was excluded: " + a.how.Part.String()
	}
	return fmt.Sprintf("%d changes were excluded: %s", n, a.how.Part.String())
}
