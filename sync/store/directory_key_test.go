package store_test

import (
	"path/filepath"
	"testing"
	"time"

	"dirbridge/sync"
	"dirbridge/sync/apply"
	"dirbridge/sync/identity"
	"dirbridge/sync/policy"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
	"dirbridge/sync/synctest"
)

// keyOnly maps only what a person must have.
func keyOnly() map[string]string {
	rules := map[string]string{}
	for _, a := range schema.SCIM().Users {
		rules[a.Name] = ""
	}
	rules["uid"], rules["onPremObjectGUID"], rules["ds-pwp-account-disabled"], rules["displayName"] = "mail", "objectGUID",
		"userAccountControl", "displayName"
	return rules
}

// A shadow has the directory's key as a hash only, which the engine computes: the store must find
// the shadow by that key, whatever key the cloud has.
func TestPersonIsFoundByTheDirectorysKey(t *testing.T) {
	dir, cloud, s := synctest.NewDirectory("corp"), synctest.NewCloud(), fresh(t)
	anchor := dir.Add(
		synctest.Object{Kind: identity.User, CN: "Ana",
			Attrs: identity.Attrs{"mail": {"Ana@Example.com"}, "displayName": {"Ana"}, "userAccountControl": {"512"}}})
	engine := sync.New(sync.Options{Sources: []port.Source{dir}, Target: cloud, Store: s, Catalogue: schema.SCIM(),
		Rules: keyOnly(), Dir: filepath.Dir(s.Path()),
		Policy: policy.Policy{Threshold: policy.Threshold{Number: 20}, OnMissing: "deactivate", OnUnmatched: "report"},
		Clock:  time.Now})
	p, _, err := engine.Sync(t.Context(), sync.Request{Mode: record.Full}, apply.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p.Close()
	sh, ok, err := s.Shadow(t.Context(), anchor)
	if err != nil || !ok || sh.Fingerprint.Key == 0 {
		t.Fatalf("the run left %+v, %v, %v", sh, ok, err)
	}
	sh.Applied = identity.Attrs{schema.UID: {"rewritten@example.com"}}
	check := func(when string) {
		t.Helper()
		for _, c := range []struct {
			keys []string
			want int
		}{{[]string{"ana@example.com"}, 1}, {[]string{"rewritten@example.com"}, 1},
			{[]string{"ana@example.com", "rewritten@example.com"}, 1}, {[]string{"bo@example.com"}, 0}} {
			n := 0
			if err := s.Seek(t.Context(), port.ByKey, c.keys, func(identity.Shadow) error { n++; return nil }); err != nil {
				t.Fatal(err)
			}
			if n != c.want {
				t.Errorf("%s, %d are found by %q, not %d", when, n, c.keys, c.want)
			}
		}
	}
	commit(t, s, port.Batch{Shadows: []identity.Shadow{sh}})
	check("alone")
	many := make([]identity.Shadow, 20_000)
	for i := range many {
		many[i] = shadow(i)
	}
	commit(t, s, port.Batch{Shadows: many})
	check("among many")
}
