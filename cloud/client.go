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

	"dirbridge/sync/identity"
	"dirbridge/sync/redact"
)

// Bounds on one request.
const (
	pausedTries = 10 // after answers that ask to wait
	failedTries = 4  // after other temporary failures; for a record, in all its requests
)

// client sends HTTP requests to the cloud: it signs them, limits their rate and size, retries those
// that may be retried, and turns every other failure into a refusal. Its methods may be called from
// several goroutines.
type client struct {
	base string // without a trailing slash
	http *http.Client
	// token, renew and accepted are as in Options.
	token    func(context.Context) (string, error)
	renew    func(ctx context.Context, refused string) (string, error)
	accepted func(token string)

	timeout time.Duration // of one attempt, including its answer
	limit   *rateLimit
	circuit circuit
	secrets *redact.Secrets // every token in use
}

// request is one request, sent as often as necessary.
type request struct {
	method, path string // path begins with a slash, escaped
	query        string
	body         []byte
	// fromRoot means that path begins at the root of the host, not at the base URL.
	fromRoot bool
	// repeatable permits a retry although the request may have been carried out.
	repeatable bool
	// write means that once sent, the answer is awaited even if the caller's context ends.
	write bool
	// tries counts the failures of a record over all its requests; nil counts those of this
	// request.
	tries *int
	// exempt marks a request for a record that failed while others succeeded, or that is one of
	// those that raised the doubt about the cloud. Another failure of it proves nothing.
	exempt bool
	// ifMatch is the version that the resource must still have; "" for any.
	ifMatch string
	// multiple marks a request for several records, whose answer decides about each, see reportBulk.
	multiple bool
}

// do sends a request and reads the complete answer.
func (c *client) do(ctx context.Context, q request) (response, error) {
	var a response
	err := c.exchange(ctx, q, func(status int, h http.Header, r io.Reader) error {
		var err error
		a, err = readWhole(q.write, status, h, r)
		return err
	})
	return a, err
}

// exchange sends a request until it succeeds or is finally refused, and passes the body of a
// success to read. If the body breaks off, the request counts as failed, and read may be called
// again.
//
// The error is an *identity.Failure, or the context's.
func (c *client) exchange(ctx context.Context, q request, read func(int, http.Header, io.Reader) error) error {
	fresh := true // one new token after one 401
	endpoint := endpointOf(q.method, q.path)
	paused, failed := 0, q.tries
	if failed == nil {
		failed = new(int)
	}
	for {
		if err := c.limit.wait(ctx, endpoint); err != nil {
			return fmt.Errorf("%w: %w", errStopped, err)
		}
		if err := c.circuit.open(); err != nil {
			return fmt.Errorf("%w: %w", errStopped, err)
		}
		token, err := c.token(ctx)
		if err != nil {
			return c.withoutToken(ctx, nil, err)
		}
		c.secrets.Add(token)
		err = c.once(ctx, q, token, read)
		r := refusalOf(err)
		c.report(q, r, paused+1 >= pausedTries)
		if r == nil || r.status != 0 && r.status != http.StatusTooManyRequests {
			c.limit.answered(endpoint)
		}
		if r == nil {
			c.accepted(token)
			return err // done, or an unreadable answer
		}
		switch {
		case r.status == http.StatusUnauthorized && fresh:
			fresh = false
			next, err := c.renew(ctx, token)
			if err != nil {
				return c.withoutToken(ctx, r, err)
			}
			if next == token {
				return r.failure()
			}
		case asksToWait(r):
			if paused++; paused >= pausedTries {
				return r.failure()
			}
			d := r.retryAfter
			if !r.retryAfterSet {
				d = backOffTime(paused)
			}
			c.hold(endpoint, r.status, d)
			if r.status == http.StatusServiceUnavailable && !r.retryAfterSet && !q.repeatable {
				return r.failure()
			}
		case c.mayPass(r) && (q.repeatable || !r.unknown):
			if *failed++; *failed >= failedTries || q.tries != nil && c.circuit.doubtful() {
				return r.failure()
			}
			if err := c.limit.again(ctx, backOffTime(*failed), r.short()); err != nil {
				return r.stopped(err)
			}
		default:
			if c.mayPass(r) {
				*failed++ // the caller verifies with the cloud before a retry
			}
			return r.failure()
		}
		if err := ctx.Err(); err != nil {
			return r.stopped(err)
		}
	}
}

// hold holds requests back after an answer that asks to wait.
func (c *client) hold(endpoint string, status int, d time.Duration) {
	if status == http.StatusTooManyRequests {
		c.limit.tooMany(endpoint, d)
		return
	}
	c.limit.pause(d, fmt.Sprint(status))
}

