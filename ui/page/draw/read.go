package draw

import (
	"context"
	"errors"
	"strings"

	"dirbridge/ui/view"
)

// ErrEnough ends a reading that has all that it wants.
var ErrEnough = errors.New("enough was read")

// Stale reports whether an error only means that the request was canceled.
func Stale(err error) bool { return errors.Is(err, context.Canceled) }

// WantPath is the check of a prompt for a file.
func WantPath(path string) string {
	if strings.TrimSpace(path) == "" {
		return view.NeedsPath
	}
	return ""
}
