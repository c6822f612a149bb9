package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/view"
)

// purgeFlags are the options of the verb besides planning the accounts that are due.
type purgeFlags struct {
	list, keep, release, now bool
	reason, until, out       string
}

func (a *app) purgeCommand() *cobra.Command {
	var f purgeFlags
	cmd := &cobra.Command{
		Use:   "purge [NAME...]",
		Short: "Plan the deletion of accounts whose grace period is over, and edit the purge queue",
		Long: `People who leave the directory or the scope are deactivated first. Their accounts are in the purge queue until
the grace period ends. If they return before that, they are reactivated with all their data.

Without a flag this plans the deletion of the overdue accounts; apply deletes them.
` + control.PurgeWarning + `

NAME is the e-mail address, group name, DN, GUID or AD id of an account in the queue.`,
		Example: "  dirbridge purge --list\n" +
			"  dirbridge purge --keep ana@example.com --reason 'on leave' --until 2027-01-31\n" +
			"  dirbridge purge --release ana@example.com\n" +
			"  dirbridge purge --now bo@example.com --out FILE && dirbridge apply FILE",
		Args: func(_ *cobra.Command, args []string) error { return f.check(args) },
		RunE: func(cmd *cobra.Command, args []string) error {
			open := a.with
			if f.list {
				open = a.reading
			}
			return open(cmd.Context(), func(s *Session) error { return a.purge(cmd.Context(), s.Connector, f, args) })
		},
	}
	l := cmd.Flags()
	l.BoolVar(&f.list, "list", false,
		"list the accounts in the queue, when they are due, and which are kept; with --json one per line")
	l.BoolVar(&f.keep, "keep", false, "keep the accounts of NAME from the purge, with --reason")
	l.StringVar(&f.reason, "reason", "", "the reason for --keep, as `TEXT` for others to see")
	l.StringVar(&f.until, "until", "",
		"the last `DAY` of --keep, e.g. 2027-01-31; default: until they are released")
	l.BoolVar(&f.release, "release", false, "release the accounts of NAME to the purge")
	l.BoolVar(&f.now, "now", false, "plan the deletion of the accounts of NAME only, due or not")
	l.StringVar(&f.out, "out", "", "save the plan to `FILE`, for show and apply")
	return cmd
}

func (f purgeFlags) check(names []string) error {
	modes := 0
	for _, set := range []bool{f.list, f.keep, f.release, f.now} {
		if set {
			modes++
		}
	}
	one := f.keep || f.release || f.now
	wrong := ""
	switch {
	case modes > 1:
		wrong = "--list, --keep, --release and --now cannot be used together"
	case !one && len(names) > 0:
		wrong = fmt.Sprintf("unknown argument %q", names[0])
	case one && len(names) == 0:
		wrong = "NAME is missing"
	case f.keep && f.reason == "":
		wrong = "--keep needs --reason"
	case !f.keep && (f.reason != "" || f.until != ""):
		wrong = "--reason and --until need --keep"
	case f.out != "" && (f.list || f.keep || f.release):
		wrong = "--out cannot be used with --list, --keep or --release"
	}
	if wrong != "" {
		return usageError{errors.New(wrong + ": see dirbridge purge --help")}
	}
	_, err := f.end()
	return err
}

// end returns the moment until which an account is kept.
func (f purgeFlags) end() (time.Time, error) {
	if f.until == "" {
		return time.Time{}, nil
	}
	day, err := time.ParseInLocation(time.DateOnly, f.until, time.Local)
	if err != nil {
		return time.Time{}, usageError{fmt.Errorf("--until: %q is not a date; use the form 2027-01-31", f.until)}
	}
	return day.AddDate(0, 0, 1), nil
}

func (a *app) purge(ctx context.Context, c control.Connector, f purgeFlags, args []string) error {
	if f.list {
		return a.queue(ctx, c)
	}
	var who []control.Queued
	for _, name := range args {
		q, err := c.Waiting(ctx, name)
		if err != nil {
			return err
		}
		who = append(who, q)
	}
	if f.keep || f.release {
		return a.holdBack(ctx, c, f, who)
	}
	r := control.Request{Mode: control.PurgePlan}
	for _, q := range who {
		if q.Held() {
			return &identity.Failure{Err: fmt.Errorf("%s is %s", q.Key, view.KeptBy(q)),
				Remedy: releaseOf(q)}
		}
		r.Only = append(r.Only, q.Anchor)
	}
	return a.plan(ctx, c, r, f.out)
}

func releaseOf(q control.Queued) string {
	if q.Kept == nil {
		return "To purge it, change the rule under [[unmanaged]] in the configuration."
	}
	return "To purge it, release it first: dirbridge purge --release " + q.Key
}

// holdBack keeps or releases the accounts, and prints their new state.
func (a *app) holdBack(ctx context.Context, c control.Queue, f purgeFlags, who []control.Queued) error {
	until, err := f.end()
	if err != nil {
		return err
	}
	for _, q := range who {
		if f.keep {
			err = c.Keep(ctx, q.Anchor, f.reason, until)
		} else {
			err = c.Release(ctx, q.Anchor)
		}
		if err != nil {
			return err
		}
		if q, err = c.Waiting(ctx, string(q.Anchor)); err != nil {
			return err
		}
		if err := a.printQueued(q); err != nil {
			return err
		}
	}
	return nil
}
