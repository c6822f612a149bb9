package service

import (
	"context"

	"dirbridge/sync"
	"dirbridge/sync/record"
)

const remedyEnable = "To have the schedule served, look at a dry run (dirbridge plan), then: dirbridge enable."

// enabled asks the state whether anything may be started, and tells when the answer is
// another one than before. While the state cannot be read nothing may.
func (r *Runner) enabled(ctx context.Context) bool {
	var now sync.Synchronization
	if err := sync.ReadValue(ctx, r.opt.Store, sync.ModeValue, &now); err != nil {
		r.trouble(ctx, "state", record.Run{}, err)
		return false
	}
	before := r.mode
	r.mode = &now
	switch {
	case before == nil && !now.Enabled:
		r.note(record.Event{Level: record.Warn, Code: "disabled", Message: "Synchronization is disabled" + since(now) + ": nothing is started until it is enabled.", Remedy: remedyEnable})
	case before == nil || before.Enabled == now.Enabled:
	case now.Enabled: // whoever did it has put it into the event log
		r.opt.Tell(r.event(record.Event{Level: record.Info, Code: "mode-enabled", Message: "Synchronization was enabled" + since(now) + "."}))
	default:
		r.opt.Tell(r.event(record.Event{Level: record.Warn, Code: "mode-disabled", Message: "Synchronization was disabled" + since(now) + ": nothing is started until it is enabled again.", Remedy: remedyEnable}))
	}
	return now.Enabled
}

// since says who switched, when, and why.
func since(s sync.Synchronization) (text string) {
	if s.By != "" {
		text = " by " + s.By
	}
	if !s.At.IsZero() {
		text += ", " + s.At.Local().Format("2006-01-02 15:04")
	}
	if s.Reason != "" {
		text += " (" + s.Reason + ")"
	}
	return text
}

// changed tells that what is served was never looked at in a dry run. It is served all
// the same: an incremental run is none where another scope, mapping or policy than the
// last full run's is in force, and the guards see every plan.
func (r *Runner) changed(ctx context.Context) error {
	if r.mode == nil || !r.mode.Enabled {
		return nil // whoever enables it is told
	}
	var last sync.DryRun
	if err := sync.ReadValue(ctx, r.opt.Store, sync.DryRunValue, &last); err != nil {
		return err
	}
	if last.Config != r.opt.Config {
		r.note(record.Event{Level: record.Warn, Code: "configuration-changed",
			Message: "The configuration was changed since the last dry run. Synchronization stays enabled, and guarded; where scope, mapping or policy are others, the next one reads everything.",
			Remedy:  "Look at what it will do (dirbridge plan), or stop it until you did (dirbridge disable)."})
	}
	return nil
}
