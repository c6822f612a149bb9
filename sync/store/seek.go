package store

import (
	"context"

	"dirbridge/sync"
	"dirbridge/sync/identity"
)

func (s *SQLite) Seek(ctx context.Context, by sync.Index, values []string, fn func(identity.Shadow) error) error {
	return ctx.Err()
}

func (s *SQLite) EdgesFrom(ctx context.Context, from []identity.Anchor, fn func(identity.Edge) error) error {
	return ctx.Err()
}

func (s *SQLite) EdgesTo(ctx context.Context, anchors []identity.Anchor, dns []string, fn func(identity.Edge) error) error {
	return ctx.Err()
}

func (s *SQLite) Troubles(ctx context.Context, keys []string, anchors []identity.Anchor, again bool, fn func(identity.Trouble) error) error {
	return ctx.Err()
}

func (s *SQLite) Linked(ctx context.Context) (map[string]sync.LinkedCount, error) {
	return nil, ctx.Err()
}
