package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/view"
)

// modeFlags are --full and --incremental.
type modeFlags struct{ full, incremental bool }

// add says what the verb does if neither is given.
func (m *modeFlags) add(cmd *cobra.Command, otherwise string) {
	cmd.Flags().BoolVar(&m.full, "full", false, "read everything"+otherwise)
	cmd.Flags().BoolVar(&m.incremental, "incremental", false, "read only what changed since the last run")
}

func (m *modeFlags) check() error {
	if m.full && m.incremental {
		return usageError{errors.New("--full and --incremental cannot be used together")}
	}
	return nil
}

func (a *app) planCommand() *cobra.Command {
	var m modeFlags
	var out, draft string
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Dry run: show what would change; nothing is written to the cloud",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := m.check(); err != nil {
				return err
			}
			if draft != "" {
				if err := a.useDraft(draft); err != nil {
					return err
				}
			}
			return a.with(cmd.Context(), func(s *Session) error {
				return a.plan(cmd.Context(), s.Connector, control.Request{Mode: record.DryRun, Changes: m.incremental}, out)
			})
		},
	}
	m.add(cmd, " (the default)")
	cmd.Flags().StringVar(&out, "out", "", "save the plan to `FILE`, for show and apply")
	cmd.Flags().StringVar(&draft, "draft", "",
		"plan as if `FILE` were the configuration; once it is, enable needs no other dry run")
	return cmd
}

// useDraft makes a draft the configuration of this call. It must have the same state.
func (a *app) useDraft(path string) error {
	saved, err := a.loadConfig()
	if err != nil {
		return err
	}
	a.config = path
	draft, err := a.loadConfig()
	if err != nil {
		return err
	}
	if draft.Connector.StateDir != saved.Connector.StateDir {
		return usageError{fmt.Errorf("the draft has a different connector.state_dir: %s instead of %s",
			draft.Connector.StateDir,
			saved.Connector.StateDir)}
	}
	return nil
}

func (a *app) plan(ctx context.Context, c control.Connector, r control.Request, out string) error {
	if _, err := a.run(ctx, c, r); err != nil {
		return err
	}
	p := c.Current()
	if out != "" {
		if err := c.SavePlan(ctx, out); err != nil {
			return err
		}
	}
	if err := a.printPlan(ctx, p); err != nil {
		return err
	}
	h := p.Header()
	switch {
	case len(h.Holds) > 0:
		return &control.HeldError{Holds: h.Holds}
	case h.Counts.Writes() > 0:
		return errChanges
	}
	return nil
}

func (a *app) showCommand() *cobra.Command {
	var changes, drift bool
	cmd := &cobra.Command{
		Use:   "show FILE",
		Short: "Show a saved plan: its summary, or its changes field by field",
		Args:  oneArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := control.OpenPlan(args[0])
			if err != nil {
				return err
			}
			defer p.Close()
			if err := p.Verify(cmd.Context()); err != nil {
				return err
			}
			if changes || drift {
				return a.printChanges(cmd.Context(), p, control.View{OnlyDrift: drift})
			}
			return a.printPlan(cmd.Context(), p)
		},
	}
	cmd.Flags().BoolVar(&changes, "changes", false, "show every change, field by field; with --json one per line")
	cmd.Flags().BoolVar(&drift, "drift", false,
		"show only the changes that restore values edited in the cloud by hand")
	return cmd
}

// overrideFlag is --override-threshold, which may be repeated.
type overrideFlag struct{ numbers []int64 }

func (o *overrideFlag) String() string { return "" }
func (o *overrideFlag) Type() string   { return "N" }
func (o *overrideFlag) Set(s string) error {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return fmt.Errorf("%q is not a number; use the number that the held plan shows", s)
	}
	o.numbers = append(o.numbers, n)
	return nil
}

const overrideHelp = "override the guard of this plan that counted exactly `N`, once; may be repeated"

