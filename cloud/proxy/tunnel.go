package proxy

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"dirbridge/sync/identity"
)

// Bounds on what a proxy sends before the tunnel is open.
const (
	maxAnswer = 256 << 10 // bytes of all its answers
	maxRounds = 6         // requests for one tunnel; NTLM needs three
)

// tunnel opens a connection through an HTTP proxy by CONNECT, and signs in to the proxy if it asks for it.
type tunnel struct {
	route Route
	addr  string
	sign  *signer
	// answered: the proxy has asked for a sign-in, so it is there.
	answered bool
	connect  func(context.Context) (net.Conn, error)
}

// open returns the connection behind the proxy. On error, nothing stays open.
func (t *tunnel) open(ctx context.Context) (net.Conn, error) {
	header, err := t.sign.first(ctx)
	if err != nil {
		return nil, err
	}
	var line *line
	defer func() {
		if line != nil {
			_ = line.Close()
		}
	}()
	for range maxRounds {
		if line == nil {
			if line, err = t.dial(ctx); err != nil {
				return nil, err
			}
		}
		a, err := line.ask(ctx, t.addr, header)
		if err != nil && line.asked > 1 && !t.sign.midway() && ctx.Err() == nil {
			_ = line.Close() // some proxies close the line after a 407 without a word
			line = nil
			continue
		}
		if err != nil {
			return nil, t.broken(ctx, err)
		}
		switch {
		case a.status/100 == 2:
			open := line
			line = nil
			return open, open.SetDeadline(time.Time{})
		case a.status != http.StatusProxyAuthRequired:
			return nil, t.refused(a)
		}
		t.answered = true
		if header, err = t.sign.answer(ctx, challengesOf(a.challenges)); err != nil {
			return nil, err
		}
		if a.closes { // NTLM in the middle of its exchange cannot survive this, and is refused next
			_ = line.Close()
			line = nil
		}
	}
	return nil, t.sign.refused("it asks again and again")
}

func (t *tunnel) dial(ctx context.Context) (*line, error) {
	conn, err := t.connect(ctx)
	if err != nil {
		return nil, err
	}
	limited := &io.LimitedReader{R: conn, N: maxAnswer}
	return &line{Conn: conn, limit: limited, r: bufio.NewReader(limited)}, nil
}

// broken explains a connection to the proxy that ended before an answer.
func (t *tunnel) broken(ctx context.Context, err error) error {
	if ctx.Err() != nil && context.Cause(ctx) != context.DeadlineExceeded {
		return context.Cause(ctx)
	}
	err = failure(identity.Retry, "Check the proxy and the network to it.",
		fmt.Errorf("the proxy %s gives no answer to a request for %s: %w", t.route, t.addr, err))
	if t.answered {
		return err
	}
	return &unreachableError{err}
}

// refused explains an answer of the proxy that opens no tunnel.
func (t *tunnel) refused(a answer) error {
	host, _, _ := net.SplitHostPort(t.addr)
	class, remedy := identity.GiveUp, "Allow "+host+" in the rules of the proxy."
	switch {
	case a.status/100 == 5:
		class, remedy = identity.Retry, "Check that the proxy reaches "+host+": its DNS and its way out."
	case a.status/100 != 4:
		remedy = "Check that the address in the settings is that of an HTTP proxy."
	}
	return failure(class, remedy, fmt.Errorf("the proxy %s refuses a connection to %s: %d %s", t.route, t.addr, a.status,
		http.StatusText(a.status)))
}

// answer is what a proxy says to CONNECT.
type answer struct {
	status     int
	challenges []string // Proxy-Authenticate
	closes     bool
}

// line is a connection to a proxy. What is read ahead of the tunnel's own data comes first from Read.
type line struct {
	net.Conn
	limit *io.LimitedReader
	r     *bufio.Reader
	open  bool
	asked int // requests on it
}

// ask sends one CONNECT and reads the answer with its body.
func (l *line) ask(ctx context.Context, addr, authorization string) (a answer, err error) {
	stop := context.AfterFunc(ctx, func() { _ = l.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	q := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: addr}, Host: addr, Header: http.Header{}}
	q.Header.Set("User-Agent", "Dirbridge")
	q.Header.Set("Proxy-Connection", "Keep-Alive")
	if authorization != "" {
		q.Header.Set("Proxy-Authorization", authorization)
	}
	l.asked++
	if err := q.Write(l.Conn); err != nil {
		return a, err
	}
	res, err := http.ReadResponse(l.r, q)
	if err != nil {
		return a, err
	}
	a = answer{status: res.StatusCode, challenges: res.Header.Values("Proxy-Authenticate"), closes: res.Close ||
		strings.EqualFold(res.Header.Get("Proxy-Connection"), "close")}
	if a.status/100 == 2 {
		l.open = true
		return a, nil
	}
	if res.ContentLength < 0 && len(res.TransferEncoding) == 0 { // its end would be that of the connection
		a.closes = true
		return a, nil
	}
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		a.closes = true
	}
	return a, res.Body.Close()
}

func (l *line) Read(p []byte) (int, error) {
	if l.open && l.r.Buffered() == 0 {
		return l.Conn.Read(p)
	}
	return l.r.Read(p)
}
