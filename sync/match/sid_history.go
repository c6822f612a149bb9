package match

import (
	"cmp"
	"context"
	"dirbridge/sync/workdb"
	"fmt"
	"slices"

	"dirbridge/sync/identity"
	"dirbridge/sync/stage"
)

// A person who moves to another domain is a new object there, with a new GUID. Active Directory
// stores the earlier security identifiers in the new object, and often keeps the old object with
// them for a while, disabled. So the SID history identifies the same person, and passes the account
// on once the old object is gone. While both exist, the account stays with the old one: only the
// administrator knows when the move is done.

// sidHistoryCandidates selects the accounts of the objects in a SID history, and those objects that
// have no account yet, if they are in the directory. It is part of the query of subjects.
const sidHistoryCandidates = `UNION ALL SELECT p.anchor, 'sid', coalesce(r.id,''), o.anchor, '' FROM sid_history p CROSS JOIN shadow o ON o.sid=p.sid AND o.kind='user' AND o.anchor<>p.anchor
		LEFT JOIN resource r ON r.kind='user' AND o.id<>'' AND r.id=o.id
	UNION ALL SELECT p.anchor, 'sid', '', o.anchor, '' FROM sid_history p CROSS JOIN entry o ON o.sid=p.sid AND o.kind='user' AND o.anchor<>p.anchor AND o.problem=0`

// indexSIDHistory creates the indexes for finding the objects in a SID history, if there is any
// history.
func indexSIDHistory(ctx context.Context, d *stage.Draft) error {
	n, err := d.Work.Number(ctx, `SELECT count(*) FROM (SELECT 1 FROM sid_history LIMIT 1)`)
	if err != nil || n == 0 {
		return err
	}
	for _, q := range []string{`CREATE INDEX shadow_sid ON shadow(sid)`, `CREATE INDEX IF NOT EXISTS src_sid ON entry(sid)`, `CREATE INDEX sid_history_sid ON sid_history(sid)`, `CREATE INDEX sid_history_anchor ON sid_history(anchor)`} {
		if err := d.Work.Exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

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
			remedy: "See to that directory first: whose the account is cannot be told before."}, true
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
			problem: fmt.Sprintf("The SID history of [%s] names people who left, with the accounts %s.", s.dn, joinIDs(ids)),
			remedy:  "Give it the name of the right one of them, or clear what is wrong in sIDHistory."}, true
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
	type torn struct {
		subject
		successor string
	}
	var all []torn
	err := d.Work.Each(ctx, `SELECT o.anchor, o.kind, o.dn, o.key, c.id, min(h.dn) FROM sid_match t JOIN entry o ON o.anchor=t.old JOIN entry h ON h.anchor=t.successor
		JOIN matched c ON c.anchor=t.old WHERE o.active=0 AND h.active=1 GROUP BY o.anchor`, func(scan func(...any) error) error {
		var t torn
		var id identity.ResourceID
		if err := scan(&t.Anchor, &t.Kind, &t.dn, &t.Key, &id, &t.successor); err != nil {
			return err
		}
		t.byLink = []candidate{{id: id}}
		all = append(all, t)
		return nil
	})
	if err != nil {
		return err
	}
	for _, t := range all {
		err := reportConflict(ctx, d, t.subject, identity.AttrSIDHistory,
			fmt.Sprintf("[%s] is disabled, and [%s], which is not, says by its SID history that it is the same person, moved.",
				t.dn, t.successor),
			fmt.Sprintf("When the move is done, delete [%s] or take it out of scope. Until then its account is left as it is.",
				t.dn))
		if err != nil {
			return err
		}
		if err := d.Work.Exec(ctx, `DELETE FROM matched WHERE anchor=?`, string(t.Anchor)); err != nil {
			return err
		}
	}
	return deferSIDHistory(ctx, d)
}

// deferSIDHistory makes an incremental run that examines the old object examine the new one as
// well, whatever their keys: the old one is remembered with the key that the new one wants. If that
// is not possible, every run examines both.
func deferSIDHistory(ctx context.Context, d *stage.Draft) error {
	for _, q := range []string{
		`INSERT INTO deferred_key SELECT t.old, min(h.keyf) FROM sid_match t JOIN entry h ON h.anchor=t.successor JOIN shadow s ON s.anchor=t.old AND s.id<>''
			JOIN entry o ON o.anchor=t.old AND o.problem=0 WHERE t.unread=0 GROUP BY t.old HAVING count(DISTINCT t.successor)=1`,
		`INSERT OR IGNORE INTO again SELECT successor, 'user' FROM sid_match WHERE old NOT IN (SELECT anchor FROM deferred_key)`,
		`INSERT OR IGNORE INTO again SELECT old, 'user' FROM sid_match WHERE unread=0 AND old NOT IN (SELECT anchor FROM deferred_key)`,
	} {
		if err := d.Work.Exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}