// withoutToken is the error of a request that has no token to be sent with; r is the refusal of the
// token before, or nil. It holds the run: every other request would lack a token as well.
func (c *client) withoutToken(ctx context.Context, r *refusal, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%w: %w", errStopped, ctx.Err())
	}
	remedy := "Check what [cloud] token refers to."
	if f, is := errors.AsType[*identity.Failure](err); is {
		remedy = f.Remedy
	} else {
		err = fmt.Errorf("the cloud's token cannot be read: %w", err)
	}
	if r != nil {
		err = fmt.Errorf("%w: %w", r, err)
	}
	return fail(identity.Hold, remedy, err)
}

// report reports an attempt to the circuit. An answer that asks to wait counts as a failure at the
// last attempt, or if it does not say for how long.
func (c *client) report(q request, r *refusal, last bool) {
	switch {
	case r == nil && q.multiple:
	case r == nil:
		c.circuit.succeeded(q.write)
	case errors.Is(r.cause, context.Canceled), q.exempt && c.mayPass(r):
	case asksToWait(r) && !last && (r.retryAfterSet || r.status != http.StatusServiceUnavailable):
	case c.mayPass(r):
		c.circuit.failed(q.write, r.short())
	default:
		c.circuit.succeeded(q.write)
	}
}

// stopped is the error of a request that would have been retried, but its context ended.
func (r *refusal) stopped(err error) error {
	if r.unknown {
		return fmt.Errorf("%w: %w", err, r.failure())
	}
	return fmt.Errorf("%w: %w", errStopped, err)
}

// asksToWait reports whether the cloud refused the request for now and asks to come back.
func asksToWait(r *refusal) bool {
	switch r.status {
	case http.StatusTooManyRequests, http.StatusLocked, http.StatusServiceUnavailable:
		return !r.html
	}
	return false
}

func (c *client) mayPass(r *refusal) bool {
	k, _ := r.verdict()
	return k == identity.Retry
}

// once makes one attempt. A failed exchange returns a *refusal, an unreadable answer an
// *identity.Failure.
func (c *client) once(ctx context.Context, q request, token string,
	read func(int, http.Header, io.Reader) error) error {
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
		return fail(identity.GiveUp, "Check base_url and the token.", err)
	}
	resp, err := c.http.Do(hq)
	if err != nil {
		return c.lost(ctx, sent.Load(), err, "")
	}
	body := &errorReader{r: resp.Body}
	text := withoutMark(body)
	defer func() {
		// Read the rest, within limits, so that the connection can be reused.
		_, _ = io.CopyN(io.Discard, resp.Body, largestDiscard)
		_ = resp.Body.Close()
	}()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		words, _ := io.ReadAll(io.LimitReader(text, largestError))
		r := c.refuse(resp.StatusCode, resp.Header, words)
		r.retryAfter, r.retryAfterSet = retryAfter(resp.Header, c.limit.clock.Now())
		// A gateway's 5xx does not say whether the service behind it carried out the request.
		r.unknown = r.status >= 500 && r.status != http.StatusNotImplemented &&
			!(r.status == http.StatusServiceUnavailable && r.retryAfterSet)
		return r
	}
	if strings.Contains(strings.ToLower(resp.Header.Get("Content-Type")), "html") {
		return &refusal{status: resp.StatusCode, html: true, unknown: q.method != http.MethodGet,
			tracking: c.tracking(resp.Header)}
	}
	if err := read(resp.StatusCode, resp.Header, text); err != nil {
		if body.err != nil {
			return c.lost(ctx, true, body.err, c.tracking(resp.Header))
		}
		return tracked(unreadable(err), c.tracking(resp.Header))
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
	if q.ifMatch != "" && !strings.ContainsAny(q.ifMatch, "\r\n\x00") {
		hq.Header.Set("If-Match", q.ifMatch)
	}
	if q.body != nil {
		hq.Header.Set("Content-Type", "application/scim+json")
	}
	return hq, nil
}

// lost is the refusal of a request without a complete answer, whose tracking id may have come.
func (c *client) lost(ctx context.Context, sent bool, err error, tracking string) error {
	var known *identity.Failure // of the way to the cloud: a proxy, or the file that chooses it
	if ctx.Err() != nil && !errors.Is(err, context.DeadlineExceeded) {
		err = ctx.Err()
	} else if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil && !errors.As(err, &known) {
		err = fmt.Errorf("the cloud did not answer within %s: %w", c.timeout, context.DeadlineExceeded)
	} else {
		err = fmt.Errorf("the connection to the cloud failed: %w", err)
	}
	return &refusal{unknown: sent, cause: err, tracking: tracking}
}

// unreadable is the error of a complete answer in the wrong format.
func unreadable(err error) error {
	if refusalOf(err) != nil || class(err) == identity.GiveUp {
		return err
	}
	return fail(identity.GiveUp, "Check base_url, and that nothing between here and the cloud alters its answers.", err)
}

// errorReader records the error of reading.
type errorReader struct {
	r   io.Reader
	err error
}

func (w *errorReader) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != nil && err != io.EOF {
		w.err = err
	}
	return n, err
}
