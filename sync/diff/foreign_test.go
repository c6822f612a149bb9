package diff

import (
	"testing"

	"dirbridge/sync/read"
)

func TestForeignSID(t *testing.T) {
	t.Parallel()
	for dn, want := range map[string]string{
		"cn=s-1-5-21-1-2-3-4,cn=foreignsecurityprincipals,dc=corp,dc=test": "S-1-5-21-1-2-3-4",
		"cn=s-1-5-21-1-2-3-4,cn=users,dc=corp,dc=test":                     "",
		"cn=ana,cn=foreignsecurityprincipals,dc=corp,dc=test":              "",
		"cn=s-1-5": "",
		"":         "",
		"ou=s-1-5,cn=foreignsecurityprincipals,dc=x": "",
	} {
		if got := read.ForeignSID(dn); got != want {
			t.Errorf("%s is %q, want %q", dn, got, want)
		}
	}
}
