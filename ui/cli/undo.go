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
		Short: "Plan the reverse of a run, as history numbers it; apply does it",
		Long: "Plans, from the journal of a run, what gives the cloud back what it had before: values, names, memberships " +
			"and\n" +
			"activation. What the run made is deactivated, and what it deleted is made again as far as that goes. What " +
			"changed\n" +
			"since is left as it is. The plan lists all that is not restored, and says how much of it the next " +
			"synchronization\n" +
			"would do again. It writes nothing to the cloud: save it with --out, and apply it.",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{fmt.Errorf("%s takes the number of one run, as history prints it: see %s --help",
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
