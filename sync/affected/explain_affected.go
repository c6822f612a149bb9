package affected

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/read"
	"dirbridge/sync/workdb"
)

// An incremental run relies on the state for objects related to a changed one: a full run has met
// all of them, or they are reported as changed. Explain can rely on neither, so it asks the
// directories.

// readSubject reads one object as it is in its directory, in scope or not. kind is the kind that the
// object is known to have. entry is nil if the directory does not have it.
func (set *Set) readSubject(ctx context.Context, a identity.Anchor, kind identity.Kind) (entry *identity.Entry,
	inScope bool, err error) {
	err = set.each(ctx, func(src port.Source, name string) error {
		if name != a.Directory() {
			return nil
		}
		for _, k := range []identity.Kind{identity.User, identity.Group} {
			if inScope || entry != nil && kind != k {
				continue
			}
			err := set.askDirectory(ctx, name, "read the object", func(func(error) error) error {
				return src.Get(ctx, k, []identity.Anchor{a}, func(e identity.Entry, in bool) error {
					entry, inScope = &e, in
					return nil
				})
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return entry, inScope, err
}

// noteKey records that an account has a key: every object of the directories that wants the key is
// related to the account.
func (set *Set) noteKey(kind identity.Kind, key string) {
	at := string(kind) + ":" + identity.Fold(key)
	if set.explained == nil || key == "" || set.searchedKeys[at] {
		return
	}
	if set.searchedKeys == nil {
		set.searchedKeys, set.unsearchedKeys = map[string]bool{}, map[identity.Kind][]string{}
	}
	set.searchedKeys[at] = true
	set.unsearchedKeys[kind] = append(set.unsearchedKeys[kind], key)
}

// addSameKey adds the objects that want the key that one of these wants, or that an account met so
// far has; those with the same GUID in another directory; and those connected by earlier security
// identifiers.
func (set *Set) addSameKey(ctx context.Context, some []*object) error {
	var sids, past []string
	for _, obj := range some {
		if obj.entry == nil {
			continue
		}
		set.noteKey(obj.kind, set.d.Env.Mapped(obj.anchor.Directory(), *obj.entry).Key)
		for _, dir := range set.d.Header.Directories {
			set.add(identity.NewAnchor(dir.Name, obj.anchor.GUID()), obj.kind)
		}
		if sid := identity.SID(obj.entry.Attrs); sid != "" {
			sids = append(sids, sid)
		}
		past = append(past, identity.ValuesOf(obj.entry.Attrs, identity.AttrSIDHistory)...)
	}
	borne := set.unsearchedKeys
	set.unsearchedKeys = map[identity.Kind][]string{}
	return set.each(ctx, func(src port.Source, name string) error {
		for _, kind := range []identity.Kind{identity.User, identity.Group} {
			if err := set.addByKey(ctx, src, name, kind, borne[kind]); err != nil {
				return err
			}
		}
		if err := set.addByAttribute(ctx, src, name, identity.User, []string{identity.AttrSIDHistory}, sids,
			nil); err != nil {
			return err
		}
		return set.addByAttribute(ctx, src, name, identity.User, []string{identity.AttrSID}, past, nil)
	})
}

// addGroupsRemembered adds the groups that, by the state, contain an explained object: a group that
// is gone or out of scope keeps its members until it is purged, and only the directory says that it
// is.
func (set *Set) addGroupsRemembered(ctx context.Context, some []*object) error {
	var anchors []identity.Anchor
	var dns []string
	for _, obj := range some {
		if set.enters(obj) {
			anchors = append(anchors, obj.anchor)
			dns = append(append(dns, identity.Fold(obj.entry.DN)), read.ForeignDNs(set.d, obj.anchor,
				identity.SID(obj.entry.Attrs))...)
		}
	}
	if len(anchors) == 0 {
		return nil
	}
	return set.d.Env.Store.EdgesTo(ctx, anchors, dns, func(e identity.Edge) error {
		if e.Kind == identity.Membership {
			set.add(e.From, identity.Group)
		}
		return nil
	})
}

// mostUnsettled is how many groups with a failed write are checked for one subject: each takes a
// request.
const mostUnsettled = 200

// addUnsettledGroups adds the groups that an earlier run did not finish. The subject may be their
// member in the cloud although neither the directory nor the state says so.
func (set *Set) addUnsettledGroups(ctx context.Context) error {
	if len(set.explained) == 0 || set.d.Env.Policy.Flatten {
		return nil
	}
	var left []identity.Anchor
	if err := set.d.Env.Store.Dirty(ctx, func(a identity.Anchor, _ string) error {
		left = append(left,
			a)
		return nil
	}); err != nil {
		return err
	}
	for _, a := range left {
		s, ok, err := set.d.Env.Store.Shadow(ctx, a)
		if err != nil {
			return err
		}
		if ok && s.Kind == identity.Group && s.ID != "" && len(set.unsettled) < mostUnsettled {
			set.unsettled = append(set.unsettled, a)
			set.add(a, identity.Group)
		}
	}
	return nil
}

// unsettledPairs adds pairs that ask the cloud whether these groups still have the subject.
func (set *Set) unsettledPairs(ctx context.Context) error {
	for _, group := range set.unsettled {
		if set.d.Frozen[group.Directory()] {
			continue
		}
		for member := range set.explained {
			added, err := set.d.Work.HasPair(ctx, group, member)
			if err != nil {
				return err
			}
			if added {
				continue
			}
			if err := set.pair(ctx, pairing{group, identity.Ref{Anchor: member}, true}); err != nil {
				return err
			}
		}
	}
	return nil
}

// addByKey adds the objects of one directory that want one of the keys.
func (set *Set) addByKey(ctx context.Context, src port.Source, name string, kind identity.Kind,
	keys []string) error {
	attributes, joined := set.d.Env.Mappers.Of(name).KeyAttributes(kind)
	wanted := map[string]bool{}
	var values []string
	for _, key := range keys {
		wanted[identity.Fold(key)] = true
		values = append(values, key)
		if !joined {
			continue
		}
		// The first attribute with a value gives the beginning, however long.
		for i, c := range key {
			if c == ' ' {
				values = append(values, strings.TrimSpace(key[:i]))
			}
		}
	}
	return set.addByAttribute(ctx, src, name, kind, attributes, values, wanted)
}

// addByAttribute adds the objects of one directory that have one of the values; if keys is not nil,
// only those that want one of the keys.
func (set *Set) addByAttribute(ctx context.Context, src port.Source, name string, kind identity.Kind,
	attributes, values []string, keys map[string]bool) error {
	slices.Sort(values)
	if values = slices.Compact(values); len(values) == 0 || len(attributes) == 0 {
		return nil
	}
	return set.askDirectory(ctx, name, "look for objects with the same name", func(own func(error) error) error {
		return src.FindByAttribute(ctx, kind, attributes, values, func(e identity.Entry) error {
			if keys != nil && !keys[identity.Fold(set.d.Env.Mapped(name, e).Key)] {
				return nil
			}
			return own(set.addEntry(ctx, name, e))
		})
	})
}

// loadPlaces loads the containers of the directory that the subject left into the work database, to
// find the cause.
func (set *Set) loadPlaces(ctx context.Context, a identity.Anchor) error {
	obj := set.objects[a]
	if obj == nil || obj.entry != nil || obj.shadow == nil {
		return nil
	}
	return set.each(ctx, func(src port.Source, name string) error {
		if name != a.Directory() {
			return nil
		}
		return set.askDirectory(ctx, name, "read containers", func(own func(error) error) error {
			return src.Containers(ctx, func(c identity.Container) error {
				return own(set.d.Work.Put(ctx, workdb.Container{Container: c, Directory: name}.Row()))
			})
		})
	})
}

// readMemberships asks the cloud which of the compared memberships it has. Groups may be large:
// their members are not listed for one object.
func (set *Set) readMemberships(ctx context.Context) error {
	pairs, err := set.d.Work.CloudPairs(ctx)
	if err != nil {
		return err
	}
	for _, p := range pairs {
		in, err := set.d.Env.Target.HasMember(ctx, p.Group, p.Member)
		if err != nil {
			return fmt.Errorf("cloud: look for the member %s of group %s: %w", p.Member, p.Group, err)
		}
		if !in {
			continue
		}
		if err := set.d.Work.AddMember(ctx, p.Group, p.Member); err != nil {
			return err
		}
	}
	return nil
}
