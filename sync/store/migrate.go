package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"dirbridge/sync/identity"
)

// applicationID marks a SQLite file as a state database ("DBst").
const applicationID = 0x44427374

// migrations bring a database from one version to the next: the first one creates it. A released
// migration is never edited; a change of the schema is a new one.
func migrations() []migration {
	return []migration{{text: schema1}, {text: schemaKeeps}, {text: schemaFailing}, {text: schemaProblems},
		{schemaSums, migrateSums}}
}

// migration is a change of the schema, and a step in Go after it.
type migration struct {
	text  string
	after func(context.Context, *sql.Tx) error
}

// schemaSums: see sums.go. Earlier journal rows have no sums.
const schemaSums = `
ALTER TABLE shadow ADD COLUMN sums INTEGER NOT NULL DEFAULT 0; -- of the columns above, of the payload below
ALTER TABLE value ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE intent ADD COLUMN sums INTEGER; -- of the intent above, of the answer below
`

const schemaFailing = `
CREATE TABLE failing ( -- see record.Failing
	anchor  TEXT NOT NULL,
	member  TEXT NOT NULL,
	id      TEXT NOT NULL,
	runs    INTEGER NOT NULL,
	since   INTEGER NOT NULL,
	last    INTEGER NOT NULL, -- run
	purge   INTEGER NOT NULL,
	payload TEXT NOT NULL, -- JSON
	PRIMARY KEY (anchor, member, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX failing_worst ON failing (runs DESC, since);
ALTER TABLE event ADD COLUMN runs INTEGER NOT NULL DEFAULT 0;
CREATE INDEX event_run ON event (run, seq) WHERE run <> 0;
`

const schema1 = `
CREATE TABLE shadow (
	anchor  TEXT NOT NULL PRIMARY KEY,
	kind    TEXT NOT NULL,
	id      TEXT NOT NULL, -- of the linked resource; '' before it is known
	state   TEXT NOT NULL,
	source  INTEGER NOT NULL, -- identity.Print, for reading all of them fast
	cloud   INTEGER NOT NULL,
	hashes  INTEGER NOT NULL, -- key in the upper half, manager in the lower
	place   INTEGER NOT NULL,
	hint    INTEGER NOT NULL, -- its row there
	looks   INTEGER NOT NULL, -- hash of that row
	linked  INTEGER NOT NULL, -- 0 no; 1 a live, linked person; 2 and the account is active
	payload BLOB NOT NULL  -- the whole shadow, see sync/plan/wire
) STRICT, WITHOUT ROWID;
CREATE TABLE hint ( -- what a shadow is looked up by, see hint.go
	n       INTEGER PRIMARY KEY, -- always greater than any before
	anchor  TEXT NOT NULL,
	id      INTEGER, -- hashes; NULL for none
	key     INTEGER,
	wish    INTEGER,
	dn      INTEGER,
	manager INTEGER,
	parent  INTEGER,
	sid     INTEGER
) STRICT;
CREATE TABLE lookup (
	hash INTEGER NOT NULL, -- with the index that it is of
	n    INTEGER NOT NULL, -- of a hint, which may be gone
	PRIMARY KEY (hash, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE ledger (
	one    INTEGER PRIMARY KEY CHECK (one = 1),
	next   INTEGER NOT NULL, -- number of the hint given last
	merged INTEGER NOT NULL, -- up to which number hints are in lookup
	stale  INTEGER NOT NULL  -- hints in lookup that are gone
) STRICT;
INSERT INTO ledger VALUES (1, 0, 0, 0);
CREATE TABLE directory ( -- counts of its shadows
	name    TEXT NOT NULL PRIMARY KEY,
	shadows INTEGER NOT NULL,
	people  INTEGER NOT NULL, -- live and linked
	active  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE edge (
	directory TEXT NOT NULL,
	kind      TEXT NOT NULL,
	origin    TEXT NOT NULL, -- anchor
	anchor    TEXT NOT NULL, -- of the other end; '' where it is not resolved
	dn        TEXT NOT NULL,
	sid       TEXT NOT NULL,
	goal      INTEGER, -- of the other end's anchor, or else its folded DN: see hashes.go
	PRIMARY KEY (directory, kind, origin, anchor, dn, sid)
) STRICT, WITHOUT ROWID;
` + indexEdges + `;
CREATE TABLE trouble (
	anchor TEXT NOT NULL PRIMARY KEY,
	kind   TEXT NOT NULL,
	key    TEXT NOT NULL, -- folded; '' for none
	again  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX trouble_key ON trouble (key) WHERE key <> '';
CREATE INDEX trouble_again ON trouble (again) WHERE again = 1;
CREATE TABLE container (
	directory TEXT NOT NULL,
	place     INTEGER NOT NULL, -- in the directory's own order
	anchor    TEXT NOT NULL,
	dn        TEXT NOT NULL,
	parent    TEXT NOT NULL,
	PRIMARY KEY (directory, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE dirty (
	anchor TEXT NOT NULL PRIMARY KEY,
	reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE value (
	name  TEXT NOT NULL PRIMARY KEY,
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE run (
	id      INTEGER PRIMARY KEY AUTOINCREMENT,
	outcome TEXT NOT NULL,
	payload TEXT NOT NULL -- JSON of record.Run
) STRICT;
CREATE INDEX run_running ON run (id) WHERE outcome = 'running';
CREATE TABLE intent (
	id       INTEGER PRIMARY KEY AUTOINCREMENT,
	run      INTEGER NOT NULL,
	seq      INTEGER NOT NULL,
	step     INTEGER NOT NULL,
	at       INTEGER NOT NULL, -- nanoseconds since 1970, as everywhere
	change   BLOB NOT NULL,    -- plan.Change.MarshalBinary
	answered INTEGER,
	outcome  BLOB,             -- see outcome.go; NULL while unanswered
	UNIQUE (run, seq, step)
) STRICT;
CREATE INDEX intent_unanswered ON intent (id) WHERE outcome IS NULL;
CREATE TABLE event (
	seq     INTEGER PRIMARY KEY AUTOINCREMENT,
	time    INTEGER NOT NULL,
	run     INTEGER NOT NULL,
	level   TEXT NOT NULL,
	code    TEXT NOT NULL,
	message TEXT NOT NULL,
	anchor  TEXT NOT NULL,
	record  TEXT NOT NULL,
	field   TEXT NOT NULL,
	side    TEXT NOT NULL,
	remedy  TEXT NOT NULL
) STRICT;
`

