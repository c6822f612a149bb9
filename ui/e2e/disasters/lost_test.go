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

// lostDisasters returns the disasters in which the bind account loses the right to read an
// attribute.
func lostDisasters() []disaster {
	return []disaster{
		{"mail hidden from the bind account", mailHidden, false},
		{"objectGUID hidden from the bind account", anchorHidden, false},
		{"userAccountControl hidden from the bind account", controlHidden, false},
		{"mail taken from many between two runs", mailTaken, false},
	}
}

// condition returns the overall status in a word.
func (s *drill) condition(t *testing.T) control.Condition {
	t.Helper()
	var st struct {
		Condition control.Condition `json:"condition"`
	}
	site.Parse(t, s.Must(t, 0, "status").Out, &st)
	return st.Condition
}

// lost checks that a plan is held only for the loss of an attribute.
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

// mailHidden hides the e-mail address of all people by an access rule. The run is held and the
// status red; disabled people are still deactivated, and no other account changes.
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
	s.tells(t, 3, []string{"sync", "--full"}, "mail can no longer be read") // the second time does not count as normal

	s.disable(t, "p1")
	s.rests(t, "p1@example.com")
	s.tells(t, 3, []string{"sync", "--full"}, "mail can no longer be read")
	if s.account(t, "p1@example.com").Active {
		t.Error("who was disabled meanwhile is still in")
	}
	s.lost(t, "mail", 39, 39, "plan", "--full")

	// An override applies once, and later runs continue: all those people are problems.
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

// anchorHidden checks that entries without a readable objectGUID are unknown objects, and that none
// of the former people counts as gone.
func anchorHidden(t *testing.T) {
	s := newDrill(t, drillOptions{people: 30})
	s.must1(t, s.ldap.HideAttribute(s.crew, "objectGUID", true))
	s.Unwritten(t, func() {
		s.tells(t, 3, []string{"sync", "--full"}, "objectGUID can no longer be read for 30 of 30 people")
	})
	s.must1(t, s.ldap.HideAttribute(s.crew, "objectGUID", false))
	s.recovers(t)
}

// mailTaken checks that one person without an e-mail address is a problem and holds nothing. For a
// leaver it is not reported at all. Many at once also hold an incremental run.
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
		case i <= 25: // 23 leave, and lose their e-mail addresses
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

// controlHidden checks that a person whose userAccountControl is unreadable counts as neither
// enabled nor disabled. A deactivated account stays so, an active one too, and none is added. One
// such person is a problem; many hold the run.
func controlHidden(t *testing.T) {
	s := newDrill(t, drillOptions{people: 60})
	for _, name := range []string{"p1", "p2"} {
		s.set(t, name, "userAccountControl", "514")
		s.rests(t, name+"@example.com")
	}
	s.Must(t, 0, "sync")
	s.remember(t)

	// One at a time: an incremental run notices the object.
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

	// Many at once, including inactive people.
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
