package store

import (
	"context"

	"dirbridge/sync/identity"
)

// AllDeferred lists every deferred object, in order of anchor.
func (s *SQLite) AllDeferred(ctx context.Context, fn func(identity.Deferred) error) error {
	return list(ctx, s, "SELECT anchor, kind, key, again FROM trouble ORDER BY anchor", nil, scanDeferred, fn)
}
