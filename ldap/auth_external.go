package ldap

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	goldap "github.com/go-ldap/ldap/v3"
)

// bindExternal binds as the account that the server assigns to the client certificate.
//
// With ldaps://, Active Directory has already bound during the TLS handshake. A second bind fails
// and undoes the first (MS-ADTS section 5.1.1.2), so that server is asked for the signed-in account
// instead.
func (s *Source) bindExternal(ctx context.Context, c *session) error {
	if !strings.HasPrefix(c.server, "ldaps:") {
		return s.exchange(c, c.conn.ExternalBind)
	}
	root, err := c.readRootFirst(ctx)
	if err != nil {
		return err
	}
	switch _, p := recognise(root); p {
	case activeDirectory, lightweight:
	case samba:
		return denied("Use bind = \"simple\" over ldaps://, or bind = \"kerberos\".",
			"%s: this server, %s, has no sign-in by certificate", c.server, p)
	default:
		return s.exchange(c, c.conn.ExternalBind)
	}
	var who *goldap.WhoAmIResult
	err = s.exchange(c, func() (err error) {
		who, err = c.conn.WhoAmI(nil)
		return err
	})
	if err == nil && who.AuthzID == "" {
		return s.externalFailure(c, goldap.LDAPResultSuccess, "no account is signed in")
	}
	return err
}

func (s *Source) externalFailure(c *session, code uint16, said string) error {
	return denied(
		"Let the server ask for client certificates, trust the authority of this one, and map its subject to an account "+
			"that may read the directory.",
		"%s does not sign in %s (%s)", c.server, s.certificateName(), detail(code, said))
}

// certificateName is the subject of the client certificate, for messages.
func (s *Source) certificateName() string {
	pair, err := s.opt.clientCertificate()
	if err != nil || pair == nil {
		return s.accountName()
	}
	return "the client certificate of " + pair.Leaf.Subject.String()
}

// clientCertificate reads the client's certificate and key. It returns nil if none is set. The
// error is a *certificateError. Every connection reads the files again, so a renewed certificate
// takes effect at once.
func (o *Options) clientCertificate() (*tls.Certificate, error) {
	if o.ClientCert == "" {
		return nil, nil
	}
	fail := func(key string, err error) error { return &certificateError{key, err} }
	cert, err := os.ReadFile(o.ClientCert)
	if err != nil {
		return nil, fail("client_cert", err)
	}
	key, name := cert, "client_cert"
	if o.ClientKey != "" {
		name = "client_key"
		if key, err = os.ReadFile(o.ClientKey); err != nil {
			return nil, fail(name, err)
		}
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fail(name, errors.New(strings.TrimPrefix(err.Error(), "tls: ")))
	}
	if pair.Leaf == nil {
		if pair.Leaf, err = x509.ParseCertificate(pair.Certificate[0]); err != nil {
			return nil, fail("client_cert", err)
		}
	}
	return &pair, nil
}

// showCertificate presents the client certificate to any server that asks for one, whatever
// authorities the server lists. The server then says why it refuses the certificate, instead of
// reporting a missing one.
func (o *Options) showCertificate(config *tls.Config) error {
	pair, err := o.clientCertificate()
	if pair == nil {
		return err
	}
	if now := o.Clock(); now.After(pair.Leaf.NotAfter) || now.Before(pair.Leaf.NotBefore) {
		return &certificateError{"client_cert", fmt.Errorf("%s is valid from %s to %s only", pair.Leaf.Subject,
			pair.Leaf.NotBefore.Format(time.DateTime), pair.Leaf.NotAfter.Format(time.DateTime))}
	}
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return pair, nil }
	return nil
}

// certificateError is the error of a client certificate that cannot be used.
type certificateError struct {
	key string // of the configuration
	err error
}

func (e *certificateError) Error() string { return e.key + ": " + e.err.Error() }
func (e *certificateError) Unwrap() error { return e.err }

// clientCertificateFailure explains an error caused by the client certificate, or by its absence.
// The error is found here or in the TLS alert of the server (RFC 8446 section 6.2), which TLS 1.3
// sends after the handshake. It returns nil for any other error.
func clientCertificateFailure(server string, err error) error {
	var own *certificateError
	if errors.As(err, &own) {
		return giveUp("Name the PEM files of a valid certificate and of its key in client_cert and client_key.", "%w", own)
	}
	var alert *net.OpError
	if !errors.As(err, &alert) || alert.Op != "remote error" {
		return nil
	}
	text := strings.TrimPrefix(alert.Err.Error(), "tls: ")
	switch text {
	case "certificate required":
		return giveUp("Set client_cert and client_key.", "%s demands a client certificate (%s)", server, text)
	case "handshake failure":
		return giveUp(
			"If the server demands a client certificate, set client_cert and client_key; else let it offer TLS 1.2 or 1.3 "+
				"with ciphers of today.",
			"%s breaks the TLS handshake off (%s)", server, text)
	case "bad certificate", "unsupported certificate", "revoked certificate", "expired certificate",
		"unknown certificate", "unknown certificate authority", "access denied":
		return giveUp(
			"Use a client certificate of an authority that the server trusts, made for client authentication and valid now; "+
				"check the server's clock.",
			"%s refuses the client certificate (%s)", server, text)
	}
	return nil
}

// readRootFirst reads the rootDSE before the bind. It is the first answer of the server, which in
// TLS 1.3 may be the refusal of the client certificate.
func (c *session) readRootFirst(ctx context.Context) (rootDSE, error) {
	root, err := c.readRoot(ctx)
	if err != nil {
		if f := c.refusedCertificate(err); f != nil {
			return nil, f
		}
	}
	return root, err
}

// refusedCertificate recognises a connection that ended because of the client certificate; it is
// nil for any other end. Some servers close the connection without an alert, as they do when they
// are stopped.
func (c *session) refusedCertificate(err error) error {
	cause := c.frames.readError()
	if cause == nil {
		return nil
	}
	if f := clientCertificateFailure(c.server, cause); f != nil {
		return &bindError{f}
	}
	if c.source.opt.ClientCert != "" && (errors.Is(cause, io.EOF) || errors.Is(cause, io.ErrUnexpectedEOF)) {
		return retry(
			"If this happens each time, the server refuses the client certificate: use one of an authority that the server "+
				"trusts.",
			"%s hung up on the client certificate %s: %w", c.server, c.source.opt.ClientCert, err)
	}
	return nil
}
