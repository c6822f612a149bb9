package ldap_test

import (
	"strings"
	"testing"

	"dirbridge/ldap/ldaptest/lab"
	"dirbridge/sync/identity"
)

// A changelog that does not record which object changed is not asked for changes.
func TestChangelogWithoutNamesOn389(t *testing.T) {
	t.Parallel()
	d := lab.DS389(t, "DS389_SYNC=nameless") // its own: no other test uses this setting
	source := changesOn(t, d, d.User, "")
	d.AddPerson(t, d.Base, "Ana", nil)
	at := cookieFrom(t, source)
	if at.Way != identity.Timestamp || at.NoDeletions == "" || !strings.Contains(at.Remedy, "targetUniqueId") {
		t.Errorf("%+v", at)
	}
}
