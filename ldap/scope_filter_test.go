package ldap

import (
	"context"
	"slices"
	"strings"
	"testing"

	"dirbridge/sync/identity"
)

// A filter without the attributes that the schema lacks is true for the same entries, and can be
// negated.
func TestFilterWithoutUnknownAttributes(t *testing.T) {
	for filter, want := range map[string]string{
		"(a=1)":                            "(a=1)",
		"(x=1)":                            "",
		"(!(a=1))":                         "(!(a=1))",
		"(!(x=1))":                         "",
		"(&(a=1)(x=1))":                    "",
		"(|(a=1)(x=1)(b=2))":               "(|(a=1)(b=2))",
		"(!(&(a=1)(x=1)))":                 "(|(!(a=1)))",
		"(!(|(a=1)(x=1)))":                 "",
		"(|(&(a=1)(!(b=2)))(&(x=1)(a=2)))": "(|(&(a=1)(!(b=2))))",
		"(!(!(a=1)))":                      "(a=1)",
	} {
		n, err := parseFilter(filter)
		if err != nil {
			t.Fatal(err)
		}
		if got := n.trueWhere(func(a *filterNode) bool { return a.attribute != "x" }); got != want {
			t.Errorf("%s: %s, want %s", filter, got, want)
		}
	}
}

// An attribute that the server computes for one object at a time is requested separately. If the
// server refuses it, the entry has a problem, not the listing.
func TestConstructedAttributes(t *testing.T) {
	sid := "\x01\x01\x00\x00\x00\x00\x00\x05\x12\x00\x00\x00"
	for name, c := range map[string]struct {
		code    int
		values  []string
		problem string
	}{
		"told":    {0, []string{"S-1-5-18"}, ""},
		"refused": {50, nil, "tokenGroups cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			f := (&fake{search: func(w *answers, r search) {
				switch {
				case r.scope == 2 && slices.Contains(r.attrs, "tokenGroups"):
					w.done(1, "tokenGroups in a subtree search")
				case r.scope == 2:
					w.entry("CN=a,"+fakeContext, []string{"objectGUID", guidA}, []string{"mail", "a@x"})
					w.page("")
				case c.code == 0:
					w.entry("CN=a,"+fakeContext, []string{"tokenGroups", sid})
					w.done(0, "")
				default:
					w.done(c.code, "no")
				}
			}}).start(t, nil)
			got := listPeople(t, f.source(t, func(o *Options) { o.Attributes = []string{"mail", "tokenGroups"} }))[0]
			if got.Attrs.First("mail") != "a@x" || !slices.Equal(got.Attrs["tokenGroups"], c.values) {
				t.Errorf("%+v", got)
			}
			if (c.problem == "") != (len(got.Problems) == 0) || c.problem != "" &&
				!strings.Contains(got.Problems[0].Message, c.problem) {
				t.Errorf("%+v", got.Problems)
			}
		})
	}
}

// Binary values become base64 if the attribute is known as binary, here or in the schema. Otherwise
// they are a problem.
func TestBinaryAttributes(t *testing.T) {
	f := (&fake{root: append(adRoot(), []string{"schemaNamingContext", "CN=Schema,CN=Configuration," + fakeContext}),
		search: func(w *answers, r search) {
			if strings.HasPrefix(r.base, "CN=Schema") {
				w.entry("CN=Badge,"+r.base, []string{"lDAPDisplayName", "badge"}, []string{"attributeSyntax", "2.5.5.10"})
				w.entry("CN=Title,"+r.base, []string{"lDAPDisplayName", "title"}, []string{"attributeSyntax", "2.5.5.12"})
			} else {
				w.entry("CN=a,"+fakeContext, []string{"objectGUID", guidA}, []string{"thumbnailPhoto", "text"},
					[]string{"badge", "\x00\x01"},
					[]string{"title", "\x00\x01"}, []string{"jpegPhoto", strings.Repeat("x", maxBinary+1)},
					[]string{"otherMobile", "3", "1", "2"})
			}
			w.page("")
		}}).start(t, nil)
	got := listPeople(t, f.source(t, func(o *Options) {
		o.Attributes = []string{"thumbnailPhoto", "badge", "title", "jpegPhoto", "otherMobile"}
	}))[0]
	if got.Attrs.First("thumbnailPhoto") != "dGV4dA==" || got.Attrs.First("badge") != "AAE=" ||
		!slices.Equal(got.Attrs["otherMobile"], []string{"1", "2", "3"}) {
		t.Errorf("%v", got.Attrs)
	}
	var wrong []string
	for _, p := range got.Problems {
		wrong = append(wrong, p.Attribute)
	}
	if !slices.Equal(wrong, []string{"title", "jpegPhoto"}) || !strings.Contains(got.Problems[1].Message, "1024 kB") {
		t.Errorf("%+v", got.Problems)
	}
}

// A missing group of the scope must not be taken for an empty one.
func TestMissingScopeGroupIsAnError(t *testing.T) {
	f := (&fake{search: func(w *answers, r search) {
		if r.scope == 0 {
			w.done(32, "NO_OBJECT")
			return
		}
		w.page("")
	}}).start(t, nil)
	s := f.source(t, func(o *Options) { o.MemberOf = []string{"CN=Webex,OU=Groups," + fakeContext} })
	for name, list := range map[string]func() error{
		"people": func() error { _, err := people(s); return err },
		"edges":  func() error { return s.Edges(context.Background(), func(identity.Edge) error { return nil }) },
		"by GUID": func() error {
			return s.Get(context.Background(), identity.User, []identity.Anchor{"corp:" + guidAText},
				func(identity.Entry, bool) error { return nil })
		},
		"tree": func() error { _, err := s.Tree(context.Background(), ""); return err },
	} {
		t.Run(name, func(t *testing.T) {
			wantFailure(t, list(), "give-up", "member_of", "CN=Webex", "does not exist", fakeContext)
		})
	}
}

// Many groups are not named one by one, because servers limit filters.
func TestFilterOfManyGroups(t *testing.T) {
	heads := []scopeGroup{{dn: "CN=a (b),DC=x", rid: "1104"}}
	for n, want := range map[int]string{
		0:   `(|(memberOf=CN=a \28b\29,DC=x)(|(primaryGroupID=1104)))`,
		200: `(|(|(memberOf:1.2.840.113556.1.4.1941:=CN=a \28b\29,DC=x))(|(primaryGroupID=1104)))`,
	} {
		groups := heads
		for range n {
			groups = append(groups, scopeGroup{dn: "CN=nested,DC=x"})
		}
		if got := membersOf(heads, groups); got != want {
			t.Errorf("%d more: %s", n, got)
		}
	}
}

func TestRelativeID(t *testing.T) {
	for sid, want := range map[string]string{"S-1-5-21-1-2-3-513": "513", "S-1-5-32-544": "",
		"S-1-5-21-1-2-3": "", "": ""} {
		if got := relativeID([]byte(sid)); got != want {
			t.Errorf("%s: %q", sid, got)
		}
	}
}
