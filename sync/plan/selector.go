package plan

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"dirbridge/sync/identity"
)

// Selector chooses changes of a plan. All its conditions must hold; several values of one condition
// are alternatives. The zero Selector chooses everything.
type Selector struct {
	text       string
	kinds      []identity.Kind
	actions    []Action
	containers []place
	keys       []string // patterns in lower case, see path.Match
	seqs       []span
}

// span is an inclusive range of numbers.
type span struct{ from, to int64 }

// conditions are the names of a selector's conditions.
var conditions = []string{"kind", "action", "container", "key", "seq"}

// String is the selector as written.
func (s Selector) String() string { return s.text }

// ParseSelector parses conditions separated by commas:
//
//	kind=user,container=OU=Sales,DC=corp,DC=example,DC=com
//	action=add,action=update,key=*@example.com
//	seq=1-20,33
//
// A comma begins another condition only before the name of one and "=", so the commas of a DN need
// no escapes. A repeated condition accepts either value.
func ParseSelector(text string) (Selector, error) {
	s := Selector{text: trimmed(text)}
	if s.text == "" {
		return s, errors.New("there is no condition: give, for example, kind=user")
	}
	for _, part := range splitConditions(s.text) {
		name, value, ok := strings.Cut(part, "=")
		name, value = strings.ToLower(strings.TrimSpace(name)), trimmed(value)
		if !ok || !slices.Contains(conditions, name) {
			return s,
				fmt.Errorf("%q is not a condition: it begins with one of %s, and \"=\"", part, strings.Join(conditions, ", "))
		}
		if value == "" {
			return s, fmt.Errorf("%s= has no value", name)
		}
		if err := s.add(name, value); err != nil {
			return s, fmt.Errorf("%s=%s: %w", name, value, err)
		}
	}
	return s, nil
}

// trimmed removes space around a text, except an escaped one at the end.
func trimmed(s string) string {
	s = strings.TrimLeftFunc(s, unicode.IsSpace)
	out := strings.TrimRightFunc(s, unicode.IsSpace)
	if escapes := len(out) - len(strings.TrimRight(out, `\`)); escapes%2 == 1 && len(out) < len(s) {
		_, size := utf8.DecodeRuneInString(s[len(out):])
		out = s[:len(out)+size]
	}
	return out
}

// splitConditions splits at unescaped commas before the name of a condition and "=".
func splitConditions(text string) (parts []string) {
	from := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case ',':
			name, _, ok := strings.Cut(text[i+1:], "=")
			if ok && slices.Contains(conditions, strings.ToLower(strings.TrimSpace(name))) {
				parts, from = append(parts, text[from:i]), i+1
			}
		}
	}
	return append(parts, text[from:])
}

func (s *Selector) add(name, value string) error {
	switch name {
	case "kind":
		return oneOf(&s.kinds, value, identity.User, identity.Group, identity.Member)
	case "action":
		return oneOf(&s.actions, value, Add, Update, Rename, Deactivate, Reactivate, Delete, Remove, Match)
	case "container":
		at, err := parsePlace(value)
		s.containers = append(s.containers, at)
		return err
	case "key":
		pattern := identity.Fold(value)
		if _, err := path.Match(pattern, ""); err != nil {
			return errors.New(
				"not a pattern: * is any text, ? any character, [ab] either, and \\ makes the next character plain")
		}
		s.keys = append(s.keys, pattern)
		return nil
	}
	return s.addNumbers(value)
}

func oneOf[T ~string](to *[]T, value string, known ...T) error {
	var names []string
	for _, k := range known {
		if strings.EqualFold(value, string(k)) {
			*to = append(*to, k)
			return nil
		}
		names = append(names, string(k))
	}
	return fmt.Errorf("it is one of %s", strings.Join(names, ", "))
}

// addNumbers parses 1-20,33.
func (s *Selector) addNumbers(value string) error {
	for _, part := range strings.Split(value, ",") {
		first, last, ranged := strings.Cut(strings.TrimSpace(part), "-")
		if !ranged {
			last = first
		}
		from, err := strconv.ParseInt(strings.TrimSpace(first), 10, 64)
		to, err2 := strconv.ParseInt(strings.TrimSpace(last), 10, 64)
		if errors.Join(err, err2) != nil || from < 1 || to < from {
			return fmt.Errorf("%q is not a number of a change, nor a range of them such as 1-20", strings.TrimSpace(part))
		}
		s.seqs = append(s.seqs, span{from, to})
	}
	return nil
}

// Matches reports whether the change is chosen. For a membership, container refers to the group,
// and key to the group or the member.
func (s Selector) Matches(c *Change) bool {
	return anyOf(s.kinds, func(k identity.Kind) bool { return k == c.Kind }) &&
		anyOf(s.actions, func(a Action) bool { return a == c.Action }) &&
		anyOf(s.seqs, func(r span) bool { return r.from <= c.Seq && c.Seq <= r.to }) &&
		anyOf(s.keys, func(p string) bool {
			return matches(p, c.Key) || c.Kind == identity.Member && matches(p, c.MemberKey)
		}) &&
		(len(s.containers) == 0 || s.within(c.DN))
}

// anyOf is true if there are no values.
func anyOf[T any](values []T, ok func(T) bool) bool {
	return len(values) == 0 || slices.ContainsFunc(values, ok)
}

// matches compares a complete key; unlike in a path, a slash is a normal character.
func matches(pattern, key string) bool {
	plain := func(s string) string { return strings.ReplaceAll(s, "/", "\x00") }
	ok, err := path.Match(plain(pattern), plain(identity.Fold(key)))
	return ok && err == nil
}

func (s Selector) within(dn string) bool {
	if dn == "" {
		return false
	}
	at, err := parsePlace(dn)
	return err == nil && slices.ContainsFunc(s.containers, at.below)
}

// Part is the part of a plan to apply: changes that one of Only chooses, or all if Only is empty,
// without those that Except, Left or Without contain. Without is for many numbers.
type Part struct {
	Only, Except []Selector
	Left         map[int64]bool
	Without      *Set
}

// Whole reports whether nothing is left out.
func (p Part) Whole() bool { return len(p.Only)+len(p.Except)+len(p.Left) == 0 && p.Without.Len() == 0 }

// Takes reports whether the change is to be applied.
func (p Part) Takes(c *Change) bool {
	chosen := func(s Selector) bool { return s.Matches(c) }
	return !p.Left[c.Seq] && !p.Without.Has(c.Seq) && anyOf(p.Only, chosen) && !slices.ContainsFunc(p.Except, chosen)
}

// String describes in words what is applied.
func (p Part) String() string {
	var words []string
	list := func(before string, selectors []Selector) {
		var texts []string
		for _, s := range selectors {
			texts = append(texts, s.String())
		}
		if len(texts) > 0 {
			words = append(words, before+strings.Join(texts, " or "))
		}
	}
	list("only ", p.Only)
	list("except ", p.Except)
	if n := int64(len(p.Left)) + p.Without.Len(); n > 0 {
		words = append(words, fmt.Sprintf("without %d that were unticked", n))
	}
	return strings.Join(words, ", ")
}
