package affected

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/read"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// addRelated adds the objects related to those read last: by what the state remembers, then by
// their accounts in the cloud, then by references to them.
func (set *Set) addRelated(ctx context.Context) error {
	some := set.pending
	set.pending = nil
	if err := set.addSameKeyRemembered(ctx, some); err != nil {
		return err
	}
	for _, obj := range some {
		if err := set.readAccounts(ctx, obj); err != nil {
			return err
		}
	}
	if set.explained != nil {
		if err := set.addSameKey(ctx, some); err != nil {
			return err
		}
		if err := set.addGroupsRemembered(ctx, some); err != nil {
			return err
		}
	}
	if err := set.addReports(ctx, some); err != nil {
		return err
	}
	return set.addReferrers(ctx, some)
}

// addSameKeyRemembered adds the objects that want, or have, a key that one of these objects wants,
// has or had, those with the same GUID in another directory, and those named by the SID history.
func (set *Set) addSameKeyRemembered(ctx context.Context, some []*object) error {
	var keys, guids, sids []string
	var anchors []identity.Anchor
	for _, obj := range some {
		anchors = append(anchors, obj.anchor)
		guids = append(guids, strings.ToLower(obj.anchor.GUID()))
		keys = append(keys, obj.key)
		if obj.entry != nil {
			sids = append(sids, identity.ValuesOf(obj.entry.Attrs, identity.AttrSIDHistory)...)
		}
		if obj.shadow != nil {
			keys = append(keys, set.lastKeys(*obj.shadow)...)
		}
	}
	err := set.d.Env.Store.Deferred(ctx, nil, anchors, false, func(t identity.Deferred) error {
		set.deferred[t.Anchor] = true
		keys = append(keys, t.Key) // the key that it wanted until now
		return nil
	})
	if err != nil {
		return err
	}
	slices.Sort(keys)
	keys = slices.DeleteFunc(slices.Compact(keys), func(k string) bool { return k == "" })
	add := func(s identity.Shadow) error { set.add(s.Anchor, s.Kind); return nil }
	if err := set.d.Env.Store.Seek(ctx, port.ByKey, keys, add); err != nil {
		return err
	}
	if err := set.d.Env.Store.Seek(ctx, port.BySID, sids, add); err != nil {
		return err
	}
	if err := set.d.Env.Store.Seek(ctx, port.ByGUID, guids, add); err != nil {
		return err
	}
	return set.d.Env.Store.Deferred(ctx, keys, nil, false, func(t identity.Deferred) error {
		set.deferred[t.Anchor] = true
		set.add(t.Anchor, t.Kind)
		return nil
	})
}

// lastKeys returns the folded keys that an object last had: the applied one, and the one in the
// directory.
func (set *Set) lastKeys(s identity.Shadow) []string {
	keys := []string{identity.Fold(s.Applied.First(stage.KeyField(s.Kind)))}
	rdn, parent := identity.SplitDN(s.DN)
	p := set.d.Env.Mapped(s.Anchor.Directory(), identity.Entry{Anchor: s.Anchor, Kind: s.Kind, DN: s.DN, Parent: parent,
		RDN: rdn, Attrs: s.Inputs})
	return append(keys, identity.Fold(p.Key))
}

// readAccounts looks in the cloud for every account that may belong to this object: the linked one,
// the one with its GUID, and the one with its key.
func (set *Set) readAccounts(ctx context.Context, obj *object) error {
	if obj.shadow != nil && obj.shadow.ID != "" {
		r, ok, err := set.d.Env.Target.Get(ctx, obj.kind, obj.shadow.ID)
		if err != nil {
			return fmt.Errorf("cloud: look at %s %s: %w", obj.kind, obj.shadow.ID, err)
		}
		if ok {
			obj.account = &r
			set.shown++
			if err := set.AddAccount(ctx, r); err != nil {
				return err
			}
		}
	}
	if obj.entry == nil || obj.hasProblem && !obj.leaves() && !obj.leavesUnlinked() {
		return nil
	}
	if obj.account == nil || obj.leaves() {
		if err := set.addSameGUIDAccounts(ctx, obj); err != nil || obj.hasProblem {
			return err
		}
	}
	if obj.account != nil && identity.Fold(obj.account.Key) == obj.key {
		return nil
	}
	return set.findByKey(ctx, obj.kind, obj.key)
}

