package plan

import (
	"strings"
	"testing"
	"unicode/utf8"

	"dirbridge/sync/identity"
)

// FuzzSelector checks that a selector is accepted or refused, that an accepted one chooses the same
// after it is written and parsed again, and that any key and container can be named.
func FuzzSelector(f *testing.F) {
	for _, text := range []string{"kind=user,container=OU=Sales,DC=corp,DC=example,DC=com",
		"action=add,action=update,key=*@example.com", "seq=1-20,33", "seq=9223372036854775807",
		`container=OU=a\,kind=user,DC=x`, `key=[a-`, `key=\`, `key=**************a`, " Kind = USER ", "seq=-1,5-2",
		"container=,", ",,=,"} {
		f.Add(text, "ana@example.com", `CN=a\, b+SN=\41,OU=Sales,DC=corp`, int64(20))
	}
	f.Fuzz(func(t *testing.T, text, key, dn string, seq int64) {
		c := Change{Seq: seq, Kind: identity.User, Action: Add, Key: key, DN: dn}
		member := Change{Seq: seq, Kind: identity.Member, Action: Remove, Key: "group", MemberKey: key, DN: dn}
		if joined := strings.Join(splitConditions(text), ","); joined != text {
			t.Fatalf("the conditions of %q are those of %q", text, joined)
		}
		if s, err := ParseSelector(text); err == nil {
			again, err := ParseSelector(s.String())
			if err != nil || again.Matches(&c) != s.Matches(&c) || again.Matches(&member) != s.Matches(&member) {
				t.Fatalf("%q is not %q: %v", s.String(), text, err)
			}
			for _, r := range s.seqs {
				if r.from < 1 || r.to < r.from {
					t.Fatalf("%q: %+v", text, r)
				}
			}
		} else if err.Error() == "" {
			t.Fatal("it is refused without a word")
		}
		if key = strings.TrimSpace(key); key != "" && utf8.ValidString(key) {
			c.Key, member.MemberKey = key, key
			pattern := strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `,`, `\,`).Replace(key)
			s, err := ParseSelector("key=" + pattern)
			if err != nil || !s.Matches(&c) || !s.Matches(&member) {
				t.Fatalf("key=%s does not choose %q: %v", pattern, key, err)
			}
		}
		if _, err := parsePlace(dn); err == nil && dn != "" && dn == trimmed(dn) &&
			len(splitConditions("container="+dn)) == 1 {
			s, err := ParseSelector("container=" + dn)
			if err != nil || !s.Matches(&c) {
				t.Fatalf("container=%s does not choose what stands there: %v", dn, err)
			}
		}
	})
}
