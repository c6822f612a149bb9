package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/look"
	"dirbridge/ui/view"
)

// explainWidth is the width of the verb's lines.
const explainWidth = 100

func (a *app) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain NAME",
		Short: "Why a person or group is, or is not, in the cloud",
		Long: `Says what will happen to one person, group or account, and why. It also shows where the object was found,
whether it is in scope (by which container, filter, exclusion or group), the mapped attributes, the account,
the changes, what holds them, and when it was last written. It writes nothing, to the cloud or to the state.

NAME is an e-mail address, a DN, a GUID (bare, in braces, or as directory:GUID), a display name, a sign-in name,
or the id or name of an account in the cloud. If several match, all are listed; if none does, similar names are
listed. Both end with exit code 1.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{fmt.Errorf("%s takes one name; put a name with spaces in quotes: see %s --help",
					cmd.CommandPath(), cmd.CommandPath())}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.reading(cmd.Context(), func(s *Session) error {
				x, err := s.Connector.Explain(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				return a.explanation(x)
			})
		},
	}
}

func (a *app) explanation(x control.Explanation) error {
	var err error
	if a.json {
		err = a.document(x)
	} else if x.Found {
		err = a.explanationText(x)
	}
	if err != nil || x.Found {
		return err
	}
	return a.explanationMissing(x)
}

// explanationMissing prints the objects that a query may mean, and returns its error.
func (a *app) explanationMissing(x control.Explanation) error {
	if !a.json {
		w := &errWriter{w: a.err}
		l := look.Look{}
		for _, c := range x.Candidates {
			name, exact := view.Candidate(c)
			w.printf("  %s\n    %s\n", l.Clean(name), l.Clean(exact))
			if c.DN != "" && c.DN != exact {
				w.printf("    %s\n", l.Clean(c.DN))
			}
		}
		if w.err != nil {
			return w.err
		}
	}
	return notOne(x)
}

func (a *app) explanationText(x control.Explanation) error {
	w := &errWriter{w: a.out}
	w.printf("%s\n", view.ExplainTitle(x))
	labelled(w, view.Explain(x, view.Verb), explainWidth)
	return w.err
}

// notOne returns the error of a query that matches no object, or several.
func notOne(x control.Explanation) error {
	text, remedy := view.NotFound(x)
	if !x.Ambiguous {
		text += "; searched: " + view.Searched(x)
	}
	return &identity.Failure{Class: identity.GiveUp, Err: errors.New(look.Look{}.Clean(text)), Remedy: remedy}
}
