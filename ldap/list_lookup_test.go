package ldap_test

import (
	"slices"
	"strings"
	"testing"

	"dirbridge/ldap"
	"dirbridge/ldap/ldaptest"
	"dirbridge/sync/identity"
)

const lookupBase = "DC=corp,DC=example,DC=com"

func lookupWorld(t *testing.T, change func(*ldap.Options)) *ldap.Source {
	user := func(attrs ...string) map[string][]string {
		m := map[string][]string{"objectClass": {"user"}}
		for i := 0; i < len(attrs); i += 2 {
			m[attrs[i]] = append(m[attrs[i]], attrs[i+1])
		}
		return m
	}
	return planted(t, ldaptest.Options{BaseDN: lookupBase}, map[string]map[string][]string{
		"CN=Ana," + lookupBase: user("mail", "ana@example.com", "sAMAccountName", "asilva", "displayName",
			"Ana Silva", "givenName", "Ana", "sn", "Silva", "title", "Clerk", "department", "R&D"),
		"CN=Anders," + lookupBase:       user("mail", "anders@example.com", "displayName", "Anders Berg"),
		"CN=Star *," + lookupBase:       user("mail", "star@example.com", "displayName", "*)(cn=*"),
		"CN=Grp," + lookupBase:          {"objectClass": {"group"}, "member": {"CN=Ana," + lookupBase}},
		"CN=Webex," + lookupBase:        {"objectClass": {"group"}, "member": {"CN=Grp," + lookupBase}},
		"CN=PC," + lookupBase:           {"objectClass": {"computer"}, "sAMAccountName": {"PC$"}},
		"CN=Supplier," + lookupBase:     {"objectClass": {"contact"}, "mail": {"supplier@example.net"}},
		"CN=AZoo," + lookupBase:         {"objectClass": {"container"}},
		"CN=Tess,CN=AZoo," + lookupBase: user("mail", "tess@example.com", "title", "Keeper"),
	}, change)
}

