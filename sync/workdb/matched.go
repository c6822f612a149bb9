package workdb

import (
	"context"

	"dirbridge/sync/identity"
)

// How an object was matched with its account: the values of matched.how. The words
// appear in the reason of a change.
const (
	ByLink     = "link"        // the state remembers it
	ByExternal = "objectGUID"  // the account carries it as its externalId
	ByKey      = "key"         // the names are the same
	ByRelink   = "relink"      // another directory entry of the same object had the account
	ByHistory  = "SID history" // an earlier entry of the person had the account
	ByAdd      = "add"         // none: an account is made
)

// Match says which resource belongs to an object. ID is "" if one is to be made; Was is the object
// from which the account is taken over, or "".
type Match struct {
	Anchor identity.Anchor
	Kind   identity.Kind
	ID     identity.ResourceID
	How    string
	Was    identity.Anchor
}

// AddMatch adds a match.
func (w *DB) AddMatch(ctx context.Context, m Match) error {
	return w.exec(ctx, `INSERT INTO matched(anchor,kind,id,how,was)
		VALUES(?,?,?,?,?)`, string(m.Anchor), string(m.Kind), string(m.ID), m.How, string(m.Was))
}

// DropMatch removes the match of an object.
func (w *DB) DropMatch(ctx context.Context, a identity.Anchor) error {
	return w.exec(ctx, `DELETE FROM matched WHERE anchor=?`, string(a))
}

// IndexMatches makes queries by account fast once all matches are added.
func (w *DB) IndexMatches(ctx context.Context) error {
	return w.exec(ctx, `CREATE INDEX matched_id ON matched(kind, id)`)
}

// CountMatches counts the matches.
func (w *DB) CountMatches(ctx context.Context) (int64, error) {
	return w.number(ctx, `SELECT count(*) FROM matched`)
}

// CountMatchedByKey counts the matches that the names alone made.
func (w *DB) CountMatchedByKey(ctx context.Context) (int64, error) {
	return w.number(ctx, `SELECT count(*) FROM matched WHERE how='key'`)
}

// IsMatched says whether an object has a match.
func (w *DB) IsMatched(ctx context.Context, a identity.Anchor) (bool, error) {
	return w.any(ctx, `SELECT count(*) FROM matched WHERE anchor=?`, string(a))
}

// MatchOf returns how an object was matched, with which account, and from whom it is taken over.
// Without a match all are "".
func (w *DB) MatchOf(ctx context.Context, a identity.Anchor) (m Match, err error) {
	err = each(ctx, w, `SELECT how, id, was FROM matched WHERE anchor=?`, func(m *Match) []any {
		return []any{&m.How, &m.ID, &m.Was}
	}, func(found Match) error {
		m = found
		return nil
	}, string(a))
	return m, err
}

// OwnerOf returns the object that is matched or linked with an account, or that may own it and has
// a problem; "" if there is none.
func (w *DB) OwnerOf(ctx context.Context, kind identity.Kind, id identity.ResourceID) (a identity.Anchor, err error) {
	const owner = `SELECT anchor FROM (SELECT anchor, 0 AS n FROM matched WHERE kind=?1 AND id=?2
			UNION ALL SELECT s.anchor, 1 FROM shadow s WHERE s.kind=?1 AND s.id=?2 AND s.anchor NOT LIKE '*:%'
			UNION ALL SELECT s.anchor, 2 FROM entry s JOIN resource r ON r.kind=s.kind AND r.id=?2
			WHERE s.kind=?1 AND s.problem>0 AND (r.extf=s.guid OR r.keyf=s.keyf)) ORDER BY n, anchor LIMIT 1`
	err = each(ctx, w, owner, column[identity.Anchor], func(v identity.Anchor) error {
		a = v
		return nil
	}, string(kind), string(id))
	return a, err
}

// MatchPlace is a match with the folded DN of its entry.
type MatchPlace struct{ Anchor, ID, DN string }

