package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"dirbridge/sync/control"
	"dirbridge/ui/look"
	"dirbridge/ui/view"
)

func (a *app) enableCommand() *cobra.Command {
	var opt control.EnableOptions
	cmd := &cobra.Command{
		Use:   "enable",
		Short: "Turn the schedule on: runs start when they are due",
		Long: `Allows the service (dirbridge run) to start runs when they are due. This needs a dry run that was made after the
last change of the configuration, so that you have seen what the schedule will do. What counts as a change:
directories, scope, mapping, policy, guards and the address of the cloud. What does not: the schedule, the log
level, proxies, and where secrets are stored.

If incremental runs cannot see deletions and no full run is scheduled, people who are deleted keep their
accounts. The schedule is then not turned on until [schedule] full is set, or until you accept this with
--without-deletions. The state records the operator who accepted it.

If another program provisions the same organization, such as Cisco Directory Connector, the two undo each other's
work. The schedule is then not turned on until you confirm that both are meant to write, with
--beside-provisioners. The state records it, and it is asked again when yet another program is noticed.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *Session) error {
				before, err := s.Connector.Mode(cmd.Context())
				if err != nil {
					return err
				}
				if err := s.Connector.Enable(cmd.Context(), opt); err != nil {
					procedureLines(&errWriter{w: a.err}, before.Procedure)
					return err
				}
				m, err := s.Connector.Mode(cmd.Context())
				if err != nil {
					return err
				}
				a.warnOfHolds(m)
				return a.printMode(m)
			})
		},
	}
	cmd.Flags().BoolVar(&opt.WithoutDeletions, "without-deletions", false,
		"turn it on although no scheduled run sees deletions")
	cmd.Flags().BoolVar(&opt.BesideProvisioners, "beside-provisioners", false,
		"turn it on although another program provisions the organization")
	return cmd
}

// warnOfHolds prints to standard error what is wrong with the enabled schedule.
func (a *app) warnOfHolds(m control.ModeStatus) {
	for _, u := range m.Unseen {
		a.warnf("dirbridge: %s.\n  %s\n", control.UnseenSentence(u), u.Remedy)
	}
	if m.WhyNot != "" {
		a.warnf("dirbridge: the schedule is on, but %s\n  %s\n", m.WhyNot, m.Remedy)
		return
	}
	if m.DryRun == nil {
		return
	}
	for _, h := range m.DryRun.Holds {
		a.warnf("dirbridge: the dry run was held (%s), and the next run that finds the same will be held: %s\n  %s\n", h.Rule,
			h.Detail, h.Remedy)
	}
}

func (a *app) disableCommand() *cobra.Command {
	var reason string
	var convert, abandon bool
	cmd := &cobra.Command{
		Use:   "disable [--convert [MAIL...]]",
		Short: "Turn the schedule off: no run starts by itself",
		Long: `Stops all scheduled runs and purges. A run that is under way continues, and sync and apply still work.

With --convert it starts the guided procedure for people whose accounts belong to another organization (naming
conflicts): disable, convert the accounts in Control Hub, make a dry run, check that it removes none of these
people, enable. Without MAIL it takes the known naming conflicts. status shows the progress, and enable is
refused while a step is missing. --abandon ends the procedure; the schedule stays off.`,
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case convert && abandon:
				return usageError{errors.New("--convert and --abandon cannot be used together")}
			case !convert:
				return noArgs(cmd, args)
			}
			for _, m := range args {
				if at := strings.IndexByte(m, '@'); at < 1 || at == len(m)-1 || strings.ContainsAny(m, " \t") {
					return usageError{fmt.Errorf("%q is not an e-mail address", m)}
				}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *Session) error {
				ctx, c := cmd.Context(), s.Connector
				var err error
				switch {
				case convert:
					err = c.Convert(ctx, args)
				case abandon:
					err = errors.Join(c.Abandon(ctx), c.Disable(ctx, reason))
				default:
					err = c.Disable(ctx, reason)
				}
				if err != nil {
					return err
				}
				m, err := c.Mode(ctx)
				if err != nil {
					return err
				}
				return a.printMode(m)
			})
		},
	}
	cmd.Flags().BoolVar(&convert, "convert", false, "start the guided conversion of the accounts of MAIL")
	cmd.Flags().BoolVar(&abandon, "abandon", false, "end the guided conversion")
	cmd.Flags().StringVar(&reason, "reason", "", "the reason, as `TEXT` for the event log")
	return cmd
}

func (a *app) printMode(m control.ModeStatus) error {
	if a.json {
		return a.document(m)
	}
	w := &errWriter{w: a.out}
	w.printf("%s\n", view.Sentence(view.ScheduleState(m, asVerb())))
	procedureLines(w, m.Procedure)
	return w.err
}

// procedureLines prints the steps of a guided procedure, with missing prerequisites and known facts
// about its accounts.
func procedureLines(w *errWriter, p *control.Procedure) {
	if p == nil {
		return
	}
	w.printf("\nGuided conversion of %s, begun %s", look.Count(int64(len(p.Accounts)), "account", "accounts"),
		p.Begun.Local().Format("2006-01-02 15:04"))
	if p.By != "" {
		w.printf(" by %s", p.By)
	}
	w.printf("\n")
	for i, s := range p.Steps {
		mark := " "
		if s.Done {
			mark = "x"
		}
		w.printf("  %d [%s] %s\n", i+1, mark, s.Title)
		if !s.Done {
			w.printf("        %s\n          %s\n", s.Detail, s.Remedy)
		}
	}
	for _, a := range p.Accounts {
		if a.Fate == "" {
			continue
		}
		where := "in the organization"
		if !a.InCloud {
			where = "not in the organization"
		}
		w.printf("  %s  %s; %s: %s\n", a.Mail, where, a.Fate, a.Detail)
		if !a.Safe() && a.Remedy != "" {
			w.printf("        %s\n", a.Remedy)
		}
	}
}