func TestLookup(t *testing.T) {
	s := lookupWorld(t, func(*ldap.Options) {})
	guid := ""
	for text, want := range map[string]string{
		"ana@example.com":                    "exact: Ana user",
		" Ana Silva ":                        "exact: Ana user",
		"ASILVA":                             "exact: Ana user",
		`CORP\asilva`:                        "exact: Ana user",
		"cn=ana, dc=corp,dc=example, DC=com": "exact: Ana user",
		"Grp":                                "exact: Grp group",
		"PC$":                                "exact: PC computer",
		"supplier@example.net":               "exact: Supplier contact",
		"AZoo":                               "exact: AZoo container",
		"ana s":                              "begins: Ana user",
		"sil ana":                            "begins: Ana user",
		"an":                                 "begins: Ana user, Anders user",
		"ana@exampel.com":                    "like: Ana user",
		"*":                                  "begins: Star * user", // its display name begins with it
		"*)(cn=*":                            "exact: Star * user",
		"x*)(objectClass=*":                  ": ",
		"(objectClass=*)":                    ": ",
		"\x00":                               ": ",
		`\`:                                  ": ",
		"cn=nobody," + lookupBase:            ": ",
		"":                                   ": ",
	} {
		found, err := s.Lookup(t.Context(), text, []string{"title"}, 10)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		var names []string
		how := ""
		for _, f := range found {
			rdn, _, _ := strings.Cut(f.DN, ",")
			names = append(names, strings.TrimPrefix(rdn, "CN=")+" "+string(f.Kind))
			if how = f.How; f.Name == "Ana Silva" {
				guid = f.Anchor.GUID()
			}
		}
		slices.Sort(names)
		if got := how + ": " + strings.Join(names, ", "); got != want && !(strings.HasSuffix(want, ": ") && len(found) == 0) {
			t.Errorf("%q: %q, not %q", text, got, want)
		}
	}
	for _, text := range []string{guid, "{" + strings.ToUpper(guid) + "}"} {
		if found, err := s.Lookup(t.Context(), text, nil, 10); err != nil || len(found) != 1 || found[0].Name != "Ana Silva" {
			t.Errorf("%s: %+v, %v", text, found, err)
		}
	}
	if found, err := s.Lookup(t.Context(), "an", nil, 1); err != nil || len(found) != 1 {
		t.Errorf("at most one: %+v, %v", found, err)
	}
}

func TestExplainScope(t *testing.T) {
	zoo := "CN=AZoo," + lookupBase
	for name, c := range map[string]struct {
		who    string
		change func(*ldap.Options)
		want   string // the failed steps and their texts
	}{
		"in scope": {"ana@example.com", func(*ldap.Options) {}, ""},
		"people are not read": {"ana@example.com", func(o *ldap.Options) { o.SyncUsers = false },
			"kind: a person: people are not synchronized (sync_users = false)"},
		"container": {"ana@example.com", func(o *ldap.Options) { o.BaseDNs = []string{zoo} },
			"container: in " + lookupBase + ", which is below none of the selected containers (" + zoo + ")"},
		"exclusion": {"tess@example.com", func(o *ldap.Options) { o.ExcludeDNs = []string{"cn=azoo, " + lookupBase} },
			"exclusion: below the excluded container cn=azoo," + lookupBase},
		"part of a filter": {"ana@example.com", func(o *ldap.Options) {
			o.UserFilter = "(&(mail=*)(&(title=*)(department=Sales)))"
		}, "filter: fails the user filter: (department=Sales)"},
		"negation": {"ana@example.com", func(o *ldap.Options) { o.UserFilter = "(!(title=Clerk))" },
			"filter: fails the user filter: (!(title=Clerk))"},
		"nested group": {"ana@example.com", func(o *ldap.Options) { o.MemberOf = []string{"CN=Webex," + lookupBase} }, ""},
		"no member": {"tess@example.com", func(o *ldap.Options) { o.MemberOf = []string{"CN=Webex," + lookupBase} },
			"group: a member of none of member_of (CN=Webex," + lookupBase + ")"},
		"room": {"tess@example.com", func(o *ldap.Options) { o.RoomFilter = "(title=Keeper)" },
			"built-in: a room, by room_filter: rooms are not people"},
		"contact": {"supplier@example.net", func(*ldap.Options) {},
			"kind: a contact: only people and groups are synchronized"},
		"group type": {"Grp", func(o *ldap.Options) { o.GroupTypes = ldap.DistributionGroups },
			"built-in: a security group: group_types is distribution"},
		"two at once": {"tess@example.com", func(o *ldap.Options) {
			o.ExcludeDNs, o.UserFilter = []string{zoo}, "(title=Clerk)"
		},
			"exclusion: below the excluded container " + zoo + "; filter: fails the user filter: (title=Clerk)"},
	} {
		s := lookupWorld(t, c.change)
		found, err := s.Lookup(t.Context(), c.who, nil, 5)
		if err != nil || len(found) != 1 {
			t.Fatalf("%s: %+v, %v", name, found, err)
		}
		j, err := s.ExplainScope(t.Context(), found[0].Anchor)
		if err != nil || !j.Found || j.DN != found[0].DN {
			t.Fatalf("%s: %+v, %v", name, j, err)
		}
		var failed []string
		for _, step := range j.Steps {
			if !step.Pass {
				failed = append(failed, step.What+": "+step.Text)
			}
		}
		if got := strings.Join(failed, "; "); got != c.want {
			t.Errorf("%s: %q, not %q", name, got, c.want)
		}
		if name == "nested group" {
			last := j.Steps[len(j.Steps)-1]
			if last.DN != "CN=Webex,"+lookupBase || len(last.Via) != 1 || last.Via[0] != "CN=Grp,"+lookupBase {
				t.Errorf("%+v", last)
			}
		}
		// The steps agree with a listing.
		if k := found[0].Kind; k == identity.User || k == identity.Group {
			in := false
			if err := s.Get(t.Context(), k, []identity.Anchor{found[0].Anchor}, func(_ identity.Entry, ok bool) error {
				in = ok
				return nil
			}); err != nil || in != (len(failed) == 0) {
				t.Errorf("%s: in scope %v, and %q fail: %v", name, in, failed, err)
			}
		}
	}
}
