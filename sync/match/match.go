package match

import (
	"context"
	"fmt"
	"slices"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/read"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// fieldExternalID is the field of problems with anchors.
const fieldExternalID = "externalId"

// Objects decides for every subject which resource belongs to it.
func Objects(ctx context.Context, d *stage.Draft) error {
	d.Env.Meter.Phase(port.Matching, readTotal(d.Header))
	agreed := d.Fingerprints.Count()
	d.Env.Meter.Add(agreed)
	d.Header.Counts.Users.Match += agreed
	d.Stats.Matched += agreed
	if err := indexSIDHistory(ctx, d); err != nil {
		return err
	}
	if err := markDuplicates(ctx, d); err != nil {
		return err
	}
	if err := findOwners(ctx, d); err != nil {
		return err
	}
	// An entry without an anchor is still a person, and may own the account.
	for _, table := range []string{"protected", "wanted"} {
		if err := d.Work.Exec(ctx, `INSERT OR IGNORE INTO `+table+` SELECT r.kind, r.id FROM nameless n JOIN resource r ON r.kind=n.kind AND r.keyf=n.keyf WHERE n.keyf<>''`); err != nil {
			return err
		}
	}
	// Matches are written to a table that the query does not read.
	err := subjects(ctx, d, func(s subject) error {
		d.Env.Meter.Add(1)
		if s.sick {
			if s.active && len(s.bySID) > 0 {
				// An object in its SID history may leave, and no change would be reported for this
				// subject.
				if err := d.LookNextTime(ctx, s.Anchor, s.Kind); err != nil {
					return err
				}
			}
			return protectAll(ctx, d, s)
		}
		return addMatch(ctx, d, s, decide(s, d.Env.Target.Limits().Settling, d.Env.Now()))
	})
	if err != nil {
		return err
	}
	if err := d.Work.Exec(ctx, `CREATE INDEX matched_id ON matched(kind, id)`); err != nil {
		return err
	}
	if err := dropAbsent(ctx, d); err != nil {
		return err
	}
	if err := keepMovingPeople(ctx, d); err != nil {
		return err
	}
	if err := dropDoubleMatches(ctx, d); err != nil {
		return err
	}
	if err := recheckPassedOn(ctx, d); err != nil {
		return err
	}
	if err := protectGuarded(ctx, d); err != nil {
		return err
	}
	if err := withhold(ctx, d); err != nil {
		return err
	}
	return markConflicts(ctx, d)
}

// markConflicts marks the subjects with a matching problem, which could not be done while they were
// being read.
func markConflicts(ctx context.Context, d *stage.Draft) error {
	return d.Work.Exec(ctx, `UPDATE entry SET problem=3 WHERE problem=0 AND anchor IN (SELECT anchor FROM conflicting)`)
}

func readTotal(h plan.Header) (n int64) {
	for _, dir := range h.Directories {
		n += dir.People + dir.Groups
	}
	return n
}

// markDuplicates turns people who share a key into problems, all of them: the program does not
// guess which of them owns the account (P2).
func markDuplicates(ctx context.Context, d *stage.Draft) error {
	type duplicate struct {
		kind           identity.Kind
		anchor         identity.Anchor
		dn, key, f     string
		old, successor string // DNs by SID history: its previous object, its successor
	}
	var pending []duplicate
	flush := func() error {
		for _, t := range pending {
			attr, what := "mail", "mail address"
			if t.kind == identity.Group {
				attr, what = "cn", "name"
			}
			p := identity.Problem{Anchor: t.anchor, DN: t.dn, Attribute: attr, Side: identity.InDirectory,
				Message: fmt.Sprintf("For [%s], the attribute [%s] has the value [%s], which another %s has as well.", t.dn, attr,
					t.key, t.kind),
				Remedy: "Give each a " + what + " of its own. Until then all of them are left alone in the cloud."}
			switch {
			case t.old != "":
				p.Remedy = fmt.Sprintf("Its SID history says that it is [%s], moved: when the move is done, delete that one or "+
					"take it out of scope. Until then the account is left as it is.", t.old)
			case t.successor != "":
				p.Remedy = fmt.Sprintf("The SID history of [%s] says that this is the same person, moved: when the move is "+
					"done, delete this one or take it out of scope. Until then the account is left as it is.", t.successor)
			}
			if err := d.Work.Problem(ctx, t.kind, p); err != nil {
				return err
			}
			if err := d.Work.Exec(ctx, `UPDATE entry SET problem=2 WHERE anchor=?`, string(t.anchor)); err != nil {
				return err
			}
		}
		pending = pending[:0]
		return nil
	}
	// If the provider lets groups share a name, they may coexist.
	unique, err := d.Env.UniqueGroupNames(ctx)
	if err != nil {
		return err
	}
	for after := int64(0); ; {
		// In pages, because rows that are being read must not be updated.
		err := d.Work.Each(ctx, `SELECT rowid, kind, anchor, dn, key, keyf,
			CASE WHEN kind='user' THEN coalesce((SELECT o.dn FROM sid_history p CROSS JOIN entry o ON o.sid=p.sid AND o.kind='user' AND o.anchor<>p.anchor WHERE p.anchor=s.anchor LIMIT 1),'') ELSE '' END,
			CASE WHEN kind='user' AND sid<>'' THEN coalesce((SELECT h.dn FROM sid_history p CROSS JOIN entry h ON h.anchor=p.anchor AND h.anchor<>s.anchor WHERE p.sid=s.sid LIMIT 1),'') ELSE '' END
			FROM entry s WHERE rowid>?2 AND problem=0 AND keyf<>'' AND (kind='user' OR ?1)
			AND EXISTS(SELECT 1 FROM entry o WHERE o.kind=s.kind AND o.keyf=s.keyf AND o.anchor<>s.anchor) ORDER BY rowid LIMIT 1000`,
			func(scan func(...any) error) error {
				var t duplicate
				if err := scan(&after, &t.kind, &t.anchor, &t.dn, &t.key, &t.f, &t.old, &t.successor); err != nil {
					return err
				}
				pending = append(pending, t)
				return nil
			}, unique, after)
		if err != nil || len(pending) == 0 {
			return err
		}
		if err := flush(); err != nil {
			return err
		}
	}
}

func findOwners(ctx context.Context, d *stage.Draft) error {
	for _, q := range []string{
		`UPDATE resource SET owner=(SELECT anchor FROM shadow WHERE shadow.kind=resource.kind AND shadow.id=resource.id)`,
		`UPDATE resource SET owner=(SELECT min(anchor) FROM entry WHERE entry.kind=resource.kind AND entry.guid=resource.extf) WHERE owner IS NULL AND extf<>''`,
	} {
		if err := d.Work.Exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// subjects streams every source object with its candidates, in order of anchor.
func subjects(ctx context.Context, d *stage.Draft, fn func(subject) error) error {
	query := `
SELECT s.anchor, s.kind, s.dn, s.key, s.active, s.problem>0, coalesce(shadow.id,''), coalesce(shadow.linked,0),
	c.how, c.id, c.owner, o.anchor IS NOT NULL, coalesce(o.problem>0,0), coalesce(o.dn,''), coalesce(c.extf NOT IN ('', s.guid),0)
FROM entry s LEFT JOIN shadow ON shadow.anchor=s.anchor
LEFT JOIN (
	SELECT shadow.anchor AS a, 'link' AS how, r.id, r.owner, r.extf FROM shadow JOIN resource r ON r.kind=shadow.kind AND r.id=shadow.id WHERE shadow.id<>''
	UNION ALL SELECT s.anchor, 'ext', r.id, r.owner, r.extf FROM entry s JOIN resource r ON r.kind=s.kind AND r.extf=s.guid WHERE s.guid<>''
	UNION ALL SELECT s.anchor, 'key', r.id, r.owner, r.extf FROM entry s JOIN resource r ON r.kind=s.kind AND r.keyf=s.keyf WHERE s.keyf<>''
	` + sidHistoryCandidates + `
) c ON c.a=s.anchor
LEFT JOIN entry o ON o.anchor=c.owner
ORDER BY s.anchor`
	var cur subject
	err := d.Work.Each(ctx, query, func(scan func(...any) error) error {
		var s subject
		var linked int64
		var how, id, owner *string
		var c candidate
		var foreign bool
		if err := scan(&s.Anchor, &s.Kind, &s.dn, &s.Key, &s.active, &s.sick, &s.linkedID, &linked, &how, &id, &owner,
			&c.ownerInSrc, &c.ownerSick, &c.ownerDN, &foreign); err != nil {
			return err
		}
		if s.Anchor != cur.Anchor {
			if cur.Anchor != "" {
				if err := fn(cur); err != nil {
					return err
				}
			}
			s.linked, s.linkedAt = s.linkedID != "", time.Unix(linked, 0)
			cur = s
		}
		if how == nil {
			return nil
		}
		c.id = identity.ResourceID(*id)
		if owner != nil {
			c.owner = identity.Anchor(*owner)
			c.ownerUnread = !c.ownerInSrc && c.owner != s.Anchor && !d.WasRead(c.owner.Directory())
		} else {
			c.ownerUnread = foreign && !d.Header.Complete
		}
		switch *how {
		case "link":
			cur.byLink = append(cur.byLink, c)
		case "ext":
			cur.byExternal = append(cur.byExternal, c)
		case "key":
			cur.byKey = append(cur.byKey, c)
		case "sid":
			cur.bySID = append(cur.bySID, c)
		}
		return nil
	})
	if err == nil && cur.Anchor != "" {
		err = fn(cur)
	}
	return err
}

// protectAll keeps every account that a subject with a problem may own from counting as unmatched.
// An account that the subject claims by its objectGUID, or as the same person who moved here, does
// not count as missing either; an account that only has its name does (P6).
func protectAll(ctx context.Context, d *stage.Draft, s subject) error {
	for _, c := range s.byExternal {
		if err := d.Work.Want(ctx, s.Kind, c.id); err != nil {
			return err
		}
	}
	for _, c := range s.bySID {
		if !s.active {
			break
		}
		if err := d.Work.Want(ctx, s.Kind, c.id); err != nil {
			return err
		}
	}
	for _, cs := range [][]candidate{s.byLink, s.byExternal, s.byKey, s.bySID} {
		for _, c := range cs {
			if c.id == "" {
				continue
			}
			if err := d.Work.Protect(ctx, s.Kind, c.id); err != nil {
				return err
			}
		}
	}
	return nil
}

func addMatch(ctx context.Context, d *stage.Draft, s subject, v verdict) error {
	for _, t := range v.sidMatches {
		if err := d.Work.Exec(ctx, `INSERT INTO sid_match VALUES(?,?,?)`, string(t.owner), string(s.Anchor), !t.ownerInSrc); err != nil {
			return err
		}
	}
	if v.problem != "" {
		unread := func(c candidate) bool { return c.ownerUnread }
		if slices.ContainsFunc(s.byExternal, unread) || slices.ContainsFunc(s.byKey, unread) {
			// Once that directory can be read, this object need not have changed.
			if err := d.LookNextTime(ctx, s.Anchor, s.Kind); err != nil {
				return err
			}
		}
		return reportConflict(ctx, d, s, v.field, v.problem, v.remedy)
	}
	if v.waits {
		return d.LookNextTime(ctx, s.Anchor, s.Kind)
	}
	return d.Work.Exec(ctx, `INSERT INTO matched(anchor,kind,id,how,was) VALUES(?,?,?,?,?)`, string(s.Anchor), string(s.Kind), string(v.id), v.how, string(v.relinks))
}

// reportConflict reports a matching problem and protects everything that the subject may own.
func reportConflict(ctx context.Context, d *stage.Draft, s subject, field, message, remedy string) error {
	if field == "" {
		field = stage.KeyField(s.Kind)
	}
	p := identity.Problem{Anchor: s.Anchor, DN: s.dn, Attribute: field, Side: sideOf(field), Message: message,
		Remedy: remedy}
	if err := d.Work.Problem(ctx, s.Kind, p); err != nil {
		return err
	}
	if err := d.Work.Exec(ctx, `INSERT OR IGNORE INTO conflicting VALUES(?)`, string(s.Anchor)); err != nil {
		return err
	}
	return protectAll(ctx, d, s)
}

// recheckPassedOn looks up again, by GUID, the owners whose accounts would be linked to another
// object. A paged read can miss what moves meanwhile: an owner who is there after all keeps the
// account, and the other object has a naming conflict.
func recheckPassedOn(ctx context.Context, d *stage.Draft) error {
	type link struct {
		read.Leaver
		successor subject
	}
	var batch []link
	flush := func() error {
		leavers := make([]read.Leaver, len(batch))
		for i, l := range batch {
			leavers[i] = l.Leaver
		}
		found, err := read.LookAgain(ctx, d, leavers)
		if err != nil {
			return err
		}
		for _, l := range batch {
			if w, exists := found[l.Shadow.Anchor]; !exists || !w.InScope {
				continue
			}
			if err := reportConflict(ctx, d, l.successor, "", stage.NamingConflict(l.successor.dn, l.successor.Key,
				string(l.successor.Kind)),
				"That "+stage.Called(l.successor.Kind)+" belongs to "+l.Shadow.DN+". Give each object a key of its "+
					"own."); err != nil {
				return err
			}
			if err := d.Work.Exec(ctx, `DELETE FROM matched WHERE anchor=?`, string(l.successor.Anchor)); err != nil {
				return err
			}
			// The tie between the two need not be the key.
			if err := d.LookNextTime(ctx, l.successor.Anchor, l.successor.Kind); err != nil {
				return err
			}
		}
		batch = batch[:0]
		return nil
	}
	for after := ""; ; {
		err := d.Work.Each(ctx, `SELECT c.anchor, c.kind, c.id, s.dn, s.key, shadow.json FROM matched c JOIN entry s ON s.anchor=c.anchor
			JOIN shadow ON shadow.kind=c.kind AND shadow.id=c.id AND shadow.anchor<>c.anchor
			WHERE c.was<>'' AND c.anchor>? ORDER BY c.anchor LIMIT 200`, func(scan func(...any) error) error {
			var l link
			var id identity.ResourceID
			var js string
			if err := scan(&l.successor.Anchor, &l.successor.Kind, &id, &l.successor.dn, &l.successor.Key, &js); err != nil {
				return err
			}
			after = string(l.successor.Anchor)
			l.successor.byLink = []candidate{{id: id}}
			batch = append(batch, l)
			return workdb.Decode(js, &batch[len(batch)-1].Shadow)
		}, after)
		if err != nil || len(batch) == 0 {
			return err
		}
		if err := flush(); err != nil {
			return err
		}
	}
}

// dropDoubleMatches leaves an account unchanged that two people match.
func dropDoubleMatches(ctx context.Context, d *stage.Draft) error {
	type double struct {
		subject
		how string
	}
	var doubles []double
	err := d.Work.Each(ctx, `SELECT c.anchor, c.kind, c.id, c.how, s.dn FROM matched c JOIN entry s ON s.anchor=c.anchor
		WHERE c.id<>'' AND EXISTS(SELECT 1 FROM matched o WHERE o.kind=c.kind AND o.id=c.id AND o.anchor<>c.anchor)`,
		func(scan func(...any) error) error {
			var s double
			var id identity.ResourceID
			if err := scan(&s.Anchor, &s.Kind, &id, &s.how, &s.dn); err != nil {
				return err
			}
			s.byLink = []candidate{{id: id}}
			doubles = append(doubles, s)
			return nil
		})
	if err != nil {
		return err
	}
	for _, s := range doubles {
		if err := reportConflict(ctx, d, s.subject, "",
			fmt.Sprintf("The %s %s is claimed by more than one object of the directory.",
				stage.Called(s.Kind), s.byLink[0].id),
			"Give each object a key of its own, or set the externalId of the "+stage.Called(s.Kind)+" to the objectGUID of "+
				"the right one."); err != nil {
			return err
		}
		if err := d.Work.Exec(ctx, `DELETE FROM matched WHERE anchor=?`, string(s.Anchor)); err != nil {
			return err
		}
		if s.how != workdb.ByHistory {
			continue
		}
		if err := d.Work.Want(ctx, s.Kind, s.byLink[0].id); err != nil {
			return err
		}
		// The tie between those who claim it need not be the key.
		if err := d.LookNextTime(ctx, s.Anchor, s.Kind); err != nil {
			return err
		}
	}
	return nil
}
