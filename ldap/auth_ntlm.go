package ldap

import (
	"context"
	"errors"
)

// bindNTLM binds by NTLM in Microsoft's own message types ("Sicily", MS-ADTS section 5.1.1.1.3).
// The password never leaves this machine.
func (s *Source) bindNTLM(ctx context.Context, c *session) error {
	password, err := s.password()
	if err != nil {
		return err
	}
	// The rootDSE comes first: a server that does not know these messages closes the connection
	// without an answer, and so does a server that is shutting down.
	root, err := c.readRootFirst(ctx)
	if err != nil {
		return err
	}
	err = s.exchange(c, func() error { return c.conn.NTLMBind("", s.opt.ntlmName(), password) })
	var closed *hungUpError
	if errors.As(err, &closed) {
		const remedy = "Use bind = \"simple\" over ldaps://, or bind = \"kerberos\"."
		if _, p := recognise(root); p == samba {
			return denied(remedy,
				"%s closes the connection at the sign-in of %s: this server, %s, takes NTLM only within GSS-SPNEGO, which is "+
					"not offered here", c.server, s.accountName(), p)
		}
		return retry(remedy,
			"%s closes the connection at the sign-in of %s by NTLM; a server that takes NTLM only within GSS-SPNEGO does so "+
				"at each attempt: %w", c.server, s.accountName(), closed)
	}
	return err
}

// ntlmName is the account name for NTLM. A user principal name stays whole, because its suffix need
// not be the name of the domain.
func (o *Options) ntlmName() string {
	user, domain := o.splitAccount()
	if o.BindDomain == "" && user+"@"+domain == o.BindUser {
		return o.BindUser
	}
	return domain + `\` + user
}
