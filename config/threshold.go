package config

import (
	"errors"
	"strconv"
	"strings"
)

// Threshold is how many removals a plan may have before it is held: a number, a
// share of all accounts, or no limit.
type Threshold struct {
	Count   int
	Percent float64 // more than 0 where a share counts instead of the number
	Off     bool
}

var errThreshold = errors.New(`must be a whole number, a percentage such as "5%", or "off"`)

// ParseThreshold reads the form that has quotes in the file.
func ParseThreshold(s string) (Threshold, error) {
	if s == "off" {
		return Threshold{Off: true}, nil
	}
	share, ok := strings.CutSuffix(s, "%")
	if !ok {
		return Threshold{}, errThreshold
	}
	p, err := strconv.ParseFloat(share, 64)
	if err != nil || !(p > 0 && p <= 100) || strings.ContainsAny(share, "eExXpP_+") {
		return Threshold{}, errThreshold
	}
	return Threshold{Percent: p}, nil
}

// String is 20, 5% or off.
func (t Threshold) String() string {
	switch {
	case t.Off:
		return "off"
	case t.Percent > 0:
		return strconv.FormatFloat(t.Percent, 'f', -1, 64) + "%"
	}
	return strconv.Itoa(t.Count)
}
