package config

import "strings"

// closest returns the candidate that the user probably meant, or "".
func closest(written string, candidates []string) string {
	plain := func(s string) string {
		return strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(s))
	}
	best, distance := "", 3
	if n := len(written); n < 4 {
		distance = 2
	}
	for _, c := range candidates {
		d := 0
		if plain(c) != plain(written) {
			d = 1 + editDistance(strings.ToLower(written), strings.ToLower(c), distance)
		}
		if d <= distance && (best == "" || d < distance) {
			best, distance = c, d
		}
	}
	if best != "" {
		return best
	}
	for _, c := range candidates {
		lower := strings.ToLower(c)
		if len(c) >= 3 && strings.HasPrefix(strings.ToLower(written), lower) || len(written) >= 3 &&
			strings.HasPrefix(lower, strings.ToLower(written)) {
			return c // one is a prefix of the other
		}
	}
	return ""
}

// editDistance counts insertions, deletions, substitutions and swaps of adjacent letters. It
// returns limit+1 for any larger distance.
func editDistance(a, b string, limit int) int {
	if len(a) > len(b)+limit || len(b) > len(a)+limit || len(a) > 64 {
		return limit + 1
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// Suggest returns a hint with the name that the user probably meant, "did you mean title?", or "".
// Names of one or two letters resemble everything, so only a difference in case counts for them.
func Suggest(written string, candidates []string) string {
	var long []string
	for _, c := range candidates {
		if strings.EqualFold(c, written) {
			return "did you mean " + c + "?"
		}
		if len(c) > 2 {
			long = append(long, c)
		}
	}
	if c := closest(written, long); c != "" {
		return "did you mean " + c + "?"
	}
	return ""
}
