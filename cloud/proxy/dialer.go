package proxy

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/net/proxy"

	"dirbridge/sync/identity"
	"dirbridge/sync/redact"
)

// Bounds on opening a connection.
const (
	dialTimeout   = 15 * time.Second
	tunnelTimeout = 30 * time.Second // until a proxy has answered all of its sign-in
	setAside      = 5 * time.Minute  // a proxy that did not answer comes last that long
)

// Dialer opens connections by the settings. Its methods may be called from several goroutines.
type Dialer struct {
	settings Settings
	chooser  chooser
	secrets  *redact.Secrets
	now      func() time.Time

	mu   sync.Mutex
	dead map[string]time.Time // address of a proxy to the time until which it comes last
}

// New returns a dialer. secrets learns the passwords of proxies; nil: they are not recorded.
func New(s Settings, secrets *redact.Secrets) (*Dialer, error) {
	c, err := s.chooser()
	if err != nil {
		return nil, err
	}
	if secrets == nil {
		secrets = &redact.Secrets{}
	}
	return &Dialer{settings: s, chooser: c, secrets: secrets, now: time.Now, dead: map[string]time.Time{}}, nil
}

// Choose returns how the address of a URL would be reached, without a connection.
func (d *Dialer) Choose(ctx context.Context, u *url.URL) (Choice, error) {
	c, err := d.chooser.choose(ctx, u)
	if err != nil {
		return c, failure(identity.Retry, "Check the proxy in the settings of the cloud.", err)
	}
	return c, nil
}

// DialContext opens a connection to host:port. Of several routes it takes the first that answers; one that
// did not answer comes last for five minutes. The error is an *identity.Failure, or the context's.
func (d *Dialer) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	choice, err := d.Choose(ctx, target(addr))
	if err != nil {
		return nil, err
	}
	var first error
	for _, r := range d.byHealth(choice.Routes) {
		conn, err := d.Dial(ctx, r, addr)
		if err == nil {
			return conn, nil
		}
		if first == nil {
			first = err
		}
		if ctx.Err() != nil || !unreachable(err) {
			break // a proxy that refuses is right, and not dead
		}
		d.markDead(r, err)
	}
	return nil, first
}

// Dial opens a connection to host:port by one route. The error is an *identity.Failure, or the context's,
// or of a direct connection.
func (d *Dialer) Dial(ctx context.Context, r Route, addr string) (net.Conn, error) {
	direct := &net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}
	if r.Direct() {
		return direct.DialContext(ctx, "tcp", addr)
	}
	if password, has := r.User.Password(); has {
		d.secrets.Add(password, r.User.Username())
	}
	ctx, cancel := context.WithTimeout(ctx, tunnelTimeout)
	defer cancel()
	if r.Scheme == "socks5" {
		return d.socks(ctx, direct, r, addr)
	}
	t := &tunnel{route: r, addr: addr, sign: d.signer(r), connect: func(ctx context.Context) (net.Conn, error) {
		conn, err := direct.DialContext(ctx, "tcp", r.Addr)
		if err != nil {
			return nil, silent(r, err)
		}
		if r.Scheme != "https" {
			return conn, nil
		}
		return secured(ctx, r, conn)
	}}
	return t.open(ctx)
}

// secured begins TLS with a proxy.
func secured(ctx context.Context, r Route, conn net.Conn) (net.Conn, error) {
	host, _, _ := net.SplitHostPort(r.Addr)
	line := tls.Client(conn, &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12})
	err := line.HandshakeContext(ctx)
	if err == nil {
		return line, nil
	}
	_ = conn.Close()
	var untrusted *tls.CertificateVerificationError
	var plain tls.RecordHeaderError
	switch {
	case errors.As(err, &untrusted):
		return nil, failure(identity.GiveUp, "Add the authority of the proxy's certificate to those of this machine.",
			fmt.Errorf("the proxy %s: %w", r, err))
	case errors.As(err, &plain):
		return nil, failure(identity.GiveUp, "Write the address of the proxy with http://.",
			fmt.Errorf("the proxy %s does not speak TLS", r))
	}
	return nil, silent(r, err)
}

