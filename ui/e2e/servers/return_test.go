package servers

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"dirbridge/ldap/ldaptest/lab"
	"dirbridge/sync/control"
	"dirbridge/ui/e2e/site"
)

// TestReturnWithinGraceOnSamba checks that a person who returns within the grace period gets the
// same account reactivated, with the same groups: restored from the recycle bin, and moved out of
// the scope and back.
func TestReturnWithinGraceOnSamba(t *testing.T) {
	t.Parallel()
	d := servers.Samba(t)
	base, away := d.Scratch(t), d.Scratch(t)
	s := site.New(t, d, site.SCIMMY(servers.Scimmy(t)), site.Settings{Base: []string{base}})
	add := func(name string) string {
		return d.AddPerson(t, base, name, map[string][]string{"mail": {name + "@example.com"}, "displayName": {name}})
	}
	ana, bo := add("ana"), add("bo")
	add("cy")
	group := d.AddGroup(t, base, "crew")
	d.AddMember(t, group, ana, bo)
	s.Sync(t)
	guids := map[string]string{"ana": d.GUID(t, ana), "bo": d.GUID(t, bo)}
	stand := func(when string, active bool) {
		t.Helper()
		people, teams := found(t, s.Cloud)
		for name, guid := range guids {
			if people[guid].Active != active {
				t.Errorf("%s: %s: %+v", when, name, people[guid])
			}
			if crew := teams[d.GUID(t, group)]; !slices.Contains(crew.Members, guid) {
				t.Errorf("%s: %s is not in the group: %v", when, name, crew.Members)
			}
		}
	}
	stand("at first", true)
	for _, full := range []bool{true, false} {
		verb := []string{"sync"}
		if full {
			verb = append(verb, "--full")
		}
		d.Delete(t, ana)
		bo = d.Move(t, bo, away)
		s.Must(t, 0, verb...)
		stand("gone", false)
		var waiting []control.Queued
		for decode := json.NewDecoder(strings.NewReader(s.Must(t, 0, "purge", "--list").Out)); decode.More(); {
			var l control.Queued
			if err := decode.Decode(&l); err != nil {
				t.Fatal(err)
			}
			if l.Overdue || l.Run == 0 || l.Reason == "" {
				t.Errorf("%+v", l)
			}
			waiting = append(waiting, l)
		}
		if len(waiting) != 2 {
			t.Fatalf("waiting: %+v", waiting)
		}
		d.Undelete(t, guids["ana"], ana)
		restore(t, d, ana, "ana", group)
		bo = d.Move(t, bo, base)
		before := s.Cloud.Writes(t)
		s.Must(t, 0, verb...)
		stand("back", true)
		if n := s.Cloud.Writes(t) - before; n != 2 {
			t.Errorf("%d writes for two who return", n)
		}
		if out := s.Must(t, 0, "purge", "--list").Out; out != "" {
			t.Errorf("still waiting: %s", out)
		}
		s.Settled(t)
	}
}

// restore restores what an administrator has to if the recycle bin is off: a tombstone keeps
// neither e-mail address nor memberships.
func restore(t *testing.T, d *lab.Directory, dn, name, group string) {
	t.Helper()
	for attribute, value := range map[string]string{"mail": name + "@example.com", "displayName": name} {
		if len(d.Values(t, dn, attribute)) == 0 {
			d.Set(t, dn, attribute, value)
		}
	}
	if !slices.ContainsFunc(d.Values(t, group, "member"), func(m string) bool { return strings.EqualFold(m, dn) }) {
		d.AddMember(t, group, dn)
	}
}
