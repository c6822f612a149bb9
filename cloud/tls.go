package cloud

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"time"

	"dirbridge/sync/identity"
)

// tlsFailure explains an error of TLS; false for any other error. Each cause has its own remedy:
// trusting an authority does not help if a certificate has expired.
func tlsFailure(err error) (identity.Class, string, bool) {
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var verification *tls.CertificateVerificationError
	var header tls.RecordHeaderError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		valid := ""
		if c := invalid.Cert; c != nil {
			valid = " It is valid from " + c.NotBefore.Format(time.DateOnly) + " to " + c.NotAfter.Format(time.DateOnly) + "."
		}
		return identity.GiveUp, "The cloud's certificate has expired, or is not valid yet." + valid +
			" Ask for a new one, or set this machine's clock.", true
	case errors.As(err, &host):
		return identity.GiveUp,
			"The cloud's certificate is for another name. Set base_url to a name that it is for; if the name is right, " +
				"something between here and the cloud answers in its place.", true
	case errors.As(err, &authority):
		issuer := ""
		if c := authority.Cert; c != nil {
			issuer = " (" + clean(c.Issuer.String()) + ")"
		}
		return identity.GiveUp, "The cloud's certificate is from an authority" + issuer +
			" that this machine does not trust. Add the authority to " +
			"the system's, or, where a proxy opens TLS, ask its administrator for its authority.", true
	case errors.As(err, &invalid), errors.As(err, &verification):
		return identity.GiveUp,
			"The cloud's certificate is not valid. Ask its provider, or the administrator of the proxy, for a valid one.", true
	case errors.As(err, &header):
		return identity.GiveUp, "What answers does not speak TLS on this port. Check the port in base_url, and the proxy.",
			true
	}
	return "", "", false
}
