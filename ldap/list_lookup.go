package ldap

import (
	"context"
	"errors"
	"slices"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"

	"dirbridge/sync/identity"
)

// How a lookup matched an object.
const (
	FoundExactly = "exact"  // one of its names is the text
	FoundPrefix  = "begins" // one of its names begins with the text
	FoundLike    = "like"   // one of its names resembles the text
)

// LookupResult is an object found by a lookup, in scope or not.
type LookupResult struct {
	Anchor identity.Anchor
	// Kind is also "computer", and "" for an object that is neither a person nor a place.
	Kind       identity.Kind
	DN         string
	Name, Mail string // for people
	How        string
}

// Computer is the kind of machine accounts in a lookup.
const Computer identity.Kind = "computer"

// errEnough ends a search when enough objects are found.
var errEnough = errors.New("enough")

// Lookup finds objects by DN, by GUID (with or without braces), or by a name: mail,
// userPrincipalName, sAMAccountName (with or without DOMAIN\), display name, cn, or one of the
// given attributes. If no name equals the text, it returns names that begin with it, and failing
// that, names that resemble it; at most limit. The text is data, whatever it contains: it never
// becomes part of a filter's syntax.
func (s *Source) Lookup(ctx context.Context, text string, attributes []string,
	limit int) (found []LookupResult, err error) {
	defer s.secrets.In(&err)
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, ctx.Err()
	}
	err = s.with(ctx, func(c *session) error {
		if dn, err := identity.CanonicalDN(text); err == nil && strings.Contains(text, "=") && c.dir.holds(dn) {
			found, err = c.lookupDN(ctx, dn)
			if err != nil || len(found) > 0 {
				return err
			}
		}
		if b, ok := parseUUID(strings.Trim(text, "{}")); ok {
			found, err = c.lookupFilter(ctx, c.dir.anchorFilter([]string{dashed(b)}), FoundExactly, limit)
			return err
		}
		return nil
	})
	if err != nil || len(found) > 0 {
		return found, err
	}
	for _, try := range lookups(text, attributes) {
		// A search that ends early costs its session.
		err := s.with(ctx, func(c *session) (err error) {
			found, err = c.lookupFilter(ctx, try.filter, try.how, limit)
			return err
		})
		if err != nil || len(found) > 0 {
			return found, err
		}
	}
	return nil, nil
}

type lookup struct{ filter, how string }

// lookups are the searches for a name, the strictest first.
func lookups(text string, attributes []string) []lookup {
	exact := distinctNames(
		append([]string{"mail", "userPrincipalName", "sAMAccountName", "uid", "displayName", "cn", "name"}, attributes...))
	begins := []string{"displayName", "cn", "mail", "sn", "givenName", "sAMAccountName", "userPrincipalName", "uid"}
	v := goldap.EscapeFilter(text)
	any := func(attributes []string, v string) string {
		var f strings.Builder
		for _, a := range attributes {
			f.WriteString("(" + a + "=" + v + ")")
		}
		return f.String()
	}
	is := any(exact, v)
	if strings.Contains(text, "@") {
		is += "(proxyAddresses=smtp:" + v + ")"
	}
	if _, account, qualified := strings.Cut(text, `\`); qualified && account != "" {
		is += "(sAMAccountName=" + goldap.EscapeFilter(account) + ")"
	}
	prefix := any(begins, v+"*")
	if first, last, two := strings.Cut(text, " "); two && strings.TrimSpace(last) != "" {
		a, b := goldap.EscapeFilter(first), goldap.EscapeFilter(strings.TrimSpace(last))
		prefix += "(&(givenName=" + a + "*)(sn=" + b + "*))(&(givenName=" + b + "*)(sn=" + a + "*))"
	}
	tries := []lookup{{"(|" + is + ")", FoundExactly}, {"(|" + prefix + ")", FoundPrefix}}
	if local, _, _ := strings.Cut(text, "@"); local != text && local != "" {
		tries = append(tries, lookup{"(|" + any(begins, goldap.EscapeFilter(local)+"*") + ")", FoundLike})
	}
	const enough = 3 // letters, to match by resemblance
	if letters := []rune(text); len(letters) > enough {
		tries = append(tries, lookup{"(|" + any(begins, goldap.EscapeFilter(string(letters[:enough]))+"*") + ")", FoundLike})
	}
	return tries
}

func distinctNames(names []string) (out []string) {
	for _, n := range names {
		if !slices.ContainsFunc(out, func(o string) bool { return strings.EqualFold(o, n) }) {
			out = append(out, n)
		}
	}
	return out
}

func (c *session) lookupAttributes() []string {
	return append(c.dir.anchorAttributes(), "objectClass", "displayName", "cn", "mail")
}

// lookupDN returns the object at a DN, if it exists.
func (c *session) lookupDN(ctx context.Context, dn string) (found []LookupResult, err error) {
	_, err = c.probe(ctx, dn, everything, c.lookupAttributes(), func(raw *rawEntry) {
		found = append(found, c.lookupResult(raw, FoundExactly))
	})
	if noSuchObject(err) {
		return nil, nil
	}
	return found, err
}

func (c *session) lookupFilter(ctx context.Context, filter, how string, limit int) (found []LookupResult, err error) {
	err = c.subtree(ctx, "looking for a person", c.dir.roots(), query{filter: filter, attrs: c.lookupAttributes()},
		func(raw *rawEntry) error {
			if found = append(found, c.lookupResult(raw, how)); len(found) >= limit {
				return errEnough
			}
			return nil
		})
	if errors.Is(err, errEnough) || unwilling(err) {
		err = nil
	}
	return found, err
}

func (c *session) lookupResult(raw *rawEntry, how string) LookupResult {
	s := LookupResult{DN: identity.DisplayDN(plainPart(string(raw.dn))), How: how, Kind: lookupKind(raw)}
	if guid, _, problem := c.dir.guidOf(raw); problem == "" {
		s.Anchor = c.source.anchor(guid)
	}
	cn := ""
	for _, a := range raw.attrs {
		if len(a.values) == 0 || !isText(a.values[0]) {
			continue
		}
		switch v := string(a.values[0]); strings.ToLower(string(a.name)) {
		case "displayname":
			s.Name = v
		case "cn":
			cn = v
		case "mail":
			s.Mail = v
		}
	}
	if s.Name == "" {
		s.Name = cn
	}
	return s
}

// lookupKind is the kind of an object by its classes.
func lookupKind(raw *rawEntry) identity.Kind {
	switch {
	case raw.hasClass("computer"):
		return Computer
	case raw.hasClass("group", "groupOfNames", "groupOfUniqueNames"):
		return identity.Group
	case raw.hasClass("contact"):
		return identity.Contact
	case raw.hasClass("user", "person", "inetOrgPerson", "userProxy", "userProxyFull"):
		return identity.User
	case raw.hasClass("organizationalUnit", "container", "builtinDomain", "domain", "domainDNS", "dcObject",
		"organization", "locality", "country"):
		return identity.Unit
	}
	return ""
}
