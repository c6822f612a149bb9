package sync

import (
	"context"
	"fmt"
	"maps"
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
	if h.asked != nil {
		if err := h.namesakes(ctx, some); err != nil {
			return err
		}
		if err := h.remembered(ctx, some); err != nil {
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
			h.shown++
			if err := h.account(ctx, r); err != nil {
				return err
			}
		}
	}
	if q.entry == nil || q.sick && !q.leaves() {
		return nil
	}
	if q.account == nil || q.leaves() {
		if err := h.carriers(ctx, q); err != nil || q.sick {
			return err
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
	if r.Kind == identity.User {
		h.users++
	}
	h.bears(r.Kind, r.Key)
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

// departed adds those who have somebody for a manager who is not in scope any more, or
// is renamed: the directory may have dropped the reference without touching them, or
// have left it pointing nowhere.
func (h *hunt) departed(ctx context.Context, some []*quarry) error {
	if h.asked != nil {
		return nil // what becomes of them decides nothing here
	}
	var ids []string
	for _, q := range some {
		if (q.entry == nil || h.renamed(q)) && q.kind == identity.User && q.shadow != nil && q.shadow.ID != "" {
			ids = append(ids, string(q.shadow.ID))
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return h.opt.Store.Seek(ctx, ByManager, ids, func(s identity.Shadow) error { h.add(s.Anchor, s.Kind); return nil })
}

// referrers asks the directories who refers to those that enter or are renamed: neither a
// group nor a report is touched when a member, or a manager, comes into scope, nor, in
// some directories, when it takes a DN that they name.
func (h *hunt) referrers(ctx context.Context, some []*quarry) error {
	// Two directories may have the same DNs: each means its own.
	at := map[string]map[string]identity.Anchor{} // by folded DN and directory
	var dns []string
	for _, q := range some {
		if !h.enters(q) && !h.renamed(q) {
			continue
		}
		dn := identity.Fold(q.entry.DN)
		if at[dn] == nil {
			at[dn] = map[string]identity.Anchor{}
			dns = append(dns, q.entry.DN)
		}
		at[dn][q.anchor.Directory()] = q.anchor
		for _, dn := range h.foreignDNs(q.anchor, SID(q.entry.Attrs)) {
			at[dn] = map[string]identity.Anchor{q.anchor.Directory(): q.anchor}
			dns = append(dns, dn)
		}
	}
	if len(dns) == 0 {
		return nil
	}
	return h.each(ctx, func(src Source, name string) error {
		return h.reading(ctx, name, "look for who refers to those who enter", func(own func(error) error) error {
			return src.Referrers(ctx, dns, func(e identity.Edge) error {
				if e.Kind == identity.Manager && h.asked != nil {
					return nil
				}
				if e.Kind == identity.Manager {
					h.add(e.From, identity.User)
					return own(h.bound())
				}
				to := at[identity.Fold(e.To.DN)]
				if len(to) == 0 {
					return nil
				}
				a, here := to[name]
				if !here {
					a = slices.Min(slices.Collect(maps.Values(to)))
				}
				if h.asked != nil {
					h.add(e.From, identity.Group) // no run may have met it yet
				}
				h.pairs = append(h.pairs, pairing{group: e.From, to: identity.Ref{Anchor: a, DN: identity.Fold(e.To.DN)}})
				return nil
			})
		})
	})
}

// lookForManagers reads the managers of those on the list whom the state does not know
// by their DN in the same directory: they may be new, or left alone.
func (h *hunt) lookForManagers(ctx context.Context) error {
	type boss struct{ dir, dn string }
	var bosses []boss
	var dns []string
	err := h.work.each(ctx, `SELECT DISTINCT dir, mgr FROM src s WHERE mgr<>'' AND NOT EXISTS(SELECT 1 FROM src x WHERE x.dnf=s.mgr AND x.dir=s.dir)`, func(scan func(...any) error) error {
		var b boss
		if err := scan(&b.dir, &b.dn); err != nil {
			return err
		}
		if key := b.dir + ":" + b.dn; !h.bosses[key] {
			h.bosses[key] = true
			bosses, dns = append(bosses, b), append(dns, b.dn)
		}
		return nil
	})
	if err != nil || len(bosses) == 0 {
		return err
	}
	known := map[boss]bool{}
	if err := h.opt.Store.Seek(ctx, ByDN, dns, func(s identity.Shadow) error {
		known[boss{s.Anchor.Directory(), identity.Fold(s.DN)}] = true
		return nil
	}); err != nil {
		return err
	}
	return h.each(ctx, func(src Source, name string) error {
		for _, b := range bosses {
			if known[b] || known[boss{name, b.dn}] {
				continue
			}
			// A person has nobody below: this reads the one object, if it is in scope.
			err := h.reading(ctx, name, "look for the manager "+b.dn, func(own func(error) error) error {
				return src.ListUnder(ctx, identity.User, b.dn, func(e identity.Entry) error {
					h.add(e.Anchor, e.Kind)
					return own(h.bound())
				})
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
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
	dns, err := h.texts(ctx, `SELECT DISTINCT mgr FROM src WHERE mgr<>''`)
	if err != nil {
		return err
	}
	if err := h.opt.Store.Seek(ctx, ByDN, dns, put); err != nil {
		return err
	}
	ids, err := h.texts(ctx, `SELECT DISTINCT json_extract(attrs,'$.manager[0]') FROM res WHERE json_extract(attrs,'$.manager[0]') IS NOT NULL`)
	if err != nil {
		return err
	}
	return h.opt.Store.Seek(ctx, ByID, ids, put)
}

// texts are the values of a query of one column.
func (h *hunt) texts(ctx context.Context, query string) (out []string, err error) {
	err = h.work.each(ctx, query, func(scan func(...any) error) error {
		var v string
		err := scan(&v)
		out = append(out, v)
		return err
	})
	return out, err
}
