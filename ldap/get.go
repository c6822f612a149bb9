package ldap

import (
	"context"
	"strings"

	"dirbridge/sync/identity"
)

// getChunk objects are asked for at once: enough to make round trips cheap, few
// enough for every server's limit on filters.
const getChunk = 50

// Get reads objects by GUID, wherever they stand in the naming contexts that are
// read. found is called once for each that exists; inScope says whether a listing
// of that kind would have it. Anchors of other directories are not found.
func (s *Source) Get(ctx context.Context, kind identity.Kind, anchors []identity.Anchor, found func(e identity.Entry, inScope bool) error) error {
	var guids []string
	wanted := map[identity.Anchor]bool{}
	for _, a := range anchors {
		guid := strings.ToLower(a.GUID())
		if _, ok := guidBytes(guid); ok && a.Directory() == s.opt.Name && !wanted[s.anchor(guid)] {
			wanted[s.anchor(guid)] = true
			guids = append(guids, guid)
		}
	}
	if len(guids) == 0 {
		return ctx.Err()
	}
	return s.with(ctx, func(c *session) error {
		scope, err := c.reach(ctx, kind, len(guids) <= fewAsked)
		if err != nil {
			return err
		}
		for len(guids) > 0 {
			n := min(getChunk, len(guids))
			if err := c.get(ctx, kind, scope, guids[:n], wanted, found); err != nil {
				return err
			}
			guids = guids[n:]
		}
		return nil
	})
}

// get asks first which of the objects the filters let through, then for the
// objects themselves, so that those out of scope are seen as existing.
func (c *session) get(ctx context.Context, kind identity.Kind, scope *reach, guids []string, wanted map[identity.Anchor]bool,
	found func(e identity.Entry, inScope bool) error) error {
	s, byGUID := c.source, c.dir.anchorFilter(guids)
	passed, at := map[identity.Anchor]bool{}, map[identity.Anchor]string{}
	q := query{filter: "(&" + byGUID + scope.filter + ")", attrs: c.dir.anchorAttributes()}
	roots := c.dir.roots()
	if err := c.subtree(ctx, "reading objects by GUID", roots, q, func(raw *rawEntry) error {
		guid, _, _ := c.dir.guidOf(raw)
		at[s.anchor(guid)] = displayDN(plainPart(string(raw.dn)))
		return nil
	}); err != nil {
		return err
	}
	for a, dn := range at {
		ok, err := scope.admits(ctx, dn)
		if err != nil {
			return err
		}
		passed[a] = ok
	}
	m := s.maker(c.dir, kind)
	q = query{filter: byGUID, attrs: m.cols.request}
	return c.subtree(ctx, "reading objects by GUID", roots, q, func(raw *rawEntry) error {
		e, err := m.entry(ctx, raw)
		if err != nil {
			return err
		}
		// entryUUID of one object may be the objectGUID of none.
		if !wanted[e.Anchor] {
			return nil
		}
		delete(wanted, e.Anchor)
		return found(e, passed[e.Anchor] && s.inScope(c.dir, kind, e.DN))
	})
}

// inScope reports whether a DN is below the base DNs and not excluded.
func (s *Source) inScope(d *directory, kind identity.Kind, dn string) bool {
	if kind == identity.Group && !s.opt.SyncGroups || kind == identity.User && !s.opt.SyncUsers {
		return false
	}
	folded := foldDN(dn)
	if s.excluded(folded) {
		return false
	}
	for _, base := range d.bases {
		if base := foldDN(base); under(folded, base) && !d.foreign(folded, base) {
			return true
		}
	}
	return false
}
