package purge

import (
	"cmp"
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/look"
)

// ticks are the accounts that the next keep, release or purge is for, and what can be taken back.
type ticks struct {
	on    map[identity.Anchor]control.Queued
	steps []step // the last one is taken back first
}

// step takes one thing back: a tick at once, a keep or a release by changing the queue.
type step struct {
	tick   control.Queued
	change func(context.Context) error // nil: it is a tick
	said   string
}

// stepsKept is how many steps can be taken back.
const stepsKept = 100

func (t *ticks) remember(s step) {
	t.steps = append(t.steps, s)
	t.steps = t.steps[max(len(t.steps)-stepsKept, 0):]
}

func (t *ticks) ticked(w control.Queued) bool {
	_, on := t.on[w.Anchor]
	return on
}

// turn ticks an account, or unticks it.
func (t *ticks) turn(w control.Queued) {
	if t.ticked(w) {
		delete(t.on, w.Anchor)
		return
	}
	t.on[w.Anchor] = w
}

// spend unticks all: what they were for is done. Ticks that were set before cannot be taken back.
func (t *ticks) spend() {
	clear(t.on)
	t.steps = slices.DeleteFunc(t.steps, func(s step) bool { return s.change == nil })
}

// refresh updates what is known of the ticked accounts.
func (t *ticks) refresh(waiting []control.Queued) {
	for _, w := range waiting {
		if t.ticked(w) {
			t.on[w.Anchor] = w
		}
	}
}

// chosen returns the ticked accounts, or else the one under the cursor.
func (q *Model) chosen() (all []control.Queued) {
	for _, w := range q.on {
		all = append(all, w)
	}
	slices.SortFunc(all, func(a, b control.Queued) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Anchor, b.Anchor))
	})
	if w, ok := q.current(); ok && len(all) == 0 {
		all = []control.Queued{w}
	}
	return all
}

func (q *Model) tick() tea.Cmd {
	w, _ := q.current()
	q.turn(w)
	q.remember(step{tick: w})
	return q.move("down")
}

func (q *Model) undoShort() string {
	if len(q.steps) == 0 {
		return ""
	}
	return "undo"
}

func (q *Model) undoOff() string {
	if len(q.steps) == 0 {
		return "there is nothing to undo"
	}
	return ""
}

// undo takes the last step back. A purge is a plan, and a plan that was applied cannot be taken back.
func (q *Model) undo() tea.Cmd {
	s := q.steps[len(q.steps)-1]
	q.steps = q.steps[:len(q.steps)-1]
	if s.change != nil {
		ctx := q.host.Ctx
		return func() tea.Msg { return queueDoneMsg{said: s.said, what: "Not undone", err: s.change(ctx)} }
	}
	said := "%s is ticked again."
	if q.turn(s.tick); !q.ticked(s.tick) {
		said = "%s is no longer ticked."
	}
	q.host.Say(said, s.tick.Key)
	q.goTo(s.tick.Anchor)
	return nil
}

// done tells how a keep, a release or an undo ended; the ticks were for it.
func (q *Model) done(msg queueDoneMsg) tea.Cmd {
	if msg.undo.change != nil {
		q.ticks.spend()
		q.remember(msg.undo)
	}
	if msg.err != nil {
		q.host.Fail(msg.what, msg.err)
		return q.fetch("")
	}
	q.host.Say("%s", msg.said)
	return q.fetch("")
}

// accounts names one account, or counts several.
func accounts(all []control.Queued) string {
	if len(all) == 1 {
		return all[0].Key
	}
	return look.Count(int64(len(all)), "account", "accounts")
}

// restore gives the accounts back the state in which they were seen.
func restore(conn Connector, all []control.Queued, said string) step {
	return step{said: said, change: func(ctx context.Context) error {
		for _, w := range all {
			var err error
			if w.Kept == nil {
				err = conn.Release(ctx, w.Anchor)
			} else {
				err = conn.Keep(ctx, w.Anchor, w.Kept.Reason, w.Kept.Until)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}}
}
