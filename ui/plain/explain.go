package plain

import (
	"context"
	"errors"

	"dirbridge/sync/control"
	"dirbridge/ui/view"
)

// explain says why a person is, or is not, in the cloud. Without who, it asks repeatedly.
func (s *session) explain(who string) error {
	if who != "" {
		return s.explained(who)
	}
	s.heading("Explain: why is this person (not) in the cloud?")
	for {
		who, err := s.text("E-mail address, DN, GUID, name or cloud id:", nil, wanted(view.ExplainMissing+" Or b goes back."))
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
	x, err := read(s, "Looking", func(ctx context.Context) (control.Explanation, error) {
		return s.conn.Explain(ctx, who)
	})
	if err != nil {
		return err
	}
	if !x.Found {
		return s.candidates(x)
	}
	s.heading(view.Sentence(view.ExplainTitle(x)))
	s.facts(view.Explain(x, view.Plain))
	return nil
}

// candidates lists the objects that a query may mean.
func (s *session) candidates(x control.Explanation) error {
	text, remedy := view.NotFound(x)
	s.say("%s.", text)
	if !x.Ambiguous {
		for _, p := range x.Searched {
			if p.Error != "" {
				s.say("Error: %s could not be searched: %s", p.Place, view.Sentence(p.Error))
				s.remedy(p.Remedy)
				continue
			}
			s.say("Searched: %s.", p.Place)
		}
	}
	if len(x.Candidates) == 0 {
		s.remedy(remedy)
		return nil
	}
	var rows []row
	for _, c := range x.Candidates {
		name, exact := view.Candidate(c)
		text := name + ", " + exact
		if c.DN != "" && c.DN != exact {
			text += ", " + c.DN
		}
		rows = append(rows, row{text, func() error { return s.explained(exact) }})
	}
	return s.list(inMemory("Matches", "", rows))
}
