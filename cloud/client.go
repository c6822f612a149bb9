package cloud

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	neturl "net/url"
	"strings"
	"sync/atomic"
	"time"

	"dirbridge/sync/record"
	"dirbridge/sync/redact"
)

// Bounds on one request.
const (
	pausedTries = 10 // after answers that ask to wait
	failedTries = 4  // after other failures that may pass; of a record, in all
)

// client speaks HTTP with the cloud: it signs, paces, bounds, repeats what may be
// repeated, and turns everything else into a refusal. Its methods may be called
// from several goroutines.
type client struct {
	base    string // without a slash at the end
	token   func() (string, error)
	http    *http.Client
	timeout time.Duration // of one attempt, its answer included
	limit   *rateLimit
	circuit circuit
	secrets *redact.Secrets // every token that was sent, and the proxy's password
}

// request is one request, sent as often as needed.
type request struct {
	method, path string // path begins with a slash, escaped
	query        string
	body         []byte
	// fromRoot: path begins at the root of the host, not at the base.
	fromRoot bool
	// again: may be sent again although it may have been carried out already.
	again bool
	// write: once sent it is waited for, even when the caller's context ends.
	write bool
	// tries counts the failures of a record over all of its requests; nil counts those of
	// this one.
	tries *int
	// apart: it is of a record that failed where others succeeded, or that is one of those
	// by which the cloud came to be doubted. Another failure of it says nothing new.
	apart bool
	// several: it is of several records, of which its answer tells, see bulkTells.
	several bool
}

// do sends a request and reads the answer whole.
func (c *client) do(ctx context.Context, q request) (answer, error) {
	var a answer
	err := c.exchange(ctx, q, func(status int, h http.Header, r io.Reader) error {
		var err error
		a, err = readWhole(q.write, status, h, r)
		return err
	})
	return a, err
}

// exchange sends a request until it succeeds or is refused for good, and gives the
// body of a success to read. When the body breaks off while being read, the request
// counts as failed, and read may be called again.
//
// The error is an *identity.Failure, or the context's.
func (c *client) exchange(ctx context.Context, q request, read func(int, http.Header, io.Reader) error) error {
	fresh := true // one new token for one 401
	paused, failed := 0, q.tries
	if failed == nil {
		failed = new(int)
	}
	for {
		if err := c.limit.wait(ctx); err != nil {
			return fmt.Errorf("%w: %w", errStopped, err)
		}
		if err := c.circuit.open(); err != nil {
			return fmt.Errorf("%w: %w", errStopped, err)
		}
		token, err := c.token()
		if err != nil {
			return fail(record.Hold, "Check what [cloud] token refers to.", fmt.Errorf("the cloud's token cannot be read: %w", err))
		}
		c.secrets.Add(token)
		err = c.once(ctx, q, token, read)
		r := refused(err)
		c.tell(q, r, paused+1 >= pausedTries)
		if r == nil {
			return err // done, or an answer that cannot be read
		}
		switch {
		case r.status == http.StatusUnauthorized && fresh:
			fresh = false
			if next, err := c.token(); err == nil && next != token {
				continue
			}
			return r.failure()
		case asksToWait(r):
			if paused++; paused >= pausedTries {
				return r.failure()
			}
			d := r.after
			if !r.told {
				d = backOffTime(paused)
			}
			c.limit.pause(d, fmt.Sprint(r.status))
			if r.status == http.StatusServiceUnavailable && !r.told && !q.again {
				return r.failure()
			}
		case c.mayPass(r) && (q.again || !r.unknown):
			if *failed++; *failed >= failedTries || q.tries != nil && c.circuit.doubts() {
				return r.failure()
			}
			if err := c.limit.again(ctx, backOffTime(*failed), r.short()); err != nil {
				return r.stopped(err)
			}
		default:
			if c.mayPass(r) {
				*failed++ // the caller looks at the cloud before sending it again
			}
			return r.failure()
		}
		if err := ctx.Err(); err != nil {
			return r.stopped(err)
		}
	}
}

// tell lets the circuit know how an attempt ended. One that asks to wait counts once it
// asked for the last time, or where it does not say for how long.
func (c *client) tell(q request, r *refusal, last bool) {
	switch {
	case r == nil && q.several:
	case r == nil:
		c.circuit.well(q.write)
	case errors.Is(r.cause, context.Canceled), q.apart && c.mayPass(r):
	case asksToWait(r) && !last && (r.told || r.status != http.StatusServiceUnavailable):
	case c.mayPass(r):
		c.circuit.failed(q.write, r.short())
	default:
		c.circuit.well(q.write)
	}
}

