package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"dirbridge/sync/control"
)

func (a *app) enableCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "enable",
		Short: "Let the schedule start synchronizations",
		Long: "Lets whichever process serves the schedule (dirbridge run) start what is due. It is refused without a dry run\n" +
			"since the last change of the configuration: what the schedule will do is to be looked at first. A change is\n" +
			"whatever decides what is done: directories, scope, mapping, policy, guards and the cloud's address; not the\n" +
			"schedule, the log level, proxies, or where secrets are kept.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *Session) error {
				if err := s.Connector.Enable(cmd.Context()); err != nil {
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
}

// warnOfHolds says, on standard error, what is wrong with what was enabled.
func (a *app) warnOfHolds(m control.ModeStatus) {
	if m.WhyNot != "" {
		fmt.Fprintf(a.err, "dirbridge: synchronization is enabled, but %s\n  %s\n", m.WhyNot, m.Remedy)
		return
	}
	if m.DryRun == nil {
		return
	}
	for _, h := range m.DryRun.Holds {
		fmt.Fprintf(a.err, "dirbridge: the dry run was held (%s), and so will the next run be that finds the same: %s\n  %s\n", h.Rule, h.Detail, h.Remedy)
	}
}

func (a *app) disableCommand() *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use:   "disable",
		Short: "Have the schedule start nothing any more",
		Long: "Stops every scheduled run and purge, of whichever process serves the schedule. A run that is under way goes on,\n" +
			"and sync and apply do what they are asked for.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *Session) error {
				if err := s.Connector.Disable(cmd.Context(), reason); err != nil {
					return err
				}
				m, err := s.Connector.Mode(cmd.Context())
				if err != nil {
					return err
				}
				return a.printMode(m)
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "`TEXT` for whoever wonders why")
	return cmd
}

func (a *app) printMode(m control.ModeStatus) error {
	if a.json {
		return a.document(m)
	}
	w := &errWriter{w: a.out}
	w.printf("%s\n", modeLine(m))
	return w.err
}

// modeLine is the mode in one line.
func modeLine(m control.ModeStatus) string {
	text := "Synchronization is disabled: Not Scheduled"
	if m.Enabled {
		text = "Synchronization is enabled"
	}
	if m.At.IsZero() {
		return text + ". It was never enabled."
	}
	text += ", since " + m.At.Local().Format("2006-01-02 15:04")
	if m.By != "" {
		text += " by " + m.By
	}
	if m.Reason != "" {
		return text + ": " + m.Reason
	}
	return text + "."
}
