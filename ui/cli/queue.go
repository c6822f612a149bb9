package cli

import (
	"context"
	"fmt"
	"time"

	"dirbridge/sync/control"
	"dirbridge/ui/view"
)

// queue prints the purge queue, page by page.
func (a *app) queue(ctx context.Context, c control.Queue) error {
	const page = 1000
	var all, overdue, held int
	for after := (control.QueuePlace{}); ; {
		waiting, err := c.Queue(ctx, after, page)
		if err != nil {
			return err
		}
		for _, q := range waiting {
			if err := a.printQueued(q); err != nil {
				return err
			}
			all++
			if q.Overdue {
				overdue++
			}
			if q.Held() {
				held++
			}
			after = q.Place()
		}
		if len(waiting) < page {
			break
		}
	}
	if a.json {
		return nil
	}
	w := &errWriter{w: a.out}
	switch {
	case all == 0:
		w.printf("The purge queue is empty.\n")
	default:
		w.printf("\n%d waiting, %d overdue, %d kept\n", all, overdue, held)
		w.printf("Overdue ones go with the next purge. %s\n", control.PurgeWarning)
	}
	return w.err
}

// printQueued prints one waiting account: a line of JSON, or a few lines of text.
func (a *app) printQueued(q control.Queued) error {
	if a.json {
		return a.line(q)
	}
	w := &errWriter{w: a.out}
	w.printf("%-5s  %s\n    %s\n", q.Kind, q.Key, view.WhereQueued(q))
	run := ""
	if q.Run > 0 {
		run = fmt.Sprintf(" by run %d", q.Run)
	}
	verb := "deactivated"
	if q.Kind != "user" {
		verb = "missing"
	}
	w.printf("    %s %s%s", verb, moment(q.Since), run)
	if q.Reason != "" {
		w.printf(": %s", q.Reason)
	}
	w.printf("\n")
	due := fmt.Sprintf("due %s (%s)", moment(q.Due), fromNow(q.Due, time.Now()))
	switch {
	case q.Held():
		due += ", kept " + heldBy(q)
	case q.ByName:
		due = `stays: on_missing is "keep"; a purge that names it takes it`
	case q.Overdue:
		due = fmt.Sprintf("OVERDUE since %s (%s)", moment(q.Due), fromNow(q.Due, time.Now()))
	}
	w.printf("    %s\n", due)
	return w.err
}

// heldBy names the operator who keeps an account.
func heldBy(q control.Queued) string {
	if q.Kept == nil {
		return "as unmanaged: " + q.Unmanaged
	}
	return q.Kept.Text()
}

func moment(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }

// fromNow returns a distance in time in its largest unit: "in 3 d", "2 h ago".
func fromNow(t, now time.Time) string {
	d := t.Sub(now)
	form := "in %d %s"
	if d < 0 {
		d, form = -d, "%d %s ago"
	}
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "min"}} {
		if d >= u.unit {
			return fmt.Sprintf(form, d/u.unit, u.name)
		}
	}
	return "now"
}
