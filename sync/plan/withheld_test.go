package plan_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
)

func withheld(i int) plan.Withheld {
	w := plan.Withheld{Rule: plan.RulePrivilegedLink, Reason: "It would get an administrator's account.",
		Remedy: "Confirm it.",
		Person: plan.WithheldPerson{Anchor: identity.NewAnchor("corp", fmt.Sprint(i)), DN: fmt.Sprintf("CN=P%d,DC=x", i),
			Key: fmt.Sprintf("p%d@example.com", i), Name: "Ana", Active: true, Created: time.Unix(int64(i), 0).UTC()},
		Account: plan.WithheldAccount{ID: identity.ResourceID(fmt.Sprint("id", i)), Key: fmt.Sprintf("P%d@example.com", i),
			Admin: "yes"}}
	w.Seal()
	return w
}

func TestWithheldRecordsAreReadAsTheyWereWritten(t *testing.T) {
	p := filled(t, "", 30)
	n := 0
	if err := p.Withheld(t.Context(), func(w plan.Withheld) error {
		if diff := cmp.Diff(withheld(n), w); diff != "" {
			t.Error(diff)
		}
		n++
		return nil
	}); err != nil || n != 30 {
		t.Fatal(n, err)
	}
	for filter, want := range map[string]int64{"": 30, "cn=p7,": 1, "privileged": 30, "nothing": 0} {
		if got, err := p.WithheldCount(t.Context(), filter); err != nil || got != want {
			t.Errorf("filter %q: %d, %v; want %d", filter, got, err, want)
		}
	}
	some, err := p.WithheldWindow(t.Context(), "", 28, 5)
	if err != nil || len(some) != 2 || some[0].Person.DN != "CN=P28,DC=x" {
		t.Error(some, err)
	}
}

// A confirmation names the fingerprint, which covers every shown fact of either side except
// creation times.
func TestFingerprintsOfWithheldRecordsDependOnBothSides(t *testing.T) {
	base := withheld(1)
	for name, edit := range map[string]func(*plan.Withheld){
		"rule": func(w *plan.Withheld) {
			w.Rule = plan.RuleInheritance
		}, "name": func(w *plan.Withheld) { w.Person.Name = "Eve" },
		"key": func(w *plan.Withheld) { w.Account.Key = "x" }, "account": func(w *plan.Withheld) { w.Account.ID = "x" },
		"role": func(w *plan.Withheld) {
			w.Account.Admin = "no"
		}, "owner": func(w *plan.Withheld) { w.Account.Owner = "corp:2" },
	} {
		w := withheld(1)
		if edit(&w); name == "" {
			continue
		}
		if w.Seal(); w.Fingerprint == base.Fingerprint {
			t.Errorf("another %s leaves the print as it is", name)
		}
	}
	w := withheld(1)
	w.Person.Created, w.Account.Linked = time.Time{}, time.Now()
	if w.Seal(); w.Fingerprint != base.Fingerprint {
		t.Error("creation times count")
	}
}
