package ldap

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	goldap "github.com/go-ldap/ldap/v3"
)

func TestCanonicalDN(t *testing.T) {
	for in, want := range map[string]string{
		"":                               "",
		"DC=corp,DC=example,DC=com":      "DC=corp,DC=example,DC=com",
		"cn=Ana Silva , ou = Staff;dc=x": "cn=Ana Silva,ou=Staff,dc=x",
		`CN=Silva\2C Ana,DC=x`:           `CN=Silva\, Ana,DC=x`,
		`CN="Silva, Ana",DC=x`:           `CN=Silva\, Ana,DC=x`,
		`CN=Silva\, Ana,DC=x`:            `CN=Silva\, Ana,DC=x`,
		`CN=a\=b,DC=x`:                   `CN=a\=b,DC=x`, `CN=c=d,DC=x`: `CN=c\=d,DC=x`,
		`CN=J\C3\BCrgen,DC=x`:             `CN=Jürgen,DC=x`,
		`CN=\ lead and trail\ ,DC=x`:      `CN=\ lead and trail\ ,DC=x`,
		`CN=\#1 fan\20,DC=x`:              `CN=\#1 fan\ ,DC=x`,
		`CN=Cat\0ADEL:1,CN=Deleted`:       `CN=Cat\0ADEL:1,CN=Deleted`,
		`CN=back\\slash,DC=x`:             `CN=back\\slash,DC=x`,
		`CN=quo\"te \<a\> \; \+,DC=x`:     `CN=quo\"te \<a\> \; \+,DC=x`,
		`sn=Silva + cn=Ana,DC=x`:          `cn=Ana+sn=Silva,DC=x`,
		`1.3.6.1=#04024869,DC=x`:          `1.3.6.1=#04024869,DC=x`,
		`CN=O'Neil + Söhne,DC=x`:          "",
		`CN=Ana,`:                         "",
		`Ana Silva`:                       "",
		`CN=bad\`:                         "",
		`CN=bad\zz`:                       "",
		`CN="open,DC=x`:                   "",
		`CN="shut"x,DC=x`:                 "",
		`=x`:                              "",
		`CN=#xyz`:                         "",
		"CN=\xff,DC=x":                    `CN=\FF,DC=x`,
		"CN=,DC=x":                        "CN=,DC=x",
		"OU=Köln,DC=x":                    "OU=Köln,DC=x",
		"CN=foo:bar/baz (1)*,OU=a.b,DC=x": "CN=foo:bar/baz (1)*,OU=a.b,DC=x",
	} {
		got, err := canonicalDN(in)
		if want == "" && in != "" {
			if err == nil {
				t.Errorf("%q is taken for a DN: %q", in, got)
			}
			continue
		}
		if err != nil || got != want {
			t.Errorf("canonicalDN(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
}

func TestSplitDN(t *testing.T) {
	first, parent := splitDN(`CN=Silva\, Ana,OU=a\\,DC=x`)
	if first != `CN=Silva\, Ana` || parent != `OU=a\\,DC=x` {
		t.Errorf("%q, %q", first, parent)
	}
	if first, parent = splitDN(parent); first != `OU=a\\` || parent != "DC=x" {
		t.Errorf("%q, %q", first, parent)
	}
}

func TestUnder(t *testing.T) {
	for _, c := range []struct {
		dn, base string
		want     bool
	}{
		{"dc=x", "dc=x", true},
		{"cn=a,dc=x", "dc=x", true},
		{`cn=a\,dc=x`, "dc=x", false},
		{`cn=a\\,dc=x`, "dc=x", true},
		{`cn=a\\\,dc=x`, "dc=x", false},
		{"cn=a,ou=xdc=x", "dc=x", false},
		{"dc=x", "cn=a,dc=x", false},
		{"cn=a,dc=x", "", true},
	} {
		if got := under(c.dn, c.base); got != c.want {
			t.Errorf("under(%q, %q) = %v", c.dn, c.base, got)
		}
	}
}

// A canonical DN is canonical, names the same object in the eyes of another
// parser, and cuts into its RDNs.
func FuzzCanonicalDN(f *testing.F) {
	for _, s := range []string{"CN=a,DC=b", `CN=Silva\2C Ana,DC=x`, `cn="q, r" ;dc=x`, `cn=a+sn=b,dc=x`, `cn=\20a\20,dc=\C3\A4`, "1.2=#0401ff", `cn=\0d\0a,ou= x `, "cn=a\xffb"} {
		f.Add(s)
	}
	notUTF8 := regexp.MustCompile(`\\[89A-F][0-9A-F]`)
	f.Fuzz(func(t *testing.T, s string) {
		c, err := canonicalDN(s)
		if err != nil {
			return
		}
		again, err := canonicalDN(c)
		if err != nil || again != c {
			t.Fatalf("%q: canonical %q becomes %q, %v", s, c, again, err)
		}
		if rdns, _ := parseDN(s); len(rdns) != depth(c) {
			t.Fatalf("%q has %d RDNs, %q has %d", s, len(rdns), c, depth(c))
		}
		if strings.ContainsAny(c, "#\"") || !utf8.ValidString(s) || notUTF8.MatchString(c) {
			return // BER values, the older quoted form, and bytes that are not UTF-8: the other parser differs
		}
		theirs, err := goldap.ParseDN(s)
		if err != nil {
			return
		}
		ours, err := goldap.ParseDN(c)
		if err != nil || !ours.Equal(theirs) {
			t.Fatalf("%q: %q is another name: %v, %v", s, c, ours, theirs)
		}
	})
}
