package scratch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"dirbridge/sync/identity"
)

// Dir is a directory for the temporary files of one process.
type Dir struct {
	path string
	lock *os.File
}

const (
	lockSuffix = ".lock"
	// tooOld is the age at which a directory without a lock file, made by versions before 1.0.0,
	// belongs to a dead process.
	tooOld = 24 * time.Hour
	// attempts bounds how often a lock that a sweep removed is created again.
	attempts = 100
)

// New removes what killed processes left in parent with the prefix, and creates a directory there
// that only its owner may enter. It creates parent if it is missing; "" is the system's directory
// for temporary files.
//
// A file system without locks is an error, an *identity.Failure with the remedy: a directory that
// looks like that of a dead process would be swept.
func New(parent, prefix string) (*Dir, error) {
	d, err := newDir(parent, prefix, tryLock)
	return d, failure(parent, err)
}

func newDir(parent, prefix string, try locking) (*Dir, error) {
	if parent == "" {
		parent = os.TempDir()
	} else if err := os.MkdirAll(parent, 0o700); err != nil {
		return nil, err
	}
	sweep(parent, prefix)
	for range attempts {
		lock, err := os.CreateTemp(parent, prefix+"*"+lockSuffix)
		if err != nil {
			return nil, err
		}
		// Before the lock is held, a sweep may take the file for that of a dead process.
		held, err := holds(lock, try)
		if !held {
			lock.Close()
			os.Remove(lock.Name())
			if err != nil {
				return nil, lockless(parent, err)
			}
			continue
		}
		d := &Dir{path: strings.TrimSuffix(lock.Name(), lockSuffix), lock: lock}
		if err := os.Mkdir(d.path, 0o700); err != nil {
			return nil, errors.Join(err, d.Remove())
		}
		return d, nil
	}
	return nil, fmt.Errorf("%s: another process removes each lock file that is made there", parent)
}

const remedyLocks = "Set connector.state_dir to a directory on a local disk, " +
	"or mount this file system with locks."

func lockless(dir string, err error) error {
	return &identity.Failure{Class: identity.Hold,
		Err:    fmt.Errorf("%s stands on a file system that keeps no locks: %w", dir, err),
		Remedy: remedyLocks}
}

// Path is the path of the directory.
func (d *Dir) Path() string { return d.path }

// Remove removes the directory and its contents. A later sweep removes what cannot be removed now.
func (d *Dir) Remove() error {
	err := os.RemoveAll(d.path)
	if err == nil {
		return drop(d.lock)
	}
	return errors.Join(err, d.lock.Close())
}

// locking locks an open file, or fails at once: with an error that isHeld recognizes if another
// opening of it is locked.
type locking func(*os.File) error

// holds locks the file, and reports whether its name still leads to it. An error means a file
// system without locks.
func holds(lock *os.File, try locking) (bool, error) {
	if err := try(lock); isHeld(err) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	locked, err := lock.Stat()
	if err != nil {
		return false, nil
	}
	named, err := os.Lstat(lock.Name())
	return err == nil && os.SameFile(locked, named), nil
}

// drop removes a lock file while its lock is held, so that no other process can take it in between.
// Windows may refuse that, and keeps a file that another process has open.
func drop(lock *os.File) error {
	if err := os.Remove(lock.Name()); err == nil {
		return lock.Close()
	}
	if err := lock.Close(); err != nil {
		return err
	}
	return os.Remove(lock.Name())
}

// sweep removes what no running process uses. It ignores what it cannot remove: that only costs
// space.
func sweep(parent, prefix string) {
	entries, _ := os.ReadDir(parent)
	for _, e := range entries {
		path := filepath.Join(parent, e.Name())
		switch {
		case !strings.HasPrefix(e.Name(), prefix):
		case e.Type().IsRegular() && strings.HasSuffix(e.Name(), lockSuffix):
			sweepLocked(path)
		case e.IsDir():
			sweepLockless(path)
		}
	}
}

func sweepLocked(path string) {
	lock, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return
	}
	if held, _ := holds(lock, tryLock); !held {
		lock.Close()
		return
	}
	d := Dir{path: strings.TrimSuffix(path, lockSuffix), lock: lock}
	d.Remove()
}

func sweepLockless(path string) {
	if _, err := os.Lstat(path + lockSuffix); !errors.Is(err, os.ErrNotExist) {
		return
	}
	if info, err := os.Lstat(path); err == nil && time.Since(info.ModTime()) > tooOld {
		os.RemoveAll(path)
	}
}
