package check

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"dirbridge/sync/identity"
	"dirbridge/sync/mapping"
	"dirbridge/sync/schema"
)

// Lengths of texts in a finding, in characters: a value may be a megabyte.
const (
	shownValue  = 64
	shownDN     = 512
	shownDetail = 256
)

// refused reports a field that the mapping refuses; what is wrong with it determines the class.
func (d *directoryCheck) refused(ctx context.Context, e identity.Entry, f mapping.Field) error {
	found := Finding{Kind: kindOf(e), DN: clean(e.DN, shownDN), Attribute: f.Rule, Class: MissingValue}
	if found.Kind == identity.User && f.Attribute.Name == schema.UID {
		found.Detail = "no e-mail address"
	}
	for i, v := range candidates(f, e.Attrs) {
		class, why := verdict(f.Attribute, v)
		if i == 0 || class != "" {
			found.Class, found.Detail, found.Value = class, why, clean(v, shownValue)
		}
		if class != "" {
			break
		}
		found.Class = InvalidValue
	}
	if f.Attribute.Format == schema.Disabled && found.Class == MissingValue {
		found.Class, found.Detail, found.Remedy = Unreadable, clean(f.Problem.Message, shownDetail), f.Problem.Remedy
	}
	return d.add(ctx, found)
}

func kindOf(e identity.Entry) identity.Kind {
	if e.Kind == "" {
		return identity.User
	}
	return e.Kind
}

// candidates returns the values that the mapping looked at: the joined first values of several
// attributes, else the values of the only one.
func candidates(f mapping.Field, attrs identity.Attrs) []string {
	sources := strings.Fields(f.Rule)
	if len(sources) == 1 {
		values := filled(attrs[sources[0]])
		if f.Attribute.Single && len(values) > 1 {
			values = values[:1]
		}
		return values
	}
	var parts []string
	for _, s := range sources {
		if v := filled(attrs[s]); len(v) > 0 {
			parts = append(parts, v[0])
		}
	}
	if len(parts) == 0 {
		return nil
	}
	return []string{strings.Join(parts, " ")}
}

// filled returns the values that are not blank, trimmed and in order.
func filled(values []string) []string {
	var out []string
	for _, v := range values {
		if v = strings.TrimSpace(v); v != "" {
			out = append(out, v)
		}
	}
	slices.Sort(out)
	return out
}

// verdict says what is wrong with a trimmed value that the mapping refused, in the mapping's own
// order; "" if unknown.
func verdict(a schema.Attribute, v string) (ClassID, string) {
	if !utf8.ValidString(v) {
		return InvalidValue, "it is not text in UTF-8"
	}
	if r := firstRune(v, controlIn(a)); r >= 0 {
		return Control, fmt.Sprintf("it has the control character U+%04X", r)
	}
	if n := utf8.RuneCountInString(v); a.MaxLen > 0 && n > a.MaxLen {
		return TooLong, fmt.Sprintf("it has %d characters; the cloud takes %d", n, a.MaxLen)
	}
	switch a.Format {
	case schema.Mail:
		return mailVerdict(v)
	case schema.Phone:
		if !strings.ContainsFunc(v, unicode.IsDigit) {
			return InvalidValue, "it must contain at least one number"
		}
	case schema.SIP:
		if i := strings.IndexByte(v[schemeLen(v):], '@'); i <= 0 {
			return InvalidValue, "it must be a SIP address such as name@example.com"
		}
	case schema.Language:
		return InvalidValue, "it must be a language such as en, en_US or en-US"
	case schema.Disabled:
		return InvalidValue, "it must be a number, or TRUE or FALSE"
	}
	return "", ""
}

func schemeLen(v string) int {
	if len(v) >= 4 && strings.EqualFold(v[:4], "sip:") {
		return 4
	}
	return 0
}

// mailVerdict distinguishes an address without a domain from other invalid addresses.
func mailVerdict(v string) (ClassID, string) {
	at := strings.IndexByte(v, '@')
	blank := func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }
	domain := v[at+1:]
	switch {
	case at < 0 || at == len(v)-1:
		return NoDomain, "there is no domain behind an @"
	case at == 0:
		return MailSyntax, "nothing stands before the @"
	case strings.IndexByte(domain, '@') >= 0:
		return MailSyntax, "it has more than one @"
	case strings.ContainsFunc(v, blank):
		return MailSyntax, fmt.Sprintf("it has a blank, or a character that cannot be seen (U+%04X)", firstRune(v, blank))
	case strings.ContainsAny(v, "<>()[],;:\"\\"):
		return MailSyntax, "it has one of < > ( ) [ ] , ; : \" \\"
	case strings.HasPrefix(domain, "."), strings.HasSuffix(domain, "."), strings.Contains(domain, ".."), v[0] == '.',
		v[at-1] == '.':
		return MailSyntax, "a dot stands where none may"
	}
	return "", ""
}

