package ldaptest

import (
	"io"
	"net"
	"strings"
	"testing"

	"dirbridge/sync/sample"
)

// BenchmarkStream reads all people with the attributes that a connector requests, with a client
// that only counts bytes.
func BenchmarkStream(b *testing.B) {
	const n = 50_000
	s := start(b, 0, Options{MaxPageSize: -1})
	if err := s.Load(sample.New(sample.Options{People: n})); err != nil {
		b.Fatal(err)
	}
	c, err := net.Dial("tcp", strings.TrimPrefix(s.URL(), "ldap://"))
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	user, password := s.Credentials()
	bind := appendText(appendText([]byte{0x02, 1, 3}, 0x04, user), 0x80, password)
	send(b, c, 1, opBind, bind)
	buf := make([]byte, 1<<20)
	if _, err := c.Read(buf); err != nil {
		b.Fatal(err)
	}
	search := appendText(nil, 0x04, testBase)
	search = append(search, 0x0a, 1, 2, 0x0a, 1, 0, 0x02, 1, 0, 0x02, 1, 0, 0x01, 1, 0)
	search = appendText(search, filterPresent, "mail")
	search, list := openElement(search, 0x30)
	for _, a := range strings.Fields(
		"objectGUID mail displayName givenName sn title department telephoneNumber mobile userAccountControl manager l st " +
			"postalCode c employeeNumber") {
		search = appendText(search, 0x04, a)
	}
	search = closeElement(search, list)
	b.ResetTimer()
	for b.Loop() {
		before := s.Stats().Entries
		send(b, c, 2, opSearch, search)
		tail := ""
		for !strings.Contains(tail, "\x65\x84\x00\x00\x00\x07\x0a\x01\x00") { // SearchResultDone
			n, err := c.Read(buf)
			if err != nil {
				b.Fatal(err)
			}
			tail = string(buf[max(0, n-40):n])
		}
		b.ReportMetric(float64(s.Stats().Entries-before), "entries/op")
	}
	b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds(), "entries/s")
}

func send(b *testing.B, w io.Writer, id int64, op byte, body []byte) {
	b.Helper()
	frame, at := openElement(nil, 0x30)
	frame = appendInteger(frame, 0x02, id)
	frame = closeElement(append(appendHeader(frame, op, len(body)), body...), at)
	if _, err := w.Write(frame); err != nil {
		b.Fatal(err)
	}
}
