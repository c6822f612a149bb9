package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/look"
	"dirbridge/ui/why"
)

// explainWidth is the width of the verb's lines.
const explainWidth = 100

func (a *app) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain WHO",
		Short: "Why a person or group is, or is not, in the cloud; writes nothing",
		Long: "Says of one person, group or account: where it was found; whether it is in scope, and by which container,\n" +
			"filter, exclusion or group; what the mapping makes of it; which account is its own, and why; what will\n" +
			"change, what holds that, when it was last written, and what will happen next. Nothing is written, neither\n" +
			"to the cloud nor to the state.\n\n" +
			"WHO is a mail address, a DN, a GUID (bare, in braces, or as directory:GUID), a display name, a sign-in\n" +
			"name, or the id or name of an account in the cloud. Where several are called so, all are listed; where\n" +
			"nobody is, those whose names are like it. Both end with exit code 1.",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{fmt.Errorf("%s takes one name (in quotes, where there are blanks in it): see %s --help",
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
			name, exact := why.CandidateText(c)
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
	for _, line := range why.Text(look.Look{}, x, explainWidth) {
		w.printf("%s\n", line)
	}
	return w.err
}

// notOne returns the error of a query that matches no object, or several.
func notOne(x control.Explanation) error {
	who := look.Look{}.Clean(x.Query)
	if x.Ambiguous {
		return &identity.Failure{Class: identity.GiveUp, Err: fmt.Errorf("%d are called %q", len(x.Candidates), who),
			Remedy: "Name one of those above more exactly: by what stands below the name."}
	}
	text, remedy := "", "Check the spelling, or name somebody by mail address, DN, GUID, or the id of the account in "+
		"the cloud."
	for _, p := range x.Searched {
		if text != "" {
			text += ", "
		}
		text += p.Place
		if p.Error != "" {
			text += " (could not be read: " + p.Error + ")"
			if p.Remedy != "" {
				remedy = p.Remedy
			}
		}
	}
	if len(x.Candidates) > 0 {
		remedy = "Those above have names that are like it. " + remedy
	}
	return &identity.Failure{Class: identity.GiveUp, Err: fmt.Errorf("nobody is called %q; searched: %s", who, text),
		Remedy: remedy}
}
