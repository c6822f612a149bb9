package disasters

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"dirbridge/cloud/scimtest"
	"dirbridge/sync/schema"
)

func groupDisasters() []disaster {
	return []disaster{
		{"two groups with one name", twoGroupsOneName, false},
		{"group names change hands", groupNamesChangeHands, false},
		{"group names unique, and not announced", groupNamesUnannounced, false},
		{"group names unique, and no externalId", groupNamesAnchorless, false},
	}
}

// team adds a group of people below the crew, in its own OU, and returns the DN.
func (s *drill) team(t *testing.T, ou, name string, people ...string) string {
	t.Helper()
	parent := s.crew
	if ou != "" {
		parent = "OU=" + ou + "," + s.crew
		if err := s.ldap.Add(parent, map[string][]string{"objectClass": {"organizationalUnit"}}); err != nil &&
			!strings.Contains(err.Error(), "xist") {
			t.Fatal(err)
		}
	}
	var members []string
	for _, p := range people {
		members = append(members, s.dn(p))
	}
	dn := "CN=" + name + "," + parent
	s.must1(t, s.ldap.Add(dn, map[string][]string{"objectClass": {"group"}, "sAMAccountName": {ou + name},
		"member": members}))
	return dn
}

// teams returns the accounts in each group of the cloud, by its name.
func (s *drill) teams(t *testing.T) map[string]string {
	t.Helper()
	names := map[string]string{}
	for _, u := range s.sky.Users() {
		names[u.ID] = strings.TrimSuffix(u.UserName, "@example.com")
	}
	out := map[string]string{}
	for _, g := range s.sky.Groups() {
		var in []string
		for _, m := range g.Members {
			in = append(in, names[m])
		}
		slices.Sort(in)
		out[g.DisplayName] += strings.Join(in, " ")
	}
	return out
}

func (s *drill) wantTeams(t *testing.T, want map[string]string) {
	t.Helper()
	got := s.teams(t)
	delete(got, "team")
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the groups of the cloud are %v, want %v", got, want)
	}
}

func twoGroupsOneName(t *testing.T) {
	s := newDrill(t, drillOptions{people: 4})
	one := s.team(t, "", "sales", "p1")
	s.Sync(t)
	two := s.team(t, "North", "Sales", "p2")
	s.set(t, "p3", "title", "Chief")
	s.Run(t, "sync")
	if s.account(t, "p3@example.com").Title != "Chief" {
		t.Error("the others were held up")
	}
	s.wantTeams(t, map[string]string{"sales": "p1"})
	s.problem(t, one, "cn", "which another group has as well")
	s.problem(t, two, "cn", "which another group has as well")
	if n := s.sky.Stats().Creates["Sales"]; n != 0 {
		t.Errorf("the cloud was asked for a second group %d times", n)
	}
	s.must1(t, s.ldap.Rename(two, "CN=Sales North", ""))
	s.recovers(t)
	s.wantTeams(t, map[string]string{"sales": "p1", "Sales North": "p2"})
}

// rename gives groups other names, all at once: "a", "b" renames a to b. Each keeps its objectGUID.
func (s *drill) rename(t *testing.T, pairs ...string) {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		s.must1(t, s.ldap.Rename(s.dn(pairs[i]), "CN=on-its-way-"+pairs[i], ""))
	}
	for i := 0; i < len(pairs); i += 2 {
		s.must1(t, s.ldap.Rename(s.dn("on-its-way-"+pairs[i]), "CN="+pairs[i+1], ""))
	}
}

// wantConflict checks that the event log reports a naming conflict of groups, in words for groups.
func (s *drill) wantConflict(t *testing.T, remedy string) {
	t.Helper()
	for _, e := range s.told(t) {
		if strings.Contains(e.Message, "naming conflict") {
			if !strings.Contains(e.Remedy, remedy) || strings.Contains(e.Message+e.Remedy, "account") ||
				strings.Contains(e.Message+e.Remedy, "mail") {
				t.Errorf("of a group it says %s: %s", e.Message, e.Remedy)
			}
			return
		}
	}
	t.Error("no event tells of the naming conflict")
}

