package ldap

import (
	"context"
	"net/url"
	"strings"

	"github.com/go-ldap/ldap/v3/gssapi"
	"github.com/jcmturner/gokrb5/v8/client"
	krbconfig "github.com/jcmturner/gokrb5/v8/config"
)

// bindKerberos binds by SASL GSSAPI without a security layer (RFC 4752): TLS protects the
// connection.
func (s *Source) bindKerberos(ctx context.Context, c *session) (err error) {
	// The library parses what the key distribution centre and the server send, and may panic.
	defer func() {
		if p := recover(); p != nil {
			c.close()
			err = denied("Use bind = \"simple\" over ldaps://.",
				"%s: the Kerberos sign-in of %s ended in what cannot be understood (%v)", c.server, s.accountName(), p)
		}
	}()
	u, err := parseServer(c.server)
	if err != nil {
		return err
	}
	cred, err := s.kerberosCredential()
	if err != nil {
		return err
	}
	config, err := s.kerberosConfig(ctx, cred, u.Hostname())
	if err != nil {
		return err
	}
	krb, err := cred.client(config)
	if err != nil {
		return denied("Make a new ticket cache with kinit.", "%s: %w", cred.what, err)
	}
	defer krb.Destroy()
	principal := s.opt.servicePrincipal(u)
	// Before the time limit for the server's answer begins: this request goes to the KDC.
	if _, _, err := krb.GetServiceTicket(principal); err != nil {
		return s.ticketFailure(cred, principal, err)
	}
	err = s.exchange(c, func() error {
		return c.conn.GSSAPIBind(&gssapi.Client{Client: krb}, principal, "")
	})
	if err == nil {
		s.signInState.mu.Lock()
		s.signInState.principal = cred.principal()
		s.signInState.mu.Unlock()
	}
	return err
}

// servicePrincipal is the Kerberos name of the LDAP server.
func (o *Options) servicePrincipal(u *url.URL) string {
	switch {
	case o.ServicePrincipal != "":
		return o.ServicePrincipal
	case o.ServerName != "":
		return "ldap/" + o.ServerName
	}
	return "ldap/" + strings.TrimSuffix(u.Hostname(), ".")
}

// client makes a Kerberos client without connecting.
func (k *kerberosCredential) client(config *krbconfig.Config) (*client.Client, error) {
	// Active Directory's answers have no checksum for FAST (RFC 6806 section 11); without this
	// option the library refuses them.
	fast := client.DisablePAFXFAST(true)
	switch {
	case k.keytab != nil:
		return client.NewWithKeytab(k.user, k.realm, k.keytab, config, fast), nil
	case k.cache != nil:
		return client.NewFromCCache(k.cache, config, fast)
	}
	return client.NewWithPassword(k.user, k.realm, k.password, config, fast), nil
}

// ticketFailure explains why there is no ticket for the server. The library returns the KDC's
// answer as text only, with the name of its code (RFC 4120 section 7.5.9).
func (s *Source) ticketFailure(k *kerberosCredential, principal string, err error) error {
	text := s.secrets.Said(krbText(err))
	says := func(codes ...string) bool {
		for _, c := range codes {
			if strings.Contains(text, c) {
				return true
			}
		}
		return false
	}
	fail := func(remedy, what string) error {
		return denied(remedy, "Kerberos refuses %s of realm %s: %s (%s)", k.user, k.realm, what, text)
	}
	secret := "bind_password"
	if k.keytab != nil {
		secret = "keytab"
	}
	switch {
	case says("KDC_ERR_C_PRINCIPAL_UNKNOWN"):
		return fail("Check bind_user; where its part after the @ is not the Kerberos realm, set realm.",
			"the user does not exist")
	case says("KDC_ERR_S_PRINCIPAL_UNKNOWN"):
		return fail("Name the server in servers as the domain does, set service_principal, or register it: setspn -S "+
			principal+" SERVER.",
			"the service "+principal+" is not known")
	case says("KDC_ERR_PREAUTH_FAILED", "KRB_AP_ERR_BAD_INTEGRITY", "client password/keytab incorrect",
		"matching key not found"):
		if k.keytab != nil {
			return fail("Export the keytab again; a new password makes it invalid.",
				"the key in the keytab is wrong, or of a kind of encryption that the account does not have")
		}
		return fail("Check bind_user and bind_password.", "the password is wrong")
	case says("KDC_ERR_CLIENT_REVOKED"):
		return fail("Enable or unlock the account, extend its expiry date, or allow it all logon hours.",
			"the account is disabled, locked out or expired, or may not sign in at this time")
	case says("KDC_ERR_KEY_EXPIRED"):
		return fail("Set a new password, let it never expire for this service account, and renew "+secret+".",
			"the password has expired, or must be changed")
	case says("KRB_AP_ERR_SKEW", "clock skew", "Clock skew"):
		return fail("Set this machine's clock; it may differ by five minutes.",
			"this machine's clock differs too much from the server's")
	case says("KDC_ERR_ETYPE_NOSUPP"):
		return fail("Allow AES for the account (msDS-SupportedEncryptionTypes), and set its password again.",
			"no kind of encryption is known to both")
	case says("KDC_ERR_WRONG_REALM"):
		return fail("Set realm.", "the user belongs to another realm")
	case says("KRB_AP_ERR_TKT_EXPIRED", "no valid existing session", "no user credentials available"):
		return fail("Make a new ticket with kinit, or use a keytab, which needs none.", "the ticket has expired")
	case says("communication error", "error sending", "failed to communicate", "connection refused", "i/o timeout"):
		return retry("Check that the domain controllers answer on port 88, and the firewall between.",
			"the Kerberos server of realm %s does not answer %s: %s", k.realm, k.user, text)
	}
	return denied("Check realm and kerberos_config.", "Kerberos gives %s of realm %s no ticket for %s: %s", k.user,
		k.realm, principal, text)
}

// krbText is the text of the library's error without the library's own prefixes.
func krbText(err error) string {
	text := err.Error()
	if at := strings.LastIndex(text, " < "); at >= 0 {
		text = text[at+3:]
	}
	for _, heading := range []string{"[Root cause: ", "KRBMessage_Handling_Error: ", "Networking_Error: ", "KDC_Error: ",
		"Encoding_Error: ", "Configuration_Error: ", "Encrypting_Error: ", "Decrypting_Error: "} {
		text = strings.TrimPrefix(text, heading)
	}
	return text
}
