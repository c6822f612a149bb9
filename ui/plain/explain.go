package plain

import (
	"context"
	"errors"
	"strings"

	"dirbridge/sync/control"
	"dirbridge/ui/why"
	"dirbridge/ui/words"
)

// explain says why a person is, or is not, in the cloud. Without who, it asks repeatedly.
func (s *session) explain(who string) error {
	if who != "" {
		return s.explained(who)
	}
	s.heading("Explain: why somebody is, or is not, in the cloud.")
	for {
		who, err := s.text("Who, by mail, DN, GUID, name or cloud id:", nil, wanted("Name somebody, or b to go back."))
		if errors.Is(err, errBack) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := s.explained(who); err != nil && !errors.Is(err, errBack) {
			return err
		}
	}
}

func (s *session) explained(who string) error {
	var x control.Explanation
	err := s.wait("Looking", func(ctx context.Context) (err error) { x, err = s.conn.Explain(ctx, who); return err })
	if err != nil {
		return err
	}
	if !x.Found {
		return s.candidates(x)
	}
	x = words.ExplainedBy(x, words.ConfirmChoice)
	s.heading(sentence(strings.ReplaceAll(why.Title(x), "   ", ", ")))
	wrong := false
	for _, line := range why.Lines(x) {
		switch {
		case wrong && line.Label == "" && !line.Bad:
			s.remedy(sentence(line.Text))
		case line.Bad:
			s.say("Error: %s", sentence(line.Text))
		case line.Label == "":
			s.say("%s", sentence(line.Text))
		default:
			s.say("%s: %s", line.Label, sentence(line.Text))
		}
		wrong = line.Bad
	}
	return nil
}

// candidates lists the objects that a query may mean.
func (s *session) candidates(x control.Explanation) error {
	if x.Ambiguous {
		s.say("Several are called %q.", x.Query)
	} else {
		s.say("Nobody is called %q.", x.Query)
		for _, p := range x.Searched {
			if p.Error != "" {
				s.say("Error: %s could not be searched: %s", p.Place, sentence(p.Error))
				s.remedy(p.Remedy)
				continue
			}
			s.say("Searched: %s.", p.Place)
		}
	}
	if len(x.Candidates) == 0 {
		s.remedy("Check the spelling, or name somebody by mail address, DN, GUID, or the id of the account in the cloud.")
		return nil
	}
	var rows []row
	for _, c := range x.Candidates {
		name, exact := why.CandidateText(c)
		text := name + ", " + exact
		if c.DN != "" && c.DN != exact {
			text += ", " + c.DN
		}
		rows = append(rows, row{text, func() error { return s.explained(exact) }})
	}
	return s.list(inMemory("Who is meant?", "", rows))
}
