package affected

import (
	"context"

	"dirbridge/sync/identity"
	"dirbridge/sync/stage"
)

// explainLimit is how many objects may be related to an explained one.
const explainLimit = 20_000

// NewExplainedSet returns the set of one object and of what affects it. Subject, AddAccount, Related
// and Relate fill it, in this order.
func NewExplainedSet(d *stage.Draft) *Set {
	set := NewSet(d)
	set.explained, set.whole, set.limit = map[identity.Anchor]bool{}, map[identity.Anchor]bool{}, explainLimit
	return set
}

// Subject adds the object to explain, and returns it as it is in its directory, in scope or not.
// kind is the kind that it is known to have; entry is nil if the directory does not have it.
func (set *Set) Subject(ctx context.Context, a identity.Anchor, kind identity.Kind) (entry *identity.Entry,
	inScope bool, err error) {
	set.explained[a] = true
	set.add(a, kindOf(kind))
	return set.readSubject(ctx, a, kind)
}

// Related reads everything that affects the subject.
func (set *Set) Related(ctx context.Context, subject identity.Anchor) error {
	if err := set.addUnsettledGroups(ctx); err != nil {
		return err
	}
	if err := set.addSameKey(ctx, nil); err != nil {
		return err
	}
	if err := set.expand(ctx); err != nil {
		return err
	}
	return set.loadPlaces(ctx, subject)
}

// Relate fills the tables of memberships with those of the subject.
func (set *Set) Relate(ctx context.Context) error {
	set.d.Related = true
	for _, step := range []func(context.Context) error{set.addEnteringPairs, set.unsettledPairs, set.resolvePairs} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if err := set.d.Work.WantPairs(ctx); err != nil {
		return err
	}
	if err := set.addReferencedRows(ctx); err != nil {
		return err
	}
	return set.readMemberships(ctx)
}

// Found returns what the state and the directory have about an object of the set, as it was when
// planned; nil is nothing. met is false if the set does not have the object.
func (set *Set) Found(a identity.Anchor) (shadow *identity.Shadow, entry *identity.Entry, met bool) {
	obj := set.objects[a]
	if obj == nil {
		return nil, nil, false
	}
	return obj.shadow, obj.entry, true
}
