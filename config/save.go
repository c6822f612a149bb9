package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"dirbridge/sync/scratch"
)

// Save makes the changes in the file and reads it back. It replaces the file as a whole, and only
// by one that Parse accepts: on an error the old file stays. Mode and owner stay; a new file starts
// from Template, with mode 0600. Changes that other programs made to the file since it was loaded
// are kept. TestSave pins this.
func Save(path string, changes []Change, checks ...Check) (Config, error) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // keep the symbolic link
	}
	const attempts = 5
	for range attempts {
		src, err := read(path)
		if errors.Is(err, fs.ErrNotExist) {
			src = nil
		} else if err != nil {
			return Config{}, err
		}
		c, written, err := save(path, src, changes, checks)
		if err != nil || written {
			return c, err
		}
	}
	return Config{}, fmt.Errorf("configuration %s: another program keeps changing it", path)
}

// save is one attempt; written is false if the file changed in the meantime.
func save(path string, src []byte, changes []Change, checks []Check) (c Config, written bool, err error) {
	start := src
	if src == nil {
		start = []byte(Template())
	}
	out, err := Edit(start, changes...)
	if err != nil {
		var bad *Invalid
		if errors.As(err, &bad) {
			bad.Path = path
		}
		return Config{}, false, err
	}
	if c, err = Parse(path, out, checks...); err != nil {
		return Config{}, false, err
	}
	if src != nil && bytes.Equal(src, out) {
		return c, true, nil
	}
	written, err = replaceFile(path, src, out)
	if err != nil {
		err = fmt.Errorf("configuration %s: %w", path, err)
	}
	return c, written, err
}

// replaceFile replaces the contents src with out in one step. It returns false if the file no
// longer contains src; a nil src means that no file exists.
func replaceFile(path string, src, out []byte) (bool, error) {
	dir := filepath.Dir(path)
	if src == nil {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return false, err
		}
	}
	tmp, err := scratch.Create(path)
	if err != nil {
		return false, err
	}
	defer tmp.Discard()
	if info, err := os.Stat(path); err == nil {
		if err := tmp.Chmod(info.Mode().Perm()); err != nil {
			return false, err
		}
		if err := keepOwner(tmp.File, info); err != nil {
			return false, err
		}
	}
	if _, err := tmp.Write(out); err != nil {
		return false, err
	}
	now, err := read(path)
	if err == nil && (src == nil || !bytes.Equal(now, src)) || err != nil && src != nil {
		return false, nil
	}
	if err := tmp.Replace(); err != nil {
		return false, err
	}
	return true, nil
}
