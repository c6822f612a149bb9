package ldap

import (
	"context"
	"testing"

	"dirbridge/sync/identity"
)

// BenchmarkEntry measures the cost of one person in a listing: decoding the message and making the
// entry.
func BenchmarkEntry(b *testing.B) {
	s, err := New(Options{Name: "corp", Servers: []string{"ldaps://dc1"},
		Attributes: []string{"cn", "sn", "givenName", "displayName", "mail",
			"userPrincipalName", "userAccountControl", "department", "title", "telephoneNumber", "manager", "l"}})
	if err != nil {
		b.Fatal(err)
	}
	dn := "CN=Björn Andersson 0012345,OU=Dept045,OU=Staff," + fakeContext
	frame := message(3,
		entryOp(dn, [][]string{{"objectGUID", guidA}, {"cn", "Björn Andersson 0012345"}, {"sn", "Andersson"},
			{"givenName", "Björn"},
			{"displayName", "Andersson Björn (Research & Development)"}, {"mail", "user0012345@contoso-example.com"},
			{"userPrincipalName", "user0012345@corp.contoso-example.com"}, {"userAccountControl", "512"},
			{"department", "Research & Development"},
			{"title", "Senior Software Engineer"}, {"telephoneNumber", "+49 30 5550 0012345"}, {"manager", dn},
			{"l", "Frankfurt am Main"}}))
	m := s.maker(&directory{kind: KindADDS}, identity.User)
	var raw rawEntry
	b.ReportAllocs()
	b.SetBytes(int64(len(frame)))
	for b.Loop() {
		if err := raw.decode(frame); err != nil {
			b.Fatal(err)
		}
		e, err := m.entry(context.Background(), &raw)
		if err != nil || len(e.Attrs) != 13 {
			b.Fatal(len(e.Attrs), err)
		}
	}
}
