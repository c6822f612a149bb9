package sync

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
)

// digest is a fingerprint of its parts, each delimited.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:", len(p))
		io.WriteString(h, p)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// hash64 is FNV-1a with a finish that spreads it: stable over processes, since what
// it makes is stored.
func hash64(seed uint64, s string) uint64 {
	h := uint64(14695981039346656037) ^ seed*0x9e3779b97f4a7c15
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	h ^= h >> 32
	return h
}
