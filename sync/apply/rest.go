package apply

import (
	"fmt"

	"dirbridge/sync/identity"
	"dirbridge/sync/record"
)

// rests is implemented by a target that pauses when the cloud fails one request after another.
// Rests returns the number of pauses since the last call.
type pauser interface{ Pauses() int }

// reportPauses logs the pauses of the target since the last batch. Progress shows each pause while it
// lasts.
func (a *applier) reportPauses() {
	t, ok := a.env.Target.(pauser)
	if !ok {
		return
	}
	if n := t.Pauses(); n > 0 {
		times := "once"
		if n > 1 {
			times = fmt.Sprintf("%d times", n)
		}
		a.pending.Events = append(a.pending.Events, record.Event{Time: a.at(), Run: a.run.ID, Level: record.Warn,
			Code: "cloud-failing", Side: identity.InCloud,
			Message: "The cloud failed many requests in a row. Dirbridge paused " + times +
				" and then tried again.",
			Remedy: "If this continues for 15 minutes, the run ends, and the next one continues. Ask the cloud's support."})
	}
}
