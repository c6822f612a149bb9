package servers

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dirbridge/ldap/ldaptest/lab"
	"dirbridge/ui/e2e/site"
)

// account is a person by the guide's table, as this test reads it. People are compared by
// objectGUID.
type account struct {
	UserName, Display, Given, Family, Title, Phone string
	Manager                                        string // objectGUID
	Active                                         bool
}

// team is a group. Members are objectGUIDs, in order.
type team struct {
	Name    string
	Members []string
}

// world is a directory and the cloud that follows it.
type world struct {
	*site.Site
	left     map[string]account // people who are gone, by objectGUID: their accounts stay, deactivated
	thorough bool               // look for leftovers after each edit
}

// equal compares the cloud with the directory, both read by this test itself.
func (w *world) equal(t *testing.T) {
	t.Helper()
	people, teams := wanted(t, w.Dir)
	for guid, a := range w.left {
		a.Active = false
		people[guid] = a
	}
	gotPeople, gotTeams := found(t, w.Cloud)
	if d := cmp.Diff(people, gotPeople); d != "" {
		t.Errorf("people (- directory, + cloud):\n%s", clip(d))
	}
	// a person who is gone keeps the memberships until the account is purged
	keep := func(g map[string]team) map[string]team {
		out := map[string]team{}
		for guid, v := range g {
			v.Members = slices.DeleteFunc(slices.Clone(v.Members), func(m string) bool { _, ok := w.left[m]; return ok })
			slices.Sort(v.Members)
			out[guid] = v
		}
		return out
	}
	if d := cmp.Diff(keep(teams), keep(gotTeams)); d != "" {
		t.Errorf("groups (- directory, + cloud):\n%s", clip(d))
	}
}

func clip(s string) string {
	if len(s) > 4000 {
		return s[:4000] + "..."
	}
	return s
}

// wanted reads the directory: all people with an e-mail address, and all groups that are not
// critical system objects.
func wanted(t *testing.T, d *lab.Directory) (map[string]account, map[string]team) {
	t.Helper()
	byDN := map[string]string{}
	people, managers := map[string]account{}, map[string]string{}
	peopleFilter, groupFilter := "(&(objectClass=user)(mail=*)(!(objectClass=computer)))",
		"(&(objectClass=group)(!(isCriticalSystemObject=TRUE)))"
	if d.Kind == "ldap" { // there, no entry matches a filter with an unknown term
		peopleFilter, groupFilter = "(&(objectClass=user)(mail=*))", "(objectClass=group)"
	}
	for _, o := range d.Objects(t, peopleFilter,
		"mail", "displayName", "givenName", "sn", "title", "telephoneNumber", "manager", "userAccountControl") {
		uac, err := strconv.Atoi(o.First("userAccountControl"))
		if err != nil {
			t.Fatalf("%s: %v", o.DN, err)
		}
		people[o.GUID] = account{UserName: o.First("mail"), Display: o.First("displayName"), Given: o.First("givenName"),
			Family: o.First("sn"),
			Title:  o.First("title"), Phone: o.First("telephoneNumber"), Active: uac&2 == 0}
		byDN[lab.Same(t, o.DN)] = o.GUID
		if m := o.First("manager"); m != "" {
			managers[o.GUID] = lab.Same(t, m)
		}
	}
	for guid, dn := range managers {
		a := people[guid]
		a.Manager = byDN[dn]
		people[guid] = a
	}
	teams := map[string]team{}
	groups := d.Objects(t, groupFilter, "cn", "member")
	for _, o := range groups {
		byDN[lab.Same(t, o.DN)] = o.GUID
	}
	for _, o := range groups {
		g := team{Name: o.First("cn")}
		for _, dn := range o.Attrs["member"] {
			if guid, ok := byDN[lab.Same(t, dn)]; ok {
				g.Members = append(g.Members, guid)
			}
		}
		teams[o.GUID] = g
	}
	return people, teams
}

// found reads the cloud over SCIM: every account and group, by externalId.
func found(t *testing.T, p site.Cloud) (map[string]account, map[string]team) {
	t.Helper()
	type value struct{ Type, Value string }
	var users []struct {
		ID, UserName, ExternalID, DisplayName, Title string
		Active                                       bool
		Name                                         struct{ GivenName, FamilyName string }
		PhoneNumbers                                 []value
		Enterprise                                   struct{ Manager value } `json:"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"`
	}
	everyPage(t, p, "/Users", &users)
	var groups []struct {
		ID, DisplayName, ExternalID string
		Members                     []value
	}
	everyPage(t, p, "/Groups?attributes=displayName,externalId,members", &groups)
	guids := map[string]string{}
	for _, u := range users {
		guids[u.ID] = u.ExternalID
	}
	for _, g := range groups {
		guids[g.ID] = g.ExternalID
	}
	people, teams := map[string]account{}, map[string]team{}
	for _, u := range users {
		a := account{UserName: u.UserName, Display: u.DisplayName, Given: u.Name.GivenName, Family: u.Name.FamilyName,
			Title: u.Title, Active: u.Active,
			Manager: guids[u.Enterprise.Manager.Value]}
		for _, n := range u.PhoneNumbers {
			if n.Type == "work" {
				a.Phone = n.Value
			}
		}
		if _, twice := people[u.ExternalID]; twice {
			t.Errorf("two accounts have the externalId %q", u.ExternalID)
		}
		people[u.ExternalID] = a
	}
	for _, g := range groups {
		v := team{Name: g.DisplayName}
		for _, m := range g.Members {
			v.Members = append(v.Members, guids[m.Value])
		}
		if p.Sandbox != nil { // its listing shows at most 500 of them
			v.Members = nil
			whole, _ := p.Sandbox.Group(g.ID)
			for _, id := range whole.Members {
				v.Members = append(v.Members, guids[id])
			}
		}
		teams[g.ExternalID] = v
	}
	return people, teams
}

// everyPage reads all pages of a listing into the slice that out points to.
func everyPage[T any](t *testing.T, p site.Cloud, path string, out *[]T) {
	t.Helper()
	for start := 1; ; {
		join := "?"
		if strings.Contains(path, "?") {
			join = "&"
		}
		var page struct {
			TotalResults int
			Resources    []T
		}
		if err := json.Unmarshal(site.Get(t, p, fmt.Sprintf("%s%sstartIndex=%d&count=100", path, join, start)),
			&page); err != nil {
			t.Fatal(err)
		}
		*out = append(*out, page.Resources...)
		start += len(page.Resources)
		if len(page.Resources) == 0 || start > page.TotalResults {
			return
		}
	}
}
