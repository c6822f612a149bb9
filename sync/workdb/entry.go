package workdb

import (
	"context"

	"dirbridge/sync/identity"
)

// Entry is a person or a group of a directory, with what the mapping made of it.
type Entry struct {
	identity.Entry
	Directory   string
	Key         string
	Active      bool
	Mapped      identity.Attrs // without the manager
	Manager     string         // folded DN, or ""
	Base        string         // fingerprint of the mapped values
	Problem     bool
	Fingerprint int64
}

// Row encodes the entry.
func (e Entry) Row() Row {
	return Row{`INSERT INTO entry VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`, []any{
		string(e.Anchor), string(e.Kind), e.Directory, e.Anchor.GUID(), e.DN, identity.Fold(e.DN), identity.Fold(e.Parent),
		e.RDN,
		e.Key, identity.Fold(e.Key), e.Active, Encode(e.Mapped), Encode(e.Attrs), e.Base, e.Manager,
		e.Problem, e.Fingerprint, identity.SID(e.Attrs)}}
}

// AddReferenced adds the rows of a linked object that is only referred to: no change is made of it.
func (w *DB) AddReferenced(ctx context.Context, s identity.Shadow, key string) error {
	if err := w.exec(ctx, `INSERT INTO entry(anchor,kind,dir,dn,dnf,key,keyf,mgr,problem,sid)
		VALUES(?,?,?,?,?,?,?,'',0,?)`,
		string(s.Anchor), string(s.Kind), s.Anchor.Directory(), s.DN, identity.Fold(s.DN), key, identity.Fold(key),
		identity.SID(s.Inputs)); err != nil {
		return err
	}
	return w.exec(ctx, `INSERT INTO matched(anchor,kind,id,how) VALUES(?,?,?,?)`,
		string(s.Anchor), string(s.Kind), string(s.ID), ByLink)
}

// AddReferencedUnread adds an object with a problem that is only referred to, and of which nothing
// else is known.
func (w *DB) AddReferencedUnread(ctx context.Context, a identity.Anchor, kind identity.Kind) error {
	return w.exec(ctx, `INSERT INTO entry(anchor,kind,dir,dn,dnf,key,keyf,mgr,problem)
		VALUES(?,?,?,'','','','','',1)`, string(a), string(kind), a.Directory())
}

// PersonNames is what others may refer to a person by.
type PersonNames struct {
	Key, DN string // folded
	GUID    string
}

// EachPerson calls fn for every person of the directories that is in the database.
func (w *DB) EachPerson(ctx context.Context, fn func(PersonNames) error) error {
	return each(ctx, w, `SELECT keyf, dnf, guid FROM entry WHERE kind='user'`, func(p *PersonNames) []any {
		return []any{&p.Key, &p.DN, &p.GUID}
	}, fn)
}

// EachManager calls fn for the folded DN of every manager.
func (w *DB) EachManager(ctx context.Context, fn func(dn string) error) error {
	return each(ctx, w, `SELECT DISTINCT mgr FROM entry WHERE mgr<>''`, column[string], fn)
}

// UnreadManager is the manager of an entry who is not in the database.
type UnreadManager struct{ Directory, DN string }

// UnreadManagers returns the managers that the database does not have by DN in the same directory.
func (w *DB) UnreadManagers(ctx context.Context) ([]UnreadManager, error) {
	return list(ctx, w, `SELECT DISTINCT dir, mgr FROM entry s WHERE mgr<>'' AND NOT EXISTS(SELECT 1 FROM entry x
		WHERE x.dnf=s.mgr AND x.dir=s.dir)`, func(m *UnreadManager) []any {
		return []any{&m.Directory, &m.DN}
	})
}

// MarkDuplicate records that another entry has the same key.
func (w *DB) MarkDuplicate(ctx context.Context, a identity.Anchor) error {
	return w.exec(ctx, `UPDATE entry SET problem=2 WHERE anchor=?`, string(a))
}

// Duplicate is an entry whose key another one has as well.
type Duplicate struct {
	Row     int64
	Kind    identity.Kind
	Anchor  identity.Anchor
	DN, Key string
	// DNs by SID history: of the object that it was, and of the one that it is now.
	Predecessor, Successor string
}

