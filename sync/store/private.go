package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"dirbridge/sync/fileperm"
	"dirbridge/sync/identity"
	"dirbridge/sync/scratch"
)

// makePrivate ensures that path is a file that only its owner may read, in an existing directory,
// and refuses what another account may have put there.
//
// It never opens the file under its own name: closing it would release every POSIX lock that
// another store of this process has on it (fcntl(2)). It creates the file under a temporary name
// and links it.
func makePrivate(path string) error {
	dir := filepath.Dir(path)
	if err := fileperm.Check(dir); err != nil {
		return err // before anything is created behind a link
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
			return &identity.Failure{Class: identity.Hold, Err: fmt.Errorf("%s is a symbolic link", path),
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
	// A file system without links, or a concurrent sweep: no store of this process can have a lock
	// on a file that does not exist.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}
