package component

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Folded returns a text for comparison: in lower case, and without accents, so that "goncalo" finds
// "Gonçalo".
func Folded(s string) string { return string(foldedRunes(s)) }

// foldedRunes returns one rune for each rune of s.
func foldedRunes(s string) []rune {
	out := make([]rune, 0, len(s))
	for _, r := range s {
		out = append(out, foldedRune(r))
	}
	return out
}

func foldedRune(r rune) rune {
	if r < unicode.MaxASCII {
		return unicode.ToLower(r)
	}
	const marked, plain = "ßøØłŁđĐıæÆœŒþð", "sOollddiaaootd" // letters that Unicode does not decompose
	if i := slices.Index([]rune(marked), r); i >= 0 {
		return unicode.ToLower(rune(plain[i]))
	}
	for _, part := range norm.NFD.String(string(r)) {
		return unicode.ToLower(part) // accents follow their letter
	}
	return r
}

// Contains reports whether a text contains every word of a query, folded.
func Contains(text, query string) bool {
	text = Folded(text)
	for _, word := range strings.Fields(Folded(query)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}
