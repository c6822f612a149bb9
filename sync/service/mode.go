package service

import (
	"context"

	"dirbridge/sync/facts"
	"dirbridge/sync/record"
)

const remedyEnable = "To have the schedule served, look at a dry run (dirbridge plan), then: dirbridge enable."

// enabled reads from the state whether runs may start, and reports a change. If the state cannot be
// read, no run may start.
func (r *Runner) enabled(ctx context.Context) bool {
	var now facts.Synchronization
	if err := facts.ReadValue(ctx, r.opt.Store, facts.ModeValue, &now); err != nil {
		r.problem(ctx, "state", record.Run{}, err)
		return false
	}
	before := r.mode
	r.mode = &now
	switch {
	case before == nil && !now.Enabled:
		r.logEvent(record.Event{Level: record.Warn, Code: "disabled",
			Message: "Synchronization is disabled" + since(now) + ": no run starts until it is enabled.",
			Remedy:  remedyEnable})
	case before == nil || before.Enabled == now.Enabled:
	case now.Enabled: // the process that enabled it has logged an event
		r.opt.Report(
			r.event(record.Event{Level: record.Info, Code: "mode-enabled",
				Message: "Synchronization was enabled" + since(now) + "."}))
	default:
		r.opt.Report(
			r.event(record.Event{Level: record.Warn, Code: "mode-disabled",
				Message: "Synchronization was disabled" + since(now) + ": no run starts until it is enabled again.",
				Remedy:  remedyEnable}))
	}
	return now.Enabled
}

// since says by whom, when and why it was switched.
func since(s facts.Synchronization) (text string) {
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

// changed reports that the present configuration had no dry run. The schedule is served
// nevertheless: an incremental run refuses to run with another scope, mapping or policy than the
// last full run, and the guards check every plan.
func (r *Runner) changed(ctx context.Context) error {
	if r.mode == nil || !r.mode.Enabled {
		return nil // enabling it reports that
	}
	last, err := facts.LastDryRun(ctx, r.opt.Store, r.opt.Config)
	if err != nil {
		return err
	}
	if last == nil || last.Config != r.opt.Config {
		r.logEvent(record.Event{Level: record.Warn, Code: "configuration-changed",
			Message: "The configuration changed after the last dry run. Synchronization stays enabled, and the guards " +
				"apply. If scope, mapping or policy changed, the next run reads everything.",
			Remedy: "See what it will do: dirbridge plan. To stop it until then: dirbridge disable."})
	}
	return nil
}
