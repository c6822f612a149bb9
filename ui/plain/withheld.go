package plain

import (
	"context"

	"dirbridge/sync/control"
	"dirbridge/ui/words"
)

// withheld lists the records that wait for an operator's word; opening one offers it.
func (s *session) withheld() error {
	p := s.plan.Plan
	return s.list(listing{title: "Withheld", none: "Nothing is withheld.",
		total: p.WithheldCount,
		window: func(ctx context.Context, filter string, from int64, n int) ([]row, error) {
			found, err := p.WithheldWindow(ctx, filter, from, n)
			rows := make([]row, len(found))
			for i, h := range found {
				rows[i] = row{h.Person.Key + ", " + h.Rule + ", account " + h.Account.Key, func() error { return s.withheldRecord(h) }}
			}
			return rows, err
		}})
}

// withheldRecord says both sides of one, and takes the operator's word for the pair.
func (s *session) withheldRecord(h control.Withheld) error {
	s.say("%s", sentence(h.Reason))
	s.fact("Person", words.WithheldPerson(h))
	s.fact("Account", words.WithheldAccount(h))
	s.fact("The account is or was of", words.WithheldOwner(h))
	s.remedy(words.WithheldRemedy(h, "type confirm below"))
	if off := s.confirmOff(h); off != "" {
		s.say("It cannot be confirmed now: %s.", off)
		return nil
	}
	if err := s.confirm([]string{words.ConfirmTitle(h), words.ConfirmMeans}, "confirm"); err != nil {
		return told(err)
	}
	return told(s.confirmWithheld(h))
}

func (s *session) confirmOff(h control.Withheld) string {
	switch off := s.busy(); {
	case off != "":
		return off
	case s.ofDraft():
		return "its settings are not saved: apply those first, under Settings"
	case s.plan.confirmed[h.Print]:
		return "it is confirmed: make a new dry run"
	}
	return ""
}

func (s *session) confirmWithheld(h control.Withheld) error {
	if err := s.wait("Confirming", func(ctx context.Context) error { return s.conn.Confirm(ctx, h) }); err != nil {
		return err
	}
	s.plan.confirmed[h.Print] = true
	s.say("%s", words.Confirmed(h, "Make a dry run"))
	return nil
}
