package sync

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"dirbridge/sync/identity"
)

// An incremental run relies on the state for who else has to do with an object: all of
// them were met by a full run, or are told as changed. Whoever explains can rely on
// neither, so the directories are asked.

// whereIs reads the subject as it is in its directory, in scope or not.
func (h *hunt) whereIs(ctx context.Context, x *Explained) error {
	return h.each(ctx, func(src Source, name string) error {
		if name != x.Anchor.Directory() {
			return nil
		}
		for _, kind := range []identity.Kind{identity.User, identity.Group} {
			if x.InScope || x.Entry != nil && x.Kind != kind {
				continue
			}
			err := h.reading(ctx, name, "read the object", func(func(error) error) error {
				return src.Get(ctx, kind, []identity.Anchor{x.Anchor}, func(e identity.Entry, in bool) error {
					x.Entry, x.InScope = &e, in
					return nil
				})
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// bears notes that an account has a key: whoever of the directories wants it has to do
// with the account.
func (h *hunt) bears(kind identity.Kind, key string) {
	at := string(kind) + ":" + identity.Fold(key)
	if h.asked == nil || key == "" || h.sought[at] {
		return
	}
	if h.sought == nil {
		h.sought, h.borne = map[string]bool{}, map[identity.Kind][]string{}
	}
	h.sought[at] = true
	h.borne[kind] = append(h.borne[kind], key)
}

// namesakes adds those who want the key that one of these wants, or that an account
// which was met has; those with the same GUID in another directory; and those whom
// security identifiers of before connect.
func (h *hunt) namesakes(ctx context.Context, some []*quarry) error {
	var sids, past []string
	for _, q := range some {
		if q.entry == nil {
			continue
		}
		h.bears(q.kind, h.mapped(q.anchor.Directory(), *q.entry).Key)
		for _, dir := range h.header.Directories {
			h.add(identity.NewAnchor(dir.Name, q.anchor.GUID()), q.kind)
		}
		if sid := SID(q.entry.Attrs); sid != "" {
			sids = append(sids, sid)
		}
		past = append(past, valuesOf(q.entry.Attrs, attrSIDHistory)...)
	}
	borne := h.borne
	h.borne = map[identity.Kind][]string{}
	return h.each(ctx, func(src Source, name string) error {
		for _, kind := range []identity.Kind{identity.User, identity.Group} {
			if err := h.wanting(ctx, src, name, kind, borne[kind]); err != nil {
				return err
			}
		}
		if err := h.having(ctx, src, name, identity.User, []string{attrSIDHistory}, sids, nil); err != nil {
			return err
		}
		return h.having(ctx, src, name, identity.User, []string{attrSID}, past, nil)
	})
}

// remembered adds the groups that the state knows to hold what is explained: one that is
// gone, or out of scope, keeps its members until it is purged, and only the directory
// tells that it is.
func (h *hunt) remembered(ctx context.Context, some []*quarry) error {
	var anchors []identity.Anchor
	var dns []string
	for _, q := range some {
		if h.enters(q) {
			anchors = append(anchors, q.anchor)
			dns = append(append(dns, identity.Fold(q.entry.DN)), h.foreignDNs(q.anchor, SID(q.entry.Attrs))...)
		}
	}
	if len(anchors) == 0 {
		return nil
	}
	return h.opt.Store.EdgesTo(ctx, anchors, dns, func(e identity.Edge) error {
		if e.Kind == identity.Membership {
			h.add(e.From, identity.Group)
		}
		return nil
	})
}

// wanting adds those of one directory who want one of the keys.
func (h *hunt) wanting(ctx context.Context, src Source, name string, kind identity.Kind, keys []string) error {
	attributes, joined := h.mappers.of(name).KeyAttributes(kind)
	wanted := map[string]bool{}
	var values []string
	for _, key := range keys {
		wanted[identity.Fold(key)] = true
		values = append(values, key)
		if !joined {
			continue
		}
		// The first attribute that has a value gives the beginning, however long.
		for i, c := range key {
			if c == ' ' {
				values = append(values, strings.TrimSpace(key[:i]))
			}
		}
	}
	return h.having(ctx, src, name, kind, attributes, values, wanted)
}

// having adds those of one directory who have one of the values, and of them, where
// keys is not nil, only those who want one of the keys.
func (h *hunt) having(ctx context.Context, src Source, name string, kind identity.Kind, attributes, values []string, keys map[string]bool) error {
	slices.Sort(values)
	if values = slices.Compact(values); len(values) == 0 || len(attributes) == 0 {
		return nil
	}
	return h.reading(ctx, name, "look for who has the same name", func(own func(error) error) error {
		return src.FindByAttribute(ctx, kind, attributes, values, func(e identity.Entry) error {
			if keys != nil && !keys[identity.Fold(h.mapped(name, e).Key)] {
				return nil
			}
			return own(h.standing(ctx, name, e))
		})
	})
}

// places brings the containers of the directory that the subject left into the work
// database, for the cause.
func (h *hunt) places(ctx context.Context, a identity.Anchor) error {
	q := h.quarry[a]
	if q == nil || q.entry != nil || q.shadow == nil {
		return nil
	}
	return h.each(ctx, func(src Source, name string) error {
		if name != a.Directory() {
			return nil
		}
		return h.reading(ctx, name, "read containers", func(own func(error) error) error {
			return src.Containers(ctx, func(c identity.Container) error {
				return own(h.work.exec(ctx, `INSERT INTO cont VALUES(?,?,?,?,?)`, string(c.Anchor), name, c.DN, identity.Fold(c.DN), identity.Fold(c.Parent)))
			})
		})
	})
}

// holds asks the cloud which of the memberships that are compared it has. Groups may
// be large: their members are not listed for one of them.
func (h *hunt) holds(ctx context.Context) error {
	type pair struct{ group, member identity.ResourceID }
	var pairs []pair
	const query = `SELECT DISTINCT g.id, c.id FROM pair p JOIN claim g ON g.anchor=p.src AND g.kind='group' AND g.id<>''
		JOIN src s ON s.anchor=p.a OR p.a='' AND s.dnf=p.dnf JOIN claim c ON c.anchor=s.anchor AND c.id<>''`
	if err := h.work.each(ctx, query, func(scan func(...any) error) error {
		var p pair
		err := scan(&p.group, &p.member)
		pairs = append(pairs, p)
		return err
	}); err != nil {
		return err
	}
	for _, p := range pairs {
		in, err := h.opt.Target.HasMember(ctx, p.group, p.member)
		if err != nil {
			return fmt.Errorf("cloud: look for the member %s of group %s: %w", p.member, p.group, err)
		}
		if !in {
			continue
		}
		if err := h.work.exec(ctx, `INSERT INTO cm VALUES(?,?)`, string(p.group), string(p.member)); err != nil {
			return err
		}
	}
	return nil
}
