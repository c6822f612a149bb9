package page

import (
	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/view"
)

// idlePhase is the engine's phase while nothing runs.
const idlePhase control.Phase = "idle"

// Work is what is under way, in this process or in another.
type Work struct {
	Progress  control.Progress
	Mode      record.Mode // of the request that was started here last; a dry run's progress has another one
	Elsewhere bool
}

// Running reports whether this process runs something.
func (w Work) Running() bool { return w.Progress.Phase != "" && w.Progress.Phase != idlePhase }

// UnderWay reports whether something runs, here or in another process.
func (w Work) UnderWay() bool { return w.Running() || w.Elsewhere }

// Busy returns why nothing new can be started, or "".
func (w Work) Busy() string {
	if w.Running() {
		return view.RunUnderWay + "; wait, or cancel it with [c] on the Dashboard"
	}
	return ""
}

// WriteOff returns why no run that writes can be started, or "".
func (w Work) WriteOff() string {
	if off := w.Busy(); off != "" {
		return off
	}
	if w.Elsewhere {
		return view.RunElsewhere
	}
	return ""
}

// IncrementalOff returns why no incremental run can be started, or "": the cases of the guide.
func (w Work) IncrementalOff(s control.Status) string {
	switch off := w.WriteOff(); {
	case off != "":
		return off
	case s.LastFull.IsZero():
		return view.NoIncremental
	case !s.Mode.Enabled:
		return view.ScheduleIsOff
	}
	return ""
}
