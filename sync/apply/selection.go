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

// A plan can be applied in part. What is left out stays dirty, so that the next run
// plans it again; what depends on it is skipped, with the reason, and not sent to be
// refused. The whole plan's holds stand for its parts too.

// leftOut is the reason for which a change that was left out is dirty.
func (a *applier) leftOut() string {
	return fmt.Sprintf("left out of run %d by the operator", a.run.ID)
}

// choose refuses a part that is nothing, and finds who gives which key free.
func (a *applier) choose(ctx context.Context) (err error) {
	if a.how.Part.Whole() {
		return nil
	}
	if a.moves, err = workdb.Open(a.env.Dir); err != nil {
		return err
	}
	if err := a.moves.Exec(ctx, `CREATE TABLE mover(kind TEXT, oldf TEXT, newf TEXT, seq INT, taken INT)`); err != nil {
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
		return a.moves.Exec(ctx, `INSERT INTO mover VALUES(?,?,?,?,?)`, string(c.Kind), from, to, c.Seq, takes)
	})
	if err == nil && taken == 0 {
		err = port.Refused("nothing of the plan is chosen: "+a.how.Part.String(),
			"look at its changes, and what they are named, with \"dirbridge show FILE --changes\"")
	}
	if err == nil {
		err = a.moves.Exec(ctx, `CREATE INDEX mover_old ON mover(kind, oldf)`)
	}
	return err
}

// keyMove gives the folded keys before and after a change; "" where there is none, or
// the change does not touch it.
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

// leaveOut takes the changes that are left out from a batch.
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

// putBy marks a change that was left out. It is no failure, and not counted as one.
func (a *applier) putBy(c plan.Change, reason string) {
	if c.Anchor == "" {
		return // an account that no directory knows: full runs see it
	}
	a.dirtyFor(c.Anchor, reason)
}

// giver is who gives a key free.
type giver struct {
	seq   int64
	to    string
	taken bool
}

// giverOf finds who gives the folded key free, other than the change of that number.
func (a *applier) giverOf(ctx context.Context, kind identity.Kind, key string, but int64) (m giver, found bool,
	err error) {
	if kind == identity.Group {
		if unique, err := a.env.UniqueGroupNames(ctx); err != nil || !unique {
			return m, false, err
		}
	}
	err = a.moves.Each(ctx, `SELECT seq, newf, taken FROM mover WHERE kind=? AND oldf=? AND seq<>? LIMIT 1`, func(scan func(...any) error) error {
		found = true
		return scan(&m.seq, &m.to, &m.taken)
	}, string(kind), key, but)
	return m, found, err
}

// wantsKey skips a change that takes a key which another account still holds, because
// that one's change was left out or was not done: the cloud would only refuse it.
func (a *applier) wantsKey(ctx context.Context, c *plan.Change) (*record.Outcome, error) {
	from, to := keyMove(c)
	if a.moves == nil || to == "" || from == to {
		return nil, nil
	}
	m, found, err := a.giverOf(ctx, c.Kind, to, c.Seq)
	if err != nil || !found {
		return nil, err
	}
	if _, aside := a.atTemporaryKey[m.seq]; aside {
		return nil, nil
	}
	holder, err := a.plan.At(m.seq)
	if err != nil {
		return nil, err
	}
	s, ok, err := a.env.Store.Shadow(ctx, holder.Anchor)
	if err != nil || !ok && holder.Action == plan.Delete || ok && s.Run == a.run.ID &&
		identity.Fold(s.Applied.First(stage.KeyField(c.Kind))) == m.to {
		return nil, err
	}
	why := "was not done"
	if !m.taken {
		why = "was left out"
	}
	f, _ := c.Field(stage.KeyField(c.Kind))
	return &record.Outcome{Seq: c.Seq, State: record.WriteSkipped, ID: c.ID, Field: f.Name,
		Message: fmt.Sprintf("it takes the name %s from the %s that becomes %s, whose change %s", f.New[0],
			stage.Called(c.Kind), holder.Key, why),
		Remedy: "Apply both, or leave it: the next run plans it again."}, nil
}

// cycleTaken says that every object of the cycle of c is selected: a cycle is opened
// for all of them, or for none.
func (a *applier) cycleTaken(ctx context.Context, c *plan.Change) (bool, error) {
	if a.moves == nil {
		return true, nil
	}
	_, key := keyMove(c)
	for first := key; ; {
		m, found, err := a.giverOf(ctx, c.Kind, key, 0)
		if err != nil || !found || m.seq == c.Seq {
			return found, err
		}
		if !m.taken {
			return false, nil
		}
		if key = m.to; key == first {
			return false, nil // round a cycle that c does not belong to
		}
	}
}

// lacking says why an object has no account, in the words of a skipped change.
func (a *applier) lacking(anchor identity.Anchor) string {
	if a.how.Part.Whole() || a.failed[anchor] {
		return "was not made"
	}
	return "was not made, because its change was left out"
}

// keepLink says that a shadow must not be forgotten yet: somebody was to take its account
// over, and that change was left out, or not done. Forgotten, the account would be
// nobody's: active for ever, should the heir leave as well. It is looked at again.
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

// unsettle takes from the values to remember those that say more than was done: that a
// directory is the one that it was is judged anew for what is left.
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

// partWords say what was left out.
func (a *applier) partWords() string {
	n := a.run.LeftOut
	if n == 1 {
		return "1 change was left out: " + a.how.Part.String()
	}
	return fmt.Sprintf("%d changes were left out: %s", n, a.how.Part.String())
}
