package cli

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/look"
	"dirbridge/ui/view"
)

func (a *app) historyCommand() *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use:   "history [RUN]",
		Short: "List the last runs, newest first, or report one run",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError{fmt.Errorf("%s takes the number of one run: see %s --help", cmd.CommandPath(), cmd.CommandPath())}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			var id int64
			if len(args) == 1 {
				var err error
				if id, err = strconv.ParseInt(args[0], 10, 64); err != nil || id < 1 {
					return usageError{fmt.Errorf("%q is not the number of a run: dirbridge history lists them", args[0])}
				}
			}
			return a.reading(cmd.Context(), func(s *Session) error {
				if id != 0 {
					return a.runReport(cmd.Context(), s.Connector, id)
				}
				return a.history(cmd.Context(), s.Connector, limit)
			})
		},
	}
	cmd.Flags().Var(newAtLeast(&limit, 50, 1), "limit", "list at most `N` runs")
	return cmd
}

func (a *app) history(ctx context.Context, c control.History, limit int) error {
	runs, err := c.Runs(ctx, limit)
	if err != nil {
		return err
	}
	if a.json {
		if runs == nil {
			runs = []record.Run{}
		}
		return a.document(runs)
	}
	w := &errWriter{w: a.out}
	for _, r := range runs {
		runLines(w, "", r)
	}
	return w.err
}

// reportDocument is history RUN --json.
type reportDocument struct {
	control.Report
	Problems []record.Problem `json:"problems"` // of this run, with the time since when they are open
	Records  []record.Event   `json:"records"`  // that failed or were skipped
	Events   []record.Event   `json:"events"`   // the other events
}

// runReport prints one run.
func (a *app) runReport(ctx context.Context, c control.History, id int64) error {
	r, err := c.Report(ctx, id)
	if err != nil {
		return err
	}
	if a.json {
		d := reportDocument{Report: r, Records: []record.Event{}, Events: []record.Event{}}
		err := c.ReportEvents(ctx, id, func(e record.Event) error {
			if view.OfRecord(e) {
				d.Records = append(d.Records, e)
			} else {
				d.Events = append(d.Events, e)
			}
			return nil
		})
		if err == nil {
			d.Problems, err = problemsOf(ctx, c, id)
		}
		if err != nil {
			return err
		}
		return a.document(d)
	}
	w := &errWriter{w: a.out}
	reportHead(w, r)
	notes := 0
	err = c.ReportEvents(ctx, id, func(e record.Event) error {
		listed := e.Code == "withheld" && len(r.WithheldRecords) > 0
		if !view.OfRecord(e) && e.Code != "escalated" && e.Code != "problem" && !listed {
			if notes++; notes == 1 {
				w.printf("\n%s\n", view.NotesPart)
			}
			eventLines(w, e)
		}
		return w.err
	})
	if err != nil {
		return err
	}
	withheldOf(w, r)
	if err := problemLines(ctx, c, r.Run, 100, w); err != nil {
		return err
	}
	return a.reportRecords(ctx, c, r, w)
}

// reportHead prints a run without its records.
func reportHead(w *errWriter, r control.Report) {
	w.printf("%s\n", view.RunOutcome(r.Run))
	escalatedLines(w, r.EscalatedCount, r.Escalated)
	labelled(w, view.Run(r.Run, nil, asVerb()), unwrapped)
}

// unwrapped is the width of facts whose commands can be copied.
const unwrapped = 1 << 10

// labelled prints facts, each with its label before it and its remedy below.
func labelled(w *errWriter, all []view.Fact, width int) {
	for _, fact := range all {
		for _, line := range view.Lines(look.Look{}, fact, width) {
			w.printf("%s\n", line)
		}
	}
}

// reportRecords prints the records that failed or were skipped.
func (a *app) reportRecords(ctx context.Context, c control.History, r control.Report, w *errWriter) error {
	const shown = 100
	n := 0
	err := c.ReportEvents(ctx, r.ID, func(e record.Event) error {
		if !view.OfRecord(e) {
			return w.err
		}
		if n++; n == 1 {
			w.printf("\n%s\n", view.FailedPart)
		}
		if n <= shown {
			eventLines(w, e)
		}
		return w.err
	})
	if n > shown {
		w.printf("  and %d more: --json lists all of them\n", n-shown)
	}
	if missing := r.Failed + r.Skipped - int64(n); missing > 0 {
		w.printf("  %s\n", view.NotInLog(missing))
	}
	if err != nil {
		return err
	}
	return w.err
}

func eventLines(w *errWriter, e record.Event) {
	w.printf("  %-5s  %s\n", e.Level, view.EventText(e))
	if e.Remedy != "" {
		w.printf("         %s\n", e.Remedy)
	}
}
