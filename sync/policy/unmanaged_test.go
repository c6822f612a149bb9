package policy

import (
	"path"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dirbridge/sync/identity"
)

func TestGlobbed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.StringMatching(`[ab*?]{0,8}`).Draw(t, "pattern")
		text := rapid.StringMatching(`[abé]{0,10}`).Draw(t, "text")
		if want, _ := path.Match(pattern, text); Globbed(pattern, text) != want {
			t.Fatalf("%q and %q: not %v", pattern, text, want)
		}
	})
	if !Globbed("*", "a/b") || Globbed(strings.Repeat("*a", 40), strings.Repeat("a", 39)) {
		t.Error("slashes and many stars")
	}
}

// TestRuleEnds: a rule applies to the end of its last day, by the machine's clock, and produces a
// warning two weeks before.
func TestRuleEnds(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", -5*3600)
	rules := []Unmanaged{{Match: "*@X.org", Reason: "r", Until: "2027-01-31"}, {ID: "7", Reason: "always"}}
	at := func(month time.Month, day, hour int) time.Time {
		return time.Date(2027, month, day, hour, 59, 59, 0, zone)
	}
	for _, c := range []struct {
		id             identity.ResourceID
		key            string
		now            time.Time
		holds, expired int
	}{
		{"1", "a@x.org", at(1, 31, 23), 0, -1},
		{"1", "A@X.ORG", at(2, 1, 0), -1, 0},
		{"1", "a@y.org", at(1, 1, 0), -1, -1},
		{"7", "a@x.org", at(2, 1, 0), 1, -1},
	} {
		if holds, expired := RuleFor(rules, c.id, c.key, c.now); holds != c.holds || expired != c.expired {
			t.Errorf("%s %s at %s: %d, %d", c.id, c.key, c.now, holds, expired)
		}
	}
	for now, soon := range map[time.Time]bool{at(1, 17, 23): false, at(1, 18, 0): true, at(1, 31, 23): true,
		at(2, 1, 0): false} {
		if rules[0].EndsSoon(now) != soon {
			t.Errorf("at %s: not %v", now, soon)
		}
	}
}
