package sync

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"dirbridge/sync/identity"
)

// follow adds whoever has to do with those that were read last: on our side, then in
// the cloud, then those that refer to them.
func (h *hunt) follow(ctx context.Context) error {
	some := h.pending
	h.pending = nil
	if err := h.rivals(ctx, some); err != nil {
		return err
	}
	for _, q := range some {
		if err := h.accounts(ctx, q); err != nil {
			return err
		}
	}
	if err := h.departed(ctx, some); err != nil {
		return err
	}
	return h.referrers(ctx, some)
}

// rivals adds those who want, or have, a key that one of these wants, has or had, and
// those who have the same GUID in another directory, or whom the SID history names.
func (h *hunt) rivals(ctx context.Context, some []*quarry) error {
	var keys, guids, sids []string
	var anchors []identity.Anchor
	for _, q := range some {
		anchors = append(anchors, q.anchor)
		guids = append(guids, strings.ToLower(q.anchor.GUID()))
		keys = append(keys, q.key)
		if q.entry != nil {
			sids = append(sids, valuesOf(q.entry.Attrs, attrSIDHistory)...)
		}
		if q.shadow != nil {
			keys = append(keys, h.lastKeys(*q.shadow)...)
		}
	}
	err := h.opt.Store.Troubles(ctx, nil, anchors, false, func(t identity.Trouble) error {
		h.troubled[t.Anchor] = true
		keys = append(keys, t.Key) // what it wanted until now
		return nil
	})
	if err != nil {
		return err
	}
	slices.Sort(keys)
	keys = slices.DeleteFunc(slices.Compact(keys), func(k string) bool { return k == "" })
	add := func(s identity.Shadow) error { h.add(s.Anchor, s.Kind); return nil }
	if err := h.opt.Store.Seek(ctx, ByKey, keys, add); err != nil {
		return err
	}
	if err := h.opt.Store.Seek(ctx, BySID, sids, add); err != nil {
		return err
	}
	if err := h.opt.Store.Seek(ctx, ByGUID, guids, add); err != nil {
		return err
	}
	return h.opt.Store.Troubles(ctx, keys, nil, false, func(t identity.Trouble) error {
		h.troubled[t.Anchor] = true
		h.add(t.Anchor, t.Kind)
		return nil
	})
}

// lastKeys are the folded keys that an object last had: that were applied, and that
// the directory gave.
func (h *hunt) lastKeys(s identity.Shadow) []string {
	keys := []string{identity.Fold(s.Applied.First(keyField(s.Kind)))}
	rdn, parent := splitDN(s.DN)
	p := h.mapped(s.Anchor.Directory(), identity.Entry{Anchor: s.Anchor, Kind: s.Kind, DN: s.DN, Parent: parent, RDN: rdn, Attrs: s.Inputs})
	return append(keys, identity.Fold(p.Key))
}

// accounts looks in the cloud for every account that may be this one's: that of its
// link, that which carries its GUID, and that which has its key.
func (h *hunt) accounts(ctx context.Context, q *quarry) error {
	if q.shadow != nil && q.shadow.ID != "" {
		r, ok, err := h.opt.Target.Get(ctx, q.kind, q.shadow.ID)
		if err != nil {
			return fmt.Errorf("cloud: look at %s %s: %w", q.kind, q.shadow.ID, err)
		}
		if ok {
			q.account = &r
			if err := h.account(ctx, r); err != nil {
				return err
			}
		}
	}
	if q.entry == nil || q.sick {
		return nil
	}
	if q.account == nil {
		found, err := h.opt.Target.FindExternal(ctx, q.kind, q.anchor.GUID())
		if err != nil {
			return fmt.Errorf("cloud: look for the %s with the externalId %s: %w", q.kind, q.anchor.GUID(), err)
		}
		for _, r := range found {
			if err := h.account(ctx, r); err != nil {
				return err
			}
		}
	}
	if q.account != nil && identity.Fold(q.account.Key) == q.key {
		return nil
	}
	return h.holders(ctx, q.kind, q.key)
}

