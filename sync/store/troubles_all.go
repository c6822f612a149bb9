package store

import (
	"context"

	"dirbridge/sync/identity"
)

// AllTroubles lists every trouble, in order of anchor.
func (s *SQLite) AllTroubles(ctx context.Context, fn func(identity.Trouble) error) error {
	return list(ctx, s, "SELECT anchor, kind, key, again FROM trouble ORDER BY anchor", nil, scanTrouble, fn)
}
