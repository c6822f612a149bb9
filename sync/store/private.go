package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"dirbridge/sync/fileperm"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
	"dirbridge/sync/scratch"
)

// makePrivate sees to it that path is a file that its owner alone may read, in a
// directory that exists, and refuses what another account may have put there.
//
// The file is never opened under its own name: closing it would drop every POSIX
// lock that another store of this process holds on it (fcntl(2)). It is made under
// a temporary name and linked.
func makePrivate(path string) error {
	dir := filepath.Dir(path)
	if err := fileperm.Check(dir); err != nil {
		return err // before anything is made where a link leads
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for _, p := range []string{dir, path} {
		if err := fileperm.Check(p); err != nil {
			return err
		}
	}
	info, err := os.Lstat(path)
	if err == nil {
		if info.Mode()&os.ModeSymlink != 0 {
			return &identity.Failure{Class: string(record.Hold), Err: fmt.Errorf("%s is a symbolic link", path),
				Remedy: "Remove the link. To keep the state elsewhere, set connector.state_dir."}
		}
		if info.Mode().Perm()&0o077 == 0 {
			return nil
		}
		return os.Chmod(path, 0o600)
	}
	if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	temp, err := scratch.Create(path)
	if err != nil {
		return err
	}
	defer temp.Discard()
	if err := temp.Close(); err != nil {
		return err
	}
	if err := os.Link(temp.Temp(), path); err == nil || errors.Is(err, os.ErrExist) {
		return nil
	}
	// A file system without links, or a sweep came between: no store of this process can
	// have a lock on a file that is not there.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}
