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

// frames is the connection below the LDAP library. It splits what the server sends
// into messages (frames), keeps the search result entries and the intermediate responses
// between them for the listing under way, and passes everything else on. Decoding entries
// is nine tenths of a listing's work, and the library's way of it costs many times what
// the server and the wire do.
//
// It also bounds silence: while an answer is due, no read waits longer than idle.
// The time that the consumer takes does not count.
//
// The library's reader goroutine calls Read; the listing receives from the feed.
type frames struct {
	net.Conn
	limit int // bytes of one message
	reply int // of one that goes to the library
	chunk int // of one buffer
	idle  time.Duration
	sent  atomic.Int64 // id of the request last written

	tally tally // of the page under way

	mu    sync.Mutex
	pace  pace
	asked time.Time // when the last request went out
	busy  bool      // an answer is due
	armed time.Time // when the deadline was set
	feed  *feed
	cause error // why reading ended

	// Of the reader goroutine alone. buf[from:r] are whole entries not handed over
	// yet, buf[r:w] is unread.
	buf        []byte
	from, r, w int
	pass       []byte // rest of a message for the library
	seed       maphash.Seed
}

// feed carries entry messages and intermediate responses, several whole ones a chunk
// and in the server's order, to one listing.
type feed struct {
	chunks chan []byte
	spare  chan []byte   // buffers given back
	stop   chan struct{} // closed when the listing takes no more
	chunk  int           // bytes of a buffer
}

const chunkSize = 64 << 10

func newFrames(c net.Conn, limit int, idle time.Duration) *frames {
	return &frames{Conn: c, limit: limit, reply: maxReply, chunk: chunkSize, idle: idle, buf: make([]byte, chunkSize), seed: maphash.MakeSeed()}
}

// begin starts the clock of silence for a request; end stops it.
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

// open begins a listing and starts its feed. One listing at a time.
func (t *frames) open() *feed {
	f := &feed{chunks: make(chan []byte, 4), spare: make(chan []byte, 6), stop: make(chan struct{}), chunk: t.chunk}
	t.mu.Lock()
	t.feed = f
	t.mu.Unlock()
	t.begin()
	return f
}

// shut ends the listing. From now on, anything that the server still sends of it is an error.
func (t *frames) shut(f *feed) {
	close(f.stop)
	t.mu.Lock()
	t.feed = nil
	t.mu.Unlock()
	t.end()
}

// why is the reason why reading ended, or nil.
func (t *frames) why() error {
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

// Write sends one request. The library writes each with one call.
func (t *frames) Write(p []byte) (int, error) {
	if id, _, err := opening(p); err == nil {
		t.sent.Store(id)
	}
	t.mu.Lock()
	t.asked = time.Now()
	t.pace.ask()
	t.mu.Unlock()
	t.Conn.SetWriteDeadline(time.Now().Add(t.idle))
	return t.Conn.Write(p)
}

// Read gives the library its messages and keeps the entries from it.
func (t *frames) Read(p []byte) (int, error) {
	for len(t.pass) == 0 {
		if err := t.next(); err != nil {
			t.hand() // what was whole before it still counts
			return 0, t.fail(err)
		}
	}
	n := copy(p, t.pass)
	t.pass = t.pass[n:]
	return n, nil
}

// next takes one message off the buffer, reading more where it is not whole.
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
		return &tooLarge{size: length, limit: t.limit}
	case length > t.reply && t.w-t.r < opensWithin:
		return t.fill(n + length)
	case length > t.reply && !streamed(t.buf[t.r+n:t.w]):
		return &tooLarge{size: length, limit: t.reply}
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
		t.tally.add(maphash.Bytes(t.seed, body))
		t.r += len(frame)
		return nil
	}
	t.mu.Lock()
	err = t.pace.reply()
	t.mu.Unlock()
	if err != nil {
		return err
	}
	if id == 0 && op == tagExtended {
		return disconnectionNotice(frame)
	}
	// Entries must be with the listing before the library sees what came after
	// them: its end of search means that the feed is complete.
	if err := t.hand(); err != nil {
		return err
	}
	t.pass = t.buf[t.r : t.r+n+length]
	t.r += n + length
	t.from = t.r
	return nil
}

// hand gives the collected entries to the listing, with their buffer, and continues
// in another one.
func (t *frames) hand() error {
	if t.from == t.r {
		return nil
	}
	t.mu.Lock()
	f := t.feed
	t.mu.Unlock()
	if f == nil {
		return errors.New("the server sends entries that nobody asked for")
	}
	chunk, rest := t.buf[t.from:t.r], t.buf[t.r:t.w]
	var fresh []byte
	select {
	case fresh = <-f.spare:
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

// recycle gives a chunk's buffer back. Those that a large entry has grown go to
// the collector, so that one such entry does not keep its memory for ever.
func (f *feed) recycle(chunk []byte) {
	if cap(chunk) < f.chunk/2 || cap(chunk) > f.chunk {
		return
	}
	select {
	case f.spare <- chunk[:cap(chunk)]:
	default:
	}
}

// fill reads more. need is the length of the message at t.r, or 0 where its header
// is not whole.
func (t *frames) fill(need int) error {
	// Not at every read: a server that writes entry by entry would wake the
	// listing for each. What waits here is handed over at the latest with the end
	// of the page, or of the connection.
	if t.r-t.from >= t.chunk/2 || need > len(t.buf)-t.from || t.w == len(t.buf) {
		if err := t.hand(); err != nil {
			return err
		}
	}
	if t.from == t.r && t.r > 0 && (t.w == len(t.buf) || need > len(t.buf)-t.r) {
		t.w = copy(t.buf, t.buf[t.r:t.w])
		t.from, t.r = 0, 0
	}
	if t.w == len(t.buf) {
		// By steps: a length is only believed as far as bytes have come.
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
				continue // left over from the request before
			}
			return &silent{t.idle}
		}
		if err != nil {
			return err
		}
	}
}

// rearm moves the deadline of silence on. It is set late enough that moving it now
// and then is enough, for setting it costs as much as reading an entry. It returns the time.
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

// timed counts what a read brought that began then. Time before the
// request went out, and after its answer, does not count: no answer was due.
func (t *frames) timed(n int, began time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.busy {
		return nil
	}
	if t.asked.After(began) {
		began = t.asked
	}
	return t.pace.came(n, time.Since(began))
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

// silent is the error of a server that does not answer.
type silent struct{ idle time.Duration }

func (e *silent) Error() string { return fmt.Sprintf("the server has been silent for %s", e.idle) }

// tooLarge is the error of a message beyond the limit.
type tooLarge struct{ size, limit int }

func (e *tooLarge) Error() string {
	return fmt.Sprintf("the server sends a message of %d bytes, where the limit is %d", e.size, e.limit)
}
