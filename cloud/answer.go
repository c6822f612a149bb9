package cloud

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
)

// Bounds of an answer, after decompression.
const (
	largestAnswer  = 8 << 20   // bytes of an answer that is read at once
	largestError   = 64 << 10  // bytes of an error that are inspected
	largestDiscard = 256 << 10 // bytes that are discarded to reuse the connection
)

// response is a successful response.
type response struct {
	status int
	header http.Header
	body   []byte
}

// readWhole reads an answer at once. If the answer to a write is larger than any resource, it is
// useless, but the write is done.
func readWhole(write bool, status int, h http.Header, r io.Reader) (response, error) {
	body, err := io.ReadAll(io.LimitReader(r, largestAnswer+1))
	if err == nil && len(body) > largestAnswer {
		if write {
			return response{status, h, nil}, nil
		}
		return response{}, fmt.Errorf("the answer is larger than %d bytes", largestAnswer)
	}
	return response{status, h, body}, err
}

// byteOrderMark: some servers put one before their JSON, where it is not allowed.
var byteOrderMark = []byte("\xEF\xBB\xBF")

// withoutMark skips a byte order mark at the start.
func withoutMark(r io.Reader) io.Reader {
	b := bufio.NewReader(r)
	if start, _ := b.Peek(len(byteOrderMark)); bytes.Equal(start, byteOrderMark) {
		_, _ = b.Discard(len(byteOrderMark)) // Peek saw them
	}
	return b
}
