package ldap

import (
	"context"
	"errors"
	"slices"
	"strings"

	"dirbridge/sync/identity"
)

// notifier makes change notifications from the answers of directories other than Active Directory.
// These never report members; groups are read again.
type notifier struct {
	session *session
	fn      func(identity.ChangeNotification) error

	failed       error                         // of fn
	unknownClass []identity.ChangeNotification // their classes give no kind that is known here
	guids        bool                          // objects may have an objectGUID as their anchor
	incomplete   bool                          // an object known by its entryUUID alone was deleted, or remains
}

func (t *notifier) notify(touch identity.ChangeNotification) error {
	t.failed = t.fn(touch)
	return t.failed
}

// modified reports an entry with its objectClass and anchor attributes. If byUUID is set, the anchor
// may be the UUID that came with the entry.
func (t *notifier) modified(raw *rawEntry, uuid [16]byte, byUUID bool) error {
	guid, _, problem := t.session.dir.guidOf(raw)
	switch {
	case problem != "" && byUUID:
		guid = dashed(uuid)
	case problem != "":
		return nil // a listing gives it no anchor either
	}
	touch := identity.ChangeNotification{Anchor: t.session.source.anchor(guid), DN: identity.DisplayDN(string(raw.dn))}
	if touch.Kind = plainKind(raw); touch.Kind == "" {
		t.unknownClass = append(t.unknownClass, touch)
		return nil
	}
	return t.notify(touch)
}

// deleted reports a deletion.
//
// RFC 4533 names a deleted object by its entryUUID. If the object also has an objectGUID, that is
// its anchor, so the deletion cannot be reported by name: see survivors.
func (t *notifier) deleted(uuid [16]byte, dn string) error {
	t.incomplete = t.guids
	return t.notify(identity.ChangeNotification{Anchor: t.session.source.anchor(dashed(uuid)), DN: identity.DisplayDN(dn),
		Deleted: true})
}

// remaining reports an object that still exists. If objects may have an objectGUID, survivors does so
// instead.
func (t *notifier) remaining(uuid [16]byte, dn string) error {
	if t.guids {
		t.incomplete = true
		return nil
	}
	return t.notify(identity.ChangeNotification{Anchor: t.session.source.anchor(dashed(uuid)), DN: identity.DisplayDN(dn),
		Present: true})
}

// hasGUIDs reports whether objects may have an objectGUID. A server that evaluates an unknown
// assertion as false instead of Undefined is asked for its schema.
func (c *session) hasGUIDs(ctx context.Context) (bool, error) {
	has, err := c.evaluates(ctx, c.dir, "(objectGUID=*)")
	if err != nil || !has {
		return false, err
	}
	anything, err := c.evaluates(ctx, c.dir, "(noSuchAttribute-dirbridge=*)")
	if err != nil || !anything || c.dir.schema == "" {
		return true, err
	}
	all, err := c.attributeTypes(ctx)
	return len(all) == 0 ||
		slices.ContainsFunc(all, func(a Attribute) bool { return strings.EqualFold(a.Name, "objectGUID") }), err
}

// survivors reports all objects that still exist, by their anchors, where deleted ones cannot be
// reported by theirs. That is the case if the schema has objectGUID and an object was deleted or
// remains; and for the naming contexts with reported deletions, if another one (told) reported what
// remains. It reads the anchors only.
func (t *notifier) survivors(ctx context.Context, withRemaining []string) error {
	c, roots := t.session, []string(nil)
	if t.incomplete {
		roots, withRemaining = c.dir.roots(), nil
	}
	if len(withRemaining) > 0 {
		for _, root := range c.dir.roots() {
			if !containsDN(withRemaining, root) {
				roots = append(roots, root)
			}
		}
	}
	q := query{filter: everything, attrs: c.dir.anchorAttributes()}
	return c.subtree(ctx, "listing what was not deleted", roots, q, func(raw *rawEntry) error {
		guid, _, problem := c.dir.guidOf(raw)
		if problem != "" {
			return nil
		}
		return t.notify(identity.ChangeNotification{Anchor: c.source.anchor(guid), DN: identity.DisplayDN(string(raw.dn)),
			Present: true})
	})
}

// classify asks the server for the kind of objects whose classes are unknown here: a class may be
// derived from another, and entries need not name the parent class. Objects of no kind are left
// out.
func (t *notifier) classify(ctx context.Context) error {
	c := t.session
	for len(t.unknownClass) > 0 {
		some := t.unknownClass[:min(getChunk, len(t.unknownClass))]
		t.unknownClass = t.unknownClass[len(some):]
		var guids []string
		for _, touch := range some {
			guids = append(guids, touch.Anchor.GUID())
		}
		kinds := map[identity.Anchor]identity.Kind{}
		for _, sort := range c.dir.plainObjectKinds() {
			q := query{filter: "(&" + sort.filter + c.dir.anchorFilter(guids) + ")", attrs: c.dir.anchorAttributes()}
			if err := c.subtree(ctx, "asking what changed", c.dir.roots(), q, func(raw *rawEntry) error {
				guid, _, _ := c.dir.guidOf(raw)
				kinds[c.source.anchor(guid)] = sort.kind
				return nil
			}); err != nil {
				return err
			}
		}
		for _, touch := range some {
			if touch.Kind = kinds[touch.Anchor]; touch.Kind == "" {
				continue
			}
			if err := t.notify(touch); err != nil {
				return err
			}
		}
	}
	return nil
}

// plainKind returns the kind of an entry by its classes, or "" if they are unknown. Rooms are
// users.
func plainKind(raw *rawEntry) identity.Kind {
	for _, a := range raw.attrs {
		if !strings.EqualFold(string(a.name), "objectClass") {
			continue
		}
		if k, ok := kindOf(a.values); ok {
			return k
		}
		for _, class := range a.values {
			switch strings.ToLower(string(class)) {
			case "groupofnames", "groupofuniquenames":
				return identity.Group
			}
		}
	}
	return ""
}

// plainObjectKinds lists the kinds of objects whose changes matter.
func (d *directory) plainObjectKinds() []objectKind {
	kinds := []objectKind{{identity.User, "(&" + d.users() + ")"}, {identity.Group, d.anyGroup()},
		{identity.Unit, containerFilter}}
	if d.contacts {
		kinds = append(kinds, objectKind{identity.Contact, "(objectClass=contact)"})
	}
	return kinds
}

func containsDN(dns []string, dn string) bool {
	for _, other := range dns {
		if identity.FoldDN(other) == identity.FoldDN(dn) {
			return true
		}
	}
	return false
}

func isStale(err error) bool {
	_, ok := errors.AsType[*identity.Stale](err)
	return ok
}
