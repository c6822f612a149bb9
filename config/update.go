package config

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
)

// Changed says that the file does not hold any more what was loaded: somebody wrote to
// it meanwhile. Who it was the file does not tell.
type Changed struct {
	Path string
	// Now is what the file says now, and Differences in which keys; none where only
	// comments or the layout changed. Where the file cannot be used now, Err says why.
	Now         Config
	Differences []Difference
	Err         error
}

func (e *Changed) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("configuration %s was changed by somebody else, and cannot be used now: %v", e.Path, e.Err)
	}
	return fmt.Sprintf("configuration %s was changed by somebody else", e.Path)
}

func (e *Changed) Unwrap() error { return e.Err }

// With is c with the changes made in the text that it was read from. No file is read or
// written. What is wrong then comes as *Invalid.
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

// Update makes the changes in the file that c was loaded from, as Save does, but only
// where the file still holds what was loaded: else it is left alone and the error is
// *Changed.
func (c Config) Update(changes []Change, checks ...Check) (Config, error) {
	path := c.Path
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // the link stays one
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
