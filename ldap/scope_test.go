package ldap

import (
	"context"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dirbridge/sync/identity"
)

func TestProductsAreRecognised(t *testing.T) {
	line := func(name string, values ...string) []string { return append([]string{name}, values...) }
	for name, c := range map[string]struct {
		root [][]string
		kind string
		want identity.Directory
	}{
		"AD": {root: adRoot(), want: identity.Directory{Kind: "ad-ds", Product: "Active Directory", BaseDN: fakeContext,
			Identity: guidAText}},
		"AD LDS": {root: [][]string{line("supportedCapabilities", "1.2.840.113556.1.4.1670", capabilityADLDS),
			line("namingContexts", "CN=Configuration,CN={1}", fakeContext),
			line("defaultNamingContext", fakeContext)},
			want: identity.Directory{Kind: "ad-lds", Product: string(lightweight), BaseDN: fakeContext, Identity: guidAText}},
		"Samba": {root: append(adRoot(), line("vendorName", "Samba Team (https://www.samba.org)")),
			want: identity.Directory{Kind: "ad-ds", Product: "Samba", BaseDN: fakeContext, Identity: guidAText}},
		"OpenLDAP": {root: openLDAPRoot(),
			want: identity.Directory{Kind: "ldap", LinksByName: true, Product: "OpenLDAP", BaseDN: fakeContext,
				Identity: strings.ToLower(fakeContext)}},
		"389": {root: [][]string{line("vendorName", "389 Project"), line("namingContexts", fakeContext)},
			want: identity.Directory{Kind: "ldap", LinksByName: true, Product: "389 Directory Server", BaseDN: fakeContext,
				Identity: strings.ToLower(fakeContext)}},
		"configured": {root: adRoot(), kind: "ldap",
			want: identity.Directory{Kind: "ldap", LinksByName: true, Product: "Active Directory", BaseDN: fakeContext,
				Identity: strings.ToLower(fakeContext)}},
	} {
		t.Run(name, func(t *testing.T) {
			f := (&fake{root: c.root}).start(t, nil)
			got, err := f.source(t, func(o *Options) { o.Kind = c.kind }).Describe(context.Background())
			c.want.Name, c.want.Server = "corp", f.url
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDirectoryWithoutIdentityIsRefused(t *testing.T) {
	f := (&fake{head: [][]string{{"dc", "corp"}}}).start(t, nil)
	wantFailure(t, describe(f.source(t)), "give-up", "objectGUID", fakeContext)
	f = (&fake{root: [][]string{{"vendorName", "Acme"}}}).start(t, nil)
	wantFailure(t, describe(f.source(t)), "give-up", "naming context", "base_dns")
}

// Get finds existing objects, says whether a listing includes them, and asks in chunks that every
// server accepts.
func TestGet(t *testing.T) {
	at := map[int]string{1: "CN=In,OU=Staff,", 2: "CN=Out,OU=Elsewhere,", 3: "CN=Excluded,OU=Leavers,OU=Staff,",
		4: "CN=Filtered,OU=Staff,"}
	escaped := regexp.MustCompile(`\\[0-9a-f]{2}`)
	f := (&fake{search: func(w *answers, r search) {
		if strings.Count(r.filter, "(objectGUID=") > getChunk {
			t.Errorf("asked for %d objects at once", strings.Count(r.filter, "(objectGUID="))
		}
		plain := escaped.ReplaceAllStringFunc(r.filter, func(e string) string {
			b, _ := hex.DecodeString(e[1:])
			return string(b)
		})
		for n, dn := range at {
			if !strings.Contains(plain, "(objectGUID="+guid(n)+")") {
				continue
			}
			if n == 4 && strings.Contains(r.filter, "objectCategory") {
				continue
			}
			w.entry(dn+fakeContext, []string{"objectGUID", guid(n)}, []string{"mail", fmt.Sprintf("%d@x", n)})
		}
		w.page("")
	}}).start(t, nil)
	s := f.source(t, func(o *Options) {
		o.BaseDNs, o.ExcludeDNs = []string{"OU=Staff," + fakeContext}, []string{"OU=Leavers,OU=Staff," + fakeContext}
	})
	anchor := func(n int) identity.Anchor {
		return identity.Anchor(fmt.Sprintf("corp:%08x-0000-0000-0000-000000000001", n))
	}
	asked := []identity.Anchor{"other:" + guidAText, "corp:nonsense", anchor(1), anchor(1)}
	for n := 2; n < 200; n++ {
		asked = append(asked, anchor(n))
	}
	got := map[identity.Anchor]bool{}
	if err := s.Get(context.Background(), identity.User, asked, func(e identity.Entry, inScope bool) error {
		if _, twice := got[e.Anchor]; twice || e.Attrs.First("mail") == "" {
			t.Errorf("%+v", e)
		}
		got[e.Anchor] = inScope
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	want := map[identity.Anchor]bool{anchor(1): true, anchor(2): false, anchor(3): false, anchor(4): false}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTreeCountsWithOneSearch(t *testing.T) {
	f := (&fake{search: func(w *answers, r search) {
		containers := !strings.Contains(r.filter, "objectCategory")
		switch {
		case containers && r.scope == 1:
			w.entry("OU=Staff," + fakeContext)
			w.entry(`OU=Silva\2C Inc,` + fakeContext)
			w.entry("CN=System,"+fakeContext, []string{"showInAdvancedViewOnly", "TRUE"})
			w.entry("CN=Hidden,"+fakeContext, []string{"showInAdvancedViewOnly", "TRUE"})
		case containers:
			for _, dn := range []string{"", "OU=Staff,", "OU=Berlin,OU=Staff,", `OU=Silva\2C Inc,`, "CN=System,", "CN=Hidden,"} {
				w.entry(dn + fakeContext)
			}
		default:
			for n := range 30 {
				w.entry(fmt.Sprintf("CN=P%d,%s%s", n, []string{"OU=Staff,", "ou=berlin,ou=STAFF,", `OU=Silva\, Inc,`}[n%3],
					fakeContext))
			}
			w.entry("CN=At the root," + fakeContext)
			w.entry("CN=Service,CN=Hidden," + fakeContext)
		}
		w.page("")
	}}).start(t, nil)
	s := f.source(t)
	if err := describe(s); err != nil {
		t.Fatal(err)
	}
	before := len(f.seen())
	got, err := s.Tree(context.Background(), "dc=corp, DC=example,DC=com")
	if err != nil {
		t.Fatal(err)
	}
	want := []identity.Node{
		{DN: "CN=Hidden," + fakeContext, Name: "Hidden", People: 1},
		{DN: `OU=Silva\, Inc,` + fakeContext, Name: "Silva, Inc", People: 10},
		{DN: "OU=Staff," + fakeContext, Name: "Staff", People: 20, HasChildren: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	searches := f.seen()[before:]
	if len(searches) != 4 || !slices.Equal(searches[3].attrs, []string{"1.1"}) {
		t.Errorf("it took %d searches, the last for %q", len(searches), searches[len(searches)-1].attrs)
	}
	_, err = s.Tree(context.Background(), "nonsense")
	wantFailure(t, err, "give-up", "nonsense")
}

func TestContainersBeginWithTheNamingContext(t *testing.T) {
	f := (&fake{search: func(w *answers, r search) {
		w.entry("OU=Staff,"+fakeContext, []string{"objectGUID", guid(1)})
		w.entry(strings.ToLower(fakeContext), []string{"objectGUID", guidA})
		w.page("")
	}}).start(t, nil)
	var got []identity.Container
	if err := f.source(t).Containers(context.Background(), func(c identity.Container) error {
		got = append(got, c)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	want := []identity.Container{{Anchor: "corp:" + guidAText, DN: fakeContext, Parent: "DC=example,DC=com"},
		{Anchor: "corp:00000001-0000-0000-0000-000000000001", DN: "OU=Staff," + fakeContext, Parent: fakeContext}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
