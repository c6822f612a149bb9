package config

import (
	"errors"
	"strconv"
	"strings"
)

// Threshold limits how much a plan may contain before it is held: a number, a share of the whole,
// both of which must be exceeded, or no limit.
type Threshold struct {
	Count   int
	Percent float64 // more than 0 if a share counts, with Count or alone
	Off     bool
}

var errThreshold = errors.New(`must be a whole number, a percentage such as "5%", both such as "20 and 5%", or "off"`)

// ParseThreshold parses the form that has quotes in the file.
func ParseThreshold(s string) (Threshold, error) {
	if s == "off" {
		return Threshold{Off: true}, nil
	}
	var t Threshold
	share := s
	if number, rest, both := strings.Cut(s, " and "); both {
		n, err := strconv.ParseInt(number, 10, 32)
		if err != nil || n < 0 || strings.ContainsAny(number, "+-") {
			return Threshold{}, errThreshold
		}
		t.Count, share = int(n), rest
	}
	share, ok := strings.CutSuffix(share, "%")
	if !ok {
		return Threshold{}, errThreshold
	}
	p, err := strconv.ParseFloat(share, 64)
	if err != nil || !(p > 0 && p <= 100) || strings.ContainsAny(share, "eExXpP_+") {
		return Threshold{}, errThreshold
	}
	t.Percent = p
	return t, nil
}

// readThreshold parses a threshold as people type it, without the quotes of the file.
func readThreshold(s string) (Threshold, error) {
	if n, err := strconv.ParseInt(s, 10, 32); err == nil && n >= 0 {
		return Threshold{Count: int(n)}, nil
	}
	return ParseThreshold(s)
}

// String returns 20, 5%, 20 and 5%, or off.
func (t Threshold) String() string {
	switch {
	case t.Off:
		return "off"
	case t.Percent > 0 && t.Count > 0:
		return strconv.Itoa(t.Count) + " and " + Threshold{Percent: t.Percent}.String()
	case t.Percent > 0:
		return strconv.FormatFloat(t.Percent, 'f', -1, 64) + "%"
	}
	return strconv.Itoa(t.Count)
}

// MarshalText returns the same as String.
func (t Threshold) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText parses the output of String.
func (t *Threshold) UnmarshalText(text []byte) (err error) {
	*t, err = readThreshold(string(text))
	return err
}
