package workdb

import (
	"context"

	"dirbridge/sync/identity"
)

// Container is an organizational unit or the like of a directory.
type Container struct {
	identity.Container
	Directory string
}

// Row encodes the container.
func (c Container) Row() Row {
	return Row{`INSERT INTO container VALUES(?,?,?,?,?)`,
		[]any{string(c.Anchor), c.Directory, c.DN, identity.Fold(c.DN), identity.Fold(c.Parent)}}
}

// IndexContainers makes ContainerDN and HasContainer fast before Index is called.
func (w *DB) IndexContainers(ctx context.Context) error {
	return w.exec(ctx, `CREATE INDEX container_anchor ON container(anchor)`)
}

// HasContainer says whether an object is a container.
func (w *DB) HasContainer(ctx context.Context, a identity.Anchor) (bool, error) {
	return w.any(ctx, `SELECT count(*) FROM container WHERE anchor=?`, string(a))
}

// ContainerDN returns the DN of a container, or "".
func (w *DB) ContainerDN(ctx context.Context, a identity.Anchor) (dn string, err error) {
	err = each(ctx, w, `SELECT dn FROM container WHERE anchor=?`, column[string], func(v string) error {
		dn = v
		return nil
	}, string(a))
	return dn, err
}

// ContainerAt returns the container that has a folded DN, if possible in the directory, or "".
func (w *DB) ContainerAt(ctx context.Context, dn, directory string) (a identity.Anchor, err error) {
	err = each(ctx, w, `SELECT anchor FROM container WHERE dnf=?
		ORDER BY dir<>?, anchor LIMIT 1`, column[identity.Anchor], func(v identity.Anchor) error {
		a = v
		return nil
	}, dn, directory)
	return a, err
}

// EachContainer calls fn for every container. Parents are folded.
func (w *DB) EachContainer(ctx context.Context, fn func(identity.Container) error) error {
	return each(ctx, w, `SELECT anchor, dn, parent FROM container`, intoContainer, fn)
}

// EachContainerOf calls fn for every container of a directory, in order of anchor.
func (w *DB) EachContainerOf(ctx context.Context, directory string, fn func(identity.Container) error) error {
	return each(ctx, w, `SELECT anchor, dn, parent FROM container
		WHERE dir=? ORDER BY anchor`, intoContainer, fn, directory)
}

func intoContainer(c *identity.Container) []any { return []any{&c.Anchor, &c.DN, &c.Parent} }

// ContainerPlace is where a container is. Row names it for MoveContainer and DropContainer.
type ContainerPlace struct {
	Row    int64
	Anchor identity.Anchor
	DN     string
}

// EachContainerPlace calls fn for every container of a directory.
func (w *DB) EachContainerPlace(ctx context.Context, directory string, fn func(ContainerPlace) error) error {
	return each(ctx, w, `SELECT rowid, anchor, dn FROM container WHERE dir=?`, func(p *ContainerPlace) []any {
		return []any{&p.Row, &p.Anchor, &p.DN}
	}, fn, directory)
}

// DropContainer removes a container.
func (w *DB) DropContainer(ctx context.Context, row int64) error {
	return w.exec(ctx, `DELETE FROM container WHERE rowid=?`, row)
}

// MoveContainer gives a container another DN.
func (w *DB) MoveContainer(ctx context.Context, row int64, dn, parent string) error {
	return w.exec(ctx, `UPDATE container SET dn=?, dnf=?, parent=?
		WHERE rowid=?`, dn, identity.Fold(dn), identity.Fold(parent), row)
}
