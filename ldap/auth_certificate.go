package ldap

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Certificate is the part of a certificate that an operator compares before trusting a server.
type Certificate struct {
	Subject, Issuer     string
	Names               []string // host names that it is valid for
	SHA256              string   // fingerprint, in pairs of digits with colons
	NotBefore, NotAfter time.Time
}

// Untrusted returns the certificates that the server presented, its own first, if err says that no
// trusted authority issued them. It returns false for any other error.
func Untrusted(err error) ([]Certificate, bool) {
	var authority x509.UnknownAuthorityError
	var verification *tls.CertificateVerificationError
	if !errors.As(err, &authority) {
		return nil, false
	}
	shown := []*x509.Certificate{authority.Cert}
	if errors.As(err, &verification) {
		shown = verification.UnverifiedCertificates
	}
	var all []Certificate
	for _, c := range shown {
		if c != nil {
			all = append(all, Certificate{Subject: c.Subject.String(), Issuer: c.Issuer.String(), Names: c.DNSNames,
				SHA256:    fingerprint(c),
				NotBefore: c.NotBefore, NotAfter: c.NotAfter})
		}
	}
	return all, len(all) > 0
}

func fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	pairs := make([]string, len(sum))
	for i, b := range sum {
		pairs[i] = fmt.Sprintf("%02X", b)
	}
	return strings.Join(pairs, ":")
}
