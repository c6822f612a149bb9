package ldap

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	goldap "github.com/go-ldap/ldap/v3"

	"dirbridge/sync/identity"
)

// dial opens a bound session with the first server that answers. A refused password ends the
// search: trying it on every server would lock the account. A read-only domain controller is used
// only if no other answers.
func (s *Source) dial(ctx context.Context) (*session, error) {
	var (
		errs            []error
		readOnlySession *session
	)
	tried := map[string]bool{}
	for {
		to := s.servers.next(ctx, tried)
		if to == nil || readOnlySession != nil && !s.servers.writableBesides(readOnlySession.at, tried) {
			break
		}
		tried[to.url] = true
		c, err := s.dialServer(ctx, to)
		if err == nil {
			s.servers.opened(to, c.dir.readOnly)
			if readOnlySession == nil && c.dir.readOnly && s.servers.writableBesides(to, tried) {
				readOnlySession = c
				continue
			}
			if readOnlySession != nil {
				readOnlySession.close()
			}
			return c, nil
		}
		if ctx.Err() != nil {
			err = fmt.Errorf("connecting to %s: %w", to.url, ctx.Err())
		}
		errs = append(errs, err)
		_, refused := errors.AsType[*bindError](err)
		if refused || ctx.Err() != nil {
			if readOnlySession != nil {
				readOnlySession.close()
			}
			if !refused {
				return nil, err
			}
			return nil, &unreachableError{joinFailures(errs)}
		}
		s.servers.failed(to, err)
	}
	if readOnlySession != nil {
		return readOnlySession, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("looking for a server: %w", err)
	}
	if err := s.servers.dnsError(); err != nil {
		errs = append(errs, err)
	}
	return nil, &unreachableError{joinFailures(errs)}
}

