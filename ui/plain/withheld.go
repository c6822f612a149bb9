package plain

import (
	"context"
	"fmt"

	"dirbridge/sync/control"
	"dirbridge/ui/view"
)

// withheld lists the withheld records; opening one offers to confirm it.
func (s *session) withheld() error {
	p := s.plan.Plan
	return s.list(listing{title: "Withheld", none: "Nothing is withheld.",
		total: p.WithheldCount,
		window: func(ctx context.Context, filter string, from int64, n int) ([]row, error) {
			found, err := p.WithheldWindow(ctx, filter, from, n)
			rows := make([]row, len(found))
			for i, h := range found {
				rows[i] = row{h.Person.Key + ", " + h.Rule + ", account " + h.Account.Key,
					func() error { return s.withheldRecord(h) }}
			}
			return rows, err
		}})
}

// withheldRecord prints both sides of a record, and records the operator's confirmation of the pair
// (TestAWithheldRecordIsConfirmed).
func (s *session) withheldRecord(h control.Withheld) error {
	s.facts(view.WithheldFacts(h, view.Plain))
	off, err := s.confirmOff(h)
	if err != nil {
		return told(err)
	}
	if off != "" {
		s.say("It cannot be confirmed now: %s.", off)
		return nil
	}
	if err := s.confirm([]string{view.ConfirmTitle(h), view.ConfirmMeans}, "confirm"); err != nil {
		return told(err)
	}
	return told(s.confirmWithheld(h))
}

// confirmOff returns why the record cannot be confirmed, or "".
func (s *session) confirmOff(h control.Withheld) (string, error) {
	switch off := s.busy(); {
	case off != "":
		return off, nil
	case s.ofDraft():
		return view.UnsavedPlan(s.draft.Changed()), nil
	case s.plan.confirmed[h.Fingerprint]:
		return view.ConfirmedAlready, nil
	}
	st, err := read(s, "Reading the state", s.conn.Status)
	if err == nil && st.Elsewhere != nil {
		return runsElsewhere, nil
	}
	return "", err
}

// withheldOf lists the records that a run withheld, with their reasons.
func (s *session) withheldOf(r control.Report) error {
	rows := make([]row, len(r.WithheldRecords))
	for i, h := range r.WithheldRecords {
		rows[i] = row{h.Person.Key + ", " + h.Rule + ", account " + h.Account.Key + ": " + h.Reason, func() error {
			s.facts(view.WithheldFacts(h, view.Plain))
			return nil
		}}
	}
	return s.list(inMemory(fmt.Sprintf("Withheld in run %d", r.ID),
		"An earlier version did not keep which records it withheld.", rows))
}

func (s *session) confirmWithheld(h control.Withheld) error {
	if err := s.wait("Confirming", func(ctx context.Context) error { return s.conn.Confirm(ctx, h) }); err != nil {
		return err
	}
	s.plan.confirmed[h.Fingerprint] = true
	s.say("%s", view.Confirmed(h, "Make a dry run"))
	return nil
}
