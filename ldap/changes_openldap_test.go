package ldap_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dirbridge/ldap"
	"dirbridge/ldap/ldaptest/lab"
	"dirbridge/sync/identity"
)

// plainEdit is one change with its notifications; gone lists the deleted objects.
type plainEdit struct {
	name string
	do   func()
	want map[string]identity.Kind // by name
	gone []string
}

// Each kind of change in OpenLDAP causes exactly the expected notifications.
func TestEachChangeOnOpenLDAP(t *testing.T) {
	for _, s := range lab.SlapdSetups() {
		t.Run(s.String(), func(t *testing.T) {
			d := lab.SlapdWith(t, lab.Empty, "SLAPD_SYNC="+s.Name) // its own: it would be told of what other tests change
			t.Cleanup(d.Close)
			d.AssignGUID = s.Assign
			eachPlainChange(t, d, s.Way, s.Name)
		})
	}
}

func eachPlainChange(t *testing.T, d *lab.Directory, way identity.Way, setup string) {
	source := changesOn(t, d, d.User, "")
	site, other := d.AddContainer(t, d.Base, "Site"), d.AddContainer(t, d.Base, "Other")
	ana, ben := d.AddPerson(t, site, `Silva, "Ana"`, nil), d.AddPerson(t, site, "Ben", nil)
	team := d.AddGroup(t, site, "Team")
	d.AddMember(t, team, ben)
	names := map[identity.Anchor]string{}
	name := func(dn, is string) { names[identity.NewAnchor("corp", d.GUID(t, dn))] = is }
	for is, dn := range map[string]string{"ana": ana, "ben": ben, "team": team, "site": site, "other": other} {
		name(dn, is)
	}
	at := cookieFrom(t, source)
	if at.Way != way || (at.NoDeletions != "") != (way == identity.Timestamp) ||
		strings.Contains(at.Remedy, "syncprov") != (way == identity.Timestamp) {
		t.Errorf("%+v", at)
	}
	// After a deletion alone, slapd reports the change before it once more.
	last := map[identity.Anchor]bool{}
	ofAna, ofTeam := map[string]identity.Kind{"ana": identity.User}, map[string]identity.Kind{"team": identity.Group}
	for _, e := range []plainEdit{
		{name: "nothing", do: func() {}},
		{name: "added", do: func() { name(d.AddPerson(t, site, "New", nil), "new") },
			want: map[string]identity.Kind{"new": identity.User}},
		{name: "edited", do: func() { d.Set(t, ana, "mail", "ana@example.com") }, want: ofAna},
		{name: "attribute removed", do: func() { d.Set(t, ana, "mail") }, want: ofAna},
		{name: "renamed", do: func() { ana = d.Rename(t, ana, "Ana Costa") }, want: ofAna},
		{name: "moved", do: func() { ana = d.Move(t, ana, other) }, want: ofAna},
		{name: "disabled", do: func() { d.Disable(t, ana) }, want: ofAna},
		{name: "member added", do: func() { d.AddMember(t, team, ana) }, want: ofTeam},
		{name: "member removed", do: func() { d.RemoveMember(t, team, ben) }, want: ofTeam},
		{name: "group renamed", do: func() { team = d.Rename(t, team, "Crew") }, want: ofTeam},
		{name: "container renamed", do: func() {
			site = d.Rename(t, site, "Quarters")
			ben, team = "CN=Ben,"+site, "CN=Crew,"+site
		},
			want: map[string]identity.Kind{"site": identity.Unit}},
		{name: "container moved", do: func() { site = d.Move(t, site, other); ben, team = "CN=Ben,"+site, "CN=Crew,"+site },
			want: map[string]identity.Kind{"site": identity.Unit}},
		{name: "deleted", do: func() { d.Delete(t, ben) }, gone: []string{"ben"}},
		{name: "made again", do: func() { d.Delete(t, ana); name(d.AddPerson(t, other, "Ana Costa", nil), "ana, new") },
			want: map[string]identity.Kind{"ana, new": identity.User}, gone: []string{"ana"}},
		{name: "container deleted", do: func() { d.Delete(t, site) }, gone: []string{"new", "site", "team"}},
	} {
		again := changedSoFar(t, source, at)
		if way == identity.SyncRepl {
			again = last
		}
		e.do()
		touches, next := changesSince(t, source, at)
		wantPlain(t, e, touches, names, again, way)
		at, last = next, map[identity.Anchor]bool{}
		for _, touch := range touches {
			last[touch.Anchor] = true
		}
	}
}

