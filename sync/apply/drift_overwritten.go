package apply

import (
	"fmt"
	"strings"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
)

// maxOverwrittenEvents limits how many overwritten drifts get an event of their own; a last event
// gives the total.
const maxOverwrittenEvents = 20

// noteOverwritten reports that a write replaced a value that was edited in the cloud by hand.
func (a *applier) noteOverwritten(full, sent plan.Change) {
	var texts []string
	if full.Drift {
		texts = append(texts, map[plan.Action]string{plan.Remove: "it was put into the group by hand",
			plan.Add: "it had been removed by hand"}[full.Action])
	}
	for _, f := range sent.Fields {
		if f.Drift {
			texts = append(texts, fmt.Sprintf("%s was %s by hand, and is %s again", f.Name, stage.Quoted(f.Old),
				stage.Quoted(f.New)))
		}
	}
	if len(texts) == 0 {
		return
	}
	if a.overwritten++; a.overwritten > maxOverwrittenEvents {
		return
	}
	if f, ok := sent.Field(schema.Active); ok && f.Drift && stage.Deactivates(sent) {
		a.pending.Events = append(a.pending.Events, record.Event{Time: a.at(), Run: a.run.ID, Level: record.Error,
			Code:   "leaver-reactivated",
			Anchor: full.Anchor, Record: recordName(full), Field: schema.Active, Side: identity.InCloud,
			Message: fmt.Sprintf("The account %s was made active in the cloud by hand, although its person is disabled, gone "+
				"or out of scope. It is inactive again.", recordName(full)),
			Remedy: "Find out why it was made active. If the person should have access, enable the entry in the directory, or " +
				"bring it back into scope."})
		return
	}
	a.driftEvent(record.Event{Anchor: full.Anchor, Record: recordName(full), Side: identity.InCloud,
		Message: fmt.Sprintf("%s %s %s: %s", full.Action, full.Kind, recordName(full), strings.Join(texts, "; "))})
}

// reportOverwritten reports the total.
func (a *applier) reportOverwritten() {
	switch n := a.overwritten; n {
	case 0:
	case 1:
		a.driftEvent(record.Event{Message: "1 object that was changed in the cloud by hand was restored from the directory."})
	default:
		a.driftEvent(record.Event{Message: fmt.Sprintf("%d objects that were changed in the cloud by hand were "+
			"restored from the directory.", n)})
	}
}

func (a *applier) driftEvent(ev record.Event) {
	ev.Time, ev.Run, ev.Level, ev.Code = a.at(), a.run.ID, record.Info, "drift-overwritten"
	a.pending.Events = append(a.pending.Events, ev)
}