func (a *app) applyCommand() *cobra.Command {
	var o overrideFlag
	r := control.Request{Mode: record.ApplyPlan}
	cmd := &cobra.Command{
		Use:   "apply FILE",
		Short: "Apply a saved plan, or part of it",
		Long: "Applies exactly the changes of a saved plan. Records that changed on either side since then are skipped " +
			"and\nreported.\n\n" + partHelp,
		Args: oneArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *Session) error {
				if err := s.Connector.OpenPlan(cmd.Context(), args[0]); err != nil {
					return err
				}
				r.Override = o.numbers
				res, err := a.run(cmd.Context(), s.Connector, r)
				return a.ended(cmd.Context(), s.Connector, res.Run, err)
			})
		},
	}
	cmd.Flags().Var(&o, "override-threshold", overrideHelp)
	addPart(cmd, &r)
	return cmd
}

func (a *app) syncCommand() *cobra.Command {
	var m modeFlags
	var o overrideFlag
	cmd := &cobra.Command{
		Use:   "sync",
		Short: "Synchronize now: plan, check the guards, and apply",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := m.check(); err != nil {
				return err
			}
			return a.with(cmd.Context(), func(s *Session) error { return a.sync(cmd.Context(), s, m, o.numbers) })
		},
	}
	m.add(cmd, "; default: only what changed, once a full run has succeeded")
	cmd.Flags().Var(&o, "override-threshold", overrideHelp)
	return cmd
}

// sync runs a synchronization: incremental once a full one has succeeded. If missing accounts are
// to be deleted, the removal follows as a separate planned step (promise P6).
func (a *app) sync(ctx context.Context, s *Session, m modeFlags, override []int64) error {
	r := control.Request{Mode: record.Incremental, OrFull: !m.incremental, Override: override}
	if m.full {
		r.Mode = record.Full
	}
	res, err := a.run(ctx, s.Connector, r)
	if err == nil && res.Run.Outcome == record.Done && s.Config.Policy.OnMissing == "delete" {
		var purged control.Result
		purged, err = a.run(ctx, s.Connector, control.Request{Mode: record.Purge})
		err = ranWell(purged.Run, err)
		res.Run.Gone += purged.Run.Gone
		res.Run.Counts.Users.Delete += purged.Run.Counts.Users.Delete
		res.Run.Counts.Groups.Delete += purged.Run.Counts.Groups.Delete
	}
	return a.ended(ctx, s.Connector, res.Run, err)
}

// ended prints what a run did, and which of its records failed or were skipped.
func (a *app) ended(ctx context.Context, c control.Connector, run record.Run, err error) error {
	err = ranWell(run, err)
	if run.ID == 0 {
		return err
	}
	if a.json {
		return errors.Join(err, a.runDocument(context.WithoutCancel(ctx), c, run))
	}
	w := &errWriter{w: a.out}
	w.printf("%s\n", view.RunEnd(run))
	labelled(w, view.Unread(run, asVerb()), unwrapped)
	if run.Failed+run.Skipped > 0 && w.err == nil {
		w.err = a.notDone(context.WithoutCancel(ctx), c, run, w) // an interrupted run is reported as well
	}
	if run.Withheld > 0 && w.err == nil {
		w.err = standingWithheld(context.WithoutCancel(ctx), c, w)
	}
	return errors.Join(err, w.err, problemLines(context.WithoutCancel(ctx), c, run, 20, w))
}

// notDone lists some of the records that failed or were skipped.
func (a *app) notDone(ctx context.Context, c control.History, run record.Run, w *errWriter) error {
	const shown = 20
	n := int64(0)
	err := c.ReportEvents(ctx, run.ID, func(e record.Event) error {
		if !view.OfRecord(e) {
			return w.err
		}
		if n++; n <= shown {
			eventLines(w, e)
		}
		return w.err
	})
	if n > shown {
		w.printf("  and %d more: dirbridge history %d\n", n-shown, run.ID)
	}
	if err != nil {
		return err
	}
	return w.err
}
