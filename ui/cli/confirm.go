package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/view"
)

func (a *app) confirmCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "confirm NAME",
		Short: "Allow one withheld record, such as a link to an administrator's account",
		Long: `A few decisions concern one record and need an operator: a link to the account of a full administrator, the
account of a person who left that another person would take over, and a new name for a full administrator. Such
a record is withheld; everything else in the plan is written.

This command reads both sides of the record, shows them, and allows this one pair of person and account.
Nothing is written to the cloud now; the next run writes it. The confirmation expires when it is used, or when
anything shown here changes on either side. The event log records it with the operator.

NAME is an e-mail address, DN, GUID or name, as for explain. On a terminal the command asks first, unless
--no-input is given.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{fmt.Errorf("%s takes one name; put a name with spaces in quotes: see %s --help",
					cmd.CommandPath(), cmd.CommandPath())}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *Session) error { return a.confirm(cmd.Context(), s.Connector, args[0]) })
		},
	}
}

// confirm shows the record with the current state of both sides, and records the operator's
// confirmation.
func (a *app) confirm(ctx context.Context, c control.Connector, name string) error {
	x, err := c.Explain(ctx, name)
	if err != nil {
		return err
	}
	if !x.Found {
		if a.json {
			err = a.document(x)
		}
		return errors.Join(err, a.explanationMissing(x))
	}
	if x.Withheld == nil {
		return &identity.Failure{Class: identity.GiveUp, Err: fmt.Errorf("no record of %q is withheld", name),
			Remedy: "dirbridge status lists the withheld records. dirbridge explain NAME says what the next run does " +
				"with this one."}
	}
	h := *x.Withheld
	if !a.json {
		w := &errWriter{w: a.out}
		withheldRecord(w, h)
		if w.err != nil {
			return w.err
		}
	}
	if yes, err := a.sure(ctx, h); err != nil || !yes {
		return err
	}
	if err := c.Confirm(ctx, h); err != nil {
		return err
	}
	if a.json {
		return a.document(struct {
			Confirmed control.Withheld `json:"confirmed"`
		}{h})
	}
	w := &errWriter{w: a.out}
	w.printf("%s\n", view.Confirmed(h, "run dirbridge plan"))
	return w.err
}

// sure asks for confirmation if an operator can answer.
func (a *app) sure(ctx context.Context, h control.Withheld) (bool, error) {
	if a.noInput || a.json || !term.IsTerminal(int(os.Stdin.Fd())) {
		return true, nil
	}
	yes, err := a.typedYes(ctx, view.ConfirmTitle(h)+" Type yes: ")
	if err != nil || yes {
		return yes, err
	}
	return false, &identity.Failure{Class: identity.GiveUp, Err: errors.New("not confirmed; nothing was changed"),
		Remedy: "Type yes to confirm."}
}
