package store

import (
	"context"
	"database/sql"

	"dirbridge/sync/port"
)

// Linked counts the live, linked people of each directory, and those with an active account. The
// counts are maintained when shadows are written.
func (s *SQLite) Linked(ctx context.Context) (map[string]port.LinkedCount, error) {
	type row struct {
		name string
		port.LinkedCount
	}
	counts := map[string]port.LinkedCount{}
	scan := func(rows *sql.Rows) (r row, err error) {
		err = rows.Scan(&r.name, &r.People, &r.Active)
		return r, err
	}
	err := list(ctx, s, "SELECT name, people, active FROM directory WHERE people > 0", nil, scan, func(r row) error {
		counts[r.name] = r.LinkedCount
		return nil
	})
	return counts, err
}
