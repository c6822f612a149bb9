package ldap

import (
	"crypto/tls"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"
)

// encrypted reports whether the session is within TLS.
func (c *session) encrypted() bool {
	_, ok := c.frames.Conn.(*tls.Conn)
	return ok
}

// demanded recognises a refusal that asks for more protection: encryption, signing or channel
// binding. The error says which one, and which bind works there. It is nil for any other refusal.
//
// A bind never offers signing or sealing of its own: TLS does both.
func (s *Source) demanded(c *session, code uint16, said string) error {
	who, way := s.accountName(), s.opt.Bind
	say := func(remedy, what string) error {
		return denied(remedy, "%s refuses the bind of %s by %s: %s (%s)", c.server, who, way, what, detail(code, said))
	}
	if code == goldap.LDAPResultInvalidCredentials {
		// SEC_E_BAD_BINDINGS (MS-ERREF section 2.1), under "LdapEnforceChannelBinding".
		if subCodeOf(said) == "80090346" {
			return say(
				"Use bind = \"simple\" over ldaps:// or with start_tls = true, or bind = \"external\" with a client certificate.",
				"it demands channel binding, which ties the sign-in to the TLS connection and is not offered here")
		}
		return nil
	}
	if code != goldap.LDAPResultStrongAuthRequired && code != goldap.LDAPResultConfidentialityRequired {
		return nil
	}
	switch {
	case way == BindSimple:
		if c.encrypted() {
			return say("Use bind = \"kerberos\", or bind = \"external\" with a client certificate.",
				"it accepts no password, even over an encrypted connection")
		}
		return say("Use ldaps://, or start_tls = true.", "it accepts passwords over encrypted connections only")
	case strings.Contains(said, "Sign or Seal"):
		// Samba says so with and without TLS.
		return say(
			"Use bind = \"simple\" over ldaps:// or with start_tls = true; the encryption of TLS is enough for it there.",
			"it demands signing or sealing within the sign-in, which is not offered here")
	case !c.encrypted():
		// Windows: "The server requires binds to turn on integrity checking if SSL\TLS
		// are not already active". Samba, in the same situation: "not allowed if TLS is
		// used", though none is.
		return say("Use ldaps://, or start_tls = true; bind = \""+way+"\" can stay.",
			"it demands signing on connections that are not encrypted")
	}
	return say("Use bind = \"simple\" over this encrypted connection, or bind = \"external\" with a client certificate.",
		"it demands more protection than "+way+" within TLS gives")
}
