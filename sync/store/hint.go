package store

import (
	"context"
	"database/sql"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/schema"
)

// A shadow is looked up by its hint, a short row of hashes. Hints are only appended to their table,
// which is cheap, and merged into the index (lookup) many at a time, in the index's order. Normal
// indexes, with entries all over them, made writing the shadows of a first run five times slower.
// Hints that are not merged yet are scanned.
//
// A hash only says where to look: results are compared with the wanted values. So the index may
// contain stale hints, until there are so many that it is rebuilt.
type hint struct {
	id, key, directoryKey, dn, manager, parent, sid uint32 // 0 for none
}

func hintOf(s *identity.Shadow) hint {
	h := hint{id: hashOf(string(s.ID)), key: hashOf(appliedKey(s)), dn: hashOf(identity.Fold(s.DN)),
		manager: hashOf(s.Applied.First(schema.Manager)), parent: hashOf(string(s.Parent))}
	// The directory's last key, if the cloud has another one.
	if s.Fingerprint.Key != h.key {
		h.directoryKey = s.Fingerprint.Key
	}
	h.sid = hashOf(personSID(s))
	return h
}

func (h hint) all() [7]uint32 {
	return [7]uint32{h.id, h.key, h.directoryKey, h.dn, h.manager, h.parent, h.sid}
}

// columns are the values of the row after its number and anchor.
func (h hint) columns() []any {
	args := make([]any, 0, 7)
	for _, v := range h.all() {
		if v == 0 {
			args = append(args, nil)
		} else {
			args = append(args, int64(v))
		}
	}
	return args
}

// sum is a hash of the whole hint; it is never 0.
func (h hint) sum() int64 {
	sum := uint64(14695981039346656037)
	for _, v := range h.all() {
		sum = (sum ^ uint64(v)) * 1099511628211
		sum ^= sum >> 29
	}
	return int64(max(sum, 1))
}

// The numbers of the indexes come above the hash in lookup, so that each index is contiguous.
const (
	lookID = iota + 1
	lookKey
	lookDN
	lookManager
	lookParent
	lookSID
)

const mergeHints = `INSERT OR IGNORE INTO lookup (hash, n)
	SELECT * FROM (
		SELECT 1 << 32 | id AS hash, n FROM hint WHERE n > ?1 AND id IS NOT NULL
		UNION ALL SELECT 2 << 32 | key, n FROM hint WHERE n > ?1 AND key IS NOT NULL
		UNION ALL SELECT 2 << 32 | wish, n FROM hint WHERE n > ?1 AND wish IS NOT NULL
		UNION ALL SELECT 3 << 32 | dn, n FROM hint WHERE n > ?1 AND dn IS NOT NULL
		UNION ALL SELECT 4 << 32 | manager, n FROM hint WHERE n > ?1 AND manager IS NOT NULL
		UNION ALL SELECT 5 << 32 | parent, n FROM hint WHERE n > ?1 AND parent IS NOT NULL
		UNION ALL SELECT 6 << 32 | sid, n FROM hint WHERE n > ?1 AND sid IS NOT NULL
	) ORDER BY hash, n`

// Up to fewUnmerged hints, or one in mergeShare, wait: few enough to scan, and enough to be worth
// the index pages that a merge writes.
const (
	fewUnmerged = 8000
	mergeShare  = 50
)

// merge brings the index up to date, once there are enough hints.
func (l *ledger) merge(ctx context.Context, tx *sql.Tx) error {
	if l.next-l.merged <= fewUnmerged && l.stale <= fewUnmerged {
		return nil
	}
	var shadows int64
	if err := tx.QueryRowContext(ctx, "SELECT sum(shadows) FROM directory").Scan(&shadows); err != nil {
		return err
	}
	if l.stale > max(fewUnmerged, shadows/2) {
		if _, err := tx.ExecContext(ctx, "DELETE FROM lookup"); err != nil {
			return err
		}
		l.merged, l.stale = 0, 0
	} else if l.next-l.merged <= max(fewUnmerged, shadows/mergeShare) {
		return nil
	}
	if _, err := tx.ExecContext(ctx, mergeHints, l.merged); err != nil {
		return err
	}
	l.merged = l.next
	return nil
}

// lookup describes how shadows are looked up in one index.
type lookup struct {
	number int64
	column string // of hint
	folded bool
	value  func(*identity.Shadow) string
}

func lookupFor(by port.Index) (lookup, bool) {
	switch by {
	case port.ByID:
		return lookup{lookID, "id", false, func(s *identity.Shadow) string { return string(s.ID) }}, true
	case port.ByKey:
		return lookup{lookKey, "key", true, appliedKey}, true
	case port.ByDN:
		return lookup{lookDN, "dn", true, func(s *identity.Shadow) string { return identity.Fold(s.DN) }}, true
	case port.ByManager:
		return lookup{lookManager, "manager", false, func(s *identity.Shadow) string {
			return s.Applied.First(schema.Manager)
		}}, true
	case port.ByParent:
		return lookup{lookParent, "parent", false, func(s *identity.Shadow) string { return string(s.Parent) }}, true
	case port.BySID:
		return lookup{lookSID, "sid", false, personSID}, true
	}
	return lookup{}, false
}