// stopped is the error of a request that would have been sent again, had the
// context not ended.
func (r *refusal) stopped(err error) error {
	if r.unknown {
		return fmt.Errorf("%w: %w", err, r.failure())
	}
	return fmt.Errorf("%w: %w", errStopped, err)
}

// asksToWait: the cloud did not carry the request out, and asks to come back.
func asksToWait(r *refusal) bool {
	switch r.status {
	case http.StatusTooManyRequests, http.StatusLocked, http.StatusServiceUnavailable:
		return !r.html
	}
	return false
}

func (c *client) mayPass(r *refusal) bool {
	k, _ := r.verdict()
	return k == record.Retry
}

// once makes one attempt. A failure to exchange comes as a *refusal, an answer that
// cannot be understood as an *identity.Failure.
func (c *client) once(ctx context.Context, q request, token string, read func(int, http.Header, io.Reader) error) error {
	under := ctx
	if q.write {
		under = context.WithoutCancel(ctx)
	}
	under, cancel := context.WithTimeout(under, c.timeout)
	defer cancel()
	var sent atomic.Bool
	under = httptrace.WithClientTrace(under, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})

	hq, err := c.prepare(under, q, token)
	if err != nil {
		return fail(record.GiveUp, "Check base_url and the token.", err)
	}
	resp, err := c.http.Do(hq)
	if err != nil {
		return c.lost(ctx, sent.Load(), err)
	}
	body := &watched{r: resp.Body}
	text := withoutMark(body)
	defer func() {
		// What is left is read, within reason, so that the connection can be used again.
		_, _ = io.CopyN(io.Discard, resp.Body, largestRest)
		_ = resp.Body.Close()
	}()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		words, _ := io.ReadAll(io.LimitReader(text, largestError))
		r := c.refuse(resp.StatusCode, resp.Header, words)
		r.after, r.told = retryAfter(resp.Header, c.limit.clock.Now())
		// A gateway's 5xx does not say whether the service behind it did the work.
		r.unknown = r.status >= 500 && r.status != http.StatusNotImplemented && !(r.status == http.StatusServiceUnavailable && r.told)
		return r
	}
	if strings.Contains(strings.ToLower(resp.Header.Get("Content-Type")), "html") {
		return &refusal{status: resp.StatusCode, html: true, unknown: q.method != http.MethodGet}
	}
	if err := read(resp.StatusCode, resp.Header, text); err != nil {
		if body.err != nil {
			return c.lost(ctx, true, body.err)
		}
		return unreadable(err)
	}
	return nil
}

func (c *client) prepare(ctx context.Context, q request, token string) (*http.Request, error) {
	url := c.base + q.path
	if root, err := neturl.Parse(c.base); q.fromRoot && err == nil {
		url = root.Scheme + "://" + root.Host + q.path
	}
	if q.query != "" {
		url += "?" + q.query
	}
	var body io.Reader
	if q.body != nil {
		body = bytes.NewReader(q.body)
	}
	hq, err := http.NewRequestWithContext(ctx, q.method, url, body)
	if err != nil {
		return nil, err
	}
	if strings.ContainsAny(token, "\r\n\x00") || token == "" {
		return nil, errors.New("the token is empty or has a line break in it")
	}
	hq.Header.Set("Authorization", "Bearer "+token)
	hq.Header.Set("Accept", "application/scim+json, application/json")
	hq.Header.Set("User-Agent", "dirbridge")
	if q.body != nil {
		hq.Header.Set("Content-Type", "application/scim+json")
	}
	return hq, nil
}

// lost is the refusal of a request whose answer did not come, or not whole.
func (c *client) lost(ctx context.Context, sent bool, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = ctx.Err()
	} else if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		err = fmt.Errorf("the cloud did not answer within %s: %w", c.timeout, context.DeadlineExceeded)
	} else {
		err = fmt.Errorf("the connection to the cloud failed: %w", err)
	}
	return &refusal{unknown: sent, cause: err}
}

// unreadable is the error of an answer that came whole and is not what was asked for.
func unreadable(err error) error {
	if refused(err) != nil || class(err) == record.GiveUp {
		return err
	}
	return fail(record.GiveUp, "Check base_url, and that nothing between here and the cloud alters its answers.", err)
}

// watched remembers how reading broke off.
type watched struct {
	r   io.Reader
	err error
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != nil && err != io.EOF {
		w.err = err
	}
	return n, err
}
