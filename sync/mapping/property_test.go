package mapping

import (
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"dirbridge/sync/identity"
	"dirbridge/sync/schema"
)

func drawValue(t *rapid.T) string {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"", " ", "+", "ana@example.com", "a@b@c", "sip:a@b", "512", "514", "en_US", "\xff",
			"a\x00", "é"}),
		rapid.String(),
	).Draw(t, "value")
}

func drawEntry(t *rapid.T, m *Mapper) identity.Entry {
	e := identity.Entry{Anchor: identity.NewAnchor("corp", guid), DN: rapid.String().Draw(t, "dn"),
		Attrs: identity.Attrs{}}
	for _, a := range m.Attributes() {
		for range rapid.IntRange(0, 3).Draw(t, "values of "+a) {
			e.Attrs[a] = append(e.Attrs[a], drawValue(t))
		}
	}
	return e
}

// For any entry: values go to managed attributes only, valid ones are a fixed point of their rule,
// the order of values and a second mapping change nothing, and the entry is not modified.
func TestPersonProperties(t *testing.T) {
	m := mustNew(t, map[string]string{"displayName": "givenName sn", "locale": "preferredLanguage"})
	managed := map[string]bool{}
	for _, a := range m.Managed() {
		managed[a] = true
	}
	rapid.Check(t, func(t *rapid.T) {
		e := drawEntry(t, m)
		before := copyOf(e.Attrs)
		p := m.Person(e)
		if d := cmp.Diff(before, e.Attrs); d != "" {
			t.Fatalf("the entry was written to: %s", d)
		}
		for name, values := range p.Attrs {
			if !managed[name] || len(values) == 0 {
				t.Fatalf("%s = %q, managed %v", name, values, managed[name])
			}
			r := rule{attr: attribute(t, name), sources: []string{"x"}, lines: name == "street"}
			r.check = checkFor(r.attr.Format)
			for _, v := range values {
				if out, bad := r.value(v); bad != nil || out != v {
					t.Fatalf("%s: %q becomes %q (%v) when it is mapped again", name, v, out, bad)
				}
			}
		}
		if (p.Key == "") != (p.Attrs[schema.UID] == nil) || p.Key == "" && len(p.Problems) == 0 {
			t.Fatalf("key %q with attributes %v and problems %v", p.Key, p.Attrs, p.Problems)
		}
		for _, pr := range p.Problems {
			if !utf8.ValidString(pr.Message) || pr.Remedy == "" || pr.Attribute == "" {
				t.Fatalf("%+q", pr)
			}
		}
		for a, values := range e.Attrs {
			e.Attrs[a] = rapid.Permutation(values).Draw(t, "order of "+a)
		}
		again := m.Person(e)
		if len(p.Problems) == 0 && Base(again) != Base(p) || len(p.Problems) != len(again.Problems) {
			t.Fatalf("another order of values maps to\n%+v\nnot\n%+v", again, p)
		}
	})
}

func copyOf(a identity.Attrs) identity.Attrs {
	c := identity.Attrs{}
	for n, v := range a {
		c[n] = append([]string(nil), v...)
	}
	return c
}

func attribute(t *rapid.T, name string) schema.Attribute {
	a, ok := schema.Webex().User(name)
	if !ok {
		t.Fatalf("%s is not in the catalogue", name)
	}
	return a
}

// Base differs for two people exactly if the cloud should have something else.
func TestBaseIsInjective(t *testing.T) {
	small := rapid.Custom(func(t *rapid.T) identity.Person {
		p := identity.Person{Key: rapid.SampledFrom([]string{"", "a", "ab", "\x01a"}).Draw(t, "key"),
			Active: rapid.Bool().Draw(t, "active")}
		p.Attrs = rapid.MapOf(
			rapid.SampledFrom([]string{"a", "b", "ab", ""}),
			rapid.SliceOfN(rapid.SampledFrom([]string{"", "a", "b", "ab", "\x01a", "\x00"}), 1, 3),
		).Draw(t, "attrs")
		return p
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := small.Draw(t, "a"), small.Draw(t, "b")
		if same := cmp.Equal(a, b); same != (Base(a) == Base(b)) {
			t.Fatalf("equal %v, but %s and %s", same, Base(a), Base(b))
		}
		a.DN, a.Anchor = "elsewhere", "corp:x"
		b2 := a
		b2.DN, b2.Problems = "there", []identity.Problem{{Message: "x"}}
		if Base(a) != Base(b2) {
			t.Fatal("DN or problems count")
		}
	})
	p := identity.Person{Key: "a", Attrs: identity.Attrs{"x": nil}}
	if len(Base(p)) != 32 || Base(p) != Base(identity.Person{Key: "a"}) {
		t.Error("an attribute without values counts")
	}
}

func FuzzPerson(f *testing.F) {
	for _, s := range []string{"ana@example.com", "+", "sip:x@y", "\xff", "a\x00b", "514", "en-US", " "} {
		f.Add(s, s)
	}
	m, err := New(schema.Webex(), map[string]string{"locale": "preferredLanguage"}, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		e := identity.Entry{Anchor: identity.NewAnchor("corp", guid), DN: b, Attrs: identity.Attrs{}}
		for _, name := range m.Attributes() {
			e.Attrs[name] = []string{a, b}
		}
		p := m.Person(e)
		for name, values := range p.Attrs {
			for _, v := range values {
				if name != schema.ExternalID && !utf8.ValidString(v) {
					t.Errorf("%s = %q", name, v)
				}
			}
		}
		for _, pr := range p.Problems {
			if !utf8.ValidString(pr.Message) {
				t.Errorf("%q", pr.Message)
			}
		}
	})
}

func FuzzRule(f *testing.F) {
	for _, s := range []string{"mail", "givenName sn", "a;b", "1.2.3", "userPassword", "", "\"x\" + y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, expr string) {
		m, err := New(schema.Webex(), map[string]string{"title": expr}, nil)
		if err != nil {
			return
		}
		for _, a := range m.Attributes() {
			if IsSecret(a) || !isAttributeName(a) {
				t.Errorf("%q asks for %q", expr, a)
			}
		}
	})
}

func BenchmarkPerson(b *testing.B) {
	m := mustNew(b, nil)
	e := typical()
	b.ReportAllocs()
	for b.Loop() {
		m.Person(e)
	}
}

func BenchmarkBase(b *testing.B) {
	p := mustNew(b, nil).Person(typical())
	b.ReportAllocs()
	for b.Loop() {
		Base(p)
	}
}

func typical() identity.Entry {
	return entry("displayName", "Ana Silva", "givenName", "Ana", "sn", "Silva", "streetAddress", "1 Main St",
		"l", "Lisbon",
		"c", "PT", "postalCode", "1000-001", "telephoneNumber", "+351 21 000 0000", "mobile", "+351 91 000 0000",
		"manager", "CN=Bo Li,OU=Staff,DC=corp,DC=example,DC=com", "userAccountControl", "512", "title", "Engineer",
		"departmentNumber", "R&D", "employeeNumber", "100042", "employeeType", "permanent", "preferredLanguage", "pt_PT")
}
