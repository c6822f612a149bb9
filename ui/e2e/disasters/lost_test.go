package disasters

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"dirbridge/sync/control"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/ui/e2e/site"
)

// lostDisasters are those in which the bind account may not read an attribute any more.
func lostDisasters() []disaster {
	return []disaster{
		{"mail hidden from the bind account", mailHidden, false},
		{"objectGUID hidden from the bind account", anchorHidden, false},
		{"userAccountControl hidden from the bind account", controlHidden, false},
		{"mail taken from many between two runs", mailTaken, false},
	}
}

// condition is the status in a word.
func (s *drill) condition(t *testing.T) control.Condition {
	t.Helper()
	var st struct {
		Condition control.Condition `json:"condition"`
	}
	site.Parse(t, s.Must(t, 0, "status").Out, &st)
	return st.Condition
}

// lost wants a plan to be held for the loss of an attribute alone.
func (s *drill) lost(t *testing.T, attribute string, count, of int64, verb ...string) {
	t.Helper()
	var p site.Plan
	site.Parse(t, s.Must(t, 3, verb...).Out, &p)
	want := fmt.Sprintf("%s can no longer be read for %d of %d people that had it of the directory corp.", attribute,
		count, of)
	if len(p.Holds) != 1 || p.Holds[0].Rule != plan.RuleAttributeLost || p.Holds[0].Count != count ||
		p.Holds[0].Detail != want || !p.Holds[0].Overridable {
		t.Errorf("%v: the holds are %+v", verb, p.Holds)
	}
}

// mailHidden: an access rule hides the mail address of all people. The run is held and
// red, whoever is disabled is out all the same, and no account is touched else.
func mailHidden(t *testing.T) {
	s := newDrill(t, drillOptions{people: 40})
	s.must1(t, s.ldap.HideAttribute(s.crew, "mail", true))
	s.lost(t, "mail", 40, 40, "plan", "--full")
	s.Unwritten(t, func() {
		s.tells(t, 3, []string{"sync", "--full"}, "mail can no longer be read for 40 of 40", `held \(attribute-lost\)`, "right",
			"--override-threshold 40")
	})
	if c := s.condition(t); c != control.Held {
		t.Errorf("the status is %s", c)
	}
	if runs := s.History(t); runs[0].Outcome != record.WasHeld {
		t.Errorf("the outcome is %s", runs[0].Outcome)
	}
	s.tells(t, 3, []string{"sync", "--full"}, "mail can no longer be read") // not taken for usual the second time

	s.disable(t, "p1")
	s.rests(t, "p1@example.com")
	s.tells(t, 3, []string{"sync", "--full"}, "mail can no longer be read")
	if s.account(t, "p1@example.com").Active {
		t.Error("who was disabled meanwhile is still in")
	}
	s.lost(t, "mail", 39, 39, "plan", "--full")

	// It can be let go on, once, and the runs after it go on: all of them are problems.
	s.Must(t, 0, "sync", "--full", "--override-threshold", "39")
	s.Must(t, 0, "sync", "--full")
	if c := s.condition(t); c != control.Degraded {
		t.Errorf("after the override the status is %s", c)
	}
	s.intact(t)
	s.must1(t, s.ldap.HideAttribute(s.crew, "mail", false))
	s.recovers(t)
	if c := s.condition(t); c != control.Good {
		t.Errorf("at the end the status is %s", c)
	}
}

// anchorHidden: entries without a readable objectGUID are nobody that is known, and none of
// those who stood there is taken for gone.
func anchorHidden(t *testing.T) {
	s := newDrill(t, drillOptions{people: 30})
	s.must1(t, s.ldap.HideAttribute(s.crew, "objectGUID", true))
	s.Unwritten(t, func() {
		s.tells(t, 3, []string{"sync", "--full"}, "objectGUID can no longer be read for 30 of 30 people")
	})
	s.must1(t, s.ldap.HideAttribute(s.crew, "objectGUID", false))
	s.recovers(t)
}

