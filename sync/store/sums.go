package store

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"maps"
	"slices"
	stdsync "sync"
	"sync/atomic"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
)

// SQLite detects an invalid page, but not a flipped bit within a value, so rows have CRC-32C sums.
// A column sums has two: the upper half covers what is read without the payload, the lower half the
// payload. So neither reading needs the other's bytes, and a row still has its link as long as one
// of the two is correct.

// errDamagedRow ends the scan of one row. The listing continues without it.
var errDamagedRow = errors.New("the row is damaged")

// summer sums the values of a row. Each value is framed, so that none can pass for a part of its
// neighbour.
type summer struct {
	buf []byte // not summed yet
	crc uint32 // of the bytes before
}

func (s *summer) begin() *summer { s.buf, s.crc = s.buf[:0], 0; return s }

func (s *summer) text(values ...string) *summer {
	for _, v := range values {
		s.buf = append(binary.AppendUvarint(s.buf, uint64(len(v))), v...)
	}
	return s
}

// bytes adds a value without copying it.
func (s *summer) bytes(v []byte) *summer {
	s.buf = binary.AppendUvarint(s.buf, uint64(len(v)))
	s.crc = crc32.Update(s.sum(), castagnoli(), v)
	s.buf = s.buf[:0]
	return s
}

func (s *summer) ints(values ...int64) *summer {
	for _, v := range values {
		s.buf = binary.LittleEndian.AppendUint64(s.buf, uint64(v))
	}
	return s
}

func (s *summer) sum() uint32 { return crc32.Update(s.crc, castagnoli(), s.buf) }

func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) } // cached by the library

func joinSums(above, below uint32) int64 { return int64(uint64(above)<<32 | uint64(below)) }

func upperSum(sums int64) uint32 { return uint32(uint64(sums) >> 32) }
func lowerSum(sums int64) uint32 { return uint32(uint64(sums)) }

// shadowColumns sums what Fingerprints reads of a shadow, and what its queries select by.
func (s *summer) shadowColumns(anchor, kind, id, state string, source, cloud, hashes, place int64) uint32 {
	return s.begin().text(anchor, kind, id, state).ints(source, cloud, hashes, place).sum()
}

func (s *summer) shadowPayload(anchor string, payload []byte) uint32 {
	return s.begin().text(anchor).bytes(payload).sum()
}

func (s *summer) value(name, value string) int64 {
	return int64(s.begin().text(name, value).sum())
}

func (s *summer) intent(run, seq, step, at int64, change []byte) uint32 {
	return s.begin().ints(run, seq, step, at).bytes(change).sum()
}

func (s *summer) answer(run, seq, step, answered int64, outcome []byte) uint32 {
	return s.begin().ints(run, seq, step, answered).bytes(outcome).sum()
}

// damage records what was found damaged since the database was opened. Every reading returns what
// is recorded here, so that all of them agree.
type damage struct {
	some    atomic.Bool // whether there is any, which is rare
	mu      stdsync.Mutex
	shadows map[identity.Anchor]*identity.Shadow // what is left; nil for nothing
	values  map[string]struct{}
}

func (d *damage) shadow(a identity.Anchor, left *identity.Shadow) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shadows == nil {
		d.shadows = map[identity.Anchor]*identity.Shadow{}
	}
	d.shadows[a] = left
	d.some.Store(true)
}

func (d *damage) value(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.values == nil {
		d.values = map[string]struct{}{}
	}
	d.values[name] = struct{}{}
	d.some.Store(true)
}

// leftOf returns what is left of a shadow that is known to be damaged.
func (d *damage) leftOf(a identity.Anchor) (left *identity.Shadow, damaged bool) {
	if !d.some.Load() {
		return nil, false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	left, damaged = d.shadows[a]
	return left, damaged
}

// written removes what a batch replaced or removed from the list.
func (d *damage) written(b *port.Batch) {
	if !d.some.Load() {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range b.Shadows {
		delete(d.shadows, b.Shadows[i].Anchor)
	}
	for _, a := range b.Forget {
		delete(d.shadows, a)
	}
	for name := range b.Values {
		delete(d.values, name)
	}
	d.some.Store(len(d.shadows)+len(d.values) > 0)
}

func (d *damage) list() port.Damage {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := port.Damage{Values: slices.Sorted(maps.Keys(d.values))}
	for _, a := range slices.Sorted(maps.Keys(d.shadows)) {
		out.Shadows = append(out.Shadows, port.DamagedShadow{Anchor: a, Left: d.shadows[a]})
	}
	return out
}
