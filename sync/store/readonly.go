package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"dirbridge/sync/fileperm"
	"dirbridge/sync/identity"
)

// ErrReadOnly means that the state can be read but not written.
var ErrReadOnly = errors.New("is read-only")

// ReadOnly returns nil if the state can be written; else the error of every method that writes,
// with ErrReadOnly in its chain.
func (s *SQLite) ReadOnly() error { return s.readOnly }

// openReading opens the state without write access, for the reason why. SQLite keeps its shared
// file beside the database, and cannot create one there.
func (s *SQLite) openReading(ctx context.Context, why error) (*SQLite, error) {
	dir := filepath.Dir(s.path)
	// why is not in the chain: the remedy of the system's own error does not fit.
	s.readOnly = &identity.Failure{Class: identity.Hold,
		Err: fmt.Errorf("the state directory %s %w (%v)", dir, ErrReadOnly, why),
		Remedy: "Mount it for writing, or give the account that runs Dirbridge the right to write there. " +
			"Until then status, history, events and explain still answer."}
	for _, p := range []string{dir, s.path} {
		if err := fileperm.Check(p); err != nil {
			return nil, err
		}
	}
	if _, err := os.Lstat(s.path); errors.Is(err, fs.ErrNotExist) {
		return nil, s.readOnly // and has no state yet
	}
	options := []string{"mode=ro", "_pragma=query_only(1)", "_pragma=busy_timeout(10000)", "_pragma=trusted_schema(0)",
		"_pragma=cache_size(-8192)"}
	logged, shared := size(s.path+"-wal") > 0, size(s.path+"-shm") >= 0
	switch {
	case logged && !shared:
		return nil, s.failure(identity.Hold,
			fmt.Errorf("cannot be read: its last writes stand in %s-wal, and the directory %w (%v)", s.path, ErrReadOnly, why),
			"Make the directory writable, or copy it to one that is and set connector.state_dir to the copy.")
	case !logged: // no process has it open, and none can see the other's locks
		options = append(options, "immutable=1")
	}
	var err error
	if s.read, err = sql.Open("sqlite", bareDSN(s.path, options...)); err != nil {
		return nil, s.fault(err)
	}
	s.read.SetMaxIdleConns(4)
	s.write = s.read
	if err := s.readable(ctx); err != nil {
		s.read.Close()
		return nil, s.fault(err)
	}
	return s, nil
}

func (s *SQLite) readable(ctx context.Context) (err error) {
	version, err := s.version(ctx)
	if err == nil && version < len(migrations()) {
		err = s.failure(identity.Hold,
			fmt.Errorf("was written by an older version of Dirbridge, and its directory %w", ErrReadOnly),
			"Make the directory writable: this version brings the state up to date when it opens it.")
	}
	if err == nil {
		s.file, err = os.Stat(s.path)
	}
	return err
}

// size is the size of a file, -1 if it does not exist.
func size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return -1
	}
	return info.Size()
}
