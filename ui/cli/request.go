package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/look"
	"dirbridge/ui/view"
)

// run starts a request, shows its progress on a terminal, and waits. When ctx ends, it asks the
// request to stop between two writes, and still waits.
func (a *app) run(ctx context.Context, c control.Runs, r control.Request) (control.Result, error) {
	_, before, _ := c.Result()
	if err := c.Start(r); err != nil {
		return control.Result{}, err
	}
	bar := newProgressLine(a.rawErr)
	defer bar.clear()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	ended := ctx.Done()
	for {
		if res, n, ok := c.Result(); ok && n > before {
			return res, res.Err
		}
		select {
		case <-ended:
			c.Cancel()
			ended = nil
		case now := <-tick.C:
			bar.say(view.ProgressOf(c.Progress(), r.Mode, now).String(), now)
		}
	}
}

// progressLine is one line of progress on a terminal; elsewhere it prints nothing.
type progressLine struct {
	w    io.Writer
	last string
	at   time.Time
}

func newProgressLine(w io.Writer) *progressLine {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return &progressLine{w: w}
	}
	return &progressLine{}
}

// say shows a text, at a readable rate.
func (l *progressLine) say(text string, now time.Time) {
	if l.w == nil || now.Sub(l.at) < 200*time.Millisecond {
		return
	}
	if text != l.last {
		fmt.Fprintf(l.w, "\r\x1b[K%s", look.Clean(text))
		l.last, l.at = text, now
	}
}

func (l *progressLine) clear() {
	if l.w != nil && l.last != "" {
		fmt.Fprint(l.w, "\r\x1b[K")
	}
}

// ranWell converts the end of a run to the verb's error.
func ranWell(run record.Run, err error) error {
	switch {
	case errors.Is(err, context.Canceled):
		return &stoppedError{run, err}
	case err == nil && (run.Outcome == record.Partial || run.Withheld > 0):
		return &partialError{run}
	}
	return err
}
