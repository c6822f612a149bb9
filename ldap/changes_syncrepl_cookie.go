package ldap

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// OpenLDAP's cookie of RFC 4533 is text of names and values. The value of csn has the numbers of
// the last changes, one for each server that takes changes, separated by semicolons. It is the same
// on every server with a copy of the database.

// syncCookie makes the cookie of a request from a server's cookie: its numbers alone. A client that
// sends the server's own sid may be taken for that server, and is then not told its own changes.
//
// The numbers must be valid. A server that finds none in a cookie takes the client for one without
// data: it answers with success and all entries, and with no deletion.
func syncCookie(given []byte) ([]byte, error) {
	if _, ok := changelogNumber(given); ok {
		return bytes.Clone(given), nil
	}
	for part := range strings.SplitSeq(string(given), ",") {
		numbers, ok := strings.CutPrefix(part, "csn=")
		if !ok {
			continue
		}
		all := strings.Split(numbers, ";")
		for _, number := range all {
			if !isCSN(number) {
				return nil, fmt.Errorf("%q is not the number of a change", number)
			}
		}
		slices.Sort(all)
		return []byte("rid=000,csn=" + strings.Join(all, ";")), nil
	}
	return nil, errors.New("it has no number of a change")
}

// isCSN reports whether the text is a change sequence number: time, count, server and modification,
// as in 20261122224759.984834Z#000000#001#000000.
func isCSN(s string) bool {
	const form = "00000000000000.000000Z#xxxxxx#xxx#xxxxxx"
	if len(s) != len(form) {
		return false
	}
	for i := range len(form) {
		digit := s[i] >= '0' && s[i] <= '9'
		switch form[i] {
		case '0':
			if !digit {
				return false
			}
		case 'x':
			if !digit && (s[i] < 'a' || s[i] > 'f') && (s[i] < 'A' || s[i] > 'F') {
				return false
			}
		default:
			if s[i] != form[i] {
				return false
			}
		}
	}
	return true
}
