package synctest

import (
	"context"

	"dirbridge/sync/identity"
)

func (d *Directory) Position(ctx context.Context) (identity.Position, error) {
	return identity.Position{}, ctx.Err()
}

func (d *Directory) Changes(ctx context.Context, since identity.Position, fn func(identity.Touch) error) (identity.Position, error) {
	return since, &identity.Stale{Reason: "not asked for"}
}

func (d *Directory) Below(ctx context.Context, kind identity.Kind, dn string, fn func(identity.Entry) error) error {
	return ctx.Err()
}

func (d *Directory) EdgesOf(ctx context.Context, groups []identity.Anchor, fn func(identity.Edge) error) error {
	return ctx.Err()
}

func (d *Directory) Referrers(ctx context.Context, dns []string, fn func(identity.Edge) error) error {
	return ctx.Err()
}
