package ldap_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"dirbridge/ldap"
	"dirbridge/ldap/ldaptest/lab"
	"dirbridge/sync/identity"
)

// changesOn reads a domain controller with the account's rights.
func changesOn(t *testing.T, d *lab.Directory, account string, way identity.Way,
	change ...func(*ldap.Options)) *ldap.Source {
	t.Helper()
	o := ldap.Options{Name: "corp", Servers: []string{d.URL}, BindUser: account, BindPassword: func() (string, error) {
		return d.Password, nil
	},
		SyncUsers: true, SyncGroups: true, UserFilter: "(department=*)", Attributes: []string{"mail", "displayName"},
		Changes: way}
	for _, c := range change {
		c(&o)
	}
	s, err := ldap.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func cookieFrom(t *testing.T, s *ldap.Source) identity.Cookie {
	t.Helper()
	p, err := s.Cookie(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func changesSince(t *testing.T, s *ldap.Source,
	since identity.Cookie) ([]identity.ChangeNotification, identity.Cookie) {
	t.Helper()
	var all []identity.ChangeNotification
	next, err := s.Changes(t.Context(), since, func(touch identity.ChangeNotification) error {
		all = append(all, touch)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, next
}

// Each kind of change on a real domain controller causes exactly the expected notifications, with
// either way.
func TestEachChangeOnSamba(t *testing.T) {
	d := servers.Samba(t)
	for _, way := range []identity.Way{identity.DirSync, identity.USN} {
		t.Run(string(way), func(t *testing.T) { eachChange(t, d, way) })
	}
}

func eachChange(t *testing.T, d *lab.Directory, way identity.Way) {
	source := changesOn(t, d, d.User, way)
	base := d.Scratch(t)
	site, other := d.AddContainer(t, base, "Site"), d.AddContainer(t, base, "Other")
	ana := d.AddPerson(t, site, `Silva, "Ana"`, map[string][]string{"mail": {"ana@example.com"}})
	ben := d.AddPerson(t, site, "Ben", nil)
	team := d.AddGroup(t, site, "Team")
	d.AddMember(t, team, ben)
	guid := map[string]string{"ana": d.GUID(t, ana), "ben": d.GUID(t, ben), "team": d.GUID(t, team),
		"site": d.GUID(t, site)}
	user, group, unit := identity.User, identity.Group, identity.Unit

	at := cookieFrom(t, source)
	if at.NoDeletions != "" {
		t.Errorf("to an administrator deletions are untold: %s", at.NoDeletions)
	}
	for _, c := range []struct {
		name string
		do   func()
		want string // object of the notification; "" for none
		kind identity.Kind
		gone bool
		// came and went are members, if DirSync reports them; again means that the members must be
		// read again even with DirSync.
		came, went []string
		again      bool
	}{
		{name: "nothing", do: func() {}},
		{name: "added", do: func() { guid["new"] = d.GUID(t, d.AddPerson(t, site, "New", nil)) }, want: "new", kind: user},
		{name: "edited", do: func() { d.Set(t, ana, "mail", "silva@example.com") }, want: "ana", kind: user},
		{name: "attribute removed", do: func() { d.Set(t, ana, "mail") }, want: "ana", kind: user},
		{name: "attribute of a filter", do: func() { d.Set(t, ana, "department", "Sales") }, want: "ana", kind: user},
		{name: "renamed", do: func() { ana = d.Rename(t, ana, "Ana Costa") }, want: "ana", kind: user},
		{name: "moved", do: func() { ana = d.Move(t, ana, other) }, want: "ana", kind: user},
		{name: "manager", do: func() { d.Set(t, ana, "manager", ben) }, want: "ana", kind: user},
		{name: "disabled", do: func() { d.Disable(t, ana) }, want: "ana", kind: user},
		{name: "member added", do: func() { d.AddMember(t, team, ana) }, want: "team", kind: group, came: []string{"ana"}},
		{name: "member removed", do: func() { d.RemoveMember(t, team, ben) }, want: "team", kind: group,
			went: []string{"ben"}},
		{name: "member exchanged", do: func() { d.AddMember(t, team, ben); d.RemoveMember(t, team, ana) }, want: "team",
			kind: group,
			came: []string{"ben"}, went: []string{"ana"}},
		{name: "group renamed", do: func() { team = d.Rename(t, team, "Crew") }, want: "team", kind: group, again: true},
		{name: "container renamed", do: func() {
			site = d.Rename(t, site, "Quarters")
			ben, team = "CN=Ben,"+site, "CN=Crew,"+site
		}, want: "site", kind: unit},
		{name: "deleted", do: func() { d.Delete(t, ben) }, want: "ben", kind: user, gone: true},
		{name: "undeleted", do: func() { d.Undelete(t, guid["ben"], ben) }, want: "ben", kind: user},
		{name: "group deleted", do: func() { d.Delete(t, team) }, want: "team", kind: group, gone: true},
		{name: "group undeleted", do: func() { d.Undelete(t, guid["team"], team) }, want: "team", kind: group, again: true},
	} {
		c.do()
		got, next := changesSince(t, source, at)
		at = next
		got = slices.DeleteFunc(got, func(touch identity.ChangeNotification) bool {
			return strings.Contains(touch.DN, ",CN=Builtin,")
		})
		if c.want == "" {
			if len(got) != 0 {
				t.Errorf("%s: %+v", c.name, got)
			}
			continue
		}
		if len(got) != 1 {
			t.Errorf("%s: %d touches, want one: %+v", c.name, len(got), got)
			continue
		}
		touch := got[0]
		if touch.Anchor.GUID() != guid[c.want] || touch.Kind != c.kind || touch.Deleted != c.gone || touch.Present {
			t.Errorf("%s: %+v, want %s of kind %s, deleted: %t", c.name, touch, guid[c.want], c.kind, c.gone)
		}
		if told := way == identity.DirSync && c.kind == group && !c.gone && !c.again; touch.MembersTold != told {
			t.Errorf("%s: members are told: %t", c.name, touch.MembersTold)
		} else if told {
			members := map[bool][]string{}
			for _, m := range touch.Members {
				members[m.Removed] = append(members[m.Removed], m.To.Anchor.GUID())
			}
			for removed, want := range map[bool][]string{false: c.came, true: c.went} {
				var guids []string
				for _, name := range want {
					guids = append(guids, guid[name])
				}
				if !slices.Equal(members[removed], guids) {
					t.Errorf("%s: of members, removed %t, it tells %v, want %v", c.name, removed, touch.Members, guids)
				}
			}
		}
	}
}

// For an account that may not read CN=Deleted Objects no deletion is reported, which the cookie
// says, with the remedy; everything else is reported.
func TestDeletionsHiddenOnSamba(t *testing.T) {
	d := servers.Samba(t)
	domain := strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(d.Base, "DC="), ",DC=", "."))
	for _, c := range []struct {
		account string
		asked   identity.Way
		want    identity.Way
	}{
		{"svc-dirsync", "", identity.DirSync}, // has the right to replicate
		{"svc-plain", "", identity.DirSync},
		{"svc-plain", identity.USN, identity.USN},
	} {
		t.Run(c.account+" "+string(c.want), func(t *testing.T) {
			source := changesOn(t, d, c.account+"@"+domain, c.asked)
			base := d.Scratch(t)
			gone, stays := d.AddPerson(t, base, "Gone", nil), d.AddPerson(t, base, "Stays", nil)
			was, is := d.GUID(t, gone), d.GUID(t, stays)
			at := cookieFrom(t, source)
			if at.Way != c.want {
				t.Errorf("it goes by %s", at.Way)
			}
			if !strings.Contains(at.NoDeletions, "CN=Deleted Objects,"+d.Base) ||
				!strings.Contains(at.Remedy, `dsacls "CN=Deleted Objects,`+d.Base) ||
				!strings.Contains(at.Remedy, c.account) {
				t.Errorf("%q, %q", at.NoDeletions, at.Remedy)
			}
			d.Delete(t, gone)
			d.Set(t, stays, "mail", "stays@example.com")
			got, next := changesSince(t, source, at)
			if len(got) != 1 || got[0].Anchor.GUID() != is || got[0].Kind != identity.User {
				t.Errorf("%+v, want %s alone, without %s", got, is, was)
			}
			if next.NoDeletions != at.NoDeletions || next.Remedy != at.Remedy {
				t.Errorf("the next position says %q, %q", next.NoDeletions, next.Remedy)
			}
		})
	}
}

// A cookie that the server does not accept is no failure of the server: everything must be read.
func TestStaleCookiesOnSamba(t *testing.T) {
	d := servers.Samba(t)
	source := changesOn(t, d, d.User, "")
	good := cookieFrom(t, source)
	before, after, ok := strings.Cut(good.Value, `"roots":{"`+strings.ToLower(d.Base)+`":"`)
	if !ok {
		t.Fatalf("the cookie is %s", good.Value)
	}
	_, rest, _ := strings.Cut(after, `"`)
	swapped := good
	swapped.Value = before + `"roots":{"` + strings.ToLower(d.Base) + `":"R2FyYmFnZSE="` + rest
	_, err := source.Changes(t.Context(), swapped, func(identity.ChangeNotification) error { return nil })
	var stale *identity.Stale
	if !errors.As(err, &stale) || !strings.Contains(stale.Reason, "cookie") {
		t.Errorf("a cookie of garbage: %v", err)
	}
	more := changesOn(t, d, d.User, "", func(o *ldap.Options) { o.Attributes = append(o.Attributes, "title") })
	if _, err := more.Changes(t.Context(), good, func(identity.ChangeNotification) error {
		return nil
	}); !errors.As(err, &stale) {
		t.Errorf("another mapping: %v", err)
	}
	if got, _ := changesSince(t, source, good); len(got) != 0 {
		t.Errorf("the good position tells of %+v", got)
	}
}