// domain is the folded domain of an address.
func domain(mail string) string {
	_, d, _ := strings.Cut(mail, "@")
	return strings.ToLower(d)
}

// spelling reports values that the mapping accepts although they are probably unintended: blanks
// and invisible characters, once for each directory attribute.
func (d *directoryCheck) spelling(ctx context.Context, e identity.Entry, f mapping.Field,
	checked map[string]bool) error {
	for _, source := range strings.Fields(f.Rule) {
		if checked[source] {
			continue
		}
		checked[source] = true
		reported := map[ClassID]bool{}
		for _, v := range e.Attrs[source] {
			for class, why := range oddities(f.Attribute, v) {
				if reported[class] || f.Problem != nil && class == Invisible && f.Attribute.Format == schema.Mail {
					continue
				}
				reported[class] = true
				found := Finding{Class: class, Kind: kindOf(e), DN: clean(e.DN, shownDN), Attribute: source,
					Value: clean(v, shownValue), Detail: why}
				if err := d.add(ctx, found); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// oddities yields the warning classes of a value, with the reason.
func oddities(a schema.Attribute, v string) func(yield func(ClassID, string) bool) {
	return func(yield func(ClassID, string) bool) {
		if plain(v) {
			return
		}
		trimmed := strings.TrimSpace(v)
		if trimmed == "" {
			if v != "" {
				yield(BlankValue, "")
			}
			return
		}
		if why := blanks(a, v, trimmed); why != "" && !yield(Blanks, why) {
			return
		}
		if r := firstRune(trimmed, func(r rune) bool { return unicode.Is(unicode.Cf, r) }); r >= 0 &&
			!yield(Invisible, fmt.Sprintf("it has the invisible character U+%04X", r)) {
			return
		}
		if a.Format == schema.Mail {
			if r := firstRune(trimmed, func(r rune) bool { return r > unicode.MaxASCII && unicode.IsPrint(r) }); r >= 0 {
				yield(ForeignMail, fmt.Sprintf("it has the letter %c (U+%04X)", r, r))
			}
		}
	}
}

// plain reports whether a value is ASCII without anything to report, as nearly all are.
func plain(v string) bool {
	if v == "" || v[0] == ' ' || v[len(v)-1] == ' ' {
		return v == ""
	}
	for i := 0; i < len(v); i++ {
		if v[i] < ' ' || v[i] > '~' || v[i] == ' ' && v[i-1] == ' ' {
			return false
		}
	}
	return true
}

func blanks(a schema.Attribute, v, trimmed string) string {
	switch {
	case v[0] != trimmed[0]:
		return "it begins with a blank"
	case len(v) != len(trimmed):
		return "it ends with a blank"
	case strings.ContainsRune(v, '\u00a0'):
		return "it has a no-break space, which looks like a blank and is none"
	case (a.Format == schema.Text || a.Format == schema.Mail) && strings.Contains(trimmed, "  "):
		return "it has two blanks side by side"
	}
	return ""
}

// controlIn returns which control characters an attribute may not have: line breaks separate the
// lines of a street.
func controlIn(a schema.Attribute) func(rune) bool {
	return func(r rune) bool {
		return unicode.IsControl(r) && !(a.Name == "street" && (r == '\r' || r == '\n'))
	}
}

// firstRune returns the first character that satisfies is, or -1.
func firstRune(s string, is func(rune) bool) rune {
	for _, r := range s {
		if is(r) {
			return r
		}
	}
	return -1
}

// clean makes a text fit for display: shortened, with invisible characters as escape sequences.
func clean(s string, limit int) string {
	s, cut := shorten(s, limit)
	if strings.ContainsFunc(s, func(r rune) bool { return r == utf8.RuneError || !strconv.IsPrint(r) }) {
		q := strconv.Quote(s)
		s = strings.ReplaceAll(strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`), `\\`, `\`)
	}
	if cut {
		s += "..."
	}
	return s
}

func shorten(s string, limit int) (string, bool) {
	if len(s) <= limit {
		return s, false
	}
	n := 0
	for i := range s {
		if n == limit {
			return s[:i], true
		}
		n++
	}
	return s, false
}
