package draw

import (
	"context"
	"errors"
	"strings"
	"time"

	"charm.land/bubbles/v2/spinner"

	"dirbridge/ui/look"
	"dirbridge/ui/view"
)

// ErrEnough ends a reading that has all that it wants.
var ErrEnough = errors.New("enough was read")

// Stale reports whether an error only means that the request was canceled.
func Stale(err error) bool { return errors.Is(err, context.Canceled) }

// Working returns the mark of what is being waited for. It turns with the ticks of the console: without a
// tick, the frame is the same. The steps of a run move by themselves.
func Working(l look.Look, now time.Time) string {
	frames := spinner.MiniDot.Frames
	if l.Mark.ASCII {
		frames = spinner.Line.Frames
	}
	return frames[now.UnixMilli()/200%int64(len(frames))]
}

// WantPath is the check of a prompt for a file.
func WantPath(path string) string {
	if strings.TrimSpace(path) == "" {
		return view.NeedsPath
	}
	return ""
}
