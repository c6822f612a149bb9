package workdb

import (
	"context"

	"dirbridge/sync/identity"
)

// Nameless is an entry without an anchor. Nothing can be linked to it, and it is not missing either.
type Nameless struct {
	Kind    identity.Kind
	DN, Key string
}

// Row encodes the entry.
func (n Nameless) Row() Row {
	return Row{`INSERT INTO nameless VALUES(?,?,?)`, []any{string(n.Kind), identity.Fold(n.DN), identity.Fold(n.Key)}}
}

// IsNameless says whether an entry without an anchor has a DN.
func (w *DB) IsNameless(ctx context.Context, kind identity.Kind, dn string) (bool, error) {
	return w.any(ctx, `SELECT count(*) FROM nameless WHERE kind=? AND dnf=?`, string(kind), identity.Fold(dn))
}

// ProtectNameless protects the accounts that have the key of an entry without an anchor, and
// records that it claims them.
func (w *DB) ProtectNameless(ctx context.Context) error {
	for _, table := range []string{"protected", "wanted"} {
		if err := w.exec(ctx, `INSERT OR IGNORE INTO `+table+` SELECT r.kind, r.id
			FROM nameless n JOIN resource r ON r.kind=n.kind AND r.keyf=n.keyf WHERE n.keyf<>''`); err != nil {
			return err
		}
	}
	return nil
}

// Lacking is an attribute that an entry lacks although it is required. Anchor may be unknown.
type Lacking struct {
	Directory string
	Kind      identity.Kind
	Anchor    identity.Anchor
	DN        string
	Attribute string
}

// Row encodes it.
func (l Lacking) Row() Row {
	return Row{`INSERT INTO lacking VALUES(?,?,?,?,?)`,
		[]any{l.Directory, string(l.Kind), string(l.Anchor), identity.Fold(l.DN), l.Attribute}}
}

// NameLacking says which object the entry without an anchor at the place of a shadow was.
func (w *DB) NameLacking(ctx context.Context, was identity.Shadow) error {
	return w.exec(ctx, `UPDATE lacking SET anchor=?1 WHERE anchor='' AND kind=?2 AND dnf=?3 AND dir=?4`,
		string(was.Anchor), string(was.Kind), identity.Fold(was.DN), was.Anchor.Directory())
}
