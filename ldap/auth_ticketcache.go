package ldap

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// checkCache walks a ticket cache and checks that every length in it stays within the file: the
// library allocates whatever a length says. The format is MIT's "credential cache file format",
// versions 3 and 4.
func checkCache(data []byte) error {
	if len(data) < 2 || data[0] != 5 {
		return errors.New("is no ticket cache")
	}
	version := data[1]
	if version != 3 && version != 4 {
		return fmt.Errorf("is a ticket cache of version %d, which is not known", version)
	}
	w := &cacheWalk{b: data[2:]}
	if version == 4 {
		w.take(w.short()) // the header
	}
	w.principal()
	for !w.wrong && len(w.b) > 0 {
		w.credential(version)
	}
	if w.wrong {
		return errors.New("is a ticket cache that is damaged, or cut off")
	}
	return nil
}

// cacheWalk is the unread rest of the file. It is empty after a wrong length.
type cacheWalk struct {
	b     []byte
	wrong bool
}

func (w *cacheWalk) take(n uint32) []byte {
	if uint64(n) > uint64(len(w.b)) {
		w.b, w.wrong = nil, true
		return nil
	}
	out := w.b[:n]
	w.b = w.b[n:]
	return out
}

func (w *cacheWalk) short() uint32 {
	if b := w.take(2); b != nil {
		return uint32(binary.BigEndian.Uint16(b))
	}
	return 0
}

func (w *cacheWalk) long() uint32 {
	if b := w.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (w *cacheWalk) data() { w.take(w.long()) }

// several reads a count and then that many items.
func (w *cacheWalk) several(one func()) {
	for n := w.long(); n > 0 && !w.wrong; n-- {
		one()
	}
}

func (w *cacheWalk) principal() {
	w.take(4) // kind of name
	n := w.long()
	w.data() // realm
	for ; n > 0 && !w.wrong; n-- {
		w.data()
	}
}

func (w *cacheWalk) credential(version byte) {
	w.principal()
	w.principal()
	w.take(2) // kind of encryption
	if version == 3 {
		w.take(2) // again
	}
	w.data()            // key
	w.take(4*4 + 1 + 4) // times, whether for a user, flags
	typed := func() { w.take(2); w.data() }
	w.several(typed) // addresses
	w.several(typed) // authorization data
	w.data()         // ticket
	w.data()         // second ticket
}
