package ldap

import (
	"errors"
	"fmt"
	"hash/maphash"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// frames is the connection below the LDAP library. It splits what the server sends into messages
// (frames). Search result entries, and the intermediate responses between them, go to the current
// listing; everything else goes to the library. Decoding entries is nine tenths of a listing's
// work, and the library takes many times as long for it as the server and the network.
//
// It also bounds silence: while an answer is due, no read waits longer than idle. The time that the
// consumer takes does not count.
//
// The library's reader goroutine calls Read; the listing receives from the feed.
type frames struct {
	net.Conn
	limit int // bytes of one message
	reply int // bytes of one message for the library
	chunk int // of one buffer
	idle  time.Duration
	sent  atomic.Int64 // id of the request last written

	page pageCount // of the current page

	mu    sync.Mutex
	pace  pace
	asked time.Time // time of the last request
	busy  bool      // an answer is due
	armed time.Time // time when the deadline was set
	feed  *feed
	cause error // of the end of reading

	// For the reader goroutine only. buf[from:r] has complete entries that are not handed over yet,
	// buf[r:w] is unread.
	buf        []byte
	from, r, w int
	pass       []byte // rest of a message for the library
	seed       maphash.Seed
}

// feed carries entries and intermediate responses to one listing, in the server's order. Each chunk
// has several complete messages.
type feed struct {
	chunks chan []byte
	free   chan []byte   // buffers for reuse
	stop   chan struct{} // closed when the listing takes no more
	chunk  int           // bytes of a buffer
}

const chunkSize = 64 << 10

func newFrames(c net.Conn, limit int, idle time.Duration) *frames {
	return &frames{Conn: c, limit: limit, reply: maxReply, chunk: chunkSize, idle: idle, buf: make([]byte, chunkSize),
		seed: maphash.MakeSeed()}
}

// begin starts the time limit for the answer to a request; end stops it.
func (t *frames) begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.busy, t.armed = true, time.Now()
	t.asked, t.pace = t.armed, pace{idle: t.idle}
	t.Conn.SetReadDeadline(t.armed.Add(t.idle + t.idle/8))
}

func (t *frames) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.busy = false
	t.Conn.SetReadDeadline(time.Time{})
}

// openFeed starts a listing and its feed. Only one listing runs at a time.
func (t *frames) openFeed() *feed {
	f := &feed{chunks: make(chan []byte, 4), free: make(chan []byte, 6), stop: make(chan struct{}), chunk: t.chunk}
	t.mu.Lock()
	t.feed = f
	t.mu.Unlock()
	t.begin()
	return f
}

// closeFeed ends the listing. Any later message of it is an error.
func (t *frames) closeFeed(f *feed) {
	close(f.stop)
	t.mu.Lock()
	t.feed = nil
	t.mu.Unlock()
	t.end()
}

// readError returns the cause of the end of reading, or nil.
func (t *frames) readError() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.cause
}

func (t *frames) fail(err error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cause == nil {
		t.cause = err
	}
	return err
}

// Write sends one request. The library writes each request with a single call.
func (t *frames) Write(p []byte) (int, error) {
	if id, _, err := opening(p); err == nil {
		t.sent.Store(id)
	}
	t.mu.Lock()
	t.asked = time.Now()
	t.pace.start()
	t.mu.Unlock()
	t.Conn.SetWriteDeadline(time.Now().Add(t.idle))
	return t.Conn.Write(p)
}

// Read passes messages to the library, except the entries.
func (t *frames) Read(p []byte) (int, error) {
	for len(t.pass) == 0 {
		if err := t.next(); err != nil {
			t.deliver() // complete messages before the end still count
			return 0, t.fail(err)
		}
	}
	n := copy(p, t.pass)
	t.pass = t.pass[n:]
	return n, nil
}

// next takes one message from the buffer, and reads more if it is incomplete.
func (t *frames) next() error {
	tag, length, n, err := header(t.buf[t.r:t.w])
	switch {
	case errors.Is(err, errShort):
		return t.fill(0)
	case err != nil:
		return fmt.Errorf("the server sends what is not LDAP: %w", err)
	case tag != tagSequence:
		return fmt.Errorf("the server sends what is not LDAP: a message that begins with 0x%02x", tag)
	case length > t.limit-n:
		return &tooLargeError{size: length, limit: t.limit}
	case length > t.reply && t.w-t.r < opensWithin:
		return t.fill(n + length)
	case length > t.reply && !streamed(t.buf[t.r+n:t.w]):
		return &tooLargeError{size: length, limit: t.reply}
	case t.w-t.r < n+length:
		return t.fill(n + length)
	}
	frame := t.buf[t.r : t.r+n+length]
	id, body, err := opened(frame)
	if err != nil {
		return fmt.Errorf("the server sends what is not LDAP: %w", err)
	}
	op := body[0]
	if op == tagSearchEntry || op == tagIntermediate {
		if id != t.sent.Load() {
			return fmt.Errorf("the server sends an entry or an intermediate response for request %d, which is not open", id)
		}
		t.page.add(maphash.Bytes(t.seed, body))
		t.r += len(frame)
		return nil
	}
	t.mu.Lock()
	err = t.pace.replied()
	t.mu.Unlock()
	if err != nil {
		return err
	}
	if id == 0 && op == tagExtended {
		return disconnectionNotice(frame)
	}
	// The listing must have the entries before the library sees the message after them: its end of
	// search means that the feed is complete.
	if err := t.deliver(); err != nil {
		return err
	}
	t.pass = t.buf[t.r : t.r+n+length]
	t.r += n + length
	t.from = t.r
	return nil
}

