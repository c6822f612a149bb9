package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/look"
)

func (a *app) historyCommand() *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use:   "history [RUN]",
		Short: "The last runs, newest first; or the report of one",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError{fmt.Errorf("%s takes one run: see %s --help", cmd.CommandPath(), cmd.CommandPath())}
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
	cmd.Flags().Var(newAtLeast(&limit, 50, 1), "limit", "at most `N`")
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
		w.printf("%s\n", runLine(r))
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

// ofRecord reports whether an event is about one record that failed or was skipped.
func ofRecord(e record.Event) bool {
	return slices.Contains([]string{"write-failed", "write-skipped"}, e.Code)
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
			if ofRecord(e) {
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
	told := 0
	err = c.ReportEvents(ctx, id, func(e record.Event) error {
		listed := e.Code == "withheld" && len(r.WithheldRecords) > 0
		if !ofRecord(e) && e.Code != "escalated" && e.Code != "problem" && !listed {
			if told++; told == 1 {
				w.printf("\nTold\n")
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
	w.printf("Run %d, %s: %s\n", r.ID, r.Mode, strings.ToUpper(string(r.Outcome)))
	if r.Detail != "" {
		w.printf("  %s\n", r.Detail)
	}
	unreadLines(w, r.Run)
	escalatedLines(w, r.EscalatedCount, r.Escalated)
	w.printf("\n  Started  %s\n", r.Started.Local().Format("2006-01-02 15:04:05"))
	if !r.Ended.IsZero() {
		w.printf("  Ended    %s, after %s\n", r.Ended.Local().Format("2006-01-02 15:04:05"),
			look.Length(r.Ended.Sub(r.Started)))
	}
	if r.By != "" {
		w.printf("  By       %s\n", r.By)
	}
	if r.Plan != "" {
		w.printf("  Plan     %s\n", r.Plan)
	}
	if r.UndoOf != 0 {
		w.printf("  Undoes   run %d\n", r.UndoOf)
	}
	for _, o := range r.Overrides {
		w.printf("  Lifted   %s, for exactly %d\n", o.Rule, o.Count)
	}
	if u, g := r.Counts.Users.Problem, r.Counts.Groups.Problem; u+g > 0 {
		w.printf("  Problems %s\n", problemWords(u, g))
	}
	w.printf("  Done     %s\n  Not done %d failed, %d skipped, %d not tried\n", countsLine(r.Counts), r.Failed,
		r.Skipped, r.NotDone)
	if r.Gone > 0 {
		w.printf("  Gone     %s, before this run could delete it\n", count(r.Gone, "record"))
	}
	if r.Withheld > 0 {
		w.printf("  Withheld %s\n", count(r.Withheld, "record"))
	}
}

// reportRecords prints the records that failed or were skipped.
func (a *app) reportRecords(ctx context.Context, c control.History, r control.Report, w *errWriter) error {
	const shown = 100
	n := 0
	err := c.ReportEvents(ctx, r.ID, func(e record.Event) error {
		if !ofRecord(e) {
			return w.err
		}
		if n++; n == 1 {
			w.printf("\nFailed and skipped\n")
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
		w.printf("  %s of it is not in the event log (any more): log_level says what is kept\n", count(missing, "record"))
	}
	if err != nil {
		return err
	}
	return w.err
}

func eventLines(w *errWriter, e record.Event) {
	w.printf("  %-5s  %s%s\n", e.Level, e.Message, inARow(e))
	if e.Remedy != "" {
		w.printf("         %s\n", e.Remedy)
	}
}
