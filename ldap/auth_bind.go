package ldap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"
)

// bindError is the error of a bind that the server refused, or that cannot be attempted. The next
// server is not tried: it would answer the same.
type bindError struct{ error }

func (e *bindError) Unwrap() error { return e.error }

func denied(remedy, format string, args ...any) error {
	return &bindError{giveUp(remedy, format, args...)}
}

// bind signs in with the method in the options. Without an account it binds anonymously.
func (s *Source) bind(ctx context.Context, c *session) error {
	switch s.opt.Bind {
	case BindNTLM:
		return s.bindNTLM(ctx, c)
	case BindKerberos:
		return s.bindKerberos(ctx, c)
	case BindExternal:
		return s.bindExternal(ctx, c)
	}
	if s.opt.BindUser == "" {
		return nil
	}
	return s.bindSimple(c)
}

func (s *Source) bindSimple(c *session) error {
	password, err := s.password()
	if err != nil {
		return err
	}
	request := goldap.NewSimpleBindRequest(s.opt.BindUser, password,
		[]goldap.Control{goldap.NewControlBeheraPasswordPolicy()})
	var result *goldap.SimpleBindResult
	err = s.exchange(c, func() (err error) {
		result, err = c.conn.SimpleBind(request)
		return err
	})
	return s.policy(c, result, err)
}

// password returns the bind password and refuses an empty one: a bind with a name and an empty
// password succeeds as anonymous and proves nothing (RFC 4513 section 5.1.2).
func (s *Source) password() (string, error) {
	password := ""
	if s.opt.BindPassword != nil {
		var err error
		if password, err = s.opt.BindPassword(); err != nil {
			return "", denied("Check the reference in bind_password.", "the password of %s cannot be read: %w",
				s.opt.BindUser, err)
		}
	}
	if password == "" {
		return "", denied("Set bind_password.", "%s has no password", s.opt.BindUser)
	}
	user, domain := s.opt.splitAccount()
	s.secrets.Add(password, s.opt.BindUser, user, domain+`\`+user)
	return password, nil
}

// exchange sends the bind and turns its failure into a message with a remedy.
func (s *Source) exchange(c *session, send func() error) error {
	c.frames.begin()
	err := guarded(send)
	c.frames.end()
	if err == nil {
		return nil
	}
	var result *goldap.Error
	if errors.As(err, &result) && result.ResultCode < goldap.ErrorNetwork && c.frames.readError() == nil {
		return s.bindFailure(c, result)
	}
	cause := c.frames.readError()
	if cause != nil {
		if f := c.refusedCertificate(err); f != nil {
			c.close()
			return f
		}
		if errors.Is(cause, io.EOF) || errors.Is(cause, io.ErrUnexpectedEOF) {
			return &hungUpError{c.broken("binding", 0, err)}
		}
		return c.broken("binding", 0, err)
	}
	if result != nil {
		return c.broken("binding", 0, err)
	}
	// Neither the server nor the network failed: the library cannot use the answer.
	c.close()
	return denied("Use bind = \"simple\" over ldaps://.", "%s: the sign-in of %s by %s cannot be completed: %s",
		c.server, s.accountName(), s.opt.Bind, s.secrets.Said(err.Error()))
}

// hungUpError is the error of a server that closed the connection instead of answering a bind.
type hungUpError struct{ error }

func (e *hungUpError) Unwrap() error { return e.error }

// accountName names the account that signs in, for messages.
func (s *Source) accountName() string {
	if s.opt.BindUser != "" {
		return s.opt.BindUser
	}
	switch s.opt.Bind {
	case BindExternal:
		return "the client certificate " + s.opt.ClientCert
	case BindKerberos:
		if s.opt.Keytab != "" {
			return "the keytab " + s.opt.Keytab
		}
		return "the ticket cache"
	}
	return "no account"
}

// bindFailure turns the server's answer to a bind into a message. If the server's text repeats the
// password, the password is removed.
func (s *Source) bindFailure(c *session, e *goldap.Error) error {
	said := s.secrets.Said(strings.TrimRight(libraryText(e), "\x00\r\n "))
	who, server := s.accountName(), c.server
	if err := s.demanded(c, e.ResultCode, said); err != nil {
		return err
	}
	switch e.ResultCode {
	case goldap.LDAPResultInvalidCredentials:
		if s.opt.Bind == BindExternal {
			return s.externalFailure(c, e.ResultCode, said)
		}
		meaning, remedy := subCode(said)
		return denied(remedy, "%s refuses the bind of %s: %s (%s)", server, who, meaning, detail(e.ResultCode, said))
	case goldap.LDAPResultInvalidDNSyntax, goldap.LDAPResultNoSuchObject:
		return denied("Write bind_user as a DN, for Active Directory as user@domain or DOMAIN\\user.",
			"%s does not understand the name %s (%s)", server, who, detail(e.ResultCode, said))
	case goldap.LDAPResultBusy, goldap.LDAPResultUnavailable:
		return retry("The server may be restarting: try again later, or name another server.",
			"%s cannot bind %s now (%s)", server, who, detail(e.ResultCode, said))
	}
	if s.opt.Bind == BindExternal {
		return s.externalFailure(c, e.ResultCode, said)
	}
	if s.opt.Bind != BindSimple {
		return denied("Use bind = \"simple\" over ldaps://, or allow this way of signing in on the server.",
			"%s does not let %s sign in by %s (%s)", server, who, s.opt.Bind, detail(e.ResultCode, said))
	}
	return denied("Check bind_user and bind_password, and whether the server permits simple binds.",
		"%s refuses the bind of %s (%s)", server, who, detail(e.ResultCode, said))
}

func detail(code uint16, said string) string {
	text := fmt.Sprintf("result %d", code)
	if said != "" {
		text += ": " + said
	}
	return text
}

var dataCode = regexp.MustCompile(`\bdata ([0-9a-fA-F]{1,8})\b`)

// subCodeOf returns the reason that Active Directory puts into the text of result 49, as in
// "AcceptSecurityContext error, data 52e, v1db1": a Win32 error code or an HRESULT in hexadecimal
// (MS-ERREF sections 2.1 and 2.2), in lower case without leading zeros. It is "" if the text has
// none.
func subCodeOf(said string) string {
	m := dataCode.FindStringSubmatch(said)
	if m == nil {
		return ""
	}
	return strings.ToLower(strings.TrimLeft(m[1], "0"))
}

func subCode(said string) (meaning, remedy string) {
	switch subCodeOf(said) {
	case "525":
		return "the user does not exist", "Check bind_user."
	case "52e":
		return "the user name or the password is wrong", "Check bind_user and bind_password."
	case "52f":
		return "account restrictions forbid this sign-in",
			"Check the restrictions of the account, and whether it is in Protected Users."
	case "530":
		return "the account may not sign in at this time", "Allow the account all logon hours."
	case "531":
		return "the account may not sign in from this computer",
			"Allow the account to sign in to the domain controller from here."
	case "532":
		return "the password has expired", "Set a new password, and let it never expire for this service account."
	case "533":
		return "the account is disabled", "Enable the account, or use another one."
	case "568":
		return "the account is in too many groups", "Take the account out of some groups."
	case "569":
		return "the account has not been granted this type of sign-in",
			"Grant the account access to the domain controller from the network."
	case "701":
		return "the account has expired", "Extend the account's expiry date, or use another one."
	case "773":
		return "the password must be changed before the first sign-in",
			"Set a new password without \"must change at next logon\"."
	case "775":
		return "the account is locked out", "Unlock the account; check what else uses it with an old password."
	}
	return "the user name or the password is wrong", "Check bind_user and bind_password."
}
