package cloud

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
)

// Bounds of an answer, counted after it was unpacked.
const (
	largestAnswer = 8 << 20   // bytes of an answer that is read at once
	largestError  = 64 << 10  // bytes of an error that are looked at
	largestRest   = 256 << 10 // bytes that are read for nothing, to use the connection again
)

// answer is a successful answer.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// readWhole reads an answer at once. The answer to a write that is larger than any
// resource shows nothing that could be used, and the write is done all the same.
func readWhole(write bool, status int, h http.Header, r io.Reader) (answer, error) {
	body, err := io.ReadAll(io.LimitReader(r, largestAnswer+1))
	if err == nil && len(body) > largestAnswer {
		if write {
			return answer{status, h, nil}, nil
		}
		return answer{}, fmt.Errorf("the answer is larger than %d bytes", largestAnswer)
	}
	return answer{status, h, body}, err
}

// byteOrderMark is put by some servers before their JSON, where it does not belong.
var byteOrderMark = []byte("\xEF\xBB\xBF")

// withoutMark skips a byte order mark at the start.
func withoutMark(r io.Reader) io.Reader {
	b := bufio.NewReader(r)
	if start, _ := b.Peek(len(byteOrderMark)); bytes.Equal(start, byteOrderMark) {
		_, _ = b.Discard(len(byteOrderMark)) // they are there: Peek saw them
	}
	return b
}
