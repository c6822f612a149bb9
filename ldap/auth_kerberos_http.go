package ldap

import (
	"context"
	"fmt"
	"strings"

	"github.com/jcmturner/gokrb5/v8/spnego"
)

// HTTPTicket returns the SPNEGO token (RFC 4178, RFC 4559) by which an account signs in to the HTTP service
// of a host, such as a proxy. Of the options it uses BindUser, BindPassword, Keytab, CredentialCache,
// KerberosConfig and Realm, as the sign-in to a directory does. The error is an *identity.Failure.
func HTTPTicket(ctx context.Context, o Options, host string) (token []byte, err error) {
	defer func() {
		if p := recover(); p != nil { // the library may panic on what the key distribution centre sends
			err = denied("Sign in to the proxy by NTLM or Basic.", "Kerberos ended in what cannot be understood (%v)", p)
		}
	}()
	principal := "HTTP/" + host
	o.Name, o.Servers, o.Bind, o.ServicePrincipal = "proxy", []string{"ldaps://" + host}, BindKerberos, principal
	s, err := New(o)
	if err != nil {
		return nil, err
	}
	cred, err := s.kerberosCredential()
	if err != nil {
		return nil, err
	}
	config, err := s.kerberosConfig(ctx, cred, strings.ToLower(cred.realm)) // a domain's name is that of its controllers
	if err != nil {
		return nil, err
	}
	krb, err := cred.client(config)
	if err != nil {
		return nil, denied("Make a new ticket cache with kinit.", "%s: %w", cred.what, err)
	}
	defer krb.Destroy()
	if _, _, err := krb.GetServiceTicket(principal); err != nil {
		return nil, s.ticketFailure(cred, principal, err)
	}
	first, err := spnego.SPNEGOClient(krb, principal).InitSecContext()
	if err != nil {
		return nil, fmt.Errorf("the token for %s: %w", principal, err)
	}
	return first.Marshal()
}
