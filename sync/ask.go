package sync

import (
	"context"
	"errors"
	"fmt"

	"dirbridge/sync/identity"
)

// ask puts a question to a directory, unless it is frozen. A directory that fails is
// frozen then and there: it keeps its position, so that its changes are told again, and
// only its own people wait for that. What the question had brought until then is dropped
// with the rest of it.
func (h *hunt) ask(ctx context.Context, src Source, what string, question func(dir string) error) error {
	dir, err := src.Describe(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if h.frozen[dir.Name] {
		return nil
	}
	if err == nil {
		err = question(dir.Name)
	}
	var full *fullInstead
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil || errors.As(err, &full):
		return err
	}
	h.freezeLate(dir.Name, fmt.Errorf("%s: %w", what, err))
	return nil
}

// freezeLate freezes a directory that told its changes and then could not be read.
func (h *hunt) freezeLate(name string, err error) {
	for i := range h.header.Directories {
		if read := &h.header.Directories[i]; read.Name == name {
			h.freeze(read, err)
			h.find(*read, err)
		}
	}
}

// askOf asks the directory of an anchor; see ask. Nothing is asked where it is not
// configured.
func (h *hunt) askOf(ctx context.Context, a identity.Anchor, what string, question func(src Source) error) error {
	for _, src := range h.opt.Sources {
		if dir, _ := src.Describe(ctx); dir.Name != a.Directory() {
			continue
		}
		return h.ask(ctx, src, what, func(string) error { return question(src) })
	}
	return ctx.Err()
}

// allFrozen is the failure of all directories, nil where one of them is left.
func (d *draft) allFrozen() error {
	var failures []error
	for _, dir := range d.header.Directories {
		if dir.Whole {
			return nil
		}
		failures = append(failures, fmt.Errorf("directory %s: %s", dir.Name, dir.Error))
	}
	return errors.Join(failures...)
}

// dropFrozen takes out what was brought of directories that are frozen by now, beside the
// objects themselves.
func (h *hunt) dropFrozen(ctx context.Context) error {
	for dir := range h.frozen {
		for _, table := range []string{"pair", "fresh", "stored"} {
			if err := h.work.exec(ctx, `DELETE FROM `+table+` WHERE substr(src,1,length(?1)+1)=?1||':'`, dir); err != nil {
				return err
			}
		}
	}
	for a := range h.whole {
		if h.frozen[a.Directory()] {
			delete(h.whole, a)
		}
	}
	return nil
}
