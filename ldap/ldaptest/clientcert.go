package ldaptest

import (
	"crypto/ecdsa"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// ClientSubject is the subject of a client certificate.
type ClientSubject struct {
	CommonName string
	UPN        string // in the subject alternative name; "" for none
	Mail       string // in the subject alternative name; "" for none
}

// IssueCertificate makes a client certificate from the server's own authority, and its key, both as
// PEM. Options.ClientCertificates allows them to log in.
func (s *Server) IssueCertificate(subject ClientSubject) (cert, key []byte, err error) {
	if s.authority == nil {
		return nil, nil, fmt.Errorf("directory sandbox: started without TLS")
	}
	template := &x509.Certificate{Subject: pkix.Name{CommonName: subject.CommonName},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	if names := alternativeNames(subject); len(names) > 0 {
		template.ExtraExtensions = []pkix.Extension{{Id: oidAlternativeName(), Value: names}}
	}
	der, private, err := s.authority.issue(template)
	if err != nil {
		return nil, nil, err
	}
	return pemCertificate(der, private)
}

func pemCertificate(der []byte, private *ecdsa.PrivateKey) (cert, key []byte, err error) {
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, nil, fmt.Errorf("sandbox certificate: %w", err)
	}
	return pemOf("CERTIFICATE", der), pemOf("PRIVATE KEY", raw), nil
}

func oidAlternativeName() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 5, 29, 17} }

// oidUPN is the type of the otherName with a UPN, as DER.
const oidUPN = "\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x14\x02\x03" // 1.3.6.1.4.1.311.20.2.3

// alternativeNames encodes the value of the extension (RFC 5280 section 4.2.1.6).
func alternativeNames(subject ClientSubject) []byte {
	var names []byte
	if subject.UPN != "" {
		explicit := appendText(nil, 0xa0, string(appendText(nil, 0x0c, subject.UPN)))
		names = appendText(names, 0xa0, oidUPN+string(explicit))
	}
	if subject.Mail != "" {
		names = appendText(names, 0x81, subject.Mail)
	}
	if names == nil {
		return nil
	}
	return appendText(nil, 0x30, string(names))
}

// upnOf returns the UPN in the alternative names, or "".
func upnOf(cert *x509.Certificate) string {
	i := slices.IndexFunc(cert.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(oidAlternativeName()) })
	if i < 0 {
		return ""
	}
	for c := (&cursor{b: cert.Extensions[i].Value}).sub(0x30); c.more(); {
		tag, content := c.next()
		if value, ok := strings.CutPrefix(string(content), oidUPN); ok && tag == 0xa0 {
			explicit := (&cursor{b: []byte(value)}).sub(0xa0)
			if upn := explicit.text(0x0c); explicit.err == nil {
				return upn
			}
		}
	}
	return ""
}

// peerOf returns the client's certificate, which the handshake has verified.
func peerOf(c *tls.Conn) *x509.Certificate {
	if chain := c.ConnectionState().PeerCertificates; len(chain) > 0 {
		return chain[0]
	}
	return nil
}

// certified returns the account that a certificate logs in, in the form of whoAmI: by its UPN, by
// an account's altSecurityIdentities, or by the subject's common name as account name. It is "" if
// no account matches, or the account may not log in.
func (s *Server) certified(cert *x509.Certificate) string {
	d := s.dir
	d.mu.RLock()
	defer d.mu.RUnlock()
	a, ok := s.certifiedAccount(cert)
	if !ok || s.logins.force(a.name) != "" {
		return ""
	}
	if a.object != nil && d.flavor == AD {
		switch d.restriction(a.object, "DC1") {
		case "", "532", "773": // the password does not matter
		default:
			return ""
		}
	}
	return s.whoAmI(a)
}

func (s *Server) certifiedAccount(cert *x509.Certificate) (account, bool) {
	d := s.dir
	if upn := upnOf(cert); upn != "" {
		return s.account(upn)
	}
	forms := certificateNames(cert)
	identities := d.schema.must("altSecurityIdentities")
	for _, o := range d.byAccount {
		for _, v := range o.get(identities) {
			if slices.Contains(forms, lower(v)) {
				return account{object: o, name: d.accountName(o)}, true
			}
		}
	}
	return s.account(d.netbios + `\` + cert.Subject.CommonName)
}

// certificateNames lists the forms in which altSecurityIdentities may name a certificate (MS-PKCA
// section 3.1.5.2.1), in lower case.
func certificateNames(cert *x509.Certificate) []string {
	issuer, subject := "<i>"+lower(nameInOrder(cert.RawIssuer)), "<s>"+lower(nameInOrder(cert.RawSubject))
	serial := slices.Clone(cert.SerialNumber.Bytes())
	slices.Reverse(serial)
	key := sha1.Sum(cert.RawSubjectPublicKeyInfo)
	whole := sha1.Sum(cert.Raw)
	forms := []string{"x509:" + issuer + subject, "x509:" + subject,
		"x509:" + issuer + "<sr>" + hex.EncodeToString(serial),
		"x509:<sha1-pukey>" + hex.EncodeToString(key[:]), "x509:<sha1-pukey>" + hex.EncodeToString(whole[:])}
	if len(cert.SubjectKeyId) > 0 {
		forms = append(forms, "x509:<ski>"+hex.EncodeToString(cert.SubjectKeyId))
	}
	for _, m := range cert.EmailAddresses {
		forms = append(forms, "x509:<rfc822>"+lower(m))
	}
	return forms
}

// nameInOrder is a name in the order of the certificate: from the root down.
func nameInOrder(raw []byte) string {
	var seq pkix.RDNSequence
	if _, err := asn1.Unmarshal(raw, &seq); err != nil {
		return ""
	}
	slices.Reverse(seq) // String writes the last one first
	return seq.String()
}
