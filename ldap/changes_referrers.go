package ldap

import (
	"context"
	"slices"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"

	"dirbridge/sync/identity"
)

// Referrers lists the references to the objects at these DNs: memberships in groups in scope, and
// managers of people in scope. To.DN has the caller's spelling.
func (s *Source) Referrers(ctx context.Context, dns []string, fn func(identity.Edge) error) (err error) {
	defer s.secrets.In(&err)
	asked := map[string]string{} // by folded canonical DN
	var names []string
	for _, dn := range dns {
		canonical, err := identity.CanonicalDN(dn)
		if err != nil || canonical == "" {
			return giveUp("", "%q is not a distinguished name", dn)
		}
		if folded := identity.FoldDN(canonical); asked[folded] == "" {
			asked[folded] = dn
			names = append(names, canonical)
		}
	}
	if len(names) == 0 {
		return ctx.Err()
	}
	return resumed(ctx, s, edgeID, fn, func(fn func(identity.Edge) error) error {
		return s.with(ctx, func(c *session) error {
			r := &referrers{session: c, asked: asked, fn: fn, scoped: map[string]bool{}}
			return chunks(names, func(some []string) error {
				if s.opt.SyncUsers {
					if err := r.reports(ctx, some); err != nil {
						return err
					}
				}
				if !s.opt.SyncGroups {
					return nil
				}
				if c.dir.ad() && c.dir.extendedDN {
					return r.backLinks(ctx, some)
				}
				return r.groups(ctx, some)
			})
		})
	})
}

// referrers is one search for references.
type referrers struct {
	*session
	asked  map[string]string
	fn     func(identity.Edge) error
	scoped map[string]bool // by GUID of a group: whether it is in scope
}

func (r *referrers) yield(kind identity.EdgeKind, from, to string) error {
	return r.fn(identity.Edge{Kind: kind, From: r.source.anchor(from), To: identity.Ref{DN: r.asked[identity.FoldDN(to)]}})
}

// in reports whether the entry is in scope by its DN; the filter has already accepted it.
func (r *referrers) in(kind identity.Kind, raw *rawEntry) bool {
	return r.source.inScope(r.dir, kind, identity.DisplayDN(plainPart(string(raw.dn))))
}

// reports lists the people whose manager is one of the DNs.
func (r *referrers) reports(ctx context.Context, some []string) error {
	q := query{filter: "(&" + r.source.scope(r.dir, identity.User) + anyOf("manager", some) + ")",
		attrs: append(r.dir.anchorAttributes(), "manager")}
	return r.subtree(ctx, "looking for reports", r.dir.bases, q, func(raw *rawEntry) error {
		guid, _, problem := r.dir.guidOf(raw)
		if problem != "" || !r.in(identity.User, raw) {
			return nil
		}
		for _, a := range raw.attrs {
			if !strings.EqualFold(string(a.name), "manager") {
				continue
			}
			for _, v := range a.values {
				if dn := identity.DisplayDN(string(v)); r.asked[identity.FoldDN(dn)] != "" {
					if err := r.yield(identity.Manager, guid, dn); err != nil {
						return err
					}
				}
			}
		}
		return nil
	})
}

// groups searches for each DN separately: one answer for several DNs would have to carry the
// members of all groups to show which member is meant.
func (r *referrers) groups(ctx context.Context, some []string) error {
	attributes := []string{"member"}
	if !r.dir.ad() {
		attributes = append(attributes, "uniqueMember")
	}
	for _, dn := range some {
		var either strings.Builder
		for _, a := range attributes {
			either.WriteString("(" + a + "=" + goldap.EscapeFilter(dn) + ")")
		}
		q := query{filter: "(&" + r.source.scope(r.dir, identity.Group) + "(|" + either.String() + "))",
			attrs: r.dir.anchorAttributes()}
		if err := r.subtree(ctx, "looking for memberships", r.dir.bases, q, func(raw *rawEntry) error {
			guid, _, problem := r.dir.guidOf(raw)
			if problem != "" || !r.in(identity.Group, raw) {
				return nil
			}
			return r.yield(identity.Membership, guid, dn)
		}); err != nil {
			return err
		}
	}
	return nil
}

