package match

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"dirbridge/sync/identity"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// A person who moves to another domain is a new object there, with a new GUID. Active Directory
// stores the earlier security identifiers in the new object, and often keeps the old object with
// them for a while, disabled. So the SID history identifies the same person, and passes the account
// on once the old object is gone. While both exist, the account stays with the old one: only the
// administrator knows when the move is done.

// matchBySIDHistory decides by the SID history, if it is relevant. byKey are the accounts that have
// the key of the subject.
func matchBySIDHistory(s subject, byKey []candidate) (v verdict, settled bool) {
	var here, unread, gone []candidate
	for _, c := range s.bySID {
		switch {
		case c.ownerInSrc:
			here = append(here, c)
		case c.ownerUnread:
			unread = append(unread, c)
		case c.id != "":
			gone = append(gone, c)
		}
	}
	if len(here) > 0 {
		old := slices.MinFunc(here, func(a, b candidate) int { return cmp.Compare(a.owner, b.owner) }).ownerDN
		return verdict{sidMatches: append(here, unread...), field: identity.AttrSIDHistory,
			problem: fmt.Sprintf("The SID history of [%s] says that it is [%s], moved. Both are in the directory, so that it "+
				"gets no account of its own.", s.dn, old),
			remedy: fmt.Sprintf("When the move is done, delete [%s] or take it out of scope: [%s] then takes over its account. "+
				"If they are two people, clear sIDHistory of the second.", old, s.dn)}, true
	}
	if len(unread) > 0 {
		return verdict{sidMatches: unread, field: identity.AttrSIDHistory,
			problem: fmt.Sprintf("The SID history of [%s] names an object of the directory %s, which could not be read.", s.dn,
				unread[0].owner.Directory()),
			remedy: "See to that directory first: until then the owner of the account is unknown."}, true
	}
	switch ids := distinct(gone); {
	case len(ids) == 0:
		return verdict{}, false
	case len(ids) == 1:
		return verdict{id: gone[0].id, how: workdb.ByHistory, relinks: gone[0].owner}, true
	case len(byKey) == 1 && slices.ContainsFunc(gone, func(c candidate) bool { return c.id == byKey[0].id }):
		return verdict{}, false // the key decides
	default:
		return verdict{field: identity.AttrSIDHistory,
			problem: fmt.Sprintf("The SID history of [%s] names former people with the accounts %s.", s.dn, joinIDs(ids)),
			remedy:  "Give it the name of the right account, or correct sIDHistory."}, true
	}
}

// sideOf returns the side of the field of a matching problem.
func sideOf(field string) identity.Side {
	if field == identity.AttrSIDHistory {
		return identity.InDirectory
	}
	return identity.InCloud
}

// keepMovingPeople handles people who are in the directory twice. If the old object is disabled and
// the new one is not, the person is in the middle of a move: the account is neither deactivated nor
// passed on.
func keepMovingPeople(ctx context.Context, d *stage.Draft) error {
	movers, err := d.Work.Movers(ctx)
	if err != nil {
		return err
	}
	for _, m := range movers {
		s := subject{Anchor: m.Anchor, Kind: m.Kind, dn: m.DN, Key: m.Key, byLink: []candidate{{id: m.ID}}}
		err := reportConflict(ctx, d, s, identity.AttrSIDHistory,
			fmt.Sprintf("[%s] is disabled, and [%s], which is not, says by its SID history that it is the same person, moved.",
				m.DN, m.SuccessorDN),
			fmt.Sprintf("When the move is done, delete [%s] or take it out of scope. Until then its account is left unchanged.",
				m.DN))
		if err != nil {
			return err
		}
		if err := d.Work.DropMatch(ctx, m.Anchor); err != nil {
			return err
		}
	}
	// An incremental run that examines the old object must examine the new one as well, whatever
	// their keys.
	return d.Work.DeferSIDMatches(ctx)
}
