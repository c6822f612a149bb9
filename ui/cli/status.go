package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/look"
	"dirbridge/ui/view"
)

func (a *app) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show the state: schedule, last runs, problems, directories, cloud",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.reading(cmd.Context(), func(s *Session) error {
				st, err := s.Connector.Status(cmd.Context())
				if err != nil {
					return err
				}
				if a.json {
					return a.document(st)
				}
				return a.statusText(st)
			})
		},
	}
}

func (a *app) statusText(s control.Status) error {
	w := &errWriter{w: a.out}
	w.printf("%s: %s -> %s\n", s.Connector, s.Directory, s.Cloud)
	w.printf("Status: %s\n", view.ConditionOf(s).String())
	signInLines(w, s.SignIn)
	escalatedLines(w, s.Escalated, s.Failing)
	for _, h := range s.Held {
		heldLines(w, h)
	}
	withheldLines(w, s.Withheld, s.WithheldCount)
	openProblems(w, s.Problems)
	if run := s.Elsewhere; run != nil {
		w.printf("\n%s\n", view.Elsewhere(*run, run.Started.Local().Format("2006-01-02 15:04:05")))
	}
	w.printf("\nLast synchronization\n")
	if len(s.Last) == 0 {
		w.printf("  none yet\n")
	}
	w.printf("  Last good run  %s\n", view.LastGood(s, asVerb()))
	for _, r := range s.Last[:min(2, len(s.Last))] {
		runLines(w, "  ", r)
	}
	w.printf("\nNext synchronization\n  Incremental  %s\n  Full         %s\n",
		view.NextRun(s, s.Incremental, s.Schedule.Incremental), view.NextRun(s, s.Full, s.Schedule.Full))
	factLines(w, "  ", view.Schedule(s, asVerb()))
	procedureLines(w, s.Mode.Procedure)
	w.printf("\nDirectories\n")
	for _, d := range s.Directories {
		directoryLines(w, d)
	}
	if c := s.Statistics; c != nil {
		w.printf("\nCloud statistics, %s\n", c.At.Local().Format("2006-01-02 15:04"))
		for _, f := range view.CloudStatistics(s) {
			w.printf("  %-19s  %s\n", f.Label, f.Text)
		}
	}
	w.printf("\nConfiguration summary\n")
	for _, line := range s.Summary {
		w.printf("  %s\n", line)
	}
	if text := view.Failing(s); text != "" {
		w.printf("\nFailing: %s, since %s. For each of them: dirbridge history RUN\n", text, oldest(s.Failing))
	}
	if left := view.Leftovers(s); len(left) > 0 {
		w.printf("\nLeft over\n")
		factLines(w, "  ", left)
	}
	return w.err
}

// directoryLines prints the state in which one directory was found, with the remedy.
func directoryLines(w *errWriter, d control.DirectoryHealth) {
	at := func(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }
	if d.LastRead.IsZero() && d.Error == "" {
		w.printf("  %s  not read yet\n", d.Name)
		return
	}
	if d.Error != "" {
		if w.printf("  %s\n", d.Name); !d.LastRead.IsZero() {
			w.printf("    Last read %s\n", at(d.LastRead))
		}
		factLines(w, "    ", view.Directory(d, asVerb()))
		return
	}
	way := "changes are not available"
	if d.Way != "" {
		way = "changes by " + string(d.Way)
	}
	w.printf("  %s  read %s from %s; %s\n", d.Name, at(d.LastRead), d.Server, way)
	factLines(w, "    ", view.Directory(d, asVerb()))
}

// asVerb is how the verbs say times and remedies.
func asVerb() view.Voice { return view.Voice{To: view.Verb, Now: time.Now()} }

// factLines prints facts, each with its remedy below.
func factLines(w *errWriter, indent string, all []view.Fact) {
	for _, f := range all {
		w.printf("%s%s\n", look.Lines(indent), view.Sentence(f.Text))
		if f.Remedy != "" {
			w.printf("%s  %s\n", look.Lines(indent), f.Remedy)
		}
	}
}

// runLines prints a run in one line, with notes below.
func runLines(w *errWriter, indent string, r record.Run) {
	w.printf("%s%s\n", look.Lines(indent), view.RunLine(r, asVerb()))
	for _, note := range view.RunNotes(r) {
		w.printf("%s    %s\n", look.Lines(indent), note)
	}
}

func (a *app) eventsCommand() *cobra.Command {
	var since int64
	var limit int
	var follow bool
	cmd := &cobra.Command{
		Use:   "events",
		Short: "List the event log, oldest first; with --json one event per line",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.reading(cmd.Context(), func(s *Session) error {
				return a.events(cmd.Context(), s.Connector, since, limit, follow)
			})
		},
	}
	cmd.Flags().Int64Var(&since, "since", 0, "list only events after number `N`")
	cmd.Flags().Var(newAtLeast(&limit, 1000, 1), "limit", "list at most `N` events")
	cmd.Flags().BoolVar(&follow, "follow", false, "wait for new events")
	return cmd
}

func (a *app) events(ctx context.Context, c control.History, since int64, limit int, follow bool) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		evs, err := c.Events(ctx, since, limit)
		if err != nil {
			return err
		}
		for _, e := range evs {
			since = e.Seq
			if err := a.event(e); err != nil {
				return err
			}
		}
		if !follow {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (a *app) event(e record.Event) error {
	if a.json {
		return a.line(e)
	}
	w := &errWriter{w: a.out}
	w.printf("%6d  %s  %-5s  %s\n", e.Seq, e.Time.Local().Format("2006-01-02 15:04:05"), e.Level, view.EventText(e))
	if e.Remedy != "" {
		w.printf("        %s\n", e.Remedy)
	}
	return w.err
}
