package ldaptest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
)

// authority is the server's certificate authority, for its own certificate and those of clients.
type authority struct {
	cert   *x509.Certificate
	key    *ecdsa.PrivateKey
	serial atomic.Int64
}

func newAuthority() (*authority, error) {
	now := time.Now()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Directory Sandbox CA"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("sandbox authority: %w", err)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("sandbox authority: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("sandbox authority: %w", err)
	}
	a := &authority{cert: cert, key: key}
	a.serial.Store(1)
	return a, nil
}

// issue signs a certificate for the template, with the next serial number.
func (a *authority) issue(template *x509.Certificate) (der []byte, key *ecdsa.PrivateKey, err error) {
	now := time.Now()
	template.SerialNumber = big.NewInt(a.serial.Add(1))
	template.NotBefore, template.NotAfter = now.Add(-time.Hour), now.AddDate(1, 0, 0)
	template.KeyUsage = x509.KeyUsageDigitalSignature
	if key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, nil, fmt.Errorf("sandbox certificate: %w", err)
	}
	if der, err = x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key); err != nil {
		return nil, nil, fmt.Errorf("sandbox certificate: %w", err)
	}
	return der, key, nil
}

// makeCertificate creates the authority, and a certificate for loopback and the domain controller's
// name.
func (s *Server) makeCertificate() error {
	a, err := newAuthority()
	if err != nil {
		return err
	}
	der, key, err := a.issue(&x509.Certificate{Subject: pkix.Name{CommonName: "dc1." + s.dir.domain},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:    []string{"localhost", "dc1." + s.dir.domain, s.dir.domain},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}})
	if err != nil {
		return err
	}
	s.authority = a
	s.certificate = &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	return nil
}

// tlsConfig requests the client's certificate if certificates can log in.
func (s *Server) tlsConfig() *tls.Config {
	c := &tls.Config{Certificates: []tls.Certificate{*s.certificate}, MinVersion: tls.VersionTLS12}
	if s.opts.ClientCAs != nil {
		c.ClientCAs = s.opts.ClientCAs.Clone()
	}
	if s.opts.ClientCertificates {
		if c.ClientCAs == nil {
			c.ClientCAs = x509.NewCertPool()
		}
		c.ClientCAs.AddCert(s.authority.cert)
	}
	if c.ClientCAs != nil {
		c.ClientAuth = tls.VerifyClientCertIfGiven
	}
	return c
}

// CAFile writes the authority's certificate into dir, as PEM, and returns its path.
func (s *Server) CAFile(dir string) (string, error) {
	if s.authority == nil {
		return "", fmt.Errorf("directory sandbox: started without TLS")
	}
	path := filepath.Join(dir, "directory-ca.pem")
	if err := os.WriteFile(path, pemOf("CERTIFICATE", s.authority.cert.Raw), 0o600); err != nil {
		return "", fmt.Errorf("directory sandbox: %w", err)
	}
	return path, nil
}

func pemOf(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// cutLast is strings.Cut at the last separator.
func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return "", s, false
}
