package ldap

import (
	"context"

	"dirbridge/sync/identity"
)

// containerFilter finds the objects that people and groups can be located in.
const containerFilter = "(|(objectClass=organizationalUnit)(objectClass=container)(objectClass=builtinDomain)" +
	"(objectClass=domain)(objectClass=domainDNS)(objectClass=dcObject)(objectClass=organization)" +
	"(objectClass=lostAndFound)(objectClass=locality)(objectClass=country))"

// Containers lists every container of the directory, in scope or not, the naming context first. A
// container that enters the scope takes its people with it.
func (s *Source) Containers(ctx context.Context, fn func(identity.Container) error) (err error) {
	defer s.secrets.In(&err)
	return resumed(ctx, s, containerID, fn, func(fn func(identity.Container) error) error {
		return s.containers(ctx, fn)
	})
}

func (s *Source) containers(ctx context.Context, fn func(identity.Container) error) error {
	return s.with(ctx, func(c *session) error {
		yield := func(raw *rawEntry) error {
			guid, _, _ := c.dir.guidOf(raw)
			dn := identity.DisplayDN(string(raw.dn))
			_, parent := identity.SplitDN(dn)
			return fn(identity.Container{Anchor: s.anchor(guid), DN: dn, Parent: parent})
		}
		for _, head := range c.dir.roots() {
			var failed error
			if _, err := c.probe(ctx, head, everything, c.dir.anchorAttributes(), func(raw *rawEntry) {
				failed = yield(raw)
			}); err != nil {
				return err
			}
			if failed != nil {
				return failed
			}
			q := query{filter: containerFilter, attrs: c.dir.anchorAttributes()}
			if err := c.subtree(ctx, "listing containers", []string{head}, q, func(raw *rawEntry) error {
				if identity.FoldDN(identity.DisplayDN(string(raw.dn))) == identity.FoldDN(head) {
					return nil
				}
				return yield(raw)
			}); err != nil {
				return err
			}
		}
		return nil
	})
}

// roots returns the naming contexts that are read: the directory's own, then those of base DNs
// elsewhere.
func (d *directory) roots() []string {
	roots := []string{d.context}
	for _, base := range d.bases {
		folded, head := identity.FoldDN(base), base
		if identity.UnderDN(folded, identity.FoldDN(d.context)) && !d.foreign(folded, identity.FoldDN(d.context)) {
			continue
		}
		longest := ""
		for _, nc := range d.contexts {
			if identity.UnderDN(folded, nc) && len(nc) > len(longest) {
				longest, head = nc, nc
			}
		}
		known := false
		for _, r := range roots {
			known = known || identity.FoldDN(r) == identity.FoldDN(head)
		}
		if !known {
			roots = append(roots, head)
		}
	}
	return roots
}