// mailTaken: one person without a mail address is a problem and holds nothing. Of a
// leaver it says nothing at all. Many at once hold the incremental run, too.
func mailTaken(t *testing.T) {
	s := newDrill(t, drillOptions{people: 60})
	s.set(t, "p1", "mail")
	s.Must(t, 0, "sync", "--full")
	s.set(t, "p2", "mail")
	s.Must(t, 0, "sync")
	if c := s.condition(t); c != control.Degraded {
		t.Errorf("with two problems the status is %s", c)
	}
	var leavers, others []string
	for i := 3; i <= 60; i++ {
		name := fmt.Sprintf("p%d", i)
		switch {
		case i <= 25: // 23 leave, and their mail addresses are taken from them
			s.set(t, name, "mail")
			s.set(t, name, "userAccountControl", "514")
			s.rests(t, name+"@example.com")
			leavers = append(leavers, name)
		case i <= 46:
			others = append(others, name)
		}
	}
	s.Must(t, 0, "sync")
	for _, n := range leavers {
		if s.account(t, n+"@example.com").Active {
			t.Errorf("%s is still in", n)
		}
	}
	for _, n := range others {
		s.set(t, n, "mail")
	}
	s.Unwritten(t, func() {
		s.tells(t, 3, []string{"sync", "--incremental"}, "mail can no longer be read for 21 of 37 people")
		s.tells(t, 3, []string{"sync", "--full"}, "mail can no longer be read for 21 of 37 people")
	})
	s.Configure(t, site.Settings{Policy: "[guards]\nlost = \"off\""})
	s.Must(t, 0, "sync", "--full")
	s.Configure(t, site.Settings{})
	s.Must(t, 0, "sync", "--full")
	for _, n := range slices.Concat(others, []string{"p1", "p2"}) {
		s.set(t, n, "mail", n+"@example.com")
	}
	s.recovers(t)
}

// controlHidden: a person whose userAccountControl cannot be read is neither enabled nor
// disabled. A deactivated account stays so, an active one too, and none is added. Of one
// person it is a problem; of many it holds the run.
func controlHidden(t *testing.T) {
	s := newDrill(t, drillOptions{people: 60})
	for _, name := range []string{"p1", "p2"} {
		s.set(t, name, "userAccountControl", "514")
		s.rests(t, name+"@example.com")
	}
	s.Must(t, 0, "sync")
	s.remember(t)

	// One by one: an incremental run sees the object touched.
	hire := s.hire(t, "new")
	for _, name := range []string{"p1", "p3", "new"} {
		s.must1(t, s.ldap.HideAttribute(s.dn(name), "userAccountControl", true))
		s.set(t, name, "title", "Boss")
	}
	for _, verb := range [][]string{{"sync"}, {"sync", "--full"}} {
		s.Unwritten(t, func() { s.Must(t, 0, verb...) })
		for _, dn := range []string{s.dn("p1"), s.dn("p3"), hire} {
			s.problem(t, dn, "userAccountControl", "cannot be read, so that it is neither enabled nor disabled")
		}
		if c := s.condition(t); c != control.Degraded {
			t.Errorf("the status is %s", c)
		}
	}
	if got := s.Run(t, "explain", s.dn("p1")); !strings.Contains(got.Out, "Account Restrictions") {
		t.Errorf("explain says %s", got.Out)
	}
	if got := s.Run(t, "check"); !strings.Contains(got.Out, "Account Restrictions") {
		t.Errorf("check says %s", got.Out)
	}
	s.intact(t)

	// Of many, those who are inactive among them.
	s.must1(t, s.ldap.HideAttribute(s.crew, "userAccountControl", true))
	s.Unwritten(t, func() {
		s.tells(t, 3, []string{"sync", "--full"}, "userAccountControl can no longer be read for 58 of 60 people", `held \(attribute-lost\)`)
	})
	s.Must(t, 0, "sync", "--full", "--override-threshold", "58")
	s.intact(t)
	for _, name := range []string{"p1", "p3", "new"} {
		s.must1(t, s.ldap.HideAttribute(s.dn(name), "userAccountControl", false))
	}
	s.must1(t, s.ldap.HideAttribute(s.crew, "userAccountControl", false))
	s.recovers(t)
}
