package ldap

import (
	"context"
	"errors"
	"hash/maphash"
	"slices"
	"strings"
	"time"

	"dirbridge/sync/identity"
)

// maxRestarts bounds how often one listing is started again.
const maxRestarts = 3

// resumed passes the results of list to fn. If the server fails in the middle, it starts list again
// on another session, up to maxRestarts times. Results that fn has seen are not repeated, so fn
// sees each object once, and nil still means a complete listing: the last reading was complete, and
// fn has seen all of it.
//
// Continuing where the first reading stopped would be wrong. A paging cookie is valid on its own
// connection only (MS-ADTS section 3.1.1.3.4.1.12 binds it to the server), two servers answer in
// different orders, and objects move between the readings. Splitting the directory by uSNChanged
// would be wrong too: each domain controller counts by itself, and other servers do not count at
// all.
//
// A restart can report an object or a membership that was deleted between the two readings, or
// slightly older values. Any listing can, because it takes time. The next run sees the change.
func resumed[T any](ctx context.Context, s *Source, id func(*maphash.Hash, T), fn func(T) error,
	list func(fn func(T) error) error) error {
	var (
		g              yielded
		h              maphash.Hash
		callbackFailed bool // fn returned the error
		ended          []error
	)
	for {
		err := list(func(v T) error {
			h.Reset()
			id(&h, v)
			key := h.Sum64()
			if g.before(key) {
				return nil
			}
			if err := fn(v); err != nil {
				callbackFailed = true
				return err
			}
			g.add(key)
			return nil
		})
		switch {
		case err == nil || callbackFailed:
			return err
		case ctx.Err() != nil:
			return err
		}
		ended = append(ended, err)
		begun := len(ended) > 1 || g.count > 0
		if len(ended) > maxRestarts || !restartable(err, begun) || s.pause(ctx, len(ended)) != nil {
			return joinFailures(firstAndLast(ended))
		}
		g.nextReading()
	}
}

// restartable reports whether another attempt may succeed.
func restartable(err error, begun bool) bool {
	if _, ok := errors.AsType[*unreachableError](err); ok {
		f, ok := errors.AsType[*identity.Failure](err)
		return begun && ok && f.Class == identity.Retry
	}
	_, ok := errors.AsType[*interruptedError](err)
	return ok
}

// pause waits before the second restart and later ones. The first restart goes to another server
// that is believed healthy; later ones may have to wait for a server to come up.
func (s *Source) pause(ctx context.Context, restart int) error {
	if restart < 2 {
		return ctx.Err()
	}
	timer := time.NewTimer(s.opt.RestartPause << (restart - 2))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// firstAndLast returns what broke first, and why the last attempt failed.
func firstAndLast(errs []error) []error {
	first, last := errs[0], errs[len(errs)-1]
	if first.Error() == last.Error() {
		return errs[:1]
	}
	return []error{first, last}
}

// interruptedError marks the failure of a request that was cut off, or that the server was too busy for:
// it may succeed on another session.
type interruptedError struct{ error }

func (e *interruptedError) Unwrap() error { return e.error }

// unreachableError marks a failure to open a session.
type unreachableError struct{ error }

func (e *unreachableError) Unwrap() error { return e.error }

// interrupt marks a failure as interrupted.
func interrupt(err error) error {
	if f, ok := errors.AsType[*identity.Failure](err); ok {
		f.Err = &interruptedError{f.Err}
	}
	return err
}

// yielded records the results that a listing has yielded, as 64-bit hashes: eight bytes each, and
// sorted only when a restart needs them. The seed is new for each listing. With a million objects,
// the chance that a restart skips an object by a collision is one in ten million.
type yielded struct {
	earlier []uint64 // of earlier readings, sorted
	current [][]uint64
	count   int
}

// yieldedChunk is the size of one slice of hashes, so that growing copies nothing.
const yieldedChunk = 1 << 14

func (g *yielded) add(key uint64) {
	last := len(g.current) - 1
	if last < 0 || len(g.current[last]) == cap(g.current[last]) {
		size := yieldedChunk
		if last < 0 {
			size = 1 << 8
		}
		g.current = append(g.current, make([]uint64, 0, size))
		last++
	}
	g.current[last] = append(g.current[last], key)
	g.count++
}

// before reports whether an earlier reading yielded the object.
func (g *yielded) before(key uint64) bool {
	_, found := slices.BinarySearch(g.earlier, key)
	return found
}

// nextReading begins another reading.
func (g *yielded) nextReading() {
	g.earlier = slices.Grow(g.earlier, g.count-len(g.earlier))
	for _, chunk := range g.current {
		g.earlier = append(g.earlier, chunk...)
	}
	g.current = nil
	slices.Sort(g.earlier)
}

// entryID identifies an entry by its anchor, or by its DN if it has none.
func entryID(h *maphash.Hash, e identity.Entry) { objectID(h, e.Anchor, e.DN) }

func containerID(h *maphash.Hash, c identity.Container) { objectID(h, c.Anchor, c.DN) }

func objectID(h *maphash.Hash, a identity.Anchor, dn string) {
	if a == "" {
		h.WriteString(strings.ToLower(dn))
		return
	}
	h.WriteString(string(a))
}

// edgeID identifies an edge by its kind and both ends. The next reading thus completes a group that
// was cut off in the middle.
func edgeID(h *maphash.Hash, e identity.Edge) {
	h.WriteString(string(e.Kind))
	h.WriteByte(0)
	h.WriteString(string(e.From))
	h.WriteByte(0)
	objectID(h, e.To.Anchor, e.To.DN)
	if e.To.Anchor == "" {
		h.WriteByte(0)
		h.WriteString(e.To.SID)
	}
}
