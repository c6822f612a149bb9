package ldap

import (
	"context"
	"errors"
	"slices"

	goldap "github.com/go-ldap/ldap/v3"

	"dirbridge/sync/identity"
)

// listingScope is the scope of one listing: entries below the base DNs that are not excluded
// (Source.inScope), that match the filter, and that contains accepts. Each listing makes its own,
// because groups change.
type listingScope struct {
	filter string
	among  membership // nil if the filter is enough
}

// membership says which entries are members of the groups of Options.MemberOf.
type membership interface {
	holds(ctx context.Context, dn string) (bool, error)
}

// contains reports whether an entry that matched the filter is in scope. dn is canonical. It may
// search on the session of the reach if that was made for few entries; then it must not be called
// during a search on that session.
func (r *listingScope) contains(ctx context.Context, dn string) (bool, error) {
	if r.among == nil {
		return true, nil
	}
	return r.among.holds(ctx, dn)
}

// listingScope makes the scope of a listing. few means that at most some hundred entries will be tested:
// then it is cheaper to search upwards from each entry than to read the groups.
func (c *session) listingScope(ctx context.Context, kind identity.Kind, few bool) (*listingScope, error) {
	return c.listingScopeWith(ctx, kind, few, c.source.scope(c.dir, kind))
}

// listingScopeWith is reach with a filter instead of the configured one.
func (c *session) listingScopeWith(ctx context.Context, kind identity.Kind, few bool,
	filter string) (*listingScope, error) {
	s, r := c.source, &listingScope{filter: filter}
	if kind != identity.User || len(s.opt.MemberOf) == 0 {
		return r, nil
	}
	heads, err := c.scopeHeads(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case c.dir.chain:
		groups, err := c.nested(ctx, heads)
		if err != nil {
			return nil, err
		}
		r.filter = "(&" + r.filter + membersOf(heads, groups) + ")"
	case few && c.dir.kind != KindADDS:
		r.among = newLineage(c, heads)
	default:
		w, err := c.walk(ctx, heads, nil)
		if err != nil {
			return nil, err
		}
		r.among = w
	}
	return r, nil
}

// filtered passes on the entries of a search that are in scope.
func (r *listingScope) filtered(ctx context.Context, each func(*rawEntry) error) func(*rawEntry) error {
	if r.among == nil {
		return each
	}
	return func(raw *rawEntry) error {
		ok, err := r.among.holds(ctx, identity.DisplayDN(plainPart(string(raw.dn))))
		if err != nil || !ok {
			return err
		}
		return each(raw)
	}
}

// fewAsked is the limit of few in reach.
const fewAsked = 200

// absent names a DN that does not exist, and its nearest existing ancestor; it returns any other
// error unchanged. option is where the operator configured the DN, or "".
func (c *session) absent(ctx context.Context, option, dn string, err error) error {
	var result *goldap.Error
	if !noSuchObject(err) || !errors.As(err, &result) {
		return err
	}
	what, remedy := dn, "Run again: it may have been moved meanwhile."
	if option != "" {
		what, remedy = option+": "+dn, "Correct "+option+"."
	}
	said := &resultError{result: result,
		text: what + " does not exist at " + c.server + ", or the bind account may not see it (32 No Such Object)"}
	if above := c.nearest(ctx, dn, identity.DisplayDN(result.MatchedDN)); above != "" {
		said.text += "; the nearest above it that exists is " + above
	}
	return giveUp(remedy, "%w", said)
}

// nearest is the nearest ancestor of dn that exists: the one that the server matched, or the first
// that can be read. It may be "".
func (c *session) nearest(ctx context.Context, dn, matched string) string {
	if matched != "" && identity.FoldDN(matched) != identity.FoldDN(dn) &&
		identity.UnderDN(identity.FoldDN(dn), identity.FoldDN(matched)) {
		return matched
	}
	for _, above := identity.SplitDN(dn); above != "" && c.dir.holds(above); _, above = identity.SplitDN(above) {
		if seen, err := c.probe(ctx, above, everything, none(), func(*rawEntry) {}); err == nil && seen {
			return above
		}
	}
	return ""
}

// optionOf is the option that names a search base.
func (d *directory) optionOf(base string) string {
	switch {
	case identity.FoldDN(base) == identity.FoldDN(d.context):
		return "partition"
	case slices.Contains(d.bases, base):
		return "base_dns"
	}
	return ""
}

func noSuchObject(err error) bool { return goldap.IsErrorWithCode(err, goldap.LDAPResultNoSuchObject) }
