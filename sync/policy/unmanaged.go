package policy

import (
	"fmt"
	"time"

	"dirbridge/sync/identity"
)

// Unmanaged is a rule that leaves accounts unchanged that match no person of the directory. Exactly
// one of Match and ID is set.
type Unmanaged struct {
	Match  string // a pattern for keys, without regard to letter case: * is any text, ? any character
	ID     identity.ResourceID
	Reason string
	Until  string // the last day of the rule, as "2027-01-31"; "" for no end
}

// expiresSoon is how long before its end a rule produces a warning.
const expiresSoon = 14 * 24 * time.Hour

// Name is the rule for people.
func (u Unmanaged) Name() string {
	if u.ID != "" {
		return "id " + string(u.ID)
	}
	return u.Match
}

func (u Unmanaged) covers(id identity.ResourceID, key string) bool {
	if u.ID != "" {
		return u.ID == id
	}
	return Globbed(identity.Fold(u.Match), identity.Fold(key))
}

// end is the moment from which the rule no longer applies, in the time zone of now; zero means
// never. An invalid date counts as no end.
func (u Unmanaged) end(now time.Time) time.Time {
	day, err := time.ParseInLocation(time.DateOnly, u.Until, now.Location())
	if err != nil {
		return time.Time{}
	}
	return day.AddDate(0, 0, 1)
}

func (u Unmanaged) Holds(now time.Time) bool {
	end := u.end(now)
	return end.IsZero() || now.Before(end)
}

func (u Unmanaged) EndsSoon(now time.Time) bool {
	end := u.end(now)
	return !end.IsZero() && u.Holds(now) && end.Sub(now) <= expiresSoon
}

// Why returns the reason that the rule gives, for people.
func (u Unmanaged) Why() string {
	if u.Until == "" {
		return u.Reason
	}
	return u.Reason + " (until " + u.Until + ")"
}

func (u Unmanaged) Expired() string {
	return fmt.Sprintf("the rule %s (%s) expired on %s, it is unmatched again", u.Name(), u.Reason, u.Until)
}

// Globbed matches without backtracking over more than the last *.
func Globbed(pattern, text string) bool {
	p, t := []rune(pattern), []rune(text)
	i, j, star, from := 0, 0, -1, 0
	for j < len(t) {
		switch {
		case i < len(p) && p[i] == '*':
			star, from = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == t[j]):
			i++
			j++
		case star >= 0:
			from++
			i, j = star+1, from
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}

// RuleFor returns the first rule that applies to an account, and the first that has expired for it.
// Each is -1 if there is none.
func RuleFor(rules []Unmanaged, id identity.ResourceID, key string, now time.Time) (holds, expired int) {
	holds, expired = -1, -1
	for i, u := range rules {
		if !u.covers(id, key) {
			continue
		}
		if u.Holds(now) {
			return i, -1
		}
		if expired < 0 {
			expired = i
		}
	}
	return -1, expired
}
