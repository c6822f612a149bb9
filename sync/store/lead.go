package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	stdsync "sync"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
)

// lease is leadership, as long as its connection holds an exclusive lock on a separate file beside
// the database. The operating system releases the lock when the process ends, however it ends, so
// there is no timeout.
type lease struct {
	store *SQLite
	path  string
	file  os.FileInfo // the locked file
	db    *sql.DB
	conn  *sql.Conn
	once  stdsync.Once
	err   error
}

// Lead takes the writer's lease, or returns port.ErrNotLeader if any store, this one included, has
// it.
func (s *SQLite) Lead(ctx context.Context) (release func() error, err error) {
	if s.readOnly != nil {
		return nil, s.readOnly
	}
	path := s.path + ".leader"
	if err := makePrivate(path); err != nil {
		return nil, s.fault(err)
	}
	db, err := sql.Open("sqlite", dsn(path, "_pragma=busy_timeout(0)"))
	if err != nil {
		return nil, s.fault(err)
	}
	l := &lease{store: s, path: path, db: db}
	if err := l.take(ctx); err != nil {
		err = errors.Join(err, l.close())
		if isBusy(err) {
			return nil, port.ErrNotLeader
		}
		return nil, s.fault(err)
	}
	s.mu.Lock()
	s.leads[l] = struct{}{}
	s.mu.Unlock()
	return l.release, nil
}

func (l *lease) take(ctx context.Context) (err error) {
	if l.conn, err = l.db.Conn(ctx); err != nil {
		return err
	}
	// It does not wait for a leader, only for processes that check whether there is one: see Led.
	for _, s := range []string{"PRAGMA busy_timeout=200", "BEGIN EXCLUSIVE"} {
		if _, err := l.conn.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	l.file, err = os.Stat(l.path)
	return err
}

// Led tests the lock as a reader: reading fails while the lease is held.
func (s *SQLite) Led(ctx context.Context) (here, elsewhere bool, err error) {
	s.mu.Lock()
	here = len(s.leads) > 0
	s.mu.Unlock()
	path := s.path + ".leader"
	if _, e := os.Stat(path); here || errors.Is(e, fs.ErrNotExist) {
		return here, false, nil
	}
	// Without the settings of dsn, which would read, and wait ten seconds for the leader.
	db, err := sql.Open("sqlite", bareDSN(path, "mode=ro", "_pragma=busy_timeout(0)"))
	if err != nil {
		return false, false, s.fault(err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	var n int
	err = db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&n)
	if isBusy(err) {
		return false, true, nil
	}
	if err != nil {
		err = s.fault(err)
	}
	return false, false, err
}

// stillLeads returns nil while the open files are those that another process would find. The lock
// is on a file, not on its name: after the file is deleted or replaced, a second connector can
// lead, and this one must stop writing (P14).
func (s *SQLite) stillLeads() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for l := range s.leads {
		if now, err := os.Stat(l.path); err != nil || !os.SameFile(l.file, now) {
			return s.failure(identity.Hold,
				fmt.Errorf("%w: %s was removed or replaced, so that another connector may lead", ErrReplaced, l.path),
				remedyReplaced)
		}
	}
	if now, err := os.Stat(s.path); err != nil || !os.SameFile(s.file, now) {
		return s.failure(identity.Hold, ErrReplaced, remedyReplaced)
	}
	return nil
}

func (l *lease) release() error {
	l.once.Do(func() {
		l.store.mu.Lock()
		delete(l.store.leads, l)
		l.store.mu.Unlock()
		_, err := l.conn.ExecContext(context.Background(), "ROLLBACK")
		l.err = errors.Join(err, l.close())
	})
	return l.err
}

func (l *lease) close() error {
	var err error
	if l.conn != nil {
		err = l.conn.Close()
	}
	return errors.Join(err, l.db.Close())
}

func isBusy(err error) bool {
	var lite *sqlite.Error
	return errors.As(err, &lite) && lite.Code()&0xff == sqlite3.SQLITE_BUSY
}