// deliver gives the collected entries to the listing, with their buffer, and continues in another
// buffer.
func (t *frames) deliver() error {
	if t.from == t.r {
		return nil
	}
	t.mu.Lock()
	f := t.feed
	t.mu.Unlock()
	if f == nil {
		return errors.New("the server sends entries without a request")
	}
	chunk, rest := t.buf[t.from:t.r], t.buf[t.r:t.w]
	var fresh []byte
	select {
	case fresh = <-f.free:
	default:
	}
	if len(fresh) < len(rest) || fresh == nil {
		fresh = make([]byte, max(t.chunk, len(rest)))
	}
	t.w = copy(fresh, rest)
	t.buf, t.from, t.r = fresh, 0, 0
	select {
	case f.chunks <- chunk:
	case <-f.stop:
	}
	return nil
}

// recycle returns a chunk's buffer for reuse. A buffer that grew for a large entry is dropped, so
// that one such entry does not hold memory for ever.
func (f *feed) recycle(chunk []byte) {
	if cap(chunk) < f.chunk/2 || cap(chunk) > f.chunk {
		return
	}
	select {
	case f.free <- chunk[:cap(chunk)]:
	default:
	}
}

// fill reads more. need is the length of the message at t.r, or 0 if its header is incomplete.
func (t *frames) fill(need int) error {
	// Not at every read: a server that writes entry by entry would wake the listing for each.
	// Entries that wait here are handed over with the end of the page or the connection at the
	// latest.
	if t.r-t.from >= t.chunk/2 || need > len(t.buf)-t.from || t.w == len(t.buf) {
		if err := t.deliver(); err != nil {
			return err
		}
	}
	if t.from == t.r && t.r > 0 && (t.w == len(t.buf) || need > len(t.buf)-t.r) {
		t.w = copy(t.buf, t.buf[t.r:t.w])
		t.from, t.r = 0, 0
	}
	if t.w == len(t.buf) {
		// In steps: a length is trusted only as far as bytes have arrived.
		grown := make([]byte, max(2*t.chunk, min(need, 2*len(t.buf))))
		copy(grown, t.buf[:t.w])
		t.buf = grown
	}
	for {
		began := t.rearm()
		n, err := t.Conn.Read(t.buf[t.w:])
		t.w += n
		if n > 0 {
			return t.timed(n, began)
		}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			if !t.waiting() {
				continue // left over from the previous request
			}
			return &silentError{t.idle}
		}
		if err != nil {
			return err
		}
	}
}

// rearm extends the deadline of silence and returns the time. Setting a deadline costs as much as
// reading an entry, so it is set late enough to be moved only now and then.
func (t *frames) rearm() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if t.busy && now.Sub(t.armed) > t.idle/8 {
		t.armed = now
		t.Conn.SetReadDeadline(now.Add(t.idle + t.idle/8))
	}
	return now
}

// timed records n bytes of a read that began at the given time. Time before the request and after
// its answer does not count: no answer was due.
func (t *frames) timed(n int, began time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.busy {
		return nil
	}
	if t.asked.After(began) {
		began = t.asked
	}
	return t.pace.received(n, time.Since(began))
}

func (t *frames) waiting() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.busy
}

// disconnectionNotice is the error in a Notice of Disconnection (RFC 4511 section 4.4.1).
func disconnectionNotice(frame []byte) error {
	body, _, err := expect(frame, tagSequence, "notice")
	if err != nil {
		return err
	}
	if _, body, err = expect(body, tagInteger, "notice"); err != nil {
		return err
	}
	if body, _, err = expect(body, tagExtended, "notice"); err != nil {
		return err
	}
	code, body, err := expect(body, 0x0a, "notice")
	if err != nil || len(code) != 1 {
		return errors.New("the server ends the connection")
	}
	text := ""
	if _, rest, err := expect(body, tagOctets, "notice"); err == nil {
		if said, _, err := expect(rest, tagOctets, "notice"); err == nil && isText(said) {
			text = ": " + string(said)
		}
	}
	return fmt.Errorf("the server ends the connection with result %d%s", code[0], text)
}

// silentError is the error of a server that does not answer.
type silentError struct{ idle time.Duration }

func (e *silentError) Error() string { return fmt.Sprintf("the server has been silent for %s", e.idle) }

// tooLargeError is the error of a message over the limit.
type tooLargeError struct{ size, limit int }

func (e *tooLargeError) Error() string {
	return fmt.Sprintf("the server sends a message of %d bytes, where the limit is %d", e.size, e.limit)
}
