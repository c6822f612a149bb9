package site

import (
	"cmp"
	"strings"
	"testing"

	"dirbridge/ldap"
	"dirbridge/ldap/ldaptest"
	"dirbridge/ldap/ldaptest/lab"
)

// EmbeddedDirectory starts the embedded directory.
func EmbeddedDirectory(t *testing.T, o ldaptest.Options) (*ldaptest.Server, *lab.Directory) {
	t.Helper()
	o.BaseDN, o.BindUser, o.BindPassword = "dc=lab,dc=test", "cn=admin,dc=lab,dc=test", cmp.Or(o.BindPassword, "secret")
	s, err := ldaptest.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	kind := ldap.KindADDS
	if o.Flavor == ldaptest.OpenLDAP {
		kind = ldap.KindLDAP
	}
	return s, lab.Editor(lab.Directory{Kind: kind, URL: s.URL(), Base: o.BaseDN, User: o.BindUser,
		Password: o.BindPassword})
}

func First(e ldaptest.Entry, name string) string {
	for n, v := range e.Attrs {
		if strings.EqualFold(n, name) && len(v) > 0 {
			return v[0]
		}
	}
	return ""
}
