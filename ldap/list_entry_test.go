package ldap

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dirbridge/sync/identity"
)

// onePage answers every listing with these entries.
func onePage(entries ...func(w *answers)) func(w *answers, r search) {
	return func(w *answers, r search) {
		for _, e := range entries {
			e(w)
		}
		w.page("")
	}
}

func listPeople(t *testing.T, s *Source) []identity.Entry {
	t.Helper()
	var all []identity.Entry
	if err := s.People(context.Background(), func(e identity.Entry) error {
		all = append(all, e)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestEntryHasTheRequestedNamesAndForms(t *testing.T) {
	f := (&fake{search: onePage(func(w *answers) {
		w.entry(`CN="Silva, Ana \"Ani\" Ü", OU=Staff,`+fakeContext,
			[]string{"ObjectGuid", guidA},
			[]string{"OBJECTSID", "\x01\x02\x00\x00\x00\x00\x00\x05\x20\x00\x00\x00\x20\x02\x00\x00"},
			[]string{"useraccountcontrol", "66050"}, []string{"Mail", "ana+x@exämple.com"},
			[]string{"proxyAddresses", "SMTP:b@x", "smtp:a@x", "smtp:c@x"},
			[]string{"manager", `CN=O'Neil\2C Bo,OU=Staff,` + fakeContext},
			[]string{"whenCreated", "20240131120000.0Z"}, []string{"accountExpires", "9223372036854775807"},
			[]string{"pwdLastSet", "116444736000000000"}, []string{"notAsked", "x"}, []string{"title"})
	})}).start(t, nil)
	s := f.source(t, func(o *Options) {
		o.Attributes = []string{"MAIL", "objectSid", "userAccountControl", "proxyAddresses", "manager", "whenCreated",
			"accountExpires", "pwdLastSet", "title"}
	})
	want := []identity.Entry{{Anchor: "corp:" + guidAText, Kind: identity.User, Controlled: true,
		DN:     `CN=Silva\, Ana \"Ani\" Ü,OU=Staff,` + fakeContext,
		Parent: "OU=Staff," + fakeContext, RDN: `CN=Silva\, Ana \"Ani\" Ü`,
		Attrs: identity.Attrs{"MAIL": {"ana+x@exämple.com"}, "objectSid": {"S-1-5-32-544"}, "userAccountControl": {"66050"},
			"proxyAddresses": {"SMTP:b@x", "smtp:a@x", "smtp:c@x"}, "manager": {`CN=O'Neil\, Bo,OU=Staff,` + fakeContext},
			"whenCreated": {"2024-01-31T12:00:00Z"}, "pwdLastSet": {"1970-01-01T00:00:00Z"}, "objectGUID": {guidAText}}}}
	if diff := cmp.Diff(want, listPeople(t, s)); diff != "" {
		t.Error(diff)
	}
}

// P2, P8: an unreadable part is a Problem of its entry, which is still listed.
func TestUnreadablePartsAreProblems(t *testing.T) {
	f := (&fake{search: onePage(
		func(w *answers) {
			w.entry("CN=Binary,"+fakeContext, []string{"objectGUID", guidA},
				[]string{"displayName", "good", "\x89PNG\r\n\x1a\n"}, []string{"mail", "b@x"})
		},
		func(w *answers) { w.entry("CN=NoGUID,"+fakeContext, []string{"mail", "n@x"}) },
		func(w *answers) { w.entry("CN=ShortGUID,"+fakeContext, []string{"objectGUID", "short"}) },
		func(w *answers) {
			w.entry("CN=Control,"+fakeContext, []string{"objectGUID", guid(2)}, []string{"mail", "a\x00b"})
		},
		func(w *answers) {
			w.entry("CN=Good,"+fakeContext, []string{"objectGUID", guid(3)}, []string{"mail", "g@x"})
		},
	)}).start(t, nil)
	got := listPeople(t, f.source(t))
	if len(got) != 5 {
		t.Fatalf("%d entries of 5", len(got))
	}
	for i, want := range []struct{ anchor, attribute, says string }{
		{"corp:" + guidAText, "displayName", "is not text"}, {"", "objectGUID", "is missing"}, {"", "objectGUID", "16"},
		{"corp:00000002-0000-0000-0000-000000000001", "mail", "is not text"},
		{anchor: "corp:00000003-0000-0000-0000-000000000001"},
	} {
		e := got[i]
		if string(e.Anchor) != want.anchor {
			t.Errorf("%s has anchor %q, want %q", e.DN, e.Anchor, want.anchor)
		}
		if want.attribute == "" {
			if len(e.Problems) > 0 {
				t.Errorf("%s: %v", e.DN, e.Problems)
			}
			continue
		}
		if len(e.Problems) != 1 {
			t.Errorf("%s has problems %v", e.DN, e.Problems)
			continue
		}
		p := e.Problems[0]
		if p.Attribute != want.attribute || !strings.Contains(p.Message, want.says) || p.DN != e.DN || p.Anchor != e.Anchor ||
			p.Side != identity.InDirectory || p.Remedy == "" {
			t.Errorf("%+v", p)
		}
		if _, ok := e.Attrs[want.attribute]; ok {
			t.Errorf("%s keeps part of the unreadable %s", e.DN, want.attribute)
		}
	}
	if got[0].Attrs.First("mail") != "b@x" {
		t.Error("a readable attribute beside an unreadable one is lost")
	}
}

func TestLargeValue(t *testing.T) {
	large := strings.Repeat("ä", 512<<10)
	f := (&fake{search: onePage(
		func(w *answers) { person(w, 1) },
		func(w *answers) {
			w.entry("CN=Large,"+fakeContext, []string{"objectGUID", guidA}, []string{"displayName", large})
		},
		func(w *answers) { person(w, 2) },
	)}).start(t, nil)
	got := listPeople(t, f.source(t))
	if len(got) != 3 || got[1].Attrs.First("displayName") != large || got[2].Attrs.First("mail") != "p2@example.com" {
		t.Fatalf("%d entries; the value has %d bytes", len(got), len(got[1].Attrs.First("displayName")))
	}
	_, err := people(f.source(t, func(o *Options) { o.MaxMessage = 1 << 20 }))
	wantFailure(t, err, "give-up", "1048576", "after 1 entries")
}

func openLDAPRoot() [][]string {
	return [][]string{{"objectClass", "top", "OpenLDAProotDSE"}, {"namingContexts", fakeContext},
		{"supportedControl", "1.2.840.113556.1.4.319"}}
}

func TestStandardNamesOfOneAttribute(t *testing.T) {
	entry := func(w *answers) {
		w.entry("cn=a,"+fakeContext, []string{"entryUUID", guidAText}, []string{"street", "1 Main St"},
			[]string{"sn", "Silva"})
	}
	f := (&fake{root: openLDAPRoot(), search: onePage(entry)}).start(t, nil)
	s := f.source(t, func(o *Options) { o.Attributes = []string{"streetAddress", "surname", "sn"} })
	want := identity.Attrs{"streetAddress": {"1 Main St"}, "surname": {"Silva"}, "sn": {"Silva"},
		"objectGUID": {guidAText}}
	if diff := cmp.Diff(want, listPeople(t, s)[0].Attrs); diff != "" {
		t.Error(diff)
	}

	// In Active Directory street and streetAddress are two attributes.
	f = (&fake{search: onePage(func(w *answers) {
		w.entry("CN=a,"+fakeContext, []string{"objectGUID", guidA}, []string{"street", "other"})
	})}).start(t, nil)
	s = f.source(t, func(o *Options) { o.Attributes = []string{"streetAddress"} })
	if got := listPeople(t, s)[0].Attrs["streetAddress"]; got != nil {
		t.Errorf("streetAddress is %q", got)
	}
}

func TestAnchorsOfOtherServers(t *testing.T) {
	for name, c := range map[string]struct {
		root  [][]string
		entry []string
	}{
		"OpenLDAP":            {openLDAPRoot(), []string{"entryUUID", strings.ToUpper(guidAText)}},
		"OpenLDAP with GUIDs": {openLDAPRoot(), []string{"objectGUID", guidA}},
		"389 Directory Server": {[][]string{{"vendorName", "389 Project"}, {"namingContexts", fakeContext}},
			[]string{"nsUniqueId", "00112233-44556677-8899aabb-ccddeeff"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := (&fake{root: c.root, search: func(w *answers, r search) {
				w.entry("cn=a,"+fakeContext, c.entry)
				if r.paged {
					w.page("")
				} else {
					w.done(0, "")
				}
			}}).start(t, nil)
			if got := listPeople(t, f.source(t))[0]; got.Anchor != "corp:"+guidAText || len(got.Problems) > 0 {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestPasswordsAreNeverRequested(t *testing.T) {
	f := (&fake{}).start(t, nil)
	s := f.source(t)
	if _, err := people(s); err != nil {
		t.Fatal(err)
	}
	for _, r := range f.seen() {
		if len(r.attrs) == 0 || slices.Contains(r.attrs, "*") || slices.Contains(r.attrs, "+") ||
			slices.ContainsFunc(r.attrs, secret) {
			t.Errorf("a search asks for %q", r.attrs)
		}
	}
}

func TestFilters(t *testing.T) {
	for name, c := range map[string]struct {
		root     [][]string
		knows    bool // computers and critical system objects
		operator string
		users    string
		groups   string
	}{
		"AD": {root: adRoot(), users: "(&(objectCategory=person)(objectClass=user)(!(objectClass=computer)))",
			groups: "(&(objectClass=group)(!(isCriticalSystemObject=TRUE)))"},
		"AD with Exchange": {root: adRoot(), knows: true,
			users: "(&(objectCategory=person)(objectClass=user)(!(objectClass=computer))" +
				"(!(msExchResourceMetaData=ResourceType:Room)))",
			groups: "(&(objectClass=group)(!(isCriticalSystemObject=TRUE)))"},
		"AD with the operator's": {root: adRoot(), operator: "|(a=1)(b=2)",
			users:  "(&(objectCategory=person)(objectClass=user)(!(objectClass=computer))(|(a=1)(b=2)))",
			groups: "(&(objectClass=group)(!(isCriticalSystemObject=TRUE))(|(a=1)(b=2)))"},
		"OpenLDAP": {root: openLDAPRoot(), users: "(&(|(objectClass=inetOrgPerson)(objectClass=person)(objectClass=user)))",
			groups: "(&(|(objectClass=group)(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)))"},
		"OpenLDAP with computers": {root: openLDAPRoot(), knows: true,
			users: "(&(|(objectClass=inetOrgPerson)(objectClass=person)(objectClass=user))(!(objectClass=computer))" +
				"(!(objectClass=contact))(!(msExchResourceMetaData=ResourceType:Room)))",
			groups: "(&(|(objectClass=group)(objectClass=groupOfNames)(objectClass=groupOfUniqueNames))" +
				"(!(isCriticalSystemObject=TRUE)))"},
	} {
		t.Run(name, func(t *testing.T) {
			f := (&fake{root: c.root, undefined: !c.knows}).start(t, nil)
			s := f.source(t, func(o *Options) { o.UserFilter, o.GroupFilter = c.operator, c.operator })
			ctx := context.Background()
			for _, list := range []func() error{
				func() error { return s.People(ctx, func(identity.Entry) error { return nil }) },
				func() error { return s.Groups(ctx, func(identity.Entry) error { return nil }) },
			} {
				if err := list(); err != nil {
					t.Fatal(err)
				}
			}
			var got []string
			for _, r := range f.seen() {
				if r.scope == 2 {
					got = append(got, r.filter)
				}
			}
			if diff := cmp.Diff([]string{c.users, c.groups}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestExcludedSubtreesAreDropped(t *testing.T) {
	at := func(n int, dn string) func(w *answers) {
		return func(w *answers) { w.entry(dn+fakeContext, []string{"objectGUID", guid(n)}) }
	}
	f := (&fake{search: onePage(at(1, "CN=a,OU=Staff,"), at(2, "CN=b,ou=LEAVERS,OU=Staff,"),
		at(3, `CN=c\,OU=Leavers,OU=Staff,`), at(4, "CN=d,OU=Sub,OU=Leavers,OU=Staff,"))}).start(t, nil)
	s := f.source(t, func(o *Options) { o.ExcludeDNs = []string{"OU=Leavers, OU=Staff, " + fakeContext} })
	var got []string
	for _, e := range listPeople(t, s) {
		got = append(got, e.RDN)
	}
	if want := []string{"CN=a", `CN=c\,OU\=Leavers`}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRangedAttributeOfAPerson(t *testing.T) {
	values := func(from, to int) (v []string) {
		for n := from; n < to; n++ {
			v = append(v, fmt.Sprintf("smtp:%d@x", n))
		}
		return v
	}
	f := (&fake{search: func(w *answers, r search) {
		switch {
		case r.scope == 2:
			w.entry("CN=a,"+fakeContext, []string{"objectGUID", guidA}, []string{"proxyAddresses"},
				append([]string{"proxyAddresses;range=0-9"}, values(0, 10)...))
			w.page("")
		case r.base != "<GUID="+guidAText+">":
			w.done(32, "")
		case slices.Contains(r.attrs, "proxyAddresses;range=10-*"):
			w.entry("CN=a,"+fakeContext, append([]string{"proxyAddresses;Range=10-19"}, values(10, 20)...))
			w.done(0, "")
		default:
			w.entry("CN=a,"+fakeContext, append([]string{"proxyAddresses;range=20-*"}, values(20, 23)...))
			w.done(0, "")
		}
	}}).start(t, nil)
	got := listPeople(t, f.source(t, func(o *Options) { o.Attributes = []string{"proxyAddresses"} }))[0]
	want := values(0, 23)
	slices.Sort(want)
	if diff := cmp.Diff(want, got.Attrs["proxyAddresses"]); diff != "" {
		t.Error(diff)
	}
}
