package cli

import (
	"context"

	"dirbridge/sync/control"
	"dirbridge/ui/view"
)

// withheldShown is how many withheld records the text output lists.
const withheldShown = 20

// summaryWithheld lists the withheld records of a plan.
func summaryWithheld(ctx context.Context, w *errWriter, p *control.Plan, h control.Header) error {
	if h.Withheld == 0 {
		return w.err
	}
	list, err := p.WithheldWindow(ctx, "", 0, withheldShown)
	if err != nil {
		return err
	}
	withheldLines(w, list, h.Withheld)
	return w.err
}

// standingWithheld lists the withheld records in the state.
func standingWithheld(ctx context.Context, c control.Withholding, w *errWriter) error {
	list, err := c.Withheld(ctx)
	if err != nil {
		return err
	}
	withheldLines(w, list[:min(len(list), withheldShown)], int64(len(list)))
	return w.err
}

func withheldLines(w *errWriter, list []control.Withheld, n int64) {
	if n == 0 {
		return
	}
	w.printf("\n! %s\n", view.Withheld(n))
	for _, h := range list {
		withheldRecord(w, h)
	}
	if more := n - int64(len(list)); more > 0 {
		w.printf("  and %d more: dirbridge plan --json lists all of them\n", more)
	}
}

// withheldOf lists the records that a run withheld, with the state of both sides at that time.
func withheldOf(w *errWriter, r control.Report) {
	if len(r.WithheldRecords) == 0 {
		return
	}
	w.printf("\n%s\n", view.WithheldPart)
	list := r.WithheldRecords[:min(len(r.WithheldRecords), withheldShown)]
	for _, h := range list {
		withheldRecord(w, h)
	}
	if more := r.Withheld - int64(len(list)); more > 0 {
		w.printf("  and %d more: --json lists %d of all\n", more, len(r.WithheldRecords))
	}
}

// withheldRecord prints one of them, with both sides.
func withheldRecord(w *errWriter, h control.Withheld) {
	labelled(w, view.WithheldFacts(h, view.Verb), unwrapped)
}