// EachMatchPlace calls fn for every match.
func (w *DB) EachMatchPlace(ctx context.Context, fn func(MatchPlace) error) error {
	return each(ctx, w, `SELECT c.anchor, c.id, s.dnf FROM matched c
		JOIN entry s ON s.anchor=c.anchor`, func(m *MatchPlace) []any {
		return []any{&m.Anchor, &m.ID, &m.DN}
	}, fn)
}

// MatchedEntry is a match with names of its entry.
type MatchedEntry struct {
	Match
	DN, Key string
}

func (m *MatchedEntry) columns() []any { return []any{&m.Anchor, &m.Kind, &m.ID, &m.DN, &m.Key} }

// EachMatchedEntry calls fn for every match, in order of anchor.
func (w *DB) EachMatchedEntry(ctx context.Context, fn func(MatchedEntry) error) error {
	return each(ctx, w, `SELECT c.anchor, c.kind, c.id, s.dn, s.key
		FROM matched c JOIN entry s ON s.anchor=c.anchor ORDER BY c.anchor`,
		(*MatchedEntry).columns, fn)
}

const lostMatches = ` FROM matched c JOIN shadow ON shadow.anchor=c.anchor JOIN entry s ON s.anchor=c.anchor
	WHERE c.how='add' AND shadow.id<>''`

// LostMatches returns a page of the objects that were linked and would be added, in order of
// anchor. The id is that of the account that they had.
func (w *DB) LostMatches(ctx context.Context, after identity.Anchor) ([]MatchedEntry, error) {
	return list(ctx, w, `SELECT c.anchor, c.kind, shadow.id, s.dn, s.key`+lostMatches+` AND c.anchor>?
		ORDER BY c.anchor LIMIT 200`,
		(*MatchedEntry).columns, string(after))
}

// CountLostPeople counts the live people who were linked and whose account would be added.
func (w *DB) CountLostPeople(ctx context.Context) (int64, error) {
	return w.number(ctx, `SELECT count(*)`+lostMatches+` AND c.kind='user' AND shadow.state='live'`)
}

// LostCount is how many live objects of a kind were linked and would be added.
type LostCount struct {
	Directory string
	Kind      identity.Kind
	Count     int64
}

// LostCounts counts the objects that were linked and would be added, by directory and kind.
func (w *DB) LostCounts(ctx context.Context) ([]LostCount, error) {
	const query = `SELECT s.dir, c.kind, count(*) FROM matched c JOIN entry s ON s.anchor=c.anchor
		JOIN shadow ON shadow.anchor=c.anchor
		WHERE c.how='` + ByAdd + `' AND shadow.id<>'' AND shadow.state='live' GROUP BY 1, 2`
	return list(ctx, w, query, func(l *LostCount) []any { return []any{&l.Directory, &l.Kind, &l.Count} })
}

// Takeover is a match with an account that the state has for another object.
type Takeover struct {
	MatchedEntry
	From identity.Shadow
}

// Takeovers returns a page of the matches that take an account over, in order of anchor.
func (w *DB) Takeovers(ctx context.Context, after identity.Anchor) (out []Takeover, err error) {
	type row struct {
		Takeover
		shadow string
	}
	err = each(ctx, w, `SELECT c.anchor, c.kind, c.id, s.dn, s.key, shadow.json
		FROM matched c JOIN entry s ON s.anchor=c.anchor
			JOIN shadow ON shadow.kind=c.kind AND shadow.id=c.id AND shadow.anchor<>c.anchor
			WHERE c.was<>'' AND c.anchor>? ORDER BY c.anchor LIMIT 200`, func(t *row) []any {
		return append(t.columns(), &t.shadow)
	}, func(t row) error {
		if err := Decode(t.shadow, &t.From); err != nil {
			return err
		}
		out = append(out, t.Takeover)
		return nil
	}, string(after))
	return out, err
}

// EachPreviousOwner calls fn for the previous owner of every account of a person that is taken
// over, unless the account had none.
func (w *DB) EachPreviousOwner(ctx context.Context, fn func(identity.Anchor) error) error {
	return each(ctx, w, `SELECT was FROM matched WHERE was<>'' AND kind='user'
		AND substr(was,1,2)<>'`+identity.UnmatchedDirectory+`:'`,
		column[identity.Anchor], fn)
}

