package cli

import (
	"github.com/spf13/cobra"

	"dirbridge/sync/control"
)

// selectorFlag is --only or --except, which may be repeated.
type selectorFlag struct{ to *[]control.Selector }

func (f *selectorFlag) String() string { return "" }
func (f *selectorFlag) Type() string   { return "CONDITIONS" }
func (f *selectorFlag) Set(text string) error {
	s, err := control.ParseSelector(text)
	if err == nil {
		*f.to = append(*f.to, s)
	}
	return err
}

const partHelp = `By --only and --except part of the plan is applied; the rest is planned again by the next run. CONDITIONS are, apart by
commas and all of them to hold:

  kind=user                user, group or member
  action=add               add, update, rename, deactivate, reactivate, delete, remove (of a member) or match
  container=OU=Sales,DC=corp,DC=example,DC=com
                           at or below it; of a membership its group. A comma within a name is written \,
  key=*@example.com        of a person, or a group; of a membership either. * is any text, ? any character
  seq=1-20,33              numbers, as show --changes --json has them

A condition that is named twice takes either value; several --only are alternatives. A plan that a guard holds is held as
a whole, whatever part of it is chosen. What depends on a change that is left out is skipped, and the reason told.`

// addPart adds --only and --except to a verb.
func addPart(cmd *cobra.Command, r *control.Request) {
	cmd.Flags().Var(&selectorFlag{&r.Take}, "only",
		"apply only what `CONDITIONS` choose, such as kind=user,action=add; may be repeated")
	cmd.Flags().Var(&selectorFlag{&r.Leave}, "except", "leave out what `CONDITIONS` choose; may be repeated")
}
