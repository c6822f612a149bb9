package cli

import (
	"fmt"
	"strconv"
)

// atLeast is a flag for an integer with a minimum.
type atLeast struct {
	to    *int
	least int
}

func newAtLeast(to *int, value, least int) *atLeast {
	*to = value
	return &atLeast{to, least}
}

func (f *atLeast) String() string {
	if f.to == nil {
		return ""
	}
	return strconv.Itoa(*f.to)
}

func (f *atLeast) Type() string { return "N" }

func (f *atLeast) Set(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < f.least {
		return fmt.Errorf("%q is not a number from %d on", s, f.least)
	}
	*f.to = n
	return nil
}
