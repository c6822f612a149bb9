package ldap

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// OpenLDAP's cookie of RFC 4533 is text: names and values, of which csn are the
// numbers of the last changes, one of each server that takes changes, with semicolons
// between them. It is the same at every server that has a copy of the database.

// syncCookie makes of a server's cookie the one to ask with: its numbers alone. A
// client that names the server's own sid may be taken for that server, and is then told
// nothing that it wrote.
//
// The numbers must be right. A server takes a cookie in which it finds none for that of
// a client without any data: it answers with success and all entries, and with no
// deletion.
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

// isCSN reports whether the text is the number of a change: time, count, server and
// modification, as in 20261122224759.984834Z#000000#001#000000.
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
