package scimtest

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// FuzzFilter checks that a filter either parses and can be evaluated, or gets a 400; the same for a
// filter built from parts.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{
		`userName eq "a@example.com"`, `title pr and not (active eq true)`, `phoneNumbers[type eq "work" and value sw "+1"]`,
		EnterpriseURN + `:manager.value eq "x"`, `meta.created gt "2026-01-01T00:00:00Z"`, `a eq "\"\\\u00e9"`,
		`a eq null or b ne false`,
		`emails[type eq "work"].value eq "x"`, `((a pr))`, `a eq 1e9`, `a eq "`, `a[b[c pr]]`, `urn:x:y pr`, `not(a pr)`,
	} {
		f.Add(seed)
	}
	srv := newStore(Options{}.withDefaults(), "http://127.0.0.1/v2", newFaults(newTally(nil)), newTally(nil))
	attrs, err := srv.cat.users.accept(map[string]any{"userName": "a@example.com", "title": "T", "active": true,
		"phoneNumbers": []any{map[string]any{"type": "work", "value": "+1"}}})
	if err != nil {
		f.Fatal(err)
	}
	u, err := srv.create(byHand, srv.cat.users, attrs)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, in string) {
		e, err := parseFilter(in)
		if err != nil {
			if got := asFailure(err); got.status != 400 || got.scimType != "invalidFilter" {
				t.Fatalf("%q: %v", in, err)
			}
			return
		}
		m, err := srv.cat.users.bind(e)
		if err != nil {
			if got := asFailure(err); got.status != 400 || got.scimType != "invalidFilter" {
				t.Fatalf("%q: %v", in, err)
			}
			return
		}
		not, err := srv.cat.users.bind(notExpr{e})
		if err != nil {
			t.Fatalf("%q: its negation: %v", in, err)
		}
		if m(&view{r: u}) == not(&view{r: u}) {
			t.Fatalf("%q: holds as its negation does", in)
		}
	})
}

// FuzzPatch checks that a path either parses, or gets a 400 invalidPath, and that the patched user
// is stored and read back the same.
func FuzzPatch(f *testing.F) {
	for _, seed := range [][2]string{
		{"title", `"T"`}, {"name.givenName", `"A"`}, {`phoneNumbers[type eq "work"].value`, `"1"`},
		{`phoneNumbers[type eq "work"]`, `{"value":"1"}`},
		{EnterpriseURN + ":manager.value", `"x"`}, {EnterpriseURN, `{"department":"D"}`},
		{WebexUserURN + `:extensionAttribute1`, `["x"]`},
		{"", `{"title":"T","name.givenName":"A"}`}, {"emails", `[{"value":"a","primary":true}]`}, {"active", `false`},
		{"roles", `null`},
		{"a[b", `1`}, {"members", `[]`}, {"phoneNumbers.value", `"9"`}, {"urn:", `{}`}, {"title.", `1`},
		{`phoneNumbers[value pr].primary`, `true`},
	} {
		for verb := range uint8(3) {
			f.Add(verb, seed[0], []byte(seed[1]))
		}
	}
	verbs := []string{"add", "replace", "remove"}
	srv := newStore(Options{}.withDefaults(), "http://127.0.0.1/v2", newFaults(newTally(nil)), newTally(nil))
	f.Fuzz(func(t *testing.T, verb uint8, path string, value []byte) {
		var v any
		if json.Unmarshal(value, &v) != nil {
			return
		}
		attrs, err := srv.cat.users.accept(map[string]any{"userName": "a@example.com",
			"phoneNumbers": []any{map[string]any{"type": "work", "value": "+1"}, map[string]any{"type": "fax", "value": "2"}}})
		if err != nil {
			t.Fatal(err)
		}
		u, err := srv.create(byHand, srv.cat.users, attrs)
		if err != nil {
			t.Fatal(err)
		}
		defer srv.remove(byHand, u)
		before := string(u.raw)
		if err := srv.patch(byHand, u, []Op{{Op: verbs[verb%3], Path: path, Value: v}}); err != nil {
			if got := asFailure(err); got.status != 400 {
				t.Fatalf("%s %q %s: %v", verbs[verb%3], path, value, err)
			}
			if string(u.raw) != before {
				t.Fatalf("%s %q %s: was refused and changed the user to %s", verbs[verb%3], path, value, u.raw)
			}
			return
		}
		again, err := srv.cat.users.accept(u.attrs())
		if err != nil || !reflect.DeepEqual(again, u.attrs()) {
			t.Fatalf("%s %q %s: stored %s, which reads back as %v (%v)", verbs[verb%3], path, value, u.raw, again, err)
		}
	})
}

// FuzzBulk checks that the answer to any bulk request is JSON, and that no operation is half done.
func FuzzBulk(f *testing.F) {
	op := `{"method":"POST","path":"/Groups","bulkId":"a","data":{"schemas":["` + GroupURN +
		`"],"displayName":"G","members":[{"value":"bulkId:b"}]}}`
	f.Add([]byte(`{"schemas":["` + bulkURN + `"],"Operations":[` + op + `]}`))
	f.Add(
		[]byte(`{"schemas":["` + bulkURN + `"],"operations":[` + op +
			`,{"method":"DELETE","path":"/Users/bulkId:a"}],"failOnErrors":1}`))
	f.Add(
		[]byte(`{"schemas":["` + bulkURN +
			`"],"operations":[{"method":"PATCH","path":"Users/x","data":"{\"value\":\"bulkId:"}]}`))
	f.Add(
		[]byte(`{"schemas":["` + bulkURN + `"],"Operations":[` + op + `,` + strings.NewReplacer(`"a"`, `"b"`, `:b"`,
			`:a"`).Replace(op) +
			`,{"method":"PUT","path":"/Groups/bulkId:a","data":{"schemas":["` + GroupURN + `"],"displayName":"H"}}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		fuzzBulk(t, Options{}, body)
		fuzzBulk(t, Options{Plain: true}, body)
	})
}

func fuzzBulk(t *testing.T, opt Options, body []byte) {
	opt = opt.withDefaults()
	tally := newTally(opt.Clock)
	s := &Server{opt: opt, tally: tally, faults: newFaults(tally)}
	s.store = newStore(opt, "http://127.0.0.1/v2", s.faults, tally)
	a, err := s.bulk(&exchange{method: "POST", kind: "Bulk", body: body})
	if err != nil {
		if got := asFailure(err); got.status != 400 && got.status != 413 {
			t.Fatal(err)
		}
		return
	}
	if !json.Valid(a.body) {
		t.Fatalf("the answer is no JSON: %s", a.body)
	}
	for _, r := range append(s.store.order[s.store.cat.users], s.store.order[s.store.cat.groups]...) {
		if s.store.byID[r.id] != r || !json.Valid(r.raw) {
			t.Fatalf("stored half: %s", r.raw)
		}
	}
}
