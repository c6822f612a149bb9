package affected

import (
	"context"
	"fmt"

	"dirbridge/sync/port"
)

// askDirectory sends a request to a directory. Errors of callbacks go through own: they end the
// plan, and are not the directory's failure.
func (set *Set) askDirectory(ctx context.Context, name, what string,
	ask func(own func(error) error) error) error {
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
	return set.Unreadable(ctx, name, fmt.Errorf("%s: %w", what, err))
}

// each calls fn for every directory that is not frozen.
func (set *Set) each(ctx context.Context, fn func(src port.Source, name string) error) error {
	for _, src := range set.d.Env.Sources {
		dir, err := src.Describe(ctx)
		if set.d.Frozen[dir.Name] {
			continue
		}
		if err != nil {
			return set.Unreadable(ctx, dir.Name, err)
		}
		if err := fn(src, dir.Name); err != nil {
			return err
		}
	}
	return nil
}