// Succession says which object is matched with the account that another one had.
type Succession struct{ Old, Successor identity.Anchor }

// Successions returns the matches with accounts that the state has for another object.
func (w *DB) Successions(ctx context.Context) ([]Succession, error) {
	return list(ctx, w, `SELECT shadow.anchor, c.anchor FROM matched c
		JOIN shadow ON shadow.kind=c.kind AND shadow.id=c.id AND shadow.anchor<>c.anchor`, func(s *Succession) []any {
		return []any{&s.Old, &s.Successor}
	})
}

// DoubleMatches returns the matches whose account is matched with another object as well.
func (w *DB) DoubleMatches(ctx context.Context) ([]MatchedEntry, error) {
	return list(ctx, w, `SELECT c.anchor, c.kind, c.id, c.how, s.dn FROM matched c JOIN entry s ON s.anchor=c.anchor
		WHERE c.id<>'' AND EXISTS(SELECT 1 FROM matched o WHERE o.kind=c.kind AND o.id=c.id
			AND o.anchor<>c.anchor)`, func(m *MatchedEntry) []any {
		return []any{&m.Anchor, &m.Kind, &m.ID, &m.How, &m.DN}
	})
}

// TakenKey is a match whose key another resource has.
type TakenKey struct {
	MatchedEntry
	Holder     identity.ResourceID
	HolderType string          // the kind, if the cloud says no type
	Owner      identity.Anchor // of the holder, or ""
	Leaves     bool            // and if that one takes another key
}

// EachTakenKey calls fn for every match whose key is taken. Groups are among them if their names
// must be unique.
func (w *DB) EachTakenKey(ctx context.Context, groups bool, fn func(TakenKey) error) error {
	return each(ctx, w, `
SELECT c.anchor, c.kind, s.dn, s.key, c.id, h.id, coalesce(nullif(h.type,''),h.kind), coalesce(hc.anchor,''),
	coalesce(hs.keyf<>h.keyf,0)
FROM matched c JOIN entry s ON s.anchor=c.anchor JOIN resource h ON h.kind=c.kind AND h.keyf=s.keyf AND h.id<>c.id
LEFT JOIN resource own ON own.kind=c.kind AND own.id=c.id
LEFT JOIN matched hc ON hc.kind=h.kind AND hc.id=h.id LEFT JOIN entry hs ON hs.anchor=hc.anchor
WHERE s.keyf<>'' AND (c.kind='user' OR ?) AND coalesce(own.keyf,'')<>s.keyf`, func(t *TakenKey) []any {
		return []any{&t.Anchor, &t.Kind, &t.DN, &t.Key, &t.ID, &t.Holder, &t.HolderType, &t.Owner, &t.Leaves}
	}, fn, groups)
}

// SetWave says when an object takes its key, and by way of which temporary key.
func (w *DB) SetWave(ctx context.Context, a identity.Anchor, wave int, via string) error {
	return w.exec(ctx, `UPDATE matched SET wave=?, via=? WHERE anchor=?`, wave, via, string(a))
}

// CountHaving counts the matched resources of a directory that have a value of an attribute.
func (w *DB) CountHaving(ctx context.Context, kind identity.Kind, directory, attribute string) (int64, error) {
	const query = `SELECT count(*) FROM matched c JOIN resource r ON r.kind=c.kind AND r.id=c.id
		WHERE c.kind=?1 AND substr(c.anchor,1,length(?2)+1)=?2||':' AND EXISTS(SELECT 1 FROM json_each(r.attrs) a
			WHERE a.key=?3)`
	return w.number(ctx, query, string(kind), directory, attribute)
}

// CountMatchedOf counts the matched resources of a directory ("": of all), or only the active ones.
func (w *DB) CountMatchedOf(ctx context.Context, kind identity.Kind, directory string, active bool) (int64, error) {
	query := `SELECT count(*) FROM matched c JOIN resource r ON r.kind=c.kind AND r.id=c.id
		WHERE c.kind=?1 AND (?2='' OR substr(c.anchor,1,length(?2)+1)=?2||':')`
	if active {
		query += ` AND r.active=1`
	}
	return w.number(ctx, query, string(kind), directory)
}
