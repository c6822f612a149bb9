package lab

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// ClientCertificate makes a certificate for client authentication, signed by the lab's authority,
// and its key, and returns their files. OpenLDAP maps it to cn=NAME directly below Base.
func (d *Directory) ClientCertificate(t testing.TB, name string) (cert, key string) {
	t.Helper()
	// The authority's key is beside the servers' states, above the server's own CA file:
	// LAB_HOME/SERVER/ADDRESS/tls/ca.pem.
	home := filepath.Join(filepath.Dir(d.CA), "..", "..", "..")
	authority, err := tls.LoadX509KeyPair(filepath.Join(home, "ca", "ca.pem"), filepath.Join(home, "ca", "ca.key"))
	if err != nil {
		t.Fatalf("lab: %v", err)
	}
	issuer, err := x509.ParseCertificate(authority.Certificate[0])
	if err != nil {
		t.Fatalf("lab: %v", err)
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatalf("lab: %v", err)
	}
	template := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(random(8)),
		Subject:      pkix.Name{Organization: []string{"lab"}, OrganizationalUnit: []string{"clients"}, CommonName: name},
		NotBefore:    time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, &private.PublicKey, authority.PrivateKey)
	if err != nil {
		t.Fatalf("lab: %v", err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatalf("lab: %v", err)
	}
	dir := t.TempDir()
	save := func(file, kind string, der []byte) string {
		path := filepath.Join(dir, file)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatalf("lab: %v", err)
		}
		return path
	}
	return save("client.pem", "CERTIFICATE", der), save("client.key", "PRIVATE KEY", raw)
}
