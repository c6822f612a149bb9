package disasters

import (
	"testing"

	"dirbridge/cloud/scimtest"
	"dirbridge/ldap/ldaptest"
)

// withheldManagerLeaves has the cloud use a manager's account that is withheld from the person in
// the directory. The person leaves: an incremental run clears the reference of the reports, as a
// full one would, although the manager was never linked.
func withheldManagerLeaves(t *testing.T) {
	s := newDrill(t, drillOptions{people: 3, dir: ldaptest.Options{Rights: ldaptest.Rights{ReadDeleted: true,
		Replicate: true}}})
	boss := s.root(t, "boss@example.com")
	s.must1(t, s.sky.Set(s.account(t, "p1@example.com").ID, scimtest.EnterpriseURN+":manager",
		map[string]any{"value": boss.ID}))
	s.hire(t, "boss")
	s.set(t, "p1", "manager", s.dn("boss"))
	s.Must(t, 4, "sync", "--full")
	manager := func() string { return s.account(t, "p1@example.com").Manager }
	if manager() != boss.ID {
		t.Fatalf("the manager of p1 is %q", manager())
	}
	s.must1(t, s.ldap.Delete(s.dn("boss")))
	s.Must(t, 0, "sync", "--incremental")
	if manager() != "" {
		t.Errorf("the manager of p1 is %q still", manager())
	}
	s.Settled(t)
}
