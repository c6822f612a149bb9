package ldap

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	goldap "github.com/go-ldap/ldap/v3"

	"dirbridge/sync/identity"
)

// FuzzCanonicalDN checks that canonical DNs are stable, name the same object for another parser,
// and split into their RDNs.
func FuzzCanonicalDN(f *testing.F) {
	for _, s := range []string{"CN=a,DC=b", `CN=Silva\2C Ana,DC=x`, `cn="q, r" ;dc=x`, `cn=a+sn=b,dc=x`,
		`cn=\20a\20,dc=\C3\A4`, "1.2=#0401ff", `cn=\0d\0a,ou= x `, "cn=a\xffb"} {
		f.Add(s)
	}
	notUTF8 := regexp.MustCompile(`\\[89A-F][0-9A-F]`)
	f.Fuzz(func(t *testing.T, s string) {
		c, err := identity.CanonicalDN(s)
		if err != nil {
			return
		}
		again, err := identity.CanonicalDN(c)
		if err != nil || again != c {
			t.Fatalf("%q: canonical %q becomes %q, %v", s, c, again, err)
		}
		if rdns, _ := identity.ParseDN(s); len(rdns) != depth(c) {
			t.Fatalf("%q has %d RDNs, %q has %d", s, len(rdns), c, depth(c))
		}
		if strings.ContainsAny(c, "#\"") || !utf8.ValidString(s) || notUTF8.MatchString(c) {
			return // BER values, the older quoted form, and invalid UTF-8: the other parser differs
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
