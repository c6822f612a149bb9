package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
)

func (a *app) confirmCommand() *cobra.Command {
	return &cobra.Command{
		Use: "confirm WHO",
		Short: "Let one withheld record go on: a link to an administrator's account, an inheritance, an administrator's " +
			"new name",
		Long: "Some decisions are about one record, and need an operator: who would get the account of a full " +
			"administrator;\n" +
			"a person who would take over the account of another person, who is gone; another name for a full administrator.\n" +
			"Such a record is withheld, and everything else of a plan is written. This verb reads both sides of it now, " +
			"shows\n" +
			"them, and notes that this one pair of person and account may go on. Nothing is written to the cloud: the next " +
			"run\n" +
			"does it. The word ends when it was used, and when anything that is shown changes on either side. It is in the\n" +
			"event log, with the operator.\n\n" +
			"WHO is named as for explain. On a terminal it asks before it notes anything, unless --no-input is given.",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{fmt.Errorf("%s takes one name (in quotes, where there are blanks in it): see %s --help",
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
func (a *app) confirm(ctx context.Context, c control.Connector, who string) error {
	x, err := c.Explain(ctx, who)
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
		return &identity.Failure{Class: identity.GiveUp, Err: fmt.Errorf("nothing is withheld of %q", who),
			Remedy: "dirbridge status lists the withheld records; dirbridge explain WHO says what the next run does with " +
				"this one."}
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
	w.printf("Confirmed. The next run goes on with it: dirbridge sync.\n")
	return w.err
}

// sure asks for confirmation if an operator can answer.
func (a *app) sure(ctx context.Context, h control.Withheld) (bool, error) {
	if a.noInput || a.json || !term.IsTerminal(int(os.Stdin.Fd())) {
		return true, nil
	}
	a.warnf("Let %s go on with the account %s? Type yes: ", h.Person.Key, h.Account.Key)
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(os.Stdin).ReadString('\n')
		answer <- strings.TrimSpace(line)
	}()
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case line := <-answer:
		if strings.EqualFold(line, "yes") {
			return true, nil
		}
		return false, &identity.Failure{Class: identity.GiveUp, Err: errors.New("not confirmed: nothing was noted"),
			Remedy: "Type yes to confirm."}
	}
}
