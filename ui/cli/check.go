package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dirbridge/sync/control"
	"dirbridge/ui/look"
	"dirbridge/ui/view"
)

// shownFindings is how many findings of each class the text output has.
const shownFindings = 10

func (a *app) checkCommand() *cobra.Command {
	var classes []string
	var limit int
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check the data of the directories: duplicate, missing, invalid and unusual values",
		Long: "Reads the directories, applies the mapping, and lists records that cannot be synchronized (problems) and " +
			"data\n" +
			"that may be unintended (warnings), each with its DN and remedy. It does not use the cloud.\n\n" +
			"Exit codes: 0 no problems, 2 problems, 1 a directory could not be read.\n\nClasses:\n" +
			classList(),
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			only, err := classesOf(classes)
			if err != nil {
				return err
			}
			if !cmd.Flags().Changed("limit") && !a.json {
				limit = shownFindings
			}
			return a.reading(cmd.Context(), func(s *Session) error { return a.check(cmd.Context(), s, only, int64(limit)) })
		},
	}
	cmd.Flags().StringSliceVar(&classes, "class", nil, "list only findings of `CLASS`; separate several by commas")
	cmd.Flags().Var(newAtLeast(&limit, 0, 0), "limit",
		fmt.Sprintf("list at most `N` findings of each class; 0 is all (default %d, with --json all)", shownFindings))
	_ = cmd.RegisterFlagCompletionFunc("class", func(*cobra.Command, []string, string) ([]string,
		cobra.ShellCompDirective) {
		var ids []string
		for _, c := range control.CheckClasses() {
			ids = append(ids, string(c.ID)+"\t"+c.Title)
		}
		return ids, cobra.ShellCompDirectiveNoFileComp
	}) // cannot fail: the flag exists
	return cmd
}

func classList() string {
	var b strings.Builder
	for _, c := range control.CheckClasses() {
		fmt.Fprintf(&b, "  %-21s %-8s %s\n", c.ID, c.Severity, c.Title)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func classesOf(names []string) ([]control.ClassID, error) {
	var out []control.ClassID
	for _, name := range names {
		id := control.ClassID(strings.ToLower(strings.TrimSpace(name)))
		if _, ok := control.ClassOf(id); !ok {
			return nil, usageError{fmt.Errorf("unknown class %q: dirbridge check --help lists the classes", name)}
		}
		out = append(out, id)
	}
	return out, nil
}

// check runs a check, prints its findings, and returns the result as an error.
func (a *app) check(ctx context.Context, s *Session, only []control.ClassID, limit int64) error {
	report, err := a.runCheck(ctx, s.Connector)
	if err != nil {
		return err
	}
	if a.json {
		err = report.WriteJSON(ctx, a.out, only, limit)
	} else {
		err = a.printCheck(ctx, report, only, limit)
		w := &errWriter{w: a.out}
		noPlaceLines(w, withoutPlace(s.Config.Cloud.Kind, s.Connector))
		err = errors.Join(err, w.err)
	}
	if err != nil {
		return err
	}
	for _, d := range report.Directories {
		if d.Error != "" {
			return &unreadError{d}
		}
	}
	for _, class := range report.Classes {
		if class.Severity == control.SeverityProblem && (len(only) == 0 || slices.Contains(only, class.ID)) {
			return errChanges
		}
	}
	return nil
}

// unreadError is a check of several directories in which one could not be read.
type unreadError struct{ read control.CheckRead }

func (e *unreadError) Error() string {
	return fmt.Sprintf("directory %s could not be read: %s", e.read.Name, e.read.Error)
}

// runCheck runs a check, shows its progress on a terminal, and waits. When ctx ends, it asks the
// check to stop, and still waits for it.
func (a *app) runCheck(ctx context.Context, c control.Checks) (*control.CheckReport, error) {
	_, before := c.Checked()
	if err := c.StartCheck(nil); err != nil {
		return nil, err
	}
	bar := newProgressLine(a.rawErr)
	defer bar.clear()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	ended := ctx.Done()
	for {
		if checked, n := c.Checked(); n > before {
			return checked.Report, checked.Err
		}
		select {
		case <-ended:
			c.CancelCheck()
			ended = nil
		case now := <-tick.C:
			bar.say(view.CheckProgress(c.CheckProgress()), now)
		}
	}
}

// printCheck prints a report as text.
func (a *app) printCheck(ctx context.Context, r *control.CheckReport, only []control.ClassID, limit int64) error {
	w := &errWriter{w: a.out}
	for _, d := range r.Directories {
		if d.Error != "" {
			w.printf("%s: could not be read and was not checked\n", d.Name)
			continue
		}
		w.printf("%s: %s\n", d.Name, view.CheckRead(d.Counts))
	}
	var listed []control.ClassCount
	for _, c := range r.Classes {
		if len(only) == 0 || slices.Contains(only, c.ID) {
			listed = append(listed, c)
		}
	}
	if len(listed) == 0 {
		w.printf("\n%s\n", view.CheckClean)
		return w.err
	}
	w.printf("\n")
	for _, c := range listed {
		w.printf("%-8s %9s  %-21s %s\n", c.Severity, look.Number(c.Count), c.ID, c.Title)
	}
	for _, c := range listed {
		if err := a.printClass(ctx, w, r, c, limit); err != nil {
			return err
		}
	}
	return w.err
}

func (a *app) printClass(ctx context.Context, w *errWriter, r *control.CheckReport, c control.ClassCount,
	limit int64) error {
	w.printf("\n%s: %s\n  %s\n", c.ID, c.Title, c.Remedy)
	err := r.Each(ctx, []control.ClassID{c.ID}, limit, func(f control.Finding) error {
		w.printf("  - %s\n", f.DN)
		if text := view.Finding(f); text != "" {
			w.printf("      %s\n", text)
		}
		if f.Remedy != c.Remedy {
			w.printf("      %s\n", f.Remedy)
		}
		return w.err
	})
	if more := c.Count - limit; limit > 0 && more > 0 {
		w.printf("  and %s more: --limit 0 lists all of them\n", look.Number(more))
	}
	return errors.Join(err, w.err)
}
