package ldap

import (
	"bytes"
	"context"
	"net"
	"strings"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	goldap "github.com/go-ldap/ldap/v3"

	"dirbridge/sync/identity"
)

// FuzzRootDSE checks that every rootDSE is either described, with valid distinguished names, or
// refused.
func FuzzRootDSE(f *testing.F) {
	f.Add("namingContexts: DC=x\ndefaultNamingContext: DC=x\nsupportedCapabilities: "+capabilityADDS+
		"\nhighestCommittedUSN: 12", "OU=a,DC=x")
	f.Add("namingContexts: cn=changelog\nnamingContexts: dc=x\ndefaultNamingContext: cn=changelog\nchangeLog: "+
		"cn=changelog\nvendorName: 389 Project", "")
	f.Add("objectClass: OpenLDAProotDSE\nnamingContexts: dc=a\\2Cb\nnamingContexts: \nhighestCommittedUSN: -9", "")
	f.Add("supportedCapabilities: "+capabilityADLDS+
		"\nnamingContexts: CN=Configuration,CN={1}\nconfigurationNamingContext: CN=Configuration,CN={1}", "")
	f.Fuzz(func(t *testing.T, lines, base string) {
		root := rootDSE{}
		for line := range strings.Lines(lines) {
			if name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), ": "); ok {
				root[strings.ToLower(name)] = append(root[strings.ToLower(name)], value)
			}
		}
		opt := Options{Name: "corp"}
		if _, err := identity.CanonicalDN(base); err == nil && base != "" {
			opt.BaseDNs = []string{base}
		}
		d, _, err := directoryOf(root, &opt, "ldap://x")
		if err != nil {
			return
		}
		if d.context == "" || len(d.bases) == 0 || d.objects < 0 {
			t.Fatalf("%q makes %+v", lines, d)
		}
		if root.first("changeLog") != "" && len(opt.BaseDNs) == 0 &&
			d.context == identity.DisplayDN(root.first("changeLog")) {
			t.Fatalf("%q reads the changelog", lines)
		}
		for _, dn := range d.partitions {
			if again, err := identity.CanonicalDN(dn); err != nil || again != dn {
				t.Fatalf("the partition %q is %q, %v", dn, again, err)
			}
		}
	})
}

// FuzzAttributeSchema checks that a schema object yields an attribute with a name, or none.
func FuzzAttributeSchema(f *testing.F) {
	f.Add(
		message(3,
			entryOp("CN=Mail,CN=Schema",
				[][]string{{"lDAPDisplayName", "mail"}, {"attributeSyntax", "2.5.5.12"}, {"isSingleValued", "TRUE"},
					{"systemFlags", "4"}})))
	f.Add(
		message(3,
			entryOp("CN=Pwd,CN=Schema", [][]string{{"lDAPDisplayName", "unicodePwd"}, {"isDefunct", "TRUE"}, {"systemFlags"}})))
	f.Fuzz(func(t *testing.T, frame []byte) {
		var raw rawEntry
		if raw.decode(frame) != nil {
			return
		}
		if a, ok := attributeSchema(&raw); ok && a.Name == "" || ok && secret(a.Name) != a.Secret {
			t.Fatalf("%x makes %+v", frame, a)
		}
	})
}

// FuzzPasswordPolicy checks that any password policy in an answer to a bind yields a result, and an
// expiry within bounds.
func FuzzPasswordPolicy(f *testing.F) {
	f.Add([]byte{0x30, 0}, false)
	f.Add([]byte{0x30, 5, 0xa0, 3, 0x80, 1, 60}, false)
	f.Add([]byte{0x30, 3, 0x81, 1, 1}, true)
	f.Add([]byte{0x30, 12, 0xa0, 10, 0x80, 8, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, false)
	f.Add([]byte{0x30, 2, 0xa0, 0}, false)
	f.Add([]byte{0x30, 2, 0x81, 0}, false)
	f.Add([]byte{}, false)
	now := time.Date(2026, 10, 5, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, value []byte, refused bool) {
		packet := ber.NewSequence("")
		packet.AppendChild(octets(goldap.ControlTypeBeheraPasswordPolicy))
		packet.AppendChild(octets(string(value)))
		s := &Source{opt: Options{BindUser: "svc", Clock: func() time.Time { return now }}}
		r := &goldap.SimpleBindResult{}
		err := guarded(func() error {
			// As the library decodes what it received.
			whole, err := ber.DecodePacketErr(packet.Bytes())
			if err != nil {
				return err
			}
			c, err := goldap.DecodeControl(whole)
			if err == nil {
				r.Controls = append(r.Controls, c)
			}
			return err
		})
		if err != nil {
			return
		}
		var bound error
		if refused {
			bound = denied("", "refused")
		}
		if got := s.policy(&session{server: "ldap://x"}, r, bound); refused && got == nil {
			t.Fatalf("%x turns a refusal into a success", value)
		}
		if said := s.signInState.said; said.known && (said.at.Before(now) || said.at.After(now.AddDate(100, 0, 0))) {
			t.Fatalf("%x lets the password expire at %s", value, said.at)
		}
	})
}