// schemaKeeps: accounts that are kept from the purge. Times are as everywhere, 0 for never.
const schemaKeeps = `
CREATE TABLE keep (
	anchor TEXT NOT NULL PRIMARY KEY,
	who    TEXT NOT NULL,
	reason TEXT NOT NULL,
	at     INTEGER NOT NULL,
	until  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`

const indexEdges = "CREATE INDEX edge_goal ON edge (goal) WHERE goal IS NOT NULL"

// migrate brings the database to the present version, or says why it cannot.
func (s *SQLite) migrate(ctx context.Context) error {
	if err := s.useWAL(ctx); err != nil {
		return err
	}
	all := migrations()
	version, err := s.version(ctx)
	if err != nil || version == len(all) {
		return err
	}
	return s.inTx(ctx, func(tx *sql.Tx) error {
		// Another process may have been faster: read the version under the lock.
		if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
			return err
		}
		for ; version < len(all); version++ {
			_, err := tx.ExecContext(ctx, all[version].text)
			if err == nil && all[version].after != nil {
				err = all[version].after(ctx, tx)
			}
			if err != nil {
				return fmt.Errorf("to version %d: %w", version+1, err)
			}
		}
		_, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id=%d; PRAGMA user_version=%d", applicationID, version))
		return err
	})
}

// version reads the database's version, 0 for an empty one, and refuses foreign and newer
// databases.
func (s *SQLite) version(ctx context.Context) (int, error) {
	var version, application, objects int
	err := s.write.QueryRowContext(ctx,
		`SELECT (SELECT user_version FROM pragma_user_version), (SELECT application_id FROM pragma_application_id),
		        (SELECT count(*) FROM sqlite_schema)`).Scan(&version, &application, &objects)
	if err != nil {
		return 0, err
	}
	fresh := application == 0 && version == 0 && objects == 0
	if application != applicationID && !fresh {
		return 0, s.failure(identity.Hold, ErrForeign, remedyForeign+s.rebuild())
	}
	if known := len(migrations()); version > known {
		return 0, s.failure(identity.Hold, fmt.Errorf("%w (version %d; this one knows %d)", ErrNewer, version, known),
			remedyNewer)
	}
	return version, nil
}

// useWAL turns on the write-ahead log, with which readers never wait for the writer. It is a
// property of the file, so it is set once.
func (s *SQLite) useWAL(ctx context.Context) error {
	for {
		var mode string
		err := s.write.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode)
		if err != nil || mode == "wal" {
			return err
		}
		if _, err := s.version(ctx); err != nil {
			return err
		}
		_, err = s.write.ExecContext(ctx, "PRAGMA page_size=8192; PRAGMA journal_mode=WAL")
		if err == nil {
			continue
		}
		// SQLite does not wait for a lock here, so two processes that open a new database at once
		// would fail.
		if !isBusy(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}