// changedSoFar lists the changes that modifyTimestamp reports again.
func changedSoFar(t *testing.T, source *ldap.Source, at identity.Cookie) map[identity.Anchor]bool {
	t.Helper()
	out := map[identity.Anchor]bool{}
	touches, _ := changesSince(t, source, at)
	for _, touch := range touches {
		if !touch.Present && !touch.Deleted {
			out[touch.Anchor] = true
		}
	}
	return out
}

func wantPlain(t *testing.T, e plainEdit, touches []identity.ChangeNotification, names map[identity.Anchor]string,
	again map[identity.Anchor]bool, way identity.Way) {
	t.Helper()
	got, there, gone := map[string]identity.Kind{}, map[string]bool{}, map[string]bool{}
	present := false
	for _, touch := range touches {
		switch is := names[touch.Anchor]; {
		case touch.MembersTold:
			t.Errorf("%s: members are told: %+v", e.name, touch)
		case touch.Present:
			present, there[is] = true, true
		case touch.Deleted:
			gone[is] = true
		case is == "" && !again[touch.Anchor]:
			t.Errorf("%s: told of %+v", e.name, touch)
		default:
			there[is] = true
			if _, wanted := e.want[is]; wanted || !again[touch.Anchor] {
				got[is] = touch.Kind
			}
		}
	}
	if present {
		for _, is := range names {
			gone[is] = gone[is] || !there[is]
		}
	}
	if d := cmp.Diff(e.want, got); d != "" && len(e.want)+len(got) > 0 {
		t.Errorf("%s (- wanted, + told):\n%s", e.name, d)
	}
	for _, is := range e.gone {
		if gone[is] == (way == identity.Timestamp) {
			t.Errorf("%s: told that %s went: %t, of %+v", e.name, is, gone[is], touches)
		}
	}
	for is := range e.want {
		if gone[is] {
			t.Errorf("%s: %s is told to be deleted", e.name, is)
		}
	}
}

