package ldap

import (
	"context"
	"errors"
	"fmt"
	"io"
	stdsync "sync"
	"time"

	goldap "github.com/go-ldap/ldap/v3"

	"dirbridge/sync/identity"
)

// session is one bound connection. It handles one request at a time; nested and concurrent requests
// each take another session from the Source.
type session struct {
	source *Source
	server string // URL
	at     *server
	dir    *directory
	frames *frames
	conn   *goldap.Conn
	once   stdsync.Once

	serverError error     // the server broke off, or was too busy
	since       time.Time // start of the idle time
}

// close ends the connection, and any request on it.
func (c *session) close() {
	c.once.Do(func() {
		// The socket first: the library's own Close waits for its goroutines,
		// which may be waiting for the server.
		c.frames.Conn.Close()
		c.conn.Close()
	})
}

// query is one search. Its answer is complete if run returns nil.
type query struct {
	what     string // begins error messages, as in "listing people below DC=corp"
	base     string
	scope    int
	filter   string
	attrs    []string
	controls []goldap.Control
	// unpaged disables paging. onControls, if set, receives the controls of the result, on another
	// goroutine and possibly before the last entries.
	unpaged    bool
	onControls func([]goldap.Control) error
	// onIntermediate receives the intermediate responses (RFC 4511 section 4.13), on the caller's
	// goroutine and in order with the entries. Without it, an intermediate response is an error.
	onIntermediate func(frame []byte) error
	// allowOversized accepts entries with an attribute of too many values, which are left out; see
	// rawAttr. Without it, such an entry is an error.
	allowOversized bool
	// ignoreReferrals ignores references to other servers.
	ignoreReferrals bool
}

const everything = "(objectClass=*)"

// none requests entries without attributes (RFC 4511 section 4.5.1.8).
func none() []string { return []string{"1.1"} }

// run streams the entries of a search to each, on the caller's goroutine. An entry is valid during
// the call. A nil error means that the answer was complete: every page arrived, the last one with
// an empty cookie and a successful result, every referral was checked, and the context is alive.
// After an error the session is closed, unless the server itself answered with the error.
func (c *session) run(ctx context.Context, q query, each func(*rawEntry) error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %w", q.what, err)
	}
	feed := c.frames.openFeed()
	var refs references
	var pagesErr error
	done := make(chan struct{})
	go func() {
		defer close(done)
		pagesErr = guarded(func() error { return c.pages(q, &refs) })
	}()

	count, err := c.consume(ctx, q, feed, done, each)
	c.frames.closeFeed(feed)
	if err != nil {
		c.close()
		<-done
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: stopped after %d entries: %w", q.what, count, err)
	}
	if pagesErr != nil {
		return c.failure(q, count, pagesErr)
	}
	return c.checkReferrals(ctx, q, refs.urls)
}

// consume passes entries to each until the pages are done and the feed is empty.
func (c *session) consume(ctx context.Context, q query, f *feed, done <-chan struct{},
	each func(*rawEntry) error) (count int, err error) {
	var entry rawEntry
	what := q.what
	most, why := c.mostEntries()
	received := int64(0) // intermediate responses too
	take := func(chunk []byte) error {
		for rest := chunk; len(rest) > 0; {
			_, length, n, err := header(rest)
			if err != nil {
				return err
			}
			frame := rest[:n+length]
			rest = rest[n+length:]
			if received++; received > most {
				return c.tooMany(what, most, why)
			}
			if q.onIntermediate != nil {
				if _, op, _ := opening(frame); op == tagIntermediate {
					if err := q.onIntermediate(frame); err != nil {
						return err
					}
					continue
				}
			}
			if err := entry.decode(frame); err != nil {
				return c.broken(what, count, fmt.Errorf("an entry cannot be decoded: %w", err))
			}
			if entry.oversized != "" && !q.allowOversized {
				return c.oversizedFailure(what, &entry)
			}
			count++
			if err := each(&entry); err != nil {
				return err
			}
		}
		f.recycle(chunk)
		return nil
	}
	for {
		select {
		case chunk := <-f.chunks:
			if err := take(chunk); err != nil {
				return count, err
			}
		case <-ctx.Done():
			return count, fmt.Errorf("%s: stopped after %d entries: %w", what, count, ctx.Err())
		case <-done:
			for {
				select {
				case chunk := <-f.chunks:
					if err := take(chunk); err != nil {
						return count, err
					}
				default:
					return count, nil
				}
			}
		}
	}
}

