package cli

import (
	"context"
	"strings"

	"dirbridge/sync/control"
	"dirbridge/ui/view"
)

// driftShown is how many drifted changes a summary lists.
const driftShown = 5

// driftSummary lists some of the changes that were made in the cloud by hand.
func (a *app) driftSummary(ctx context.Context, w *errWriter, p *control.Plan, n control.DriftCounts) error {
	if !n.Any() {
		return nil
	}
	w.printf("\n%s\n", view.CloudEdits)
	drift := control.View{OnlyDrift: true}
	all, err := p.Count(ctx, drift)
	if err != nil {
		return err
	}
	some, err := p.WindowAt(ctx, drift, 0, driftShown)
	for _, c := range some {
		w.printf("  %s\n", driftLine(c))
	}
	if all > driftShown {
		w.printf("  and %d more: dirbridge show FILE --drift lists all of them\n", all-driftShown)
	}
	return err
}

// driftLine returns the drift of a change in one line.
func driftLine(c control.Change) string {
	text := view.ChangeTitle(&c)
	var fields []string
	for _, f := range c.Fields {
		if f.Drift {
			fields = append(fields, view.FieldWords(f, view.Verb))
		}
	}
	if len(fields) > 0 {
		return text + ": " + strings.Join(fields, "; ")
	}
	return text + ": " + view.ChangeWords(&c, view.Verb)
}
