package ldap

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
	goldap "github.com/go-ldap/ldap/v3"

	"dirbridge/sync/identity"
)

// references are the continuation references of one search. There are few: one for each place where
// the server's data ends.
type references struct{ urls []string }

const maxReferences = 10_000

func (r *references) add(urls []string) error {
	if r.urls = append(r.urls, urls...); len(r.urls) > maxReferences {
		return &unprovenError{"the server refers to more than 10,000 other servers"}
	}
	return nil
}

// checkReferrals checks for each continuation reference that its target is not part of this search: it is
// outside the base, excluded by the operator, or in another naming context (a search of a domain
// always meets CN=Configuration and the DNS zones); or that the object with the reference is
// excluded. Any other reference is an error: the entries behind it would be taken for missing.
func (c *session) checkReferrals(ctx context.Context, q query, urls []string) error {
	if len(urls) == 0 || q.ignoreReferrals {
		return nil
	}
	base, err := identity.CanonicalDN(q.base)
	if err != nil {
		base = q.base
	}
	var others []string // heads of other naming contexts, read on demand
	var objects []referralObject
	looked := false
	for _, u := range urls {
		dn, ok := referenceDN(u)
		folded := identity.FoldDN(dn)
		if ok && (!identity.UnderDN(folded, identity.FoldDN(base)) || c.source.excluded(folded) ||
			c.dir.foreign(folded, identity.FoldDN(base))) {
			continue
		}
		if ok && others == nil {
			if others, err = c.crossReferences(ctx); err != nil {
				return err
			}
		}
		if ok && inNestedContext(others, folded, identity.FoldDN(base)) {
			continue
		}
		if !looked {
			looked = true
			if objects, err = c.referralObjects(ctx, base); err != nil {
				return err
			}
		}
		if err := c.unresolvedReferral(ctx, q, u, objects); err != nil {
			return err
		}
	}
	return nil
}

// unresolvedReferral is the error of a reference to a part of this search. It is nil if every object with
// that reference is excluded.
//
// The operator must exclude the object with the reference, not its target: the target DN may also
// exist here, with all people below it.
func (c *session) unresolvedReferral(ctx context.Context, q query, url string, objects []referralObject) error {
	var left []string
	made := false
	for _, o := range objects {
		if o.matches(url) {
			made = true
			if !c.source.excluded(identity.FoldDN(o.dn)) {
				left = append(left, o.dn)
			}
		}
	}
	if made && len(left) == 0 {
		return nil
	}
	if dn, ok := referenceDN(url); !made && ok {
		here, err := c.holdsEntry(ctx, dn)
		if err != nil {
			return err
		}
		if !here {
			left = []string{dn} // the border itself: nothing is below it here
		}
	}
	return referralFailure(q.what, []string{url}, left)
}

// holdsEntry reports whether this server has an entry at or below the DN. In doubt it returns true.
func (c *session) holdsEntry(ctx context.Context, dn string) (bool, error) {
	q := query{what: "reading " + dn, base: dn, scope: goldap.ScopeBaseObject, filter: everything, attrs: none(),
		ignoreReferrals: true}
	err := c.run(ctx, q, func(*rawEntry) error { return nil })
	switch {
	case goldap.IsErrorAnyOf(err, goldap.LDAPResultNoSuchObject, goldap.LDAPResultReferral):
		return false, nil
	case err != nil && declined(err):
		return true, nil
	}
	return true, err
}

// referralObject is an object that represents entries on other servers (RFC 3296).
type referralObject struct {
	dn   string
	urls []string
}

// matches reports whether the reference may come from this object. Servers add the scope to the URL,
// and the object's own DN if the URL has none.
func (o referralObject) matches(reference string) bool {
	dn, _ := referenceDN(reference)
	for _, u := range o.urls {
		own, named := referenceDN(u)
		if strings.EqualFold(serverOf(u), serverOf(reference)) && (!named || identity.FoldDN(own) == identity.FoldDN(dn)) {
			return true
		}
	}
	return false
}

// serverOf is the part of an LDAP URL before the DN.
func serverOf(url string) string {
	scheme, rest, _ := strings.Cut(url, "://")
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + host
}

