package ldaptest

import (
	"encoding/binary"
	"math/bits"
)

// md4 is the digest of RFC 1320, which Windows uses for stored passwords. It is broken, and used
// for nothing else here.
func md4(message []byte) [16]byte {
	state := [4]uint32{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476}
	padded := append(append([]byte{}, message...), 0x80)
	for len(padded)%64 != 56 {
		padded = append(padded, 0)
	}
	padded = binary.LittleEndian.AppendUint64(padded, uint64(len(message))*8)
	for ; len(padded) > 0; padded = padded[64:] {
		md4Block(&state, padded[:64])
	}
	var sum [16]byte
	for i, v := range state {
		binary.LittleEndian.PutUint32(sum[4*i:], v)
	}
	return sum
}

// md4Block processes one block of 64 bytes (RFC 1320 section 3.4).
func md4Block(state *[4]uint32, block []byte) {
	var x [16]uint32
	for i := range x {
		x[i] = binary.LittleEndian.Uint32(block[4*i:])
	}
	rounds := [3]struct {
		add   uint32
		shift [4]int
		word  func(i int) int
		mix   func(x, y, z uint32) uint32
	}{
		{0, [4]int{3, 7, 11, 19}, func(i int) int { return i },
			func(x, y, z uint32) uint32 { return x&y | ^x&z }},
		{0x5a827999, [4]int{3, 5, 9, 13}, func(i int) int { return i%4*4 + i/4 },
			func(x, y, z uint32) uint32 { return x&y | x&z | y&z }},
		{0x6ed9eba1, [4]int{3, 9, 11, 15}, func(i int) int { return int(bits.Reverse8(uint8(i)) >> 4) },
			func(x, y, z uint32) uint32 { return x ^ y ^ z }},
	}
	a, b, c, d := state[0], state[1], state[2], state[3]
	for _, r := range rounds {
		for i := range 16 {
			t := bits.RotateLeft32(a+r.mix(b, c, d)+x[r.word(i)]+r.add, r.shift[i%4])
			a, b, c, d = d, t, b, c
		}
	}
	state[0] += a
	state[1] += b
	state[2] += c
	state[3] += d
}
