package cli

import (
	"context"

	"dirbridge/sync/control"
	"dirbridge/ui/view"
)

// queue prints the purge queue, page by page.
func (a *app) queue(ctx context.Context, c control.Queue) error {
	const page = 1000
	for after := (control.QueuePlace{}); ; {
		waiting, err := c.Queue(ctx, after, page)
		if err != nil {
			return err
		}
		for _, q := range waiting {
			if err := a.printQueued(q); err != nil {
				return err
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
	n, err := c.QueueCount(ctx)
	if err != nil {
		return err
	}
	w := &errWriter{w: a.out}
	if n.Waiting == 0 {
		w.printf("%s\n", view.QueueEmpty)
		return w.err
	}
	w.printf("%s\n%s\n", view.QueueCounts(n), view.OverdueMeans)
	return w.err
}

// printQueued prints one waiting account: a line of JSON, or a few lines of text.
func (a *app) printQueued(q control.Queued) error {
	if a.json {
		return a.line(q)
	}
	w := &errWriter{w: a.out}
	labelled(w, view.Queued(q, asVerb()), unwrapped)
	w.printf("\n")
	return w.err
}
