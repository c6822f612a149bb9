package store

import (
	"errors"
	"os"
	"path/filepath"
)

// makePrivate sees to it that path is a file that its owner alone may read, in a
// directory that exists.
//
// The file is never opened under its own name: closing it would drop every POSIX
// lock that another store of this process holds on it (fcntl(2)). It is made under
// a temporary name and linked.
func makePrivate(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err == nil {
		if info.Mode().Perm()&0o077 == 0 {
			return nil
		}
		return os.Chmod(path, 0o600)
	}
	if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	temp, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	if err := temp.Close(); err != nil {
		return err
	}
	if err := os.Link(temp.Name(), path); err == nil || errors.Is(err, os.ErrExist) {
		return nil
	}
	// A file system without links: nobody can have a lock on a file that is not there.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}
