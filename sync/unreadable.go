package sync

import (
	"context"
	"fmt"

	"dirbridge/sync/port"
	"dirbridge/sync/stage"
)

// unreadable ends an incremental plan because a read of one directory failed. The plan is then made
// again with that directory frozen from the beginning: half of its answers must not count, and the
// other directories must not wait for it.
type unreadable struct {
	name string
	err  error
}

func (e *unreadable) Error() string { return fmt.Sprintf("directory %s: %v", e.name, e.err) }
func (e *unreadable) Unwrap() error { return e.err }

// unreadable returns the error of a directory that failed; the error of a cancelled run is not the
// directory's.
func (d *draft) unreadable(ctx context.Context, name string, err error) error {
	if ctx.Err() != nil {
		return stage.Cancelled(ctx, err)
	}
	return &unreadable{name, err}
}

// askDirectory sends a request to a directory. Errors of callbacks go through own: they end the
// plan, and are not the directory's failure.
func (d *draft) askDirectory(ctx context.Context, name, what string, ask func(own func(error) error) error) error {
	var ours error
	err := ask(func(err error) error {
		if err != nil {
			ours = err
		}
		return err
	})
	switch {
	case err == nil:
		return nil
	case ours != nil:
		return ours
	}
	return d.unreadable(ctx, name, fmt.Errorf("%s: %w", what, err))
}

// each calls fn for every directory that is not frozen.
func (set *affectedSet) each(ctx context.Context, fn func(src port.Source, name string) error) error {
	for _, src := range set.d.env.Sources {
		dir, err := src.Describe(ctx)
		if set.d.frozen[dir.Name] {
			continue
		}
		if err != nil {
			return set.d.unreadable(ctx, dir.Name, err)
		}
		if err := fn(src, dir.Name); err != nil {
			return err
		}
	}
	return nil
}