// silent is the error of a proxy that does not answer, for which another one may.
func silent(r Route, err error) error {
	return &unreachableError{failure(identity.Retry, "Check the proxy and the network to it.",
		fmt.Errorf("the proxy %s does not answer: %w", r, err))}
}

// reached notes whether the connection to the proxy itself was opened.
type reached struct {
	by    *net.Dialer
	proxy bool
}

func (d *reached) Dial(network, addr string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, addr)
}

func (d *reached) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := d.by.DialContext(ctx, network, addr)
	d.proxy = err == nil
	return conn, err
}

func (d *Dialer) socks(ctx context.Context, direct *net.Dialer, r Route, addr string) (net.Conn, error) {
	var auth *proxy.Auth
	user, password, err := d.account(r)
	switch {
	case err != nil:
		return nil, err
	case user != "":
		auth = &proxy.Auth{User: user, Password: password}
	}
	to := &reached{by: direct}
	s, err := proxy.SOCKS5("tcp", r.Addr, auth, to)
	if err != nil {
		return nil, err
	}
	conn, err := s.(proxy.ContextDialer).DialContext(ctx, "tcp", addr)
	if err == nil {
		return conn, nil
	}
	// The library names what the proxy answered (RFC 1928 section 6) in text alone.
	says := fmt.Errorf("the proxy %s refuses a connection to %s: %w", r, addr, err)
	var wait net.Error
	switch text := err.Error(); {
	case !to.proxy, errors.As(err, &wait) && wait.Timeout(), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return nil, silent(r, err)
	case strings.Contains(text, "authentication"):
		return nil, failure(identity.Hold, "Set the name and the password for the proxy.", says)
	case strings.Contains(text, "unreachable"), strings.Contains(text, "refused"), strings.Contains(text, "expired"):
		return nil, failure(identity.Retry, "Check that the proxy reaches the address: its DNS and its way out.", says)
	}
	return nil, failure(identity.GiveUp, "Allow the address in the rules of the proxy.", says)
}

// account returns the name and password for a proxy.
func (d *Dialer) account(r Route) (user, password string, err error) {
	if r.User.Username() != "" {
		password, _ = r.User.Password()
		return r.User.Username(), password, nil
	}
	if d.settings.User == "" || d.settings.Password == nil {
		return d.settings.User, "", nil
	}
	password, err = d.settings.Password()
	if err != nil {
		return "", "", failure(identity.Hold, "Check what the password of the proxy refers to.",
			fmt.Errorf("the password of the proxy cannot be read: %w", err))
	}
	d.secrets.Add(password, d.settings.User)
	return d.settings.User, password, nil
}

// byHealth puts the routes that lately did not answer behind the others.
func (d *Dialer) byHealth(routes []Route) []Route {
	d.mu.Lock()
	defer d.mu.Unlock()
	var good, bad []Route
	for _, r := range routes {
		if d.now().Before(d.dead[r.Addr]) {
			bad = append(bad, r)
		} else {
			good = append(good, r)
		}
	}
	return append(good, bad...)
}

func (d *Dialer) markDead(r Route, err error) {
	if r.Direct() {
		return
	}
	if d.settings.Warn != nil {
		d.settings.Warn(fmt.Errorf("%w; the next route is tried", err))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dead[r.Addr] = d.now().Add(setAside)
}

// unreachableError is that of a proxy that does not answer, for which another one may.
type unreachableError struct{ err error }

func (e *unreachableError) Error() string { return e.err.Error() }
func (e *unreachableError) Unwrap() error { return e.err }

func unreachable(err error) bool {
	var e *unreachableError
	return errors.As(err, &e)
}

func failure(c identity.Class, remedy string, err error) error {
	return &identity.Failure{Class: c, Side: identity.InCloud, Remedy: remedy, Err: err}
}
