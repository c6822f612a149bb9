package store

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	stdsync "sync"

	_ "modernc.org/sqlite" // the driver
)

// SQLite implements port.Store. Its methods may be called from several goroutines, and several
// processes may open the same database: all may read, and the leader is meant to write. Callbacks
// of the listings may call the store again; a callback of Batch.Edges may not, since it runs inside
// the transaction.
type SQLite struct {
	path  string
	file  os.FileInfo // of the opened file
	write *sql.DB     // one connection, so that writers queue here and not in SQLite
	read  *sql.DB     // one connection for each concurrent listing

	readOnly error // see ReadOnly

	damage damage

	mu    stdsync.Mutex
	leads map[*lease]struct{}
}

// Open opens the database at path, creates it (0600) and its directory (0700) if they are missing,
// and migrates an older one. It refuses one of a newer version. Without write access it opens it
// for reading: see ReadOnly. Errors have an *identity.Failure of class hold in their chain.
func Open(ctx context.Context, path string) (*SQLite, error) {
	s := &SQLite{path: path, leads: map[*lease]struct{}{}}
	if why := writeObstacle(path); why != nil {
		return s.openReading(ctx, why)
	}
	if err := makePrivate(path); err != nil {
		return nil, s.fault(err)
	}
	var err error
	if s.write, err = sql.Open("sqlite", dsn(path, "_txlock=immediate")); err != nil {
		return nil, s.fault(err)
	}
	s.write.SetMaxOpenConns(1)
	if err := s.migrate(ctx); err != nil {
		s.write.Close()
		return nil, s.fault(err)
	}
	if s.file, err = os.Stat(path); err != nil {
		s.write.Close()
		return nil, s.fault(err)
	}
	if s.read, err = sql.Open("sqlite", dsn(path, "_pragma=query_only(1)")); err != nil {
		s.write.Close()
		return nil, s.fault(err)
	}
	// A listing keeps its connection during its callback, which may list again: a limit could let
	// two listings wait for each other.
	s.read.SetMaxIdleConns(4)
	return s, nil
}

// Path is the path of the database.
func (s *SQLite) Path() string { return s.path }

// Close releases leadership, if held, and closes the database.
func (s *SQLite) Close() error {
	s.mu.Lock()
	held := make([]*lease, 0, len(s.leads))
	for l := range s.leads {
		held = append(held, l)
	}
	s.mu.Unlock()
	var errs []error
	for _, l := range held {
		errs = append(errs, l.release())
	}
	return errors.Join(append(errs, s.read.Close(), s.write.Close())...)
}

// dsn is the driver's name of a database. Every connection waits up to ten seconds for another
// process's lock, and makes each commit durable before it returns.
func dsn(path string, options ...string) string {
	return bareDSN(path, append(options,
		"_pragma=busy_timeout(10000)", "_pragma=synchronous(FULL)", "_pragma=trusted_schema(0)",
		"_pragma=cache_size(-8192)", "_pragma=journal_size_limit(67108864)")...)
}

// bareDSN is the driver's name of a database with these options only.
func bareDSN(path string, options ...string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/... is /C:/... in a URI
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: strings.Join(options, "&")}
	return u.String()
}

// inTx runs fn in one transaction of the writing connection.
func (s *SQLite) inTx(ctx context.Context, fn func(*sql.Tx) error) error {
	if s.readOnly != nil {
		return s.readOnly
	}
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return s.fault(err)
	}
	if err := fn(tx); err != nil {
		tx.Rollback() // the first error matters more
		return s.fault(err)
	}
	return s.fault(tx.Commit())
}
