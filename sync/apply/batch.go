package apply

import (
	"context"
	"errors"
	"fmt"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/stage"
)

// batch executes changes of one phase and wave, or one step of them. It settles those that need no
// write, journals the intents of the rest, sends them, and makes the answers durable together with
// the shadows.
func (a *applier) batch(ctx context.Context, rows []plan.Change, step int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if a.stop != nil {
		return a.stop
	}
	a.late, a.doubted = map[int64]bool{}, map[int64]plan.Change{}
	if step == stepMain {
		rows = a.leaveOut(rows)
	}
	byNumber := map[int64]plan.Change{}
	var send []plan.Change
	var current *reality
	if a.stale && (step == stepMain || step == stepVia) {
		var err error
		if current, err = a.look(ctx, rows); err != nil {
			return err
		}
	}
	kept, err := a.keptOf(ctx, rows)
	if err != nil {
		return err
	}
	for _, c := range rows {
		if o := kept[c.Anchor]; o != nil && c.Action == plan.Delete {
			o.Seq, o.ID = c.Seq, c.ID
			a.settle(c, step, *o)
			continue
		}
		ready, o, err := a.prepare(ctx, c, step, current)
		if err != nil {
			return err
		}
		if o != nil {
			c.After = ready.After
			a.settle(c, step, *o)
			continue
		}
		if o, err = a.leftOpen(ctx, ready, step); err != nil {
			return err
		} else if o != nil {
			a.settle(c, step, *o)
			continue
		}
		byNumber[c.Seq] = c
		send = append(send, ready)
	}
	if err := a.write(ctx, send, byNumber, step); err != nil {
		return err
	}
	if err := a.commit(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	return a.readBack(ctx)
}

// write journals and sends. Every intent gets an answer, except for writes whose outcome is
// unknown: those are checked after a restart, or just before the next run.
func (a *applier) write(ctx context.Context, send []plan.Change, byNumber map[int64]plan.Change, step int) error {
	if len(send) == 0 {
		return nil
	}
	at := a.at()
	intents := make([]port.Intent, len(send))
	for i, c := range send {
		intents[i] = port.Intent{Run: a.run.ID, Seq: c.Seq, Step: step, Change: c, At: at}
	}
	if err := a.env.Store.Intend(ctx, a.run.ID, intents); err != nil {
		return err
	}
	answered := map[int64]bool{}
	sent := map[int64]plan.Change{}
	for _, c := range send {
		sent[c.Seq] = c
	}
	var look []record.Outcome // deactivations whose account must be read before the answer counts
	err := a.env.Target.Apply(ctx, send, func(o record.Outcome) {
		if answered[o.Seq] {
			return
		}
		answered[o.Seq] = true
		if checkShown(sent[o.Seq], &o) {
			look = append(look, o)
			return
		}
		a.answer(byNumber[o.Seq], sent[o.Seq], step, o)
	})
	a.reportPauses()
	a.readBackUnproven(ctx, sent, look)
	for _, o := range look {
		a.answer(byNumber[o.Seq], sent[o.Seq], step, o)
	}
	for _, c := range send {
		if !answered[c.Seq] {
			a.answer(byNumber[c.Seq], c, step, record.Outcome{Seq: c.Seq, State: record.WriteNotSent})
		}
	}
	if err != nil {
		a.stop = err
		return errors.Join(err, a.commit(context.WithoutCancel(ctx)))
	}
	return nil
}

// settle records a change that was decided without a write.
func (a *applier) settle(c plan.Change, step int, o record.Outcome) {
	if step == stepMain && a.whole[c.Seq] {
		a.linkEarly(c)
		return // the next step reports the outcome
	}
	if step == stepVia {
		return
	}
	a.outcome(c, step, o)
	if o.State == record.WriteDone {
		a.store(c, c, step, o)
	}
}

// answer records a change that was sent. full is the change of the plan, sent the part of it that
// was sent.
func (a *applier) answer(full, sent plan.Change, step int, o record.Outcome) {
	o = a.refuseSharedGroup(context.Background(), full, o)
	o = a.tellArchived(context.Background(), full, o)
	if o.State != record.WriteUnknown {
		a.pending.Answers = append(a.pending.Answers, port.Answer{Run: a.run.ID, Step: step, Outcome: o, At: a.at()})
	}
	a.outcome(full, step, o)
	if o.State == record.WriteDone && (step == stepMain || step == stepRefs && a.whole[full.Seq]) {
		a.noteOverwritten(full, sent)
	}
	if o.State == record.WriteDone && step == stepRefs && !a.whole[full.Seq] {
		a.storeRefs(full, sent, o)
	} else if o.State == record.WriteDone {
		a.store(full, sent, step, o)
	}
	if o.Open {
		a.open(full, sent, o)
	}
}

// outcome counts and reports one outcome.
func (a *applier) outcome(c plan.Change, step int, o record.Outcome) {
	if step == stepVia || step == stepBack || step == stepOn {
		a.recordStep(c, step, o)
		return
	}
	counted := step == stepMain || step == stepRefs && a.whole[c.Seq]
	a.noteLeaver(c, o)
	if o.State != record.WriteDone && c.Kind != identity.Member && c.ID != "" && len(a.undone) < maxFailed {
		a.undone[c.ID] = true
	}
	switch o.State {
	case record.WriteDone:
		if counted && c.Action == plan.Delete && o.Gone() {
			a.run.Gone++
			o.Message = "it was gone from the cloud already, and was not deleted by this run"
			o.Remedy = "Nothing need be done."
			a.event(record.Info, "gone-already", c, o)
		} else if counted {
			stage.CountDone(&a.run.Counts, c)
			if c.Kind == identity.User && c.Action == plan.Add && c.After != nil && !c.After.Active {
				a.addedInactive++
			}
			a.reportAdministrator(c, o)
		}
		delete(a.atTemporaryKey, c.Seq)
		switch {
		case o.Open:
			a.openAdded(c, o)
		case a.late[c.Seq]:
			a.dirty(c, "a reference is still to be set")
		case a.header.Mode == record.Undo:
			a.dirty(c, fmt.Sprintf("run %d was undone", a.header.UndoOf))
		case a.behind && c.Action != plan.Delete:
			a.clearFailing(c)
			a.dirty(c, "another run came before its plan was applied")
		case stage.LeaverInPart(c):
			a.dirtyFor(c.Anchor, leaverToCome)
		default:
			a.clearFailing(c)
			a.dirty(c, "")
			a.unsettled(c)
		}
	case record.WriteFailed, record.WriteUnknown:
		a.run.Failed++
		a.dirty(c, o.Message)
		if c.Kind == identity.Member && c.Action == plan.Add {
			// The account may be gone; only an object that is marked dirty gets a new one.
			a.dirty(plan.Change{Kind: c.MemberKind, Anchor: c.Member}, o.Message)
		}
		a.learnGroupNames(c, o)
		a.event(record.Error, codeOf(o), c, o)
		a.missed(c, o)
	case record.WriteSkipped:
		a.run.Skipped++
		a.dirty(c, o.Message)
		a.event(record.Warn, "write-skipped", c, o)
		a.missed(c, o)
	case record.WriteLeftOut:
		if counted {
			a.run.LeftOut++
		}
		a.putBy(c, o.Message)
	case record.WriteNotSent:
		a.run.NotDone++
		a.dirty(c, "not sent")
	}
	if counted {
		a.seen++
	}
	counts, failed, skipped, n := a.run.Counts, a.run.Failed, a.run.Skipped, a.seen
	a.env.Meter.Update(func(p *port.Progress) {
		p.Counts, p.Failed, p.Skipped, p.Done = counts, failed, skipped, n
		p.Run = a.run.ID
	})
}

// codeOf returns the event code of a failed write.
func codeOf(o record.Outcome) string {
	if o.Open {
		return "still-active"
	}
	return "write-failed"
}

// recordStep records how the write of a temporary key, or of the restored old key, ended. The change
// is counted by its main step.
func (a *applier) recordStep(c plan.Change, step int, o record.Outcome) {
	switch {
	case o.State == record.WriteDone && step == stepVia:
		a.atTemporaryKey[c.Seq] = c
	case o.State == record.WriteDone:
	case o.State == record.WriteFailed && step == stepBack:
		a.atTemporaryKey[c.Seq] = c // usually the old key is taken: try the new one
	default:
		if o.State != record.WriteNotSent {
			a.event(record.Error, "write-failed", c, o)
		}
		a.dirty(c, "it may bear a temporary name")
		if step == stepVia {
			a.stuck[c.Seq] = o.Message + " "
		}
	}
}

// membersToCome is the reason why a group is dirty between its own write and the end of the run.
const membersToCome = "memberships of it may still have to be written"

// placesToCome is the reason why a person is dirty between the write of the account and the end of
// the run. It differs from membersToCome, so that one CleanOf clears all people.
const placesToCome = "memberships of the account may still have to be written"

// unsettled marks a group or a person whose own write is done but whose memberships may not be. The
// shadow already says that the object is in the cloud, so the next run would compare only the
// memberships that changed. If this process dies before they are written, all of them must be
// compared. remember clears the mark at the end.
func (a *applier) unsettled(c plan.Change) {
	if c.Action == plan.Delete || c.Anchor == "" {
		return
	}
	reason := membersToCome
	if c.Kind != identity.Group {
		if reason = placesToCome; c.Kind != identity.User || a.header.Counts.Members.Add == 0 {
			return
		}
	}
	a.dirtyFor(c.Anchor, reason)
}

// dirtyFor marks an object as dirty until the rest of it is written. It does not count as a
// failure.
func (a *applier) dirtyFor(anchor identity.Anchor, reason string) {
	if a.pending.Dirty == nil {
		a.pending.Dirty = map[identity.Anchor]string{}
	}
	if a.pending.Dirty[anchor] == "" {
		a.pending.Dirty[anchor] = reason
	}
}

func (a *applier) dirty(c plan.Change, reason string) {
	anchor := c.Anchor
	if anchor == "" {
		return
	}
	if reason != "" && len(a.failed) < maxFailed {
		a.failed[anchor] = true
	}
	// A group has its own changes and those of its members, in many batches, and the process may
	// die between them: one change that is done says nothing about the others. clean clears the
	// mark at the end.
	if c.Kind != identity.User && reason == "" || reason == "" && a.stillActive[anchor] {
		return
	}
	if a.pending.Dirty == nil {
		a.pending.Dirty = map[identity.Anchor]string{}
	}
	if old, ok := a.pending.Dirty[anchor]; ok && old != "" && reason == "" {
		return // one failed part keeps the whole object dirty
	}
	a.pending.Dirty[anchor] = reason
}

func (a *applier) event(level record.Level, code string, c plan.Change, o record.Outcome) {
	who := recordName(c)
	msg := o.Message
	if msg == "" {
		msg = "no reason given"
	}
	if o.Remedy == "" {
		o.Remedy = "The next run tries again. If it stays, look at the object on both sides."
	}
	a.pending.Events = append(a.pending.Events, record.Event{Time: a.at(), Run: a.run.ID, Level: level, Code: code,
		Anchor: c.Anchor, Record: who,
		Field: o.Field, Side: identity.InCloud, Remedy: o.Remedy, Message: fmt.Sprintf("%s %s %s: %s", c.Action, c.Kind,
			who, msg)})
}

// commit makes the pending answers and shadows durable, in one transaction.
func (a *applier) commit(ctx context.Context) error {
	b := a.pending
	a.pending = port.Batch{}
	if len(b.Shadows)+len(b.Answers)+len(b.Forget)+len(b.Dirty)+len(b.Values)+len(b.Events)+len(b.Recovered) == 0 {
		return nil
	}
	if err := a.count(ctx, &b); err != nil {
		return err
	}
	return a.env.Store.Commit(ctx, b)
}