// pages requests one page after the other. It requests the next page while the listing still
// processes the last, so the server does not wait.
func (c *session) pages(q query, refs *references) error {
	request := goldap.NewSearchRequest(q.base, q.scope, goldap.NeverDerefAliases, 0, 0, false, q.filter, q.attrs, nil)
	request.Controls = append(request.Controls, q.controls...)
	if q.unpaged || q.scope == goldap.ScopeBaseObject || c.dir == nil || !c.dir.paging {
		// RFC 4511 section 4.5.3: without limits in the request, success means that the server sent
		// everything.
		result, err := c.conn.Search(request)
		if err != nil {
			return err
		}
		if q.onControls != nil {
			if err := q.onControls(result.Controls); err != nil {
				return err
			}
		}
		return refs.add(result.Referrals)
	}
	paging := goldap.NewControlPaging(uint32(c.source.opt.PageSize))
	request.Controls = append(request.Controls, paging)
	var watch pageWatch
	c.frames.page.take() // discard the counts of the previous search
	for {
		result, err := c.conn.Search(request)
		if err != nil {
			return err
		}
		if err := refs.add(result.Referrals); err != nil {
			return err
		}
		answer, ok := goldap.FindControl(result.Controls, goldap.ControlTypePaging).(*goldap.ControlPaging)
		if !ok {
			return &unprovenError{"the server offers paged results, but its answer does not say whether more pages follow"}
		}
		if len(answer.Cookie) == 0 {
			return nil
		}
		entries, print := c.frames.page.take()
		if err := watch.page(entries, print, paging.Cookie, answer.Cookie); err != nil {
			return err
		}
		paging.SetCookie(answer.Cookie)
	}
}

// unprovenError is the error of an answer that may be incomplete.
type unprovenError struct{ text string }

func (e *unprovenError) Error() string { return e.text }

// failure explains why a search failed: by the server's answer, or by a broken connection.
func (c *session) failure(q query, count int, err error) error {
	var gap *unprovenError
	if errors.As(err, &gap) {
		c.close()
		return giveUp("Look for a proxy between here and the server, or update the server.",
			"%s at %s: %s; the listing ends unproven after %d entries", q.what, c.server, gap.text, count)
	}
	if isEndless(err) {
		return c.broken(q.what, count, err)
	}
	var result *goldap.Error
	if errors.As(err, &result) && serverCode(result.ResultCode) && c.frames.readError() == nil {
		what := q.what + " at " + c.server
		if count > 0 {
			what += fmt.Sprintf(", after %d entries", count)
		}
		said := *result
		if said.Err != nil {
			said.Err = errors.New(c.source.secrets.Said(said.Err.Error()))
		}
		err := resultFailure(what, &said)
		if overburdened(result, err) {
			c.serverError = err
			return interrupt(err)
		}
		return err
	}
	return c.broken(q.what, count, err)
}

// serverCode reports whether a server sent the result code. Codes from 200 on are the library's
// own; codes from 4096 on are protocol extensions (RFC 4520 section 3.8).
func serverCode(code uint16) bool { return code < goldap.ErrorNetwork || code >= 4096 }

// broken is the error of a connection that ended or fell silent. It closes the session; the next
// listing opens a new one.
func (c *session) broken(what string, count int, err error) error {
	cause := c.frames.readError()
	c.close()
	if isEndless(err) {
		cause = err
	}
	if cause == nil {
		cause = errors.New(libraryText(err))
	}
	if isEndless(cause) {
		return giveUp("Look at what answers at this address: it does not behave like a directory. Read from another server.",
			"%s at %s, after %d entries: %w", what, c.server, count, cause)
	}
	if _, ok := errors.AsType[*slowError](cause); ok {
		return giveUp("Check the directory server's load and the network; read from another server.",
			"%s at %s, after %d entries: %w", what, c.server, count, cause)
	}
	if large, ok := errors.AsType[*tooLargeError](cause); ok {
		return giveUp("Take large attributes out of the mapping; a group this large needs a larger limit.",
			"%s at %s, after %d entries: %w", what, c.server, count, large)
	}
	quiet, ok := errors.AsType[*silentError](cause)
	switch {
	case ok:
		c.serverError = retry("Check the directory server's load and the network; the run can be repeated.",
			"%s at %s: no answer after %d entries: %w", what, c.server, count, quiet)
	case errors.Is(cause, io.EOF):
		c.serverError = retry("Check whether the directory server was restarted; the run can be repeated.",
			"%s at %s: the server closed the connection after %d entries", what, c.server, count)
	default:
		c.serverError = retry("Check the directory server and the network; the run can be repeated.",
			"%s at %s: the connection broke after %d entries: %w", what, c.server, count, cause)
	}
	return interrupt(c.serverError)
}

// overburdened reports whether another server may succeed where this one failed.
func overburdened(result *goldap.Error, err error) bool {
	switch result.ResultCode {
	case goldap.LDAPResultBusy, goldap.LDAPResultUnavailable, goldap.LDAPResultOperationsError:
		f, ok := errors.AsType[*identity.Failure](err)
		return ok && f.Class == identity.Retry
	}
	return false
}
