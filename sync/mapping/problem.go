package mapping

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"dirbridge/sync/identity"
	"dirbridge/sync/schema"
)

// shownValue and shownDN are the lengths of a value and a DN in a message, in characters: the value
// may be a megabyte.
const (
	shownValue = 64
	shownDN    = 512
)

// invalid is the problem of an invalid value, in the guide's words.
func (r *rule) invalid(e identity.Entry, bad badValue) identity.Problem {
	return identity.Problem{
		Anchor: e.Anchor, DN: e.DN, Attribute: r.text, Side: identity.InDirectory,
		Message: "For " + name(e) + ", the attribute [" + r.text + "] has the following invalid value: [" +
			printable(bad.value, shownValue) + "]. " + bad.because,
		Remedy: "Correct " + r.text +
			" of this entry in the directory, then synchronize again. Until then its cloud account is left unchanged.",
	}
}

// missing is the problem of a required attribute without a value, in the guide's words.
func (r *rule) missing(e identity.Entry) identity.Problem {
	called := r.text
	if r.attr.Name == schema.UID {
		called = "email address"
	}
	return missing(e, r.text, called)
}

// hidden is the problem of a state that the bind account may not read.
func hidden(e identity.Entry) identity.Problem {
	return identity.Problem{
		Anchor: e.Anchor, DN: e.DN, Attribute: AccountControl, Side: identity.InDirectory,
		Message: "For " + name(e) + ", the attribute [" + AccountControl +
			"] cannot be read, so that it is neither enabled nor disabled.",
		Remedy: "Give the bind account the right to read \"Account Restrictions\" of this entry, then synchronize again. " +
			"Until then its cloud account, if it has one, is left unchanged.",
	}
}

func missing(e identity.Entry, attribute, called string) identity.Problem {
	return identity.Problem{
		Anchor: e.Anchor, DN: e.DN, Attribute: attribute, Side: identity.InDirectory,
		Message: "The required attribute [" + called + "] is missing. When adding on-premises entry [" + name(e) +
			"], the entry is not created in the cloud until all required attributes have a value.",
		Remedy: "Set " + attribute +
			" of this entry in the directory, or leave the entry out by a filter. Until then its cloud account, if it has " +
			"one, is left unchanged.",
	}
}

func name(e identity.Entry) string {
	if e.DN == "" {
		return string(e.Anchor)
	}
	return printable(e.DN, shownDN)
}

// printable shortens a value and escapes what would disturb a line of text or a terminal.
func printable(s string, limit int) string {
	cut := false
	if len(s) > limit*utf8.UTFMax {
		s, cut = s[:limit*utf8.UTFMax], true
	}
	if utf8.RuneCountInString(s) > limit {
		n := 0
		for i := range s {
			if n == limit {
				s, cut = s[:i], true
				break
			}
			n++
		}
	}
	if strings.ContainsFunc(s, func(c rune) bool { return c == utf8.RuneError || !strconv.IsPrint(c) }) {
		q := strconv.Quote(s)
		s = strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
		s = strings.ReplaceAll(s, `\\`, `\`)
	}
	if cut {
		s += "..."
	}
	return s
}
