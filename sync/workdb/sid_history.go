package workdb

import (
	"context"

	"dirbridge/sync/identity"
)

// FormerSID is a SID that a person had before.
type FormerSID struct {
	Anchor identity.Anchor
	SID    string
}

// Row encodes it.
func (f FormerSID) Row() Row {
	return Row{`INSERT INTO sid_history VALUES(?,?)`, []any{string(f.Anchor), f.SID}}
}

// EachFormerSID calls fn for every SID that a person had before, once.
func (w *DB) EachFormerSID(ctx context.Context, fn func(sid string) error) error {
	return each(ctx, w, `SELECT DISTINCT sid FROM sid_history`, column[string], fn)
}

// IndexSIDHistory creates the indexes for finding the objects in a SID history, if there is any
// history.
func (w *DB) IndexSIDHistory(ctx context.Context) error {
	some, err := w.any(ctx, `SELECT count(*) FROM (SELECT 1 FROM sid_history LIMIT 1)`)
	if err != nil || !some {
		return err
	}
	return w.all(ctx, []string{`CREATE INDEX shadow_sid ON shadow(sid)`, `CREATE INDEX IF NOT EXISTS src_sid ON
		entry(sid)`, `CREATE INDEX sid_history_sid ON sid_history(sid)`, `CREATE INDEX sid_history_anchor ON
			sid_history(anchor)`})
}

// AddSIDMatch records that the SID history of an object names another one, and whether that one was
// not read.
func (w *DB) AddSIDMatch(ctx context.Context, old, successor identity.Anchor, unread bool) error {
	return w.exec(ctx, `INSERT INTO sid_match VALUES(?,?,?)`, string(old), string(successor), unread)
}

// Mover is a matched person who is disabled, and whom the SID history of an active one names.
type Mover struct {
	Anchor      identity.Anchor
	Kind        identity.Kind
	DN, Key     string
	ID          identity.ResourceID
	SuccessorDN string
}

// Movers returns the people who are in the directory twice, in the middle of a move.
func (w *DB) Movers(ctx context.Context) ([]Mover, error) {
	return list(ctx, w, `SELECT o.anchor, o.kind, o.dn, o.key, c.id, min(h.dn)
		FROM sid_match t JOIN entry o ON o.anchor=t.old JOIN entry h ON h.anchor=t.successor
		JOIN matched c ON c.anchor=t.old WHERE o.active=0 AND h.active=1 GROUP BY o.anchor`, func(m *Mover) []any {
		return []any{&m.Anchor, &m.Kind, &m.DN, &m.Key, &m.ID, &m.SuccessorDN}
	})
}

// DeferSIDMatches records an old object with the key that its only successor wants; where that is
// not possible, both are checked again by the next run.
func (w *DB) DeferSIDMatches(ctx context.Context) error {
	return w.all(ctx, []string{
		`INSERT INTO deferred_key SELECT t.old, min(h.keyf) FROM sid_match t JOIN entry h ON h.anchor=t.successor
			JOIN shadow s ON s.anchor=t.old AND s.id<>''
			JOIN entry o ON o.anchor=t.old AND o.problem=0 WHERE t.unread=0 GROUP BY t.old HAVING count(DISTINCT t.successor)=1`,
		`INSERT OR IGNORE INTO again SELECT successor, 'user' FROM sid_match
			WHERE old NOT IN (SELECT anchor FROM deferred_key)`,
		`INSERT OR IGNORE INTO again SELECT old, 'user' FROM sid_match
			WHERE unread=0 AND old NOT IN (SELECT anchor FROM deferred_key)`,
	})
}