func (s *Source) dialServer(ctx context.Context, to *server) (*session, error) {
	if err := s.opt.checkServer(to.url); err != nil {
		return nil, err
	}
	u, err := parseServer(to.url)
	if err != nil {
		return nil, err
	}
	t, err := s.connect(ctx, u)
	if err != nil {
		return nil, dialFailure(to.url, u, err)
	}
	c := &session{source: s, at: to, server: to.url, frames: t,
		conn: goldap.NewConn(t, u.Scheme == "ldaps" || s.opt.StartTLS)}
	c.conn.Start()
	if err := s.prepare(ctx, c); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// prepare binds and reads the server's properties. The session is ready afterwards.
func (s *Source) prepare(ctx context.Context, c *session) error {
	stop := context.AfterFunc(ctx, c.close)
	defer stop()
	if err := s.bind(ctx, c); err != nil {
		return err
	}
	d, err := discover(ctx, c)
	if err != nil {
		return err
	}
	c.dir = d
	return s.sameDirectory(d)
}

// connect dials and encrypts. TLS must be below the frames; the library's own StartTLS would put it
// above, so StartTLS is done here.
func (s *Source) connect(ctx context.Context, u *url.URL) (*frames, error) {
	ctx, cancel := context.WithTimeout(ctx, s.opt.DialTimeout)
	defer cancel()
	port := u.Port()
	if port == "" {
		port = map[string]string{"ldap": "389", "ldaps": "636"}[u.Scheme]
	}
	raw, err := s.connectTCP(ctx, u.Hostname(), port)
	if err != nil {
		return nil, err
	}
	c := net.Conn(raw)
	if u.Scheme == "ldaps" || s.opt.StartTLS {
		if c, err = s.encrypt(ctx, raw, u); err != nil {
			raw.Close()
			return nil, err
		}
	}
	return newFrames(c, s.opt.MaxMessage, s.opt.IdleTimeout), nil
}

// connectTCP connects to the first address of the host that answers.
func (s *Source) connectTCP(ctx context.Context, host, port string) (net.Conn, error) {
	// Firewalls and NATs drop idle connections without telling either end. Keep-alive detects that,
	// however long a slow consumer takes.
	dialer := &net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 30 * time.Second,
		Interval: 15 * time.Second, Count: 4}}
	if r, ok := s.opt.Resolver.(*net.Resolver); ok {
		dialer.Resolver = r
		return dialer.DialContext(ctx, "tcp", net.JoinHostPort(host, port))
	}
	addresses := []string{host}
	if net.ParseIP(host) == nil {
		var err error
		if addresses, err = s.opt.Resolver.LookupHost(ctx, host); err != nil {
			return nil, err
		}
	}
	var errs []error
	for _, address := range addresses {
		c, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(address, port))
		if err == nil {
			return c, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

func (s *Source) encrypt(ctx context.Context, raw net.Conn, u *url.URL) (net.Conn, error) {
	config := &tls.Config{ServerName: strings.TrimSuffix(u.Hostname(), "."), MinVersion: tls.VersionTLS12}
	if s.opt.ServerName != "" {
		config.ServerName = s.opt.ServerName
	}
	if s.opt.CAFile != "" {
		pem, err := os.ReadFile(s.opt.CAFile)
		if err != nil {
			return nil, &caError{err}
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, &caError{fmt.Errorf("%s holds no certificate in PEM form", s.opt.CAFile)}
		}
	}
	if err := s.opt.showCertificate(config); err != nil {
		return nil, err
	}
	if u.Scheme == "ldap" {
		if err := startTLS(ctx, raw); err != nil {
			return nil, err
		}
	}
	c := tls.Client(raw, config)
	if err := c.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// startTLS asks for TLS (RFC 4511 section 4.14). It reads no byte beyond the answer: plaintext that
// follows must not be taken for encrypted data.
func startTLS(ctx context.Context, c net.Conn) error {
	if deadline, ok := ctx.Deadline(); ok {
		c.SetDeadline(deadline)
	}
	stop := context.AfterFunc(ctx, func() { c.SetDeadline(time.Unix(1, 0)) })
	defer func() {
		if stop() {
			c.SetDeadline(time.Time{})
		}
	}()
	const oid = "1.3.6.1.4.1.1466.20037"
	request := append([]byte{tagSequence, byte(len(oid) + 7), tagInteger, 1, 1, 0x77, byte(len(oid) + 2), 0x80,
		byte(len(oid))}, oid...)
	if _, err := c.Write(request); err != nil {
		return err
	}
	frame := make([]byte, 0, 256)
	need := 2
	for {
		got := len(frame)
		frame = append(frame, make([]byte, need-got)...)
		if _, err := io.ReadFull(c, frame[got:]); err != nil {
			return err
		}
		_, length, n, err := header(frame)
		switch {
		case errors.Is(err, errShort):
			need = len(frame) + 1
			continue
		case err != nil:
			return err
		case length > 64<<10:
			return errors.New("the server's answer to StartTLS is no answer")
		case len(frame) < n+length:
			need = n + length
			continue
		}
		break
	}
	return startTLSAnswer(frame)
}

func startTLSAnswer(frame []byte) error {
	wrong := &startTLSError{text: "the server's answer to StartTLS is no answer"}
	id, body, err := opened(frame)
	if err != nil || id != 1 {
		return wrong
	}
	body, controls, err := expect(body, tagExtended, "answer")
	if err != nil {
		return wrong
	}
	if len(controls) > 0 {
		if _, rest, err := expect(controls, tagControls, "controls"); err != nil || len(rest) > 0 {
			return wrong
		}
	}
	code, body, err := expect(body, tagEnumerated, "result code")
	if err != nil || len(code) != 1 {
		return wrong
	}
	if _, body, err = expect(body, tagOctets, "matched DN"); err != nil {
		return wrong
	}
	said, rest, err := expect(body, tagOctets, "message")
	for err == nil && len(rest) > 0 { // referral, name and value
		_, _, rest, err = element(rest)
	}
	switch {
	case err != nil:
		return wrong
	case code[0] == 0:
		return nil
	}
	refused := &startTLSError{text: fmt.Sprintf("the server refuses StartTLS with result %d (%s)", code[0],
		goldap.LDAPResultCodeMap[uint16(code[0])])}
	if len(said) > 0 && isText(said) {
		refused.text += ": " + strings.Join(strings.Fields(string(said)), " ")
	}
	return refused
}

type startTLSError struct{ text string }

func (e *startTLSError) Error() string { return e.text }

type caError struct{ error }

func (e *caError) Unwrap() error { return e.error }

// dialFailure explains a failure between here and the server, with its remedy.
func dialFailure(server string, u *url.URL, err error) error {
	host := u.Hostname()
	var (
		lookup    *net.DNSError
		invalid   x509.CertificateInvalidError
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		record    tls.RecordHeaderError
		refused   *startTLSError
		file      *caError
		network   net.Error
	)
	if f := clientCertificateFailure(server, err); f != nil {
		return f
	}
	if class, remedy := identity.Shortage(err); remedy != "" {
		return &identity.Failure{Class: class, Remedy: remedy, Err: fmt.Errorf("%s: %w", server, err)}
	}
	switch {
	case errors.As(err, &file):
		return giveUp("Name a PEM file with the certificate of the authority in ca_file.", "ca_file: %w", file)
	case errors.As(err, &lookup) && lookup.IsNotFound:
		return retry("Check the name in servers, and that this machine's DNS resolves it.", "%s: the host %s is unknown: %w",
			server, host, err)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return giveUp("Renew the directory server's certificate, or set this machine's clock.",
			"%s: the server's certificate is valid from %s to %s only: %w", server,
			invalid.Cert.NotBefore.Format(time.DateTime), invalid.Cert.NotAfter.Format(time.DateTime), err)
	case errors.As(err, &authority):
		issuer := ""
		if authority.Cert != nil {
			issuer = " (" + authority.Cert.Issuer.String() + ")"
		}
		return giveUp("Set ca_file to the certificate of the authority that issued the server's certificate.",
			"%s: the server's certificate is from an authority%s that this machine does not trust: %w", server, issuer, err)
	case errors.As(err, &name):
		return giveUp("Use a name of the certificate in servers, or give the server a certificate for "+host+".",
			"%s: the server's certificate is for another host (%s): %w", server, certificateNames(name.Certificate), err)
	case errors.As(err, &record):
		return giveUp("Use ldap:// with start_tls = true, or the port on which the server speaks TLS (636).",
			"%s: the server does not speak TLS on this port: %w", server, err)
	case errors.As(err, &refused):
		return giveUp("Use ldaps://, or give the server a certificate for StartTLS.", "%s: %w", server, err)
	case connectionRefused(err):
		return retry("Check that the directory server runs, its port, and the firewall between.",
			"%s: the connection is refused: %w", server, err)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return retry("Check the host and port, and the firewall between.", "%s: the server does not answer: %w", server, err)
	case errors.As(err, &invalid):
		return giveUp("Give the directory server a valid certificate.", "%s: the server's certificate is not valid: %w",
			server, err)
	}
	return retry("Check the host and port, and the firewall between.", "%s: %w", server, err)
}

// certificateNames lists the host names that a certificate is valid for.
func certificateNames(c *x509.Certificate) string {
	names := slices.Clone(c.DNSNames)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		return c.Subject.String()
	}
	return strings.Join(names, ", ")
}
