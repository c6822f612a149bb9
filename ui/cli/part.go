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

const partHelp = `--only and --except apply a part of the plan; the next run plans the rest again. CONDITIONS are
separated by commas, and all of them must match:

  kind=user                user, group or member
  action=add               add, update, rename, deactivate, reactivate, delete, remove (of a member) or match
  container=OU=Sales,DC=corp,DC=example,DC=com
                           this container and those below it; for a membership, that of its group. Write a comma
                           inside a name as \,
  key=*@example.com        the person or group; for a membership, either of them. * is any text, ? is any character
  seq=1-20,33              numbers, as in show --changes --json

A condition with several values matches any of them, and so do several --only. A plan that a guard holds is held as a
whole, whatever part you select. A change that depends on an excluded one is skipped, and the reason is reported.`

// addPart adds --only and --except to a verb.
func addPart(cmd *cobra.Command, r *control.Request) {
	cmd.Flags().Var(&selectorFlag{&r.Take}, "only",
		"apply only changes that match `CONDITIONS`, e.g. kind=user,action=add; may be repeated")
	cmd.Flags().Var(&selectorFlag{&r.Leave}, "except", "exclude changes that match `CONDITIONS`; may be repeated")
}
