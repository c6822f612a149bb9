package config

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
)

// Changed says that the file no longer contains what was loaded, because another program or user
// wrote to it. The file does not tell which one.
type Changed struct {
	Path string
	// Now is the current configuration of the file, and Differences are its changed keys; none if
	// only comments or the layout changed. If the file is unusable now, Err says why.
	Now         Config
	Differences []Difference
	Err         error
}

func (e *Changed) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("configuration %s was changed by another program, and cannot be used now: %v", e.Path, e.Err)
	}
	return fmt.Sprintf("configuration %s was changed by another program", e.Path)
}

func (e *Changed) Unwrap() error { return e.Err }

// With returns c with the changes made in the text that it was read from. It reads and writes no
// file. Problems come as *Invalid (TestWithTouchesNoFile).
func (c Config) With(changes []Change, checks ...Check) (Config, error) {
	out, err := Edit(slices.Clone(c.text), changes...)
	if err != nil {
		var bad *Invalid
		if errors.As(err, &bad) {
			bad.Path = c.Path
		}
		return Config{}, err
	}
	return Parse(c.Path, out, checks...)
}

// Update makes the changes in the file that c was loaded from, as Save does, but only if the file
// still contains what was loaded. Otherwise it leaves the file alone and returns *Changed
// (TestAFileThatChangedMeanwhileIsNotOverwritten).
func (c Config) Update(changes []Change, checks ...Check) (Config, error) {
	path := c.Path
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // keep the symbolic link
	}
	src, err := read(path)
	if err != nil {
		return Config{}, err
	}
	if bytes.Equal(src, c.text) {
		now, written, err := save(path, src, changes, checks)
		if err != nil || written {
			now.Path = c.Path
			return now, err
		}
		if src, err = read(path); err != nil { // it changed within these milliseconds
			return Config{}, err
		}
	}
	changed := &Changed{Path: c.Path}
	if changed.Now, changed.Err = Parse(c.Path, src, checks...); changed.Err == nil {
		changed.Differences = Differences(c, changed.Now)
	}
	return Config{}, changed
}
