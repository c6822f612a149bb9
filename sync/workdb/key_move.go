package workdb

import (
	"context"

	"dirbridge/sync/identity"
)

// KeyMove is a change of a plan that frees a folded key. Chosen says that the change is applied.
type KeyMove struct {
	Kind     identity.Kind
	From, To string
	Seq      int64
	Chosen   bool
}

// BeginKeyMoves makes the table of moves.
func (w *DB) BeginKeyMoves(ctx context.Context) error {
	return w.exec(ctx, `CREATE TABLE key_move(kind TEXT, oldf TEXT, newf TEXT, seq INT, taken INT)`)
}

// AddKeyMove adds a move.
func (w *DB) AddKeyMove(ctx context.Context, m KeyMove) error {
	return w.exec(ctx, `INSERT INTO key_move VALUES(?,?,?,?,?)`, string(m.Kind), m.From, m.To, m.Seq, m.Chosen)
}

// IndexKeyMoves makes KeyMoveFrom fast once all moves are added.
func (w *DB) IndexKeyMoves(ctx context.Context) error {
	return w.exec(ctx, `CREATE INDEX key_move_old ON key_move(kind, oldf)`)
}

// KeyMoveFrom returns a change that frees a folded key, other than the change with that number.
func (w *DB) KeyMoveFrom(ctx context.Context, kind identity.Kind, key string, but int64) (m KeyMove, found bool,
	err error) {
	err = each(ctx, w, `SELECT seq, newf, taken FROM key_move WHERE kind=? AND oldf=?
		AND seq<>? LIMIT 1`, func(m *KeyMove) []any {
		return []any{&m.Seq, &m.To, &m.Chosen}
	}, func(v KeyMove) error {
		m, found = v, true
		return nil
	}, string(kind), key, but)
	return m, found, err
}
