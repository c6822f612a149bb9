package sync_test

import (
	"fmt"
	"testing"

	"dirbridge/sync"
	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
)

func TestConflictKey(t *testing.T) {
	t.Parallel()
	const conflict = "There is a naming conflict for [CN=A\\, B,DC=x] with an existing cloud entry object with the " +
		"name [a@x.org] and of [user]."
	for message, want := range map[string]string{
		conflict: "a@x.org",
		"add user a@x.org: " + conflict +
			" (a@x.org could not be converted) [tracking id T]": "a@x.org",
		conflict + " (the domain of a@x.org is claimed by another organization)":                                         "",
		"There is a naming conflict for [CN=T] with an existing cloud entry object with the name [Team] and of [group].": "",
		"The title is too long.": "",
	} {
		if got, ok := facts.ConflictKey(message); ok != (want != "") || ok && got != want {
			t.Errorf("%s: %q, %v", message, got, ok)
		}
	}
}

// TestConversionFates: what a dry run says about accounts, by what it finds on both sides.
func TestConversionFates(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.policy.OnUnmatched = "deactivate"
	old := f.dir.Add(person("Old", "old@example.com"))
	gone := f.dir.Add(person("Gone", "gone@example.com"))
	off := f.dir.Add(person("Off", "off@example.com"))
	f.dir.Add(person("Same", "same@example.com"))
	f.mustSync()
	f.edit(old, "mail", "new@example.com")
	f.dir.Delete(gone)
	f.edit(off, "userAccountControl", "514")
	f.dir.Add(person("Here", "here@example.com"))
	f.dir.Add(person("Twin", "twin@example.com"))
	f.dir.Add(person("Twin 2", "twin@example.com"))
	f.dir.Add(person("In", "in@example.com"))
	for _, key := range []string{"in@example.com", "nobody@example.com", "twin@example.com"} {
		f.cloud.Put(identity.Resource{Kind: identity.User, Key: key, Active: true})
	}
	mails := []string{"Old@Example.com", "gone@example.com", "off@example.com", "same@example.com", "here@example.com",
		"in@example.com",
		"twin@example.com", "win@example.com", "nobody@example.com"}
	e := f.engine()
	p, err := e.Plan(t.Context(), sync.Request{Mode: "full"})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	got, err := e.ConversionFates(t.Context(), p, mails)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"matched true true", "removed true false", "removed true false", "matched true true",
		"added false false", "matched true true",
		"problem true false", "absent false false", "removed true false"}
	for i, a := range got {
		if is := fmt.Sprint(a.Fate, " ", a.InCloud, " ", a.Safe()); a.Mail != mails[i] || is != want[i] || a.Detail == "" {
			t.Errorf("%s is %s, not %s: %+v", mails[i], is, want[i], a)
		}
	}
}