// A cookie that the server would take for that of a client without data, and would answer with
// everything and no deletion, is never sent; one that the server refuses is reported as stale.
func TestStaleCookiesOnOpenLDAP(t *testing.T) {
	d := lab.Slapd(t, lab.Empty) // its own: it would be told of what other tests change
	t.Cleanup(d.Close)
	source := changesOn(t, d, d.User, "")
	good := cookieFrom(t, source)
	cookie := func(text string) identity.Cookie {
		p := good
		begin, end, ok := strings.Cut(p.Value, `"roots":{"`+d.Base+`":"`)
		_, end, quoted := strings.Cut(end, `"`)
		if !ok || !quoted {
			t.Fatalf("the cookie is %s", p.Value)
		}
		p.Value = begin + `"roots":{"` + d.Base + `":"` + text + `"` + end
		return p
	}
	for name, c := range map[string]struct {
		since identity.Cookie
		words string
	}{
		"garbage": {cookie("R2FyYmFnZSE="), "cannot be read"},
		// rid=000
		"no number": {cookie("cmlkPTAwMA=="), "cannot be read"},
		// of 2099
		"the server is older": {cookie("cmlkPTAwMCxjc249MjA5OTExMjIyMjQ3NTkuOTg0ODM0WiMwMDAwMDAjMDAwIzAwMDAwMA=="),
			"consumer state is newer"},
		// of 2001
		"before everything": {cookie("cmlkPTAwMCxjc249MjAwMTExMjIyMjQ3NTkuOTg0ODM0WiMwMDAwMDAjMDAwIzAwMDAwMA=="), "told all"},
	} {
		_, err := source.Changes(t.Context(), c.since, func(identity.ChangeNotification) error { return nil })
		var stale *identity.Stale
		if !errors.As(err, &stale) || !strings.Contains(stale.Reason, c.words) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got, next := changesSince(t, source, good); len(got) != 0 || next.Way != identity.SyncRepl {
		t.Errorf("the good position tells of %+v", got)
	}
}

// One of several provider servers receives cookies without its own number, which it puts into them;
// another server that takes over continues from the same point.
func TestProvidersOnOpenLDAP(t *testing.T) {
	d := lab.SlapdWith(t, lab.Empty, "SLAPD_SERVER_ID=1") // its own: no other test uses this setting
	t.Cleanup(d.Close)
	source := changesOn(t, d, d.User, "")
	ana := d.AddPerson(t, d.Base, "Ana", nil)
	at := cookieFrom(t, source)
	if strings.Contains(at.Value, "sid") {
		t.Errorf("the cookie is %s", at.Value)
	}
	for server := 1; server <= 3; server++ {
		d.Restart(t, fmt.Sprint("SLAPD_SERVER_ID=", server))
		for round := range 3 {
			d.Set(t, ana, "mail", fmt.Sprintf("ana%d.%d@example.com", server, round))
			if server > 1 && round == 0 {
				// For a server that the cookie does not name, every change is new.
				_, err := source.Changes(t.Context(), at, func(identity.ChangeNotification) error { return nil })
				var stale *identity.Stale
				if !errors.As(err, &stale) || !strings.Contains(stale.Reason, "told all") {
					t.Errorf("server %d: %v", server, err)
				}
				at = cookieFrom(t, source)
				continue
			}
			got, next := changesSince(t, source, at)
			got = slices.DeleteFunc(got, func(touch identity.ChangeNotification) bool { return touch.Present })
			if len(got) != 1 || got[0].Anchor.GUID() != d.GUID(t, ana) || got[0].Deleted {
				t.Errorf("server %d: %+v", server, got)
			}
			at = next
		}
	}
	if numbers := d.Values(t, d.Base, "contextCSN"); len(numbers) != 3 {
		t.Errorf("there are %q", numbers)
	}
}

// Changes beyond the server's size limit are read completely, by pages.
func TestChangesBeyondSizeLimitOnOpenLDAP(t *testing.T) {
	d := lab.Slapd(t, lab.Empty) // its own: it would be told of what other tests change
	t.Cleanup(d.Close)
	source := changesOn(t, d, "cn=limited,"+d.Base, "", func(o *ldap.Options) {
		o.BindPassword = func() (string, error) { return "limited", nil }
	})
	at := cookieFrom(t, source)
	d.AddPerson(t, d.Base, "First", nil)
	if got, _ := changesSince(t, source, at); len(got) != 1 {
		t.Errorf("%+v", got)
	}
	for i := range 60 {
		d.AddPerson(t, d.Base, fmt.Sprint("Person ", i), nil)
	}
	_, err := source.Changes(t.Context(), at, func(identity.ChangeNotification) error { return nil })
	var stale *identity.Stale
	if !errors.As(err, &stale) || !strings.Contains(stale.Reason, "more changed than the server tells") {
		t.Errorf("%v", err)
	}
}

// Objects of the standard schema are reported with their kind, and objects other than people,
// groups and containers are not reported.
func TestStandardClassesOnOpenLDAP(t *testing.T) {
	d := lab.Slapd(t, lab.Empty) // its own: it would be told of what other tests change
	t.Cleanup(d.Close)
	source := changesOn(t, d, d.User, "")
	at := cookieFrom(t, source)
	d.AddAccount(t, "robot", "robot", nil)
	d.AssignGUID = false
	named := map[string][]string{"objectClass": {"inetOrgPerson"}, "sAMAccountName": nil, "userAccountControl": nil}
	ana := d.AddPerson(t, d.Base, "Ana", named)
	plain := d.AddPerson(t, d.Base, "Plain",
		map[string][]string{"objectClass": {"person"}, "sAMAccountName": nil, "userAccountControl": nil})
	touches, _ := changesSince(t, source, at)
	got := map[string]identity.Kind{}
	for _, touch := range touches {
		got[touch.Anchor.GUID()] = touch.Kind
	}
	want := map[string]identity.Kind{d.GUID(t, ana): identity.User, d.GUID(t, plain): identity.User}
	if !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