func groupNamesChangeHands(t *testing.T) {
	s := newDrill(t, drillOptions{people: 5})
	for i, name := range []string{"a", "b", "c", "d"} {
		s.team(t, "", name, fmt.Sprintf("p%d", i+1))
	}
	s.Sync(t)
	ids := map[string]string{}
	for _, g := range s.sky.Groups() {
		ids[g.ID] = g.DisplayName
	}
	for _, x := range []struct {
		what  string
		pairs []string
		want  map[string]string
	}{
		{"swap", []string{"a", "b", "b", "a"}, map[string]string{"a": "p2", "b": "p1", "c": "p3", "d": "p4"}},
		{"ring", []string{"a", "b", "b", "c", "c", "a"}, map[string]string{"a": "p3", "b": "p2", "c": "p1", "d": "p4"}},
		{"chain", []string{"a", "b", "b", "c", "c", "e"}, map[string]string{"b": "p3", "c": "p2", "d": "p4", "e": "p1"}},
	} {
		s.rename(t, x.pairs...)
		if got := s.Run(t, "sync"); got.Code != 0 {
			t.Errorf("%s: %d %s", x.what, got.Code, got.Err)
		}
		s.wantTeams(t, x.want)
	}
	for _, g := range s.sky.Groups() {
		if _, kept := ids[g.ID]; !kept {
			t.Errorf("the group %s was made again", g.DisplayName)
		}
	}
	// A name that one group keeps, and another wants.
	wants := s.team(t, "South", "d", "p5")
	s.Run(t, "sync", "--full")
	s.problem(t, wants, "cn", "which another group has as well")
	s.must1(t, s.ldap.Delete(wants))
	s.recovers(t)
}

// groupNamesUnannounced uses a provider whose profile does not mention unique names, while the
// cloud refuses the second group.
func groupNamesUnannounced(t *testing.T) {
	s := newDrill(t, drillOptions{people: 4, kind: schema.KindSCIM})
	s.team(t, "", "a", "p1")
	s.team(t, "", "b", "p2")
	s.Sync(t)
	two := s.team(t, "North", "A", "p3")
	s.told(t)
	s.Run(t, "sync")
	s.wantConflict(t, "A group with that name already exists in the cloud")
	// From now on the conflict is known: it is only a problem, and the request is not repeated.
	s.sky.ResetStats()
	s.Unwritten(t, func() { s.Run(t, "sync", "--full") })
	s.problem(t, two, "cn", "which another group has as well")
	s.must1(t, s.ldap.Rename(two, "CN=c", ""))
	s.rename(t, "a", "b", "b", "a")
	s.recovers(t)
	s.wantTeams(t, map[string]string{"a": "p2", "b": "p1", "c": "p3"})
}

// groupNamesAnchorless uses a cloud that does not return externalId: the existing group belongs to
// the first object, and the second must not match it.
func groupNamesAnchorless(t *testing.T) {
	s := newDrill(t, drillOptions{people: 4, kind: schema.KindSCIM, cloud: scimtest.Options{AnchorlessExternalID: true}})
	s.team(t, "", "a", "p1")
	two := s.team(t, "North", "A", "p3")
	s.told(t)
	s.Run(t, "sync")
	s.wantConflict(t, "Give each of the two a name of its own")
	s.Run(t, "sync", "--full")
	if got := s.teams(t)["a"] + s.teams(t)["A"]; got != "p1" && got != "p3" {
		t.Errorf("two groups share one: %q", got)
	}
	s.problem(t, two, "cn", "which another group has as well")
	s.must1(t, s.ldap.Rename(two, "CN=c", ""))
	s.Run(t, "sync", "--full")
	s.Settled(t)
	s.wantTeams(t, map[string]string{"a": "p1", "c": "p3"})
}
