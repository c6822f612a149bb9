package main

import (
	"testing"

	"dirbridge/ldap"
	ldapsandbox "dirbridge/ldap/sandbox"
	"dirbridge/sync/identity"
)

// Every kind of change arrives in the cloud by one incremental run, and nothing is left
// for a full one, whatever way changes are told and whatever the bind account may see.
func TestIncrementalKindsOnTheEmbeddedDirectory(t *testing.T) {
	for name, c := range map[string]struct {
		way     identity.Way
		rights  ldapsandbox.Rights
		bin     bool
		entries int // of one answer to DirSync
	}{
		"DirSync with rights":                {way: identity.DirSync, rights: ldapsandbox.Rights{Replicate: true, ReadDeleted: true}},
		"DirSync in several parts, with bin": {way: identity.DirSync, rights: ldapsandbox.Rights{Replicate: true, ReadDeleted: true}, bin: true, entries: 2},
		"DirSync with object security":       {way: identity.DirSync, bin: true},
		"uSNChanged":                         {way: identity.USN, rights: ldapsandbox.Rights{ReadDeleted: true}},
		"uSNChanged with bin":                {way: identity.USN, rights: ldapsandbox.Rights{ReadDeleted: true}, bin: true},
	} {
		t.Run(name, func(t *testing.T) {
			for journey, test := range map[string]func(*testing.T, *follower, func(string, string)){"one by one": eachKind, "at once": allKinds} {
				t.Run(journey, func(t *testing.T) {
					s, d := embeddedDirectory(t, ldapsandbox.Options{RecycleBin: c.bin, Rights: c.rights, DirSyncEntries: c.entries})
					f := follow(t, d, ldap.Options{Changes: c.way})
					f.bin, f.hidden = c.bin, !c.rights.ReadDeleted
					test(t, f, func(guid, _ string) {
						if err := s.Undelete(guid); err != nil {
							t.Fatal(err)
						}
					})
				})
			}
		})
	}
}