// findByKey searches the cloud for the accounts that have a key.
func (set *Set) findByKey(ctx context.Context, kind identity.Kind, key string) error {
	if key == "" || set.keys[string(kind)+":"+key] {
		return nil
	}
	set.keys[string(kind)+":"+key] = true
	found, err := set.d.Env.Target.Find(ctx, kind, key)
	if err != nil {
		return fmt.Errorf("cloud: look for the %s %s: %w", kind, key, err)
	}
	for _, r := range found {
		if err := set.AddAccount(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// AddAccount adds one account, and every object that may claim it.
func (set *Set) AddAccount(ctx context.Context, r identity.Resource) error {
	if set.ids[r.ID] {
		return nil
	}
	set.ids[r.ID] = true
	set.d.Env.Meter.Update(func(p *port.Progress) { p.Accounts++ })
	if r.Kind == identity.User {
		set.users++
	}
	set.noteKey(r.Kind, r.Key)
	if r.Admin != identity.Unknown {
		set.d.AdminsKnown = true
	}
	if err := set.d.Work.Put(ctx, read.ResourceRow(set.d, r)); err != nil {
		return err
	}
	err := set.d.Env.Store.Seek(ctx, port.ByID, []string{string(r.ID)}, func(s identity.Shadow) error {
		if s.Kind == r.Kind {
			set.add(s.Anchor, s.Kind)
		}
		return nil
	})
	if err != nil || r.ExternalID == "" {
		return err
	}
	for _, dir := range set.d.Header.Directories {
		set.add(identity.NewAnchor(dir.Name, r.ExternalID), r.Kind)
	}
	return nil
}

// addReports adds the people whose manager is no longer in scope, or is renamed: the directory may
// have dropped the reference without changing the people, or left it dangling. A withheld manager
// has no link; in the cloud the manager was the account of the withheld pair.
func (set *Set) addReports(ctx context.Context, some []*object) error {
	if set.explained != nil {
		return nil // what becomes of them does not matter here
	}
	withheld, err := stage.StillWithheld(ctx, set.d.Env)
	if err != nil {
		return err
	}
	var ids []string
	for _, obj := range some {
		for _, h := range withheld {
			if h.Person.Anchor == obj.anchor {
				ids = append(ids, string(h.Account.ID))
			}
		}
		if (obj.entry == nil || set.renamed(obj)) && obj.kind == identity.User && obj.shadow != nil && obj.shadow.ID != "" {
			ids = append(ids, string(obj.shadow.ID))
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return set.d.Env.Store.Seek(ctx, port.ByManager, ids, func(s identity.Shadow) error {
		set.add(s.Anchor,
			s.Kind)
		return nil
	})
}

// addReferrers asks the directories for references to objects that enter scope or are renamed: a
// group or a report does not count as changed when a member or a manager comes into scope, nor, in
// some directories, when an object takes a DN that they name.
func (set *Set) addReferrers(ctx context.Context, some []*object) error {
	// Two directories may have the same DNs: each means its own.
	at := map[string]map[string]identity.Anchor{} // by folded DN and directory
	var dns []string
	for _, obj := range some {
		if !set.enters(obj) && !set.renamed(obj) {
			continue
		}
		dn := identity.Fold(obj.entry.DN)
		if at[dn] == nil {
			at[dn] = map[string]identity.Anchor{}
			dns = append(dns, obj.entry.DN)
		}
		at[dn][obj.anchor.Directory()] = obj.anchor
		for _, dn := range read.ForeignDNs(set.d, obj.anchor, identity.SID(obj.entry.Attrs)) {
			at[dn] = map[string]identity.Anchor{obj.anchor.Directory(): obj.anchor}
			dns = append(dns, dn)
		}
	}
	if len(dns) == 0 {
		return nil
	}
	return set.each(ctx, func(src port.Source, name string) error {
		return set.askDirectory(ctx, name, "look for references to new people", func(own func(error) error) error {
			return src.Referrers(ctx, dns, func(e identity.Edge) error {
				if e.Kind == identity.Manager && set.explained != nil {
					return nil
				}
				if e.Kind == identity.Manager {
					set.add(e.From, identity.User)
					return own(set.checkLimit())
				}
				to := at[identity.Fold(e.To.DN)]
				if len(to) == 0 {
					return nil
				}
				a, here := to[name]
				if !here {
					a = slices.Min(slices.Collect(maps.Values(to)))
				}
				if set.explained != nil {
					set.add(e.From, identity.Group) // possibly no run has met it yet
				}
				set.pairs = append(set.pairs, pairing{group: e.From, to: identity.Ref{Anchor: a, DN: identity.Fold(e.To.DN)}})
				return nil
			})
		})
	})
}

// addManagers reads the managers of the objects on the list that the state does not know by DN in
// the same directory: they may be new, or deferred.
func (set *Set) addManagers(ctx context.Context) error {
	var managers []workdb.UnreadManager
	var dns []string
	unread, err := set.d.Work.UnreadManagers(ctx)
	for _, m := range unread {
		if key := m.Directory + ":" + m.DN; !set.managers[key] {
			set.managers[key] = true
			managers, dns = append(managers, m), append(dns, m.DN)
		}
	}
	if err != nil || len(managers) == 0 {
		return err
	}
	known := map[workdb.UnreadManager]bool{}
	if err := set.d.Env.Store.Seek(ctx, port.ByDN, dns, func(s identity.Shadow) error {
		known[workdb.UnreadManager{Directory: s.Anchor.Directory(), DN: identity.Fold(s.DN)}] = true
		return nil
	}); err != nil {
		return err
	}
	return set.each(ctx, func(src port.Source, name string) error {
		for _, m := range managers {
			if known[m] || known[workdb.UnreadManager{Directory: name, DN: m.DN}] {
				continue
			}
			// Nothing is below a person: this reads only that object, if it is in scope.
			err := set.askDirectory(ctx, name, "look for the manager "+m.DN, func(own func(error) error) error {
				return src.ListUnder(ctx, identity.User, m.DN, func(e identity.Entry) error {
					set.add(e.Anchor, e.Kind)
					return own(set.checkLimit())
				})
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// knownRows adds rows for unchanged people who are referred to: the managers in the directory, and
// those of the accounts.
func (set *Set) knownRows(ctx context.Context) error {
	put := func(s identity.Shadow) error {
		if s.Kind != identity.User || set.objects[s.Anchor] != nil {
			return nil
		}
		return set.d.Work.AddKnown(ctx, s)
	}
	var dns []string
	if err := set.d.Work.EachManager(ctx, func(dn string) error {
		dns = append(dns, dn)
		return nil
	}); err != nil {
		return err
	}
	if err := set.d.Env.Store.Seek(ctx, port.ByDN, dns, put); err != nil {
		return err
	}
	ids, err := set.d.Work.ManagersInCloud(ctx)
	if err != nil {
		return err
	}
	return set.d.Env.Store.Seek(ctx, port.ByID, ids, put)
}

// addSameGUIDAccounts adds the accounts that carry the objectGUID of an object on the list.
func (set *Set) addSameGUIDAccounts(ctx context.Context, obj *object) error {
	found, err := set.d.Env.Target.FindExternal(ctx, obj.kind, obj.anchor.GUID())
	if err != nil {
		return fmt.Errorf("cloud: look for the %s with the externalId %s: %w", obj.kind, obj.anchor.GUID(), err)
	}
	for _, r := range found {
		if err := set.AddAccount(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// seekForeign lists the people in the state that have the security identifiers in some of these
// DNs.
func (set *Set) seekForeign(ctx context.Context, dns []string,
	fn func(s identity.Shadow, dnf string) error) error {
	at := map[string][]string{}
	var sids []string
	for _, dnf := range dns {
		if sid := read.ForeignSID(dnf); sid != "" {
			sids = append(sids, sid)
			at[sid] = append(at[sid], dnf)
		}
	}
	return set.d.Env.Store.Seek(ctx, port.BySID, sids, func(s identity.Shadow) error {
		for _, dnf := range at[identity.SID(s.Inputs)] {
			if err := fn(s, dnf); err != nil {
				return err
			}
		}
		return nil
	})
}

// confirmedMeanwhile adds the people with a withheld record that was confirmed since, whatever
// changed.
func (set *Set) confirmedMeanwhile(ctx context.Context) error {
	standing, err := stage.StillWithheld(ctx, set.d.Env)
	if err != nil {
		return err
	}
	for _, w := range standing {
		word, err := set.d.Env.Store.Value(ctx, facts.ConfirmationValue(w.Person.Anchor))
		if err != nil {
			return err
		}
		if word != "" {
			set.again[w.Person.Anchor] = true
			set.add(w.Person.Anchor, identity.User)
		}
	}
	return set.checkLimit()
}
