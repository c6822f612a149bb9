package ldap

import (
	"context"
	"net/url"
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
	goldap "github.com/go-ldap/ldap/v3"
)

// references are the continuation references of one search. They are few: one for
// each place where the server's data ends.
type references struct{ urls []string }

const maxReferences = 10_000

func (r *references) add(urls []string) error {
	if r.urls = append(r.urls, urls...); len(r.urls) > maxReferences {
		return &unproven{"the server refers to more than 10,000 other servers"}
	}
	return nil
}

// decide proves for each continuation reference that what it points at is not part
// of this search: outside its base, excluded by the operator, or another naming
// context than the one that is read (a domain's own search always meets those of
// CN=Configuration and of the DNS zones). Any other is an error: the entries behind
// it would be taken for missing.
func (c *session) decide(ctx context.Context, q query, urls []string) error {
	var others []string // heads of other naming contexts, once needed
	for _, u := range urls {
		dn, ok := referenceDN(u)
		if !ok {
			return referralFailure(q.what, []string{u})
		}
		folded := foldDN(dn)
		base, err := canonicalDN(q.base)
		if err != nil {
			base = q.base
		}
		if !under(folded, foldDN(base)) || c.source.excluded(folded) || c.dir.foreign(folded, foldDN(base)) {
			continue
		}
		if others == nil {
			if others, err = c.crossReferences(ctx); err != nil {
				return err
			}
		}
		if !beyond(others, folded, foldDN(base)) {
			return referralFailure(q.what, []string{u})
		}
	}
	return nil
}

// referenceDN is the canonical DN in an LDAP URL (RFC 4516). ok is false where it
// has none, and thus points at the base of the search itself.
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
	dn, err = canonicalDN(dn)
	return dn, err == nil && dn != ""
}

// beyond reports whether dn stands in one of the naming contexts that begin below
// base: those that contain the base are no border between the two.
func beyond(contexts []string, dn, base string) bool {
	for _, nc := range contexts {
		if nc != base && under(nc, base) && under(dn, nc) {
			return true
		}
	}
	return false
}

// crossReferences are the naming contexts of the whole forest, child domains
// included, folded (MS-ADTS section 6.1.1.2.1.1). Nil where the server is not
// Active Directory.
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
				contexts = append(contexts, foldDN(displayDN(string(a.values[0]))))
			}
		}
		return nil
	})
	if goldap.IsErrorWithCode(err, goldap.LDAPResultNoSuchObject) {
		return contexts, nil
	}
	return contexts, err
}

// resultReferrals are the URLs in the referral field of a result
// (RFC 4511 section 4.1.10).
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

func referralFailure(what string, urls []string) error {
	where := "another server"
	if len(urls) > 0 {
		where = strings.Join(urls, ", ")
	}
	remedy := "Read that server as a [[directory]] of its own, with its own base_dns; here, correct base_dns."
	if dn, ok := referenceDN(where); ok && len(urls) == 1 {
		remedy = "If nobody there is to be synchronized from here, add \"" + dn +
			"\" to exclude_dns; else read that server as a [[directory]] of its own."
	}
	return giveUp(remedy, "%s: the server refers to %s for a part of the answer, and referrals are not followed", what, where)
}
