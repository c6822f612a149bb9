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

// resumed gives fn what list yields, and starts list again on another session where
// the server went away in the middle, up to maxRestarts times. What was given
// already is not given again, so fn sees each object once and nil means, as ever,
// that the listing is whole: the last reading was whole by itself, and all of it has
// been given by then or before.
//
// Going on where the first reading stopped would not be right. A paging cookie is
// good on its own connection only (MS-ADTS section 3.1.1.3.4.1.12 binds it to the
// server), two servers answer in different orders, and objects move between the
// readings. Nor is it right to divide the directory by uSNChanged: each domain
// controller counts by itself, and other servers do not count at all.
//
// What a restart can do is to report an object, or a membership, that went between
// the two readings, or its values as they were a moment before: the same as in any
// listing, which takes time too. The next run sees it.
func resumed[T any](ctx context.Context, s *Source, id func(*maphash.Hash, T), fn func(T) error, list func(fn func(T) error) error) error {
	var (
		g     given
		h     maphash.Hash
		ours  bool // the error is fn's
		ended []error
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
				ours = true
				return err
			}
			g.add(key)
			return nil
		})
		switch {
		case err == nil || ours:
			return err
		case ctx.Err() != nil:
			return err
		}
		ended = append(ended, err)
		begun := len(ended) > 1 || g.count > 0
		if len(ended) > maxRestarts || !restartable(err, begun) || s.pause(ctx, len(ended)) != nil {
			return joinFailures(firstAndLast(ended))
		}
		g.turn()
	}
}

// restartable reports whether another try may go better.
func restartable(err error, begun bool) bool {
	if _, ok := errors.AsType[*unreached](err); ok {
		f, ok := errors.AsType[*identity.Failure](err)
		return begun && ok && f.Class == classRetry
	}
	_, ok := errors.AsType[*interrupted](err)
	return ok
}

// pause waits before the second restart and those after it: the first goes to a
// server that is believed to be well, the others may be waiting for one that
// restarts.
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

// firstAndLast are what broke, and why it could not be mended.
func firstAndLast(errs []error) []error {
	first, last := errs[0], errs[len(errs)-1]
	if first.Error() == last.Error() {
		return errs[:1]
	}
	return []error{first, last}
}

// interrupted marks the failure of a request that broke off, or that the server was
// too busy for: the same may succeed on another session.
type interrupted struct{ error }

func (e *interrupted) Unwrap() error { return e.error }

// unreached marks the failure to open a session at all.
type unreached struct{ error }

func (e *unreached) Unwrap() error { return e.error }

// interrupt marks a failure as interrupted.
func interrupt(err error) error {
	if f, ok := errors.AsType[*identity.Failure](err); ok {
		f.Err = &interrupted{f.Err}
	}
	return err
}

// given are the objects that a listing has yielded, as 64-bit prints: eight bytes
// each while all goes well, sorted only once a restart needs them. The hash is
// seeded for each listing; of a million objects, that one is wrongly taken for
// given has a chance of one in ten million, at a restart.
type given struct {
	old   []uint64 // of the readings before, sorted
	now   [][]uint64
	count int
}

// givenChunk prints are kept together, so that growing copies nothing.
const givenChunk = 1 << 14

func (g *given) add(key uint64) {
	last := len(g.now) - 1
	if last < 0 || len(g.now[last]) == cap(g.now[last]) {
		size := givenChunk
		if last < 0 {
			size = 1 << 8
		}
		g.now = append(g.now, make([]uint64, 0, size))
		last++
	}
	g.now[last] = append(g.now[last], key)
	g.count++
}

// before reports whether a reading before this one gave the object.
func (g *given) before(key uint64) bool {
	_, found := slices.BinarySearch(g.old, key)
	return found
}

// turn begins another reading.
func (g *given) turn() {
	g.old = slices.Grow(g.old, g.count-len(g.old))
	for _, chunk := range g.now {
		g.old = append(g.old, chunk...)
	}
	g.now = nil
	slices.Sort(g.old)
}

// An entry is told from others by its anchor, one without by where it stands.
func entryID(h *maphash.Hash, e identity.Entry) { objectID(h, e.Anchor, e.DN) }

func containerID(h *maphash.Hash, c identity.Container) { objectID(h, c.Anchor, c.DN) }

func objectID(h *maphash.Hash, a identity.Anchor, dn string) {
	if a == "" {
		h.WriteString(strings.ToLower(dn))
		return
	}
	h.WriteString(string(a))
}

// An edge is its kind and both ends. A group that was given in part is thus
// completed by the next reading.
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