// backLinks reads memberships from memberOf: one entry for each member, where the groups would send
// one for each membership. Objects of other naming contexts have no back links here.
func (r *referrers) backLinks(ctx context.Context, some []string) error {
	var here, elsewhere []string
	for _, dn := range some {
		if r.dir.holds(dn) {
			here = append(here, dn)
		} else {
			elsewhere = append(elsewhere, dn)
		}
	}
	if len(here) > 0 {
		type membership struct{ group, member string }
		var found []membership
		control := []goldap.Control{extendedDN{}}
		q := query{filter: anyOf("distinguishedName", here), attrs: append(r.dir.anchorAttributes(), "memberOf"),
			controls: control}
		err := r.subtree(ctx, "looking for memberships", r.dir.roots(), q, func(raw *rawEntry) error {
			dn := identity.DisplayDN(plainPart(string(raw.dn)))
			if r.asked[identity.FoldDN(dn)] == "" {
				return nil
			}
			_, err := r.source.values(ctx, r.dir, raw, []string{"memberOf"}, control, func(v []byte) error {
				if guid, _, _ := splitExtended(string(v)); guid != "" {
					found = append(found, membership{guid, dn})
				}
				return nil
			})
			return err
		})
		if err != nil {
			return err
		}
		var unknown []string
		for _, f := range found {
			if _, known := r.scoped[f.group]; !known {
				r.scoped[f.group] = false
				unknown = append(unknown, f.group)
			}
		}
		if err := chunks(unknown, func(some []string) error { return r.findScoped(ctx, some) }); err != nil {
			return err
		}
		for _, f := range found {
			if r.scoped[f.group] {
				if err := r.yield(identity.Membership, f.group, f.member); err != nil {
					return err
				}
			}
		}
	}
	return r.groups(ctx, elsewhere)
}

// findScoped determines which of the groups are in scope.
func (r *referrers) findScoped(ctx context.Context, guids []string) error {
	q := query{filter: "(&" + r.dir.anchorFilter(guids) + r.source.scope(r.dir, identity.Group) + ")",
		attrs: r.dir.anchorAttributes()}
	return r.subtree(ctx, "looking for groups", r.dir.bases, q, func(raw *rawEntry) error {
		guid, _, _ := r.dir.guidOf(raw)
		r.scoped[guid] = r.in(identity.Group, raw)
		return nil
	})
}

// anyOf is a filter for entries with one of the values in the attribute.
func anyOf(attribute string, values []string) string {
	var f strings.Builder
	f.WriteString("(|")
	for _, v := range values {
		f.WriteString("(" + attribute + "=" + goldap.EscapeFilter(v) + ")")
	}
	f.WriteString(")")
	return f.String()
}

// values yields the values of the named attributes of an entry, including those that the server holds
// back in ranges. For each range that it reads, it returns the object's uSNChanged at that time.
func (s *Source) values(ctx context.Context, d *directory, raw *rawEntry, names []string, controls []goldap.Control,
	each func([]byte) error) (versions []string, err error) {
	var more []rangedAttr
	for i := range raw.attrs {
		a := &raw.attrs[i]
		name := string(a.name)
		r, ranged := parseRange(name)
		if ranged {
			name = r.name
		}
		if !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) }) {
			continue
		}
		for _, v := range a.values {
			if err := each(v); err != nil {
				return nil, err
			}
		}
		if r.more {
			more = append(more, r)
		}
	}
	for _, r := range more {
		version, err := s.ranges(ctx, d.objectBase(raw), r, controls, each)
		if err != nil {
			return nil, err
		}
		versions = append(versions, version)
	}
	return versions, nil
}
