package ldap

import (
	"context"
	"hash/maphash"
	"slices"
	"strings"

	"dirbridge/sync/identity"
)

// getChunk is the number of objects in one request: enough to make round trips cheap, and few
// enough for the filter limits of every server.
const getChunk = 50

// Get reads objects by GUID, anywhere in the naming contexts that are read. It calls found once for
// each object that exists; inScope says whether a listing of that kind includes it. Anchors of
// other directories are not found.
func (s *Source) Get(ctx context.Context, kind identity.Kind, anchors []identity.Anchor,
	found func(e identity.Entry, inScope bool) error) (err error) {
	defer s.secrets.In(&err)
	type seen struct {
		identity.Entry
		inScope bool
	}
	return resumed(ctx, s, func(h *maphash.Hash, v seen) {
		entryID(h, v.Entry)
	}, func(v seen) error { return found(v.Entry, v.inScope) },
		func(fn func(seen) error) error {
			return s.objects(ctx, kind, anchors, func(e identity.Entry, inScope bool) error { return fn(seen{e, inScope}) })
		})
}

func (s *Source) objects(ctx context.Context, kind identity.Kind, anchors []identity.Anchor,
	found func(e identity.Entry, inScope bool) error) error {
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
		scope, err := c.listingScope(ctx, kind, len(guids) <= fewAsked)
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

// get searches first with the filters of the scope, then without them for the objects that did not
// come, so that objects out of scope are known to exist.
func (c *session) get(ctx context.Context, kind identity.Kind, scope *listingScope, guids []string,
	wanted map[identity.Anchor]bool,
	found func(e identity.Entry, inScope bool) error) error {
	s := c.source
	m := s.maker(c.dir, kind)
	created := c.dir.createdAttribute()
	attrs := m.cols.request
	if !slices.ContainsFunc(attrs, func(a string) bool { return strings.EqualFold(a, created) }) {
		attrs = append(slices.Clone(attrs), created)
	}
	read := func(filter string, passed bool) error {
		var entries []identity.Entry // the scope may need the session for a search of its own, after this one
		q := query{filter: filter, attrs: attrs, allowOversized: true}
		if err := c.subtree(ctx, "reading objects by GUID", c.dir.roots(), q, func(raw *rawEntry) error {
			e, err := m.entry(ctx, raw)
			// The entryUUID of one object may equal a wanted objectGUID.
			if err == nil && wanted[e.Anchor] {
				delete(wanted, e.Anchor)
				e.Created, _ = timeOf(raw, created)
				entries = append(entries, e)
			}
			return err
		}); err != nil {
			return err
		}
		for _, e := range entries {
			in := passed && s.inScope(c.dir, kind, e.DN)
			if in {
				var err error
				if in, err = scope.contains(ctx, e.DN); err != nil {
					return err
				}
			}
			if err := found(e, in); err != nil {
				return err
			}
		}
		return nil
	}
	if err := read("(&"+c.dir.anchorFilter(guids)+scope.filter+")", true); err != nil {
		return err
	}
	rest := slices.DeleteFunc(slices.Clone(guids), func(guid string) bool { return !wanted[s.anchor(guid)] })
	if len(rest) == 0 {
		return nil
	}
	return read(c.dir.anchorFilter(rest), false)
}

// createdAttribute is the attribute with the creation time of an object.
func (d *directory) createdAttribute() string {
	if d.ad() {
		return "whenCreated"
	}
	return "createTimestamp"
}

// inScope reports whether a DN is below the base DNs and not excluded.
func (s *Source) inScope(d *directory, kind identity.Kind, dn string) bool {
	if kind == identity.Group && !s.opt.SyncGroups || kind == identity.User && !s.opt.SyncUsers {
		return false
	}
	folded := identity.FoldDN(dn)
	if s.excluded(folded) {
		return false
	}
	for _, base := range d.bases {
		if base := identity.FoldDN(base); identity.UnderDN(folded, base) && !d.foreign(folded, base) {
			return true
		}
	}
	return false
}
