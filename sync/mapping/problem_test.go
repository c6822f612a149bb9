package mapping

import (
	"strings"
	"testing"
	"unicode/utf8"

	"dirbridge/sync/identity"
)

func TestInvalidValues(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	tests := []struct{ attr, value, want string }{
		{"telephoneNumber", "+", "must contain at least one number"},
		{"mobile", "none", "must contain at least one number"},
		{"mail", "ana", "e-mail address"},
		{"mail", "@example.com", "e-mail address"},
		{"mail", "ana@", "e-mail address"},
		{"mail", "ana@b@example.com", "e-mail address"},
		{"mail", "ana silva@example.com", "e-mail address"},
		{"mail", "ana\u00a0silva@example.com", "e-mail address"},
		{"mail", "ana\u200b@example.com", "e-mail address"},
		{"mail", "Ana <ana@example.com>", "e-mail address"},
		{"mail", "ana@example..com", "e-mail address"},
		{"mail", "ana@.example.com", "e-mail address"},
		{"mail", "a@b.c;d@e.f", "e-mail address"},
		{"msRTCSIP-PrimaryUserAddress", "sip:ana", "SIP address"},
		{"msRTCSIP-PrimaryUserAddress", "sip:@example.com", "SIP address"},
		{"preferredLanguage", "english", "language"},
		{"preferredLanguage", "en-us, de;q=0.5", "language"},
		{"preferredLanguage", "e1", "language"},
		{"title", "a\x00b", "control characters"},
		{"title", "a\nb", "control characters"},
		{"title", "a\u0085b", "control characters"},
		{"title", "\xff\xfe", "UTF-8"},
		{"title", strings.Repeat("é", 129), "longer than 128 characters; it has 129"},
		{"title", long, "longer than 128 characters; it has 1048576"},
		{"streetAddress", "1 Main St\x1b[2J", "control characters"},
		{"userAccountControl", "0x202", "number, or TRUE or FALSE"},
	}
	m := mustNew(t, nil)
	for _, tt := range tests {
		e := without(entry(), tt.attr)
		e.Attrs[tt.attr] = []string{tt.value}
		p := m.Person(e)
		if len(p.Problems) != 1 {
			t.Errorf("%s = %.40q: problems %v", tt.attr, tt.value, p.Problems)
			continue
		}
		got := p.Problems[0]
		if got.DN != e.DN || got.Anchor != e.Anchor || got.Attribute != tt.attr || got.Side != identity.InDirectory ||
			got.Remedy == "" {
			t.Errorf("the problem does not name record, field, side and remedy: %+v", got)
		}
		head := "For " + e.DN + ", the attribute [" + tt.attr + "] has the following invalid value: ["
		if !strings.HasPrefix(got.Message, head) || !strings.Contains(got.Message, tt.want) {
			t.Errorf("%s = %.40q: %.200s", tt.attr, tt.value, got.Message)
		}
		if len(got.Message) > 1000 || !utf8.ValidString(got.Message) ||
			strings.ContainsFunc(got.Message, func(c rune) bool { return c < ' ' }) {
			t.Errorf("%s: a message that is not fit for a line: %.80q", tt.attr, got.Message)
		}
	}
}

func TestValidValues(t *testing.T) {
	tests := []struct{ attr, cloud, value, want string }{
		{"mail", "uid", "ana+tag@example.com", ""},
		{"mail", "uid", "o'neil@example.com", ""},
		{"mail", "uid", "jörg@example.com", ""},
		{"mail", "uid", "ана@пример.рф", ""},
		{"mail", "uid", "Ana.Silva@Example.COM", ""},
		{"mail", "uid", " ana@example.com ", "ana@example.com"},
		{"mail", "uid", "ana@intranet", ""},
		{"telephoneNumber", "telephoneNumber", "ext. 7", ""},
		{"telephoneNumber", "telephoneNumber", "٣", ""},
		{"msRTCSIP-PrimaryUserAddress", "sipAddresses;type=enterprise", "sip:ana@example.com", "ana@example.com"},
		{"msRTCSIP-PrimaryUserAddress", "sipAddresses;type=enterprise", "ana@example.com", ""},
		{"preferredLanguage", "preferredLanguage", "de", ""},
		{"preferredLanguage", "preferredLanguage", "en_US", ""},
		{"preferredLanguage", "preferredLanguage", "en-us", ""},
		{"title", "title", strings.Repeat("é", 128), ""},
		{"title", "title", "Zoë \"Z\" O'Hara, Ph.D. 🚀", ""},
	}
	m := mustNew(t, nil)
	for _, tt := range tests {
		if tt.want == "" {
			tt.want = tt.value
		}
		e := without(entry(), tt.attr)
		e.Attrs[tt.attr] = []string{tt.value}
		if p := m.Person(e); len(p.Problems) > 0 || p.Attrs.First(tt.cloud) != tt.want {
			t.Errorf("%s = %q gives %q, problems %v", tt.attr, tt.value, p.Attrs.First(tt.cloud), p.Problems)
		}
	}
}

// P2: a person without mail is a problem that names the entry, never an absence.
func TestMissingRequired(t *testing.T) {
	m := mustNew(t, nil)
	for _, values := range [][]string{nil, {}, {""}, {"  "}, {" ", "\t"}} {
		e := without(entry(), "mail")
		if values != nil {
			e.Attrs["mail"] = values
		}
		p := m.Person(e)
		want := "The required attribute [email address] is missing. " +
			"When adding on-premises entry [CN=b,OU=Employees,DC=c,DC=com], " +
			"the entry is not created in the cloud until all required attributes have a value."
		if len(p.Problems) != 1 || p.Problems[0].Message != want || p.Problems[0].Attribute != "mail" ||
			p.Problems[0].Remedy == "" {
			t.Errorf("%q gives %+v", values, p.Problems)
		}
	}
	e := entry()
	e.Anchor = ""
	if p := m.Person(e); len(p.Problems) != 1 || p.Problems[0].Attribute != "objectGUID" {
		t.Errorf("an entry without a GUID gives %+v", p.Problems)
	}
}

func TestProblemsOfTheReaderAreKept(t *testing.T) {
	m := mustNew(t, nil)
	e := entry("telephoneNumber", "+")
	e.Problems = make([]identity.Problem, 1, 8)
	e.Problems[0] = identity.Problem{DN: e.DN, Message: "could not be read"}
	p := m.Person(e)
	if len(p.Problems) != 2 || p.Problems[0].Message != "could not be read" {
		t.Errorf("problems: %+v", p.Problems)
	}
	if g := m.Group(e); len(g.Problems) != 2 || g.Problems[0].Message != "could not be read" {
		t.Errorf("problems of the group: %+v", g.Problems)
	}
	if extra := e.Problems[:2][1]; extra != (identity.Problem{}) {
		t.Error("the entry's own list was written to")
	}
}
