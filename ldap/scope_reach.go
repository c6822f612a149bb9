package ldap

import (
	"context"
	"errors"
	"slices"

	"dirbridge/sync/identity"

	goldap "github.com/go-ldap/ldap/v3"
)

// reach is what is in scope of one listing: entries below the base DNs that are not
// excluded (Source.inScope), that match the filter, and that admits takes. It is
// made for each listing, because the groups change.
type reach struct {
	filter string
	among  membership // nil where the filter says it all
}

// membership says which entries belong to the groups of Options.MemberOf.
type membership interface {
	holds(ctx context.Context, dn string) (bool, error)
}

// admits reports whether an entry that matched the filter is in scope. dn is
// canonical. It may send searches of its own, on the session that made the reach,
// where that was asked for a few entries only: it is not called while a search of
// that session runs, then.
func (r *reach) admits(ctx context.Context, dn string) (bool, error) {
	if r.among == nil {
		return true, nil
	}
	return r.among.holds(ctx, dn)
}

// reach decides what is in scope of a listing. few says that no more than some
// hundred entries will be asked about: it is then cheaper to look from them up to
// the groups than to read the groups.
func (c *session) reach(ctx context.Context, kind identity.Kind, few bool) (*reach, error) {
	return c.reachWith(ctx, kind, few, c.source.scope(c.dir, kind))
}

// reachWith is the same with a filter in place of the configured scope's.
func (c *session) reachWith(ctx context.Context, kind identity.Kind, few bool, filter string) (*reach, error) {
	s, r := c.source, &reach{filter: filter}
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

// admitted hands on those entries of a search that a reach takes, whatever their
// number.
func (r *reach) admitted(ctx context.Context, each func(*rawEntry) error) func(*rawEntry) error {
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

// fewAsked objects are few (see reach).
const fewAsked = 200

// absent names a DN that does not exist, and the nearest above it that does; any
// other error is returned as it is. option is where the operator wrote the DN, ""
// where it came from elsewhere.
func (c *session) absent(ctx context.Context, option, dn string, err error) error {
	var result *goldap.Error
	if !noSuchObject(err) || !errors.As(err, &result) {
		return err
	}
	what, remedy := dn, "Run again: it may have been moved meanwhile."
	if option != "" {
		what, remedy = option+": "+dn, "Correct "+option+"."
	}
	said := &answer{result: result, text: what + " does not exist at " + c.server + ", or the bind account may not see it (32 No Such Object)"}
	if above := c.nearest(ctx, dn, identity.DisplayDN(result.MatchedDN)); above != "" {
		said.text += "; the nearest above it that exists is " + above
	}
	return giveUp(remedy, "%w", said)
}

// nearest is the nearest ancestor of dn that exists: the one that the server
// matched, or the first that can be read. "" is none.
func (c *session) nearest(ctx context.Context, dn, matched string) string {
	if matched != "" && identity.FoldDN(matched) != identity.FoldDN(dn) && identity.UnderDN(identity.FoldDN(dn), identity.FoldDN(matched)) {
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
