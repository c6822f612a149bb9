package cli

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"dirbridge/sync/control"
)

func (a *app) undoCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "undo RUN",
		Short: "Plan the reverse of a run; apply writes it",
		Long: `Plans, from the journal of a run, how to restore what the cloud had before: values, names, memberships and
activation. Accounts that the run created are deactivated; what it deleted is created again as far as possible.
Records that changed since then are left unchanged. The plan lists everything that it does not restore, and how
many of the changes the next run would make again. Nothing is written yet: save the plan with --out, and apply
it.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{fmt.Errorf("%s takes the number of one run: dirbridge history lists them, see %s --help",
					cmd.CommandPath(), cmd.CommandPath())}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			run, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil || run <= 0 {
				return usageError{fmt.Errorf("%q is not the number of a run: dirbridge history lists them", args[0])}
			}
			return a.with(cmd.Context(), func(s *Session) error {
				return a.plan(cmd.Context(), s.Connector, control.Request{Mode: control.UndoPlan, Undo: run}, out)
			})
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "save the plan to `FILE`, for show and apply")
	return cmd
}
