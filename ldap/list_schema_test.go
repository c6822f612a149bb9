package ldap

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAttributeTypesAreParsed(t *testing.T) {
	got := parseAttributeTypes([]string{
		"( 2.5.4.41 NAME 'name' DESC 'RFC4519: it''s (not) a NAME' EQUALITY caseIgnoreMatch SYNTAX " +
			"1.3.6.1.4.1.1466.115.121.1.15{32768} )",
		"( 2.5.4.3 NAME ( 'cn' 'commonName' ) SUP name )",
		"( 2.5.4.49 NAME 'distinguishedName' EQUALITY distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 )",
		"( 2.5.4.32 NAME 'owner' SUP distinguishedName X-ORIGIN ( 'RFC 4519' 'user ( defined' ) )",
		"(2.16.840.1.113730.3.1.35 NAME 'thumb' SYNTAX '1.3.6.1.4.1.1466.115.121.1.40' SINGLE-VALUE)",
		"( 1.3.6.1.1.16.4 NAME 'entryUUID' SYNTAX 1.3.6.1.1.16.1 SINGLE-VALUE " +
			"NO-USER-MODIFICATION USAGE directoryOperation )",
		"( 2.5.4.35 NAME 'userPassword' SYNTAX 1.3.6.1.4.1.1466.115.121.1.40{128} )",
		"( 1.1.1 NAME 'gone' OBSOLETE SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )",
		"( 1.1.2 SYNTAX 1.3.6.1.4.1.1466.115.121.1.7 )",
		"( 1.1.3 NAME 'a' SUP b )", "( 1.1.4 NAME 'b' SUP a )",
		"( 1.1.5 NAME 'counted' EQUALITY integerMatch )",
		"( 1.1.6 NAME 'cut", "nonsense", "",
	})
	want := []Attribute{
		{Name: "name", Also: []string{}, OID: "2.5.4.41", Syntax: Text},
		{Name: "cn", Also: []string{"commonName"}, OID: "2.5.4.3", Syntax: Text},
		{Name: "distinguishedName", Also: []string{}, OID: "2.5.4.49", Syntax: DN},
		{Name: "owner", Also: []string{}, OID: "2.5.4.32", Syntax: DN},
		{Name: "thumb", Also: []string{}, OID: "2.16.840.1.113730.3.1.35", Syntax: Binary, Single: true},
		{Name: "entryUUID", Also: []string{}, OID: "1.3.6.1.1.16.4", Syntax: GUID, Single: true},
		{Name: "userPassword", Also: []string{}, OID: "2.5.4.35", Syntax: Binary, Secret: true},
		{Name: "1.1.2", OID: "1.1.2", Syntax: Bool},
		{Name: "a", Also: []string{}, OID: "1.1.3", Syntax: Text},
		{Name: "b", Also: []string{}, OID: "1.1.4", Syntax: Text},
		{Name: "counted", Also: []string{}, OID: "1.1.5", Syntax: Number},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzAttributeTypes(f *testing.F) {
	f.Add("( 2.5.4.3 NAME ( 'cn' 'commonName' ) DESC 'x' SUP name SINGLE-VALUE X-A ( 'b' ) )")
	f.Add("( 1.2 NAME 'a' SUP a )\n(1 NAME(")
	f.Add("'( )")
	f.Fuzz(func(t *testing.T, s string) {
		descriptions := strings.Split(s, "\n")
		all := parseAttributeTypes(descriptions)
		if len(all) > len(descriptions) {
			t.Fatalf("%d types of %d descriptions", len(all), len(descriptions))
		}
		for _, a := range all {
			if a.Name == "" || a.OID == "" || a.Syntax == "" {
				t.Fatalf("%q: %+v", s, a)
			}
		}
	})
}
