package lab

import (
	"slices"
	"testing"
)

// entryMessage is a SearchResultEntry with content of this size, as a server sends it.
func entryMessage(content int) []byte {
	body := append([]byte{integer, 1, 7, searchResultEntry, 0x82, byte(content >> 8), byte(content)},
		make([]byte, content)...)
	return append([]byte{sequence, 0x82, byte(len(body) >> 8), byte(len(body))}, body...)
}

func TestEntriesAreCountedAcrossReads(t *testing.T) {
	done := []byte{sequence, 12, integer, 1, 7, 0x65, 7, 10, 1, 0, 4, 0, 4, 0}
	stream := slices.Concat(entryMessage(300), done, entryMessage(5), entryMessage(0), done)
	for size := 1; size <= len(stream); size++ {
		var c entryCounter
		n := int64(0)
		for piece := range slices.Chunk(stream, size) {
			n += c.count(piece)
		}
		if n != 3 || c.notLDAP {
			t.Fatalf("in pieces of %d: %d entries, %+v", size, n, c)
		}
	}
}

// FuzzEntryCounter checks that counting ends without a panic, whatever a relay forwards.
func FuzzEntryCounter(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\n\r\n"), 3)
	f.Add([]byte{0x16, 3, 3, 0, 0x7a, 2}, 1) // TLS
	f.Add([]byte{sequence, 0x88, 0xdd, 1, 2, 3, 4, 5, 6, 7, 8, integer, 0x88, 9, 9, 9, 9, 9, 9, 9, 9}, 4)
	f.Add(entryMessage(9), 2)
	f.Fuzz(func(t *testing.T, stream []byte, size int) {
		var c entryCounter
		for piece := range slices.Chunk(stream, max(1, size)) {
			if n := c.count(piece); n < 0 || int(n) > len(piece) || c.skip < 0 {
				t.Fatalf("%d entries in %d bytes: %+v", n, len(piece), c)
			}
		}
	})
}
