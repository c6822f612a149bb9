package main

import (
	"testing"

	"dirbridge/ldap"
	"dirbridge/sync/identity"
	"dirbridge/sync/synctest/lab"
)

// Every kind of change on a real domain controller arrives in the cloud by one
// incremental run, and nothing is left for a full one, by either way.
func TestIncrementalKindsOnSamba(t *testing.T) {
	d := lab.Samba(t, lab.Empty)
	for _, way := range []identity.Way{identity.DirSync, identity.USN} {
		t.Run(string(way), func(t *testing.T) {
			t.Run("one by one", func(t *testing.T) { eachKind(t, follow(t, d, ldap.Options{Changes: way}), undeleteOn(t, d)) })
			t.Run("at once", func(t *testing.T) { allKinds(t, follow(t, d, ldap.Options{Changes: way}), undeleteOn(t, d)) })
		})
	}
}

func undeleteOn(t *testing.T, d *lab.Directory) func(guid, dn string) {
	return func(guid, dn string) { d.Undelete(t, guid, dn) }
}
