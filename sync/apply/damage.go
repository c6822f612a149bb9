package apply

import (
	"context"
	"fmt"
	"time"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/stage"
)

// recoverDamaged closes an intent whose journal row is damaged. The object cannot be identified, so
// the next run reads everything, and not before an object that the write may have created is
// listed.
func recoverDamaged(ctx context.Context, e *stage.Env, i port.Intent) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(settledAt(e, i).Sub(e.Now())):
	}
	now := e.Now().UTC()
	const lost = "its row in the journal is damaged, so its result is not known"
	return e.Store.Commit(ctx, port.Batch{
		Answers: []port.Answer{{Run: i.Run, Step: i.Step, At: now, Outcome: record.Outcome{Seq: i.Seq,
			State: record.WriteUnknown, Message: lost}}},
		Values: map[string]string{facts.DamagedValue: "a row of the journal is damaged"},
		Events: []record.Event{{Time: now, Run: i.Run, Level: record.Warn, Code: "journal-damaged", Side: identity.InCloud,
			Message: fmt.Sprintf("Write %d of run %d was not answered, and %s.", i.Seq, i.Run, lost),
			Remedy: "Nothing to do in Dirbridge: everything is read again on both sides. Check the disk and the " +
				"memory of this machine."}},
	})
}