// answering is a connection on which an answer arrives in pieces.
type answering struct {
	choppedConn
	wrote bytes.Buffer
}

func (a *answering) Write(p []byte) (int, error) { return a.wrote.Write(p) }
func (a *answering) SetDeadline(time.Time) error { return nil }
func (a *answering) RemoteAddr() (none net.Addr) { return none }

// FuzzStartTLS checks that TLS begins only after a successful answer, and that no byte beyond the
// answer is read before.
func FuzzStartTLS(f *testing.F) {
	success := []byte{0x30, 12, 2, 1, 1, 0x78, 7, 0x0a, 1, 0, 4, 0, 4, 0}
	f.Add(success, uint8(1))
	f.Add(append(bytes.Clone(success), "more"...), uint8(200))
	f.Add([]byte{0x30, 15, 2, 1, 1, 0x78, 10, 0x0a, 1, 2, 4, 0, 4, 3, 'n', 'o', '\x1b'}, uint8(3))
	f.Add([]byte{0x30, 0x84, 0, 0, 0, 12, 2, 1, 1, 0x78, 7, 0x0a, 1, 0, 4, 0, 4, 0}, uint8(2))
	f.Add([]byte{0x30, 0x88, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, uint8(2))
	f.Fuzz(func(t *testing.T, data []byte, step uint8) {
		c := &answering{choppedConn: choppedConn{data: bytes.Clone(data), step: int(step) + 1}}
		err := startTLS(context.Background(), c)
		if err != nil {
			for _, r := range err.Error() {
				if r < ' ' {
					t.Fatalf("%x is told as %q", data, err)
				}
			}
			return
		}
		_, length, n, broken := header(data)
		if broken != nil || len(c.data) != len(data)-n-length {
			t.Fatalf("%x: %d bytes are left", data, len(c.data))
		}
		p, broken := ber.DecodePacketErr(data[:n+length])
		if broken != nil || len(p.Children) < 2 || len(p.Children[1].Children) < 1 {
			t.Fatalf("%x is taken for success, where the library finds no answer: %v", data, broken)
		}
		if code, ok := p.Children[1].Children[0].Value.(int64); !ok || code != 0 || p.Children[1].Tag != 24 {
			t.Fatalf("%x is taken for success", data)
		}
		if id, ok := p.Children[0].Value.(int64); !ok || id != 1 {
			t.Fatalf("%x answers request %v", data, p.Children[0].Value)
		}
	})
}

// FuzzLookups checks that every text becomes valid filters, and never part of their syntax.
func FuzzLookups(f *testing.F) {
	for _, text := range []string{"ana@example.com", "*", ")(objectClass=*", `CORP\ana`, `\`, "Ana  Silva", "@", "(((",
		"\x00\xff\u202e", "a b c d", "ÿ*)"} {
		f.Add(text, "employeeNumber")
	}
	f.Fuzz(func(t *testing.T, text, attribute string) {
		if text = strings.TrimSpace(text); text == "" || checkAttribute(attribute) != nil {
			return
		}
		known := map[string]bool{strings.ToLower(attribute): true}
		for _, name := range []string{"mail", "userPrincipalName", "sAMAccountName", "uid", "displayName", "cn", "name",
			"sn", "givenName", "proxyAddresses"} {
			known[strings.ToLower(name)] = true
		}
		for _, try := range lookups(text, []string{attribute}) {
			compiled, err := goldap.CompileFilter(try.filter)
			if err != nil {
				t.Fatalf("%q: %v", try.filter, err)
			}
			attributesOf(t, compiled, func(name string) {
				if !known[strings.ToLower(name)] {
					t.Fatalf("%q asks for %q", try.filter, name)
				}
			})
		}
	})
}

// attributesOf calls fn with the attribute of each assertion of a filter, which must be a
// comparison.
func attributesOf(t *testing.T, filter *ber.Packet, fn func(name string)) {
	t.Helper()
	switch filter.Tag {
	case goldap.FilterAnd, goldap.FilterOr:
		for _, child := range filter.Children {
			attributesOf(t, child, fn)
		}
	case goldap.FilterEqualityMatch, goldap.FilterSubstrings:
		fn(ber.DecodeString(filter.Children[0].Data.Bytes()))
	default:
		t.Fatalf("the filter has an element of kind %d", filter.Tag)
	}
}