// referralObjects lists the objects below base with references, as far as the server shows them.
func (c *session) referralObjects(ctx context.Context, base string) (all []referralObject, err error) {
	q := query{what: "looking for referral objects", base: base, scope: goldap.ScopeWholeSubtree,
		filter: "(objectClass=referral)",
		attrs:  []string{"ref"}, controls: []goldap.Control{goldap.NewControlManageDsaIT(false)}, ignoreReferrals: true}
	err = c.run(ctx, q, func(raw *rawEntry) error {
		o := referralObject{dn: identity.DisplayDN(string(raw.dn))}
		for _, a := range raw.attrs {
			if strings.EqualFold(string(a.name), "ref") {
				for _, v := range a.values {
					o.urls = append(o.urls, string(v))
				}
			}
		}
		if all = append(all, o); len(all) > maxReferences {
			return &endlessError{"the server has more than 10,000 referral objects"}
		}
		return nil
	})
	if err != nil && declined(err) {
		return all, nil
	}
	return all, err
}

// referenceDN returns the canonical DN of an LDAP URL (RFC 4516). ok is false if the URL has none,
// which means the base of the search itself.
func referenceDN(reference string) (dn string, ok bool) {
	_, rest, found := strings.Cut(reference, "://")
	if !found {
		return "", false
	}
	_, rest, found = strings.Cut(rest, "/")
	if !found {
		return "", false
	}
	rest, _, _ = strings.Cut(rest, "?")
	dn, err := url.PathUnescape(rest)
	if err != nil {
		return "", false
	}
	dn, err = identity.CanonicalDN(dn)
	return dn, err == nil && dn != ""
}

// inNestedContext reports whether dn is in a naming context that begins below base. A context that contains
// base does not separate the two.
func inNestedContext(contexts []string, dn, base string) bool {
	for _, nc := range contexts {
		if nc != base && identity.UnderDN(nc, base) && identity.UnderDN(dn, nc) {
			return true
		}
	}
	return false
}

// crossReferences lists the naming contexts of the whole forest, child domains included, folded
// (MS-ADTS section 6.1.1.2.1.1). It is nil if the server is not Active Directory.
func (c *session) crossReferences(ctx context.Context) ([]string, error) {
	contexts := []string{}
	if c.dir.configuration == "" {
		return contexts, nil
	}
	q := query{what: "reading the forest's partitions", base: "CN=Partitions," + c.dir.configuration,
		scope: goldap.ScopeSingleLevel, filter: "(objectClass=crossRef)", attrs: []string{"nCName"}}
	err := c.run(ctx, q, func(e *rawEntry) error {
		for _, a := range e.attrs {
			if strings.EqualFold(string(a.name), "nCName") && len(a.values) > 0 {
				contexts = append(contexts, identity.FoldDN(identity.DisplayDN(string(a.values[0]))))
			}
		}
		return nil
	})
	if goldap.IsErrorWithCode(err, goldap.LDAPResultNoSuchObject) {
		return contexts, nil
	}
	return contexts, err
}

// resultReferrals returns the URLs in the referral field of a result (RFC 4511 section 4.1.10).
func resultReferrals(packet *ber.Packet) []string {
	var urls []string
	if packet == nil || len(packet.Children) < 2 {
		return nil
	}
	for _, field := range packet.Children[1].Children {
		if field.ClassType != ber.ClassContext || field.Tag != 3 {
			continue
		}
		for _, u := range field.Children {
			urls = append(urls, u.Data.String())
		}
	}
	return urls
}

// referralFailure is the error of a reference that is not followed. The operator may exclude
// objects for it without losing any object of this server.
func referralFailure(what string, urls, objects []string) error {
	where := "another server"
	if len(urls) > 0 {
		where = strings.Join(urls, ", ")
	}
	remedy := "Read that server as a [[directory]] of its own, with its own base_dns; here, correct base_dns, or " +
		"leave out the object that makes the reference (objectClass=referral), by its own DN in exclude_dns."
	if len(objects) > 0 {
		var quoted []string
		for _, dn := range objects {
			quoted = append(quoted, tomlString(dn))
		}
		remedy = "If nothing there is to be synchronized from here, add " + strings.Join(quoted, ", ") +
			" to exclude_dns; else read that server as a [[directory]] of its own."
	}
	return giveUp(remedy, "%s: the server refers to %s for a part of the answer, and referrals are not followed",
		what, where)
}

// tomlString quotes a text for the configuration file: DNs are full of backslashes.
func tomlString(s string) string {
	plain := !strings.ContainsFunc(s, func(r rune) bool { return r == '\'' || r < ' ' || r == 0x7f })
	if plain && strings.ContainsAny(s, `\"`) {
		return "'" + s + "'"
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	return `"` + b.String() + `"`
}