const duplicates = `SELECT rowid, kind, anchor, dn, key, keyf,
			CASE WHEN kind='user' THEN coalesce((SELECT o.dn FROM sid_history p
			CROSS JOIN entry o ON o.sid=p.sid AND o.kind='user' AND o.anchor<>p.anchor
			WHERE p.anchor=s.anchor LIMIT 1),'') ELSE '' END,
			CASE WHEN kind='user' AND sid<>'' THEN coalesce((SELECT h.dn
			FROM sid_history p CROSS JOIN entry h ON h.anchor=p.anchor AND h.anchor<>s.anchor
			WHERE p.sid=s.sid LIMIT 1),'') ELSE '' END
			FROM entry s WHERE rowid>?2 AND problem=0 AND keyf<>'' AND (kind='user' OR ?1)
			AND EXISTS(SELECT 1 FROM entry o WHERE o.kind=s.kind AND o.keyf=s.keyf AND o.anchor<>s.anchor)
			ORDER BY rowid LIMIT 1000`

// Duplicates returns a page of the entries without a problem that share a key, after a row. Groups
// are among them if their names must be unique.
func (w *DB) Duplicates(ctx context.Context, groups bool, after int64) ([]Duplicate, error) {
	return list(ctx, w, duplicates, func(d *Duplicate) []any {
		var folded string
		return []any{&d.Row, &d.Kind, &d.Anchor, &d.DN, &d.Key, &folded, &d.Predecessor, &d.Successor}
	}, groups, after)
}

// SharingKey returns the other entries that want the key of an entry: anchor, kind and DN.
func (w *DB) SharingKey(ctx context.Context, a identity.Anchor) ([]identity.Entry, error) {
	return list(ctx, w, `SELECT o.anchor, o.kind, o.dn FROM entry s
		JOIN entry o ON o.kind=s.kind AND o.keyf=s.keyf AND o.anchor<>s.anchor
		WHERE s.anchor=? AND s.keyf<>'' ORDER BY o.anchor`, func(e *identity.Entry) []any {
		return []any{&e.Anchor, &e.Kind, &e.DN}
	}, string(a))
}

// IsKnown says whether an object is in its directory or in the state.
func (w *DB) IsKnown(ctx context.Context, a identity.Anchor) (bool, error) {
	return w.any(ctx, `SELECT EXISTS(SELECT 1 FROM entry WHERE anchor=?1) + EXISTS(SELECT 1 FROM shadow
		WHERE anchor=?1)`, string(a))
}

// EachDeferred calls fn for each object that the plan leaves unchanged, in order of anchor, with the
// key that it wants.
func (w *DB) EachDeferred(ctx context.Context, fn func(identity.Deferred) error) error {
	return each(ctx, w, deferred, func(t *identity.Deferred) []any {
		return []any{&t.Anchor, &t.Kind, &t.Key, &t.Again}
	}, fn)
}

const deferred = `SELECT anchor, kind, coalesce((SELECT p.keyf FROM deferred_key p
	WHERE p.anchor=entry.anchor), keyf), anchor IN (SELECT anchor FROM again) FROM entry WHERE problem>0
UNION ALL SELECT anchor, 'user', keyf, anchor IN (SELECT anchor FROM again) FROM deferred_key
	WHERE anchor NOT IN (SELECT anchor FROM entry WHERE problem>0)
UNION ALL SELECT anchor, kind, '', 1 FROM again WHERE anchor NOT IN (SELECT anchor FROM entry
	WHERE problem>0) AND anchor NOT IN (SELECT anchor FROM deferred_key) ORDER BY 1`

// DropDirectory discards what was read of a directory, and protects the accounts that its objects
// had or claimed.
func (w *DB) DropDirectory(ctx context.Context, directory string) error {
	return w.all(ctx, []string{
		`DELETE FROM container WHERE dir=?1`,
		`DELETE FROM finding WHERE substr(subject,1,length(?1)+1)=?1||':'`,
		`INSERT OR IGNORE INTO protected SELECT r.kind, r.id FROM entry s
			JOIN resource r ON r.kind=s.kind AND (r.extf=s.guid OR r.keyf=s.keyf) WHERE s.dir=?1`,
		`DELETE FROM entry WHERE dir=?1`,
		`DELETE FROM lacking WHERE dir=?1`,
		`INSERT OR IGNORE INTO protected SELECT kind, id FROM shadow WHERE id<>'' AND substr(anchor,1,length(?1)+1)=?1||':'`,
	}, directory)
}
