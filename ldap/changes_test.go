package ldap

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dirbridge/ldap/ldaptest"
	"dirbridge/sync/identity"
)

// dc is an embedded domain controller with one OU.
func dc(t *testing.T, o ldaptest.Options) *ldaptest.Server {
	t.Helper()
	s, err := ldaptest.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	must(t, s.Add("OU=Staff,"+s.BaseDN(), map[string][]string{"objectClass": {"organizationalUnit"}}))
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func add(t *testing.T, s *ldaptest.Server, name, class string) string {
	t.Helper()
	dn := "CN=" + name + ",OU=Staff," + s.BaseDN()
	must(t, s.Add(dn, map[string][]string{"objectClass": {class}, "sAMAccountName": {name}}))
	return dn
}

// follower reads embedded servers.
func follower(t *testing.T, change func(*Options), servers ...*ldaptest.Server) *Source {
	t.Helper()
	user, pass := servers[0].Credentials()
	o := Options{Name: "corp", BindUser: user, BindPassword: password(pass), SyncUsers: true, SyncGroups: true,
		Attributes: []string{"mail"}}
	for _, s := range servers {
		o.Servers = append(o.Servers, s.URL())
	}
	if change != nil {
		change(&o)
	}
	source, err := New(o)
	must(t, err)
	t.Cleanup(func() { source.Close() })
	return source
}

func byUSN(o *Options) { o.Changes = identity.USN }

func readChanges(s *Source, since identity.Cookie) ([]identity.ChangeNotification, identity.Cookie, error) {
	var all []identity.ChangeNotification
	next, err := s.Changes(context.Background(), since, func(t identity.ChangeNotification) error {
		all = append(all, t)
		return nil
	})
	return all, next, err
}

func wantStale(t *testing.T, err error, words ...string) {
	t.Helper()
	var stale *identity.Stale
	if !errors.As(err, &stale) {
		t.Fatalf("%v, want everything to be read", err)
	}
	for _, w := range words {
		if !strings.Contains(stale.Reason, w) {
			t.Errorf("the reason is %q, without %q", stale.Reason, w)
		}
	}
}

// An invalid cookie and a failure that a retry may repair have different errors.
func TestStaleCookies(t *testing.T) {
	all := ldaptest.Rights{Replicate: true, ReadDeleted: true}
	back := func(same bool) func(*ldaptest.Server, *identity.Cookie, *ldaptest.Backup) {
		return func(s *ldaptest.Server, _ *identity.Cookie, b *ldaptest.Backup) { s.Restore(b, same) }
	}
	later := func(o *Options) { o.Attributes = append(o.Attributes, "title") }
	for _, c := range []struct {
		name   string
		rights ldaptest.Rights
		way    func(*Options)
		do     func(s *ldaptest.Server, p *identity.Cookie, b *ldaptest.Backup)
		then   func(*Options) // of another source that reads the changes
		words  []string
	}{
		{name: "cookies that the server forgot", rights: all,
			do: func(s *ldaptest.Server, _ *identity.Cookie, _ *ldaptest.Backup) {
				must(t, s.Modify("OU=Staff,"+s.BaseDN(), map[string][]string{"description": {"x"}}))
				s.ExpireCookies()
			}, words: []string{"cookie"}},
		{name: "the right to replicate taken away", rights: all,
			do: func(s *ldaptest.Server, _ *identity.Cookie, _ *ldaptest.Backup) {
				s.Grant("", ldaptest.Rights{ReadDeleted: true})
			}, words: []string{"cookie"}},
		{name: "deletions that became visible", rights: ldaptest.Rights{},
			do: func(s *ldaptest.Server, _ *identity.Cookie, _ *ldaptest.Backup) {
				s.Grant("", ldaptest.Rights{ReadDeleted: true})
			}, words: []string{"deletions are visible"}},
		{name: "another mapping", rights: all, then: later, words: []string{"other attributes"}},
		{name: "another filter", rights: all, then: func(o *Options) { o.UserFilter = "(title=*)" },
			words: []string{"other attributes"}},
		{name: "another naming context", rights: all, then: func(o *Options) {
			o.BaseDNs = []string{"DC=corp,DC=example,DC=com", "CN=Configuration,DC=corp,DC=example,DC=com"}
		}, words: []string{"cn=configuration"}},
		{name: "another way", rights: all, then: byUSN, words: []string{"DirSync", "uSNChanged"}},
		{name: "another directory", rights: all, do: func(_ *ldaptest.Server, p *identity.Cookie, _ *ldaptest.Backup) {
			p.Value = strings.Replace(p.Value, `"directory":"`, `"directory":"0`, 1)
		}, words: []string{"another directory"}},
		{name: "a long time", rights: all, do: func(_ *ldaptest.Server, p *identity.Cookie, _ *ldaptest.Backup) {
			c, err := decodeCookie(p.Value)
			must(t, err)
			c.At -= int64(31 * 24 * time.Hour / time.Second)
			p.Value = c.encode()
		}, words: []string{"forgotten"}},
		{name: "a text that is no cookie", rights: all, do: func(_ *ldaptest.Server, p *identity.Cookie, _ *ldaptest.Backup) {
			p.Value = "{}"
		}, words: []string{"cannot be read"}},
		{name: "a server put back by DirSync", rights: all, do: back(true), words: []string{"older state"}},
		{name: "a server restored by DirSync", rights: all, do: back(false), words: []string{"restored"}},
		{name: "a server put back by uSNChanged", rights: all, way: byUSN, do: back(true), words: []string{"older state"}},
		{name: "a server restored by uSNChanged", rights: all, way: byUSN, do: back(false), words: []string{"restored"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := dc(t, ldaptest.Options{Rights: c.rights})
			backup := s.Backup()
			add(t, s, "Later", "user")
			p, err := follower(t, c.way, s).Cookie(t.Context())
			must(t, err)
			if c.do != nil {
				c.do(s, &p, backup)
			}
			then := c.then
			if then == nil {
				then = c.way
			}
			_, next, err := readChanges(follower(t, then, s), p)
			wantStale(t, err, c.words...)
			if next != p {
				t.Errorf("the position became %+v", next)
			}
		})
	}
}

// A server that is busy or away can report later: the cookie stays valid.
func TestBusyServerKeepsTheCookieValid(t *testing.T) {
	for _, way := range []func(*Options){nil, byUSN} {
		s := dc(t, ldaptest.Options{Rights: ldaptest.Rights{Replicate: true}})
		source := follower(t, way, s)
		p, err := source.Cookie(t.Context())
		must(t, err)
		dn := add(t, s, "Ana", "user")
		for name, fault := range map[string]ldaptest.Fault{"busy": {Kind: ldaptest.Answer, Code: 51, Times: 50},
			"dropped": {Kind: ldaptest.Drop, Times: 50}} {
			s.Inject(fault)
			_, next, err := readChanges(source, p)
			s.ClearFaults()
			var stale *identity.Stale
			if err == nil || errors.As(err, &stale) || identity.Remedy(err) == "" || next != p {
				t.Errorf("%s: %v, and the position %+v", name, err, next)
			}
		}
		got, _, err := readChanges(source, p)
		if err != nil || len(got) != 1 || got[0].DN != dn {
			t.Errorf("afterwards: %+v, %v", got, err)
		}
	}
}

// If only the second of two domain controllers is left, DirSync continues there, but uSNChanged
// cannot.
func TestCookieAtAnotherServer(t *testing.T) {
	for _, way := range []func(*Options){nil, byUSN} {
		one := dc(t, ldaptest.Options{Rights: ldaptest.Rights{Replicate: true}})
		two, err := one.Replica(t.Context())
		must(t, err)
		t.Cleanup(func() { two.Close() })
		source := follower(t, way, one, two)
		p, err := source.Cookie(t.Context())
		must(t, err)
		dn := add(t, one, "Ana", "user")
		two.Pull()
		must(t, one.Close())
		got, _, err := readChanges(source, p)
		if way != nil {
			wantStale(t, err, "another domain controller")
		} else if err != nil || !slices.ContainsFunc(got, func(t identity.ChangeNotification) bool { return t.DN == dn }) {
			t.Errorf("%+v, %v", got, err)
		}
	}
}

// Deletions are reported with their kind. Objects other than people, groups and containers are not
// reported.
func TestNotificationsOfEachKind(t *testing.T) {
	for name, way := range map[string]func(*Options){"DirSync": nil, "uSNChanged": byUSN} {
		t.Run(name, func(t *testing.T) {
			s := dc(t, ldaptest.Options{Rights: ldaptest.Rights{Replicate: true, ReadDeleted: true}, RecycleBin: true})
			source := follower(t, way, s)
			want := map[string]identity.Kind{}
			for class, kind := range map[string]identity.Kind{"user": identity.User, "group": identity.Group,
				"contact":   identity.Contact,
				"container": identity.Unit, "computer": ""} {
				e, ok := s.Lookup(add(t, s, "The "+class, class))
				if !ok {
					t.Fatal(class)
				}
				if kind != "" {
					want["corp:"+e.GUID] = kind
				}
			}
			at, err := source.Cookie(t.Context())
			must(t, err)
			for _, step := range []struct {
				do      func(dn, guid string) error
				deleted bool
				some    bool // may be reported, but need not
			}{
				{func(dn, _ string) error { return s.Rename(dn, "CN=New "+dn[3:strings.IndexByte(dn, ',')], "") }, false, false},
				{func(dn, _ string) error { return s.Delete(dn) }, true, false},
				// No longer reported with isDeleted, which does not change.
				{func(_, guid string) error { return s.Recycle(guid) }, true, true},
			} {
				for anchor := range want {
					guid := identity.Anchor(anchor).GUID()
					e, _ := s.Lookup("<GUID=" + guid + ">")
					must(t, step.do(e.DN, guid))
				}
				if e, ok := s.Lookup("CN=The computer,OU=Staff," + s.BaseDN()); ok {
					must(t, s.Modify(e.DN, map[string][]string{"mail": {"pc@example.com"}}))
				}
				var all []identity.ChangeNotification
				if all, at, err = readChanges(source, at); err != nil {
					t.Fatal(err)
				}
				got := map[string]identity.Kind{}
				for _, touch := range all {
					got[string(touch.Anchor)] = touch.Kind
					if touch.Deleted != step.deleted {
						t.Errorf("%+v, deleted: %t", touch, step.deleted)
					}
				}
				if step.some && len(got) > 0 {
					maps.DeleteFunc(want, func(a string, _ identity.Kind) bool { _, told := got[a]; return !told })
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

// 100 changes among 2,000 objects cost little more than 100 entries on the wire, and reading them
// by GUID costs 100 more.
func TestChangesCostWhatChanged(t *testing.T) {
	s := dc(t, ldaptest.Options{Rights: ldaptest.Rights{Replicate: true}})
	var dns []string
	for n := range 2000 {
		dns = append(dns, add(t, s, fmt.Sprintf("User %04d", n), "user"))
	}
	source := follower(t, nil, s)
	before := s.Stats().Entries
	p, err := source.Cookie(t.Context())
	must(t, err)
	if n := s.Stats().Entries - before; n > 10 {
		t.Errorf("the position cost %d entries", n)
	}
	for _, dn := range dns[:100] {
		must(t, s.Modify(dn, map[string][]string{"mail": {"x@example.com"}}))
	}
	before = s.Stats().Entries
	all, _, err := readChanges(source, p)
	must(t, err)
	if n := s.Stats().Entries - before; len(all) != 100 || n > 105 {
		t.Errorf("%d touches cost %d entries", len(all), n)
	}
	var anchors []identity.Anchor
	for _, touch := range all {
		anchors = append(anchors, touch.Anchor)
	}
	before, found := s.Stats().Entries, 0
	must(t, source.Get(t.Context(), identity.User, anchors, func(e identity.Entry, in bool) error {
		if in && e.Attrs.First("mail") == "x@example.com" {
			found++
		}
		return nil
	}))
	if n := s.Stats().Entries - before; found != 100 || n > 102 {
		t.Errorf("%d read again cost %d entries", found, n)
	}
}

func FuzzDecodeCookie(f *testing.F) {
	f.Add(cookie{Directory: "d", At: 1, Flags: incrementalValues, Asked: "a",
		Roots: map[string][]byte{"dc=x": []byte("MSDS\x03\x00")}}.encode())
	f.Add(cookie{Server: "dc1", Invocation: guidAText, USN: 1 << 40}.encode())
	f.Add(`{"v":1,"usn":-1}`)
	f.Add(`{"v":1}{}`)
	f.Fuzz(func(t *testing.T, text string) {
		c, err := decodeCookie(text)
		if err != nil {
			return
		}
		again, err := decodeCookie(c.encode())
		if err != nil || again.encode() != c.encode() {
			t.Fatalf("%q is %+v, and again %+v, %v", text, c, again, err)
		}
	})
}

func FuzzDeletedDN(f *testing.F) {
	f.Add("CN=Cat Three\\0ADEL:"+guidAText+",CN=Deleted Objects,"+fakeContext, guidAText)
	f.Add("CN=a\nDEL:"+strings.ToUpper(guidAText)+",CN=Deleted Objects,"+fakeContext, guidAText)
	f.Add("CN=DEL:"+guidAText, guidAText)
	f.Add("", "")
	f.Fuzz(func(t *testing.T, dn, guid string) {
		if deletedDN(dn, guid) && (guid == "" || !strings.Contains(strings.ToLower(dn), "del:")) {
			t.Fatalf("%q of %q", dn, guid)
		}
	})
}

func TestDeletedDN(t *testing.T) {
	for dn, want := range map[string]bool{
		"CN=Cat Three\\0ADEL:" + guidAText + ",CN=Deleted Objects," + fakeContext:              true,
		"OU=T\\0adel:" + strings.ToUpper(guidAText) + ",CN=Deleted Objects," + fakeContext:     true,
		"CN=Cat DEL:" + guidAText + "," + fakeContext:                                          false,
		"CN=Cat\\0ADEL:00000000-0000-0000-0000-000000000000,CN=Deleted Objects," + fakeContext: false,
		"CN=Ana\\0ACNF:" + guidAText + "," + fakeContext:                                       false,
		"CN=Ana,OU=X\\0ADEL:" + guidAText + ",CN=Deleted Objects," + fakeContext:               false,
		"not a DN": false,
	} {
		if got := deletedDN(dn, guidAText); got != want {
			t.Errorf("%s: %t", dn, got)
		}
	}
}
