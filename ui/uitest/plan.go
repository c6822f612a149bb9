package uitest

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
)

// Noon is the time of every test.
func Noon() time.Time { return time.Date(2026, 10, 5, 14, 2, 30, 0, time.UTC) }

// Anchor returns the anchor of the nth person.
func Anchor(n int) identity.Anchor {
	return identity.NewAnchor("corp", fmt.Sprintf("6f1c2e0a-95d2-4a53-8c4e-%012d", n))
}

// Person returns a change of one kind for the nth person.
func Person(n int, action plan.Action) plan.Change {
	mail := fmt.Sprintf("user%05d@example.com", n)
	c := plan.Change{
		Action: action, Kind: identity.User, Phase: plan.UserWrites, Key: mail,
		Anchor: Anchor(n),
		DN:     fmt.Sprintf("CN=User %d,OU=Sales,OU=Staff,DC=corp,DC=example,DC=com", n),
		ID:     identity.ResourceID(fmt.Sprintf("id-%d", n)),
	}
	switch action {
	case plan.Add:
		c.ID, c.Reason = "", "new in the directory"
		c.Fields = []plan.FieldDiff{{Name: "uid", New: []string{mail}},
			{Name: "displayName", New: []string{fmt.Sprintf("User %d", n)}}}
	case plan.Update:
		c.Reason = "title changed"
		c.Fields = []plan.FieldDiff{{Name: "title", Old: []string{"Engineer"}, New: []string{"Senior Engineer"}},
			{Name: "departmentNumber", Old: []string{"R&D"}, New: []string{"Research"}}}
	case plan.Deactivate:
		c.Phase, c.Missing = plan.Deactivations, true
		c.Reason, c.Cause = "left scope", "OU=Sales was renamed OU=Sales EMEA"
		c.Fields = []plan.FieldDiff{{Name: "active", Old: []string{"true"}, New: []string{"false"}}}
	}
	return c
}

// PlanOf returns a plan with the changes; holds make it held.
func PlanOf(t testing.TB, holds []plan.Hold, changes ...plan.Change) *plan.Plan {
	return PlanLike(t, plan.Header{Holds: holds}, changes...)
}

// PlanLike returns a plan with the changes, and with those parts of the header that are not counts.
func PlanLike(t testing.TB, h plan.Header, changes ...plan.Change) *plan.Plan {
	t.Helper()
	w, err := plan.Create(filepath.Join(t.TempDir(), "test.plan"))
	if err != nil {
		t.Fatal(err)
	}
	if h.Mode == "" {
		h.Mode = record.Full
	}
	h.Counts.Users.Match = 45689
	for _, ch := range changes {
		ch.CountInto(&h.Counts)
		h.Drift.Count(&ch)
		if ch.Missing {
			h.Removals++
		}
		if err := w.Add(ch); err != nil {
			t.Fatal(err)
		}
	}
	err = errors.Join(
		w.AddUnmatched(plan.Unmatched{ID: "u1", Kind: identity.User, Key: "old.admin@example.com", Name: "Old Admin",
			Active: true, Admin: true, Kept: "a full administrator"}),
		w.AddProblem(identity.User, identity.Problem{DN: "CN=No Mail,OU=Staff,DC=corp,DC=example,DC=com", Attribute: "mail",
			Side:    identity.InDirectory,
			Message: "The required attribute mail is missing.", Remedy: "Fill in mail."}))
	for i := range h.Unmanaged {
		err = errors.Join(err, w.AddUnmatched(plan.Unmatched{ID: "b", Kind: identity.User,
			Key: fmt.Sprintf("bot%d@example.com", i), Kept: plan.KeptUnmanaged + "bots"}))
	}
	if err != nil {
		t.Fatal(err)
	}
	h.Counts.Users.Unmatched, h.Counts.Users.Problem = 1, 1
	h.Made, h.Organization, h.Complete = Noon(), identity.Organization{ID: "o", Name: "Acme"}, true
	h.Directories = []plan.DirectoryRead{{Directory: identity.Directory{Name: "corp"}, ReadAt: Noon(), Whole: true,
		People: 45800, Groups: 512}}
	p, err := w.Seal(h)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// HeldPlan returns a plan with three kinds of changes that the delete threshold holds.
func HeldPlan(t testing.TB) *plan.Plan {
	var changes []plan.Change
	for i := range 40 {
		changes = append(changes, Person(i, plan.Add), Person(100+i, plan.Update), Person(200+i, plan.Deactivate))
	}
	return PlanOf(t, []plan.Hold{{Rule: plan.RuleDeleteThreshold,
		Detail: "Delete threshold (20) exceeded. 40 people would be deactivated.",
		Remedy: "Look at why they are missing; override it only if that is meant.", Overridable: true, Count: 40,
		Causes: []plan.CauseCount{{Cause: "OU=Sales was renamed OU=Sales EMEA", Count: 40}}}}, changes...)
}
