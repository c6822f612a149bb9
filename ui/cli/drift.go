package cli

import (
	"context"
	"slices"
	"strings"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
)

// driftShown is how many drifted changes a summary lists.
const driftShown = 5

// driftSummary prints the drift in a summary, apart from changes of the directory.
func (a *app) driftSummary(ctx context.Context, w *errWriter, p *control.Plan, n control.DriftCounts) error {
	if n.Both > 0 {
		defer func() {
			w.printf("\n%s changed in the directory, and by hand in the cloud as well: the directory's value stands.\n",
				count(n.Both, "field"))
		}()
	}
	if !n.Any() {
		return nil
	}
	w.printf("\nChanged in the cloud by hand since the last run: %s\n", n.Text())
	view := control.View{OnlyDrift: true}
	all, err := p.Count(ctx, view)
	if err != nil {
		return err
	}
	some, err := p.WindowAt(ctx, view, 0, driftShown)
	for _, c := range some {
		w.printf("  %s\n", driftLine(c))
	}
	if all > driftShown {
		w.printf("  and %d more: show --drift lists all of them\n", all-driftShown)
	}
	return err
}

// driftLine returns the drift of a change in one line.
func driftLine(c control.Change) string {
	who := c.Key
	if c.Kind == identity.Member {
		who = c.MemberKey + " in " + c.Key
	}
	text := string(c.Action) + " " + string(c.Kind) + " " + who
	var fields []string
	for _, f := range c.Fields {
		if f.Drift {
			fields = append(fields, f.Name+" "+shown(f.Old)+" -> "+shown(f.New))
		}
	}
	switch {
	case len(fields) > 0:
		return text + ": " + strings.Join(fields, "; ")
	case c.Kind == identity.Member && c.Action == "remove":
		return text + ": put into the group by hand"
	case c.Kind == identity.Member:
		return text + ": taken out of the group by hand"
	}
	return text + ": removed by hand"
}

// sideWords marks the fields of a change that were edited in the cloud.
func sideWords(c control.Change, f control.Field) string {
	if !slices.ContainsFunc(c.Fields, func(f control.Field) bool { return f.Drift || f.Both }) {
		return ""
	}
	if f.Both && f.Mapping {
		return "  [changed with the mapping; also changed in the cloud]"
	}
	return map[string]string{"mapping": "  [changed with the mapping]", "cloud": "  [changed in the cloud]",
		"both":      "  [changed in the directory; also changed in the cloud]",
		"directory": "  [changed in the directory]"}[f.Side()]
}