// holders looks in the cloud for the accounts that have a key.
func (h *hunt) holders(ctx context.Context, kind identity.Kind, key string) error {
	if key == "" || h.keys[string(kind)+":"+key] {
		return nil
	}
	h.keys[string(kind)+":"+key] = true
	found, err := h.opt.Target.Find(ctx, kind, key)
	if err != nil {
		return fmt.Errorf("cloud: look for the %s %s: %w", kind, key, err)
	}
	for _, r := range found {
		if err := h.account(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// account takes in one account, and adds whoever has a right to it.
func (h *hunt) account(ctx context.Context, r identity.Resource) error {
	if h.ids[r.ID] {
		return nil
	}
	h.ids[r.ID] = true
	h.meter.update(func(p *Progress) { p.Accounts++ })
	if r.Admin != identity.Unknown {
		h.adminsKnown = true
	}
	err := h.putResource(r, func(query string, args ...any) error { return h.work.exec(ctx, query, args...) })
	if err != nil {
		return err
	}
	err = h.opt.Store.Seek(ctx, ByID, []string{string(r.ID)}, func(s identity.Shadow) error {
		if s.Kind == r.Kind {
			h.add(s.Anchor, s.Kind)
		}
		return nil
	})
	if err != nil || r.ExternalID == "" {
		return err
	}
	for _, dir := range h.header.Directories {
		h.add(identity.NewAnchor(dir.Name, r.ExternalID), r.Kind)
	}
	return nil
}

// departed adds those who have somebody for a manager who is not in scope any more:
// the directory may have dropped the reference without touching them.
func (h *hunt) departed(ctx context.Context, some []*quarry) error {
	var ids []string
	for _, q := range some {
		if q.entry == nil && q.kind == identity.User && q.shadow != nil && q.shadow.ID != "" {
			ids = append(ids, string(q.shadow.ID))
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return h.opt.Store.Seek(ctx, ByManager, ids, func(s identity.Shadow) error { h.add(s.Anchor, s.Kind); return nil })
}

// referrers asks the directories who refers to those that enter: neither a group nor a
// report is touched when a member, or a manager, comes into scope.
func (h *hunt) referrers(ctx context.Context, some []*quarry) error {
	at := map[string]identity.Anchor{}
	var dns []string
	for _, q := range some {
		if h.enters(q) {
			at[identity.Fold(q.entry.DN)] = q.anchor
			dns = append(dns, q.entry.DN)
		}
	}
	if len(dns) == 0 {
		return nil
	}
	for _, src := range h.opt.Sources {
		err := h.ask(ctx, src, "look for whoever refers to those that enter", func(string) error {
			return src.Referrers(ctx, dns, func(e identity.Edge) error {
				to := at[identity.Fold(e.To.DN)]
				if e.Kind == identity.Manager {
					h.add(e.From, identity.User)
				} else if to != "" {
					h.pairs = append(h.pairs, pairing{group: e.From, to: identity.Ref{Anchor: to, DN: identity.Fold(e.To.DN)}})
				}
				return nil
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// lookForManagers reads the managers of those on the list whom the state does not know
// by their DN: they may be new, or left alone.
func (h *hunt) lookForManagers(ctx context.Context) error {
	var dns []string
	err := h.work.each(ctx, `SELECT DISTINCT mgr FROM src WHERE mgr<>'' AND mgr NOT IN (SELECT dnf FROM src)`, func(scan func(...any) error) error {
		var dn string
		if err := scan(&dn); err != nil {
			return err
		}
		if !h.bosses[dn] {
			dns = append(dns, dn)
		}
		return nil
	})
	if err != nil || len(dns) == 0 {
		return err
	}
	for _, dn := range dns {
		h.bosses[dn] = true
	}
	known := map[string]bool{}
	if err := h.opt.Store.Seek(ctx, ByDN, dns, func(s identity.Shadow) error {
		known[identity.Fold(s.DN)] = true
		return nil
	}); err != nil {
		return err
	}
	for _, dn := range dns {
		if known[dn] {
			continue
		}
		for _, src := range h.opt.Sources {
			err := h.ask(ctx, src, "look for the manager "+dn, func(string) error {
				// A person has nobody below: this reads the one object, if it is in scope.
				return src.Below(ctx, identity.User, dn, func(e identity.Entry) error { h.add(e.Anchor, e.Kind); return nil })
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// known gives rows of their own to those who are referred to and did not change: the
// managers that the directory names, and those that the accounts have.
func (h *hunt) known(ctx context.Context) error {
	put := func(s identity.Shadow) error {
		if s.Kind != identity.User || h.quarry[s.Anchor] != nil {
			return nil
		}
		return h.work.exec(ctx, `INSERT OR IGNORE INTO known VALUES(?,?,?,?,?)`, string(s.Anchor), s.Anchor.Directory(), identity.Fold(s.DN), string(s.ID), string(s.State))
	}
	texts := func(query string) (out []string, err error) {
		err = h.work.each(ctx, query, func(scan func(...any) error) error {
			var v string
			err := scan(&v)
			out = append(out, v)
			return err
		})
		return out, err
	}
	dns, err := texts(`SELECT DISTINCT mgr FROM src WHERE mgr<>''`)
	if err != nil {
		return err
	}
	if err := h.opt.Store.Seek(ctx, ByDN, dns, put); err != nil {
		return err
	}
	ids, err := texts(`SELECT DISTINCT json_extract(attrs,'$.manager[0]') FROM res WHERE json_extract(attrs,'$.manager[0]') IS NOT NULL`)
	if err != nil {
		return err
	}
	return h.opt.Store.Seek(ctx, ByID, ids, put)
}
