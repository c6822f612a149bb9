package ldap

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"
)

// bindError is a bind that the server refused, or one that cannot be made.
type bindError struct{ error }

func (e *bindError) Unwrap() error { return e.error }

// bind authenticates by a simple bind, anonymously where no user is named.
func (s *Source) bind(c *session) error {
	if s.opt.BindUser == "" {
		return nil
	}
	password := ""
	if s.opt.BindPassword != nil {
		var err error
		if password, err = s.opt.BindPassword(); err != nil {
			return &bindError{giveUp("Check the reference in bind_password.", "the password of %s cannot be read: %w", s.opt.BindUser, err)}
		}
	}
	if password == "" {
		// RFC 4513 section 5.1.2: a name without a password binds anonymously, and
		// succeeds without proving anything.
		return &bindError{giveUp("Set bind_password.", "%s has no password", s.opt.BindUser)}
	}
	c.tap.begin()
	_, err := c.conn.SimpleBind(goldap.NewSimpleBindRequest(s.opt.BindUser, password, nil))
	c.tap.end()
	if err == nil {
		return nil
	}
	var result *goldap.Error
	if !errors.As(err, &result) || result.ResultCode >= goldap.ErrorNetwork || c.tap.why() != nil {
		return c.broken("binding", 0, err)
	}
	return s.bindFailure(c.server, password, result)
}

// bindFailure puts the server's answer to a bind in words. The answer is the
// server's text: should it repeat the password, it is cut out.
func (s *Source) bindFailure(server, password string, e *goldap.Error) error {
	said := strings.TrimRight(libraryText(e), "\x00\r\n ")
	said = strings.ReplaceAll(said, password, "********")
	who := s.opt.BindUser
	switch e.ResultCode {
	case goldap.LDAPResultInvalidCredentials:
		meaning, remedy := subCode(said)
		return &bindError{giveUp(remedy, "%s refuses the bind of %s: %s (%s)", server, who, meaning, detail(e.ResultCode, said))}
	case goldap.LDAPResultStrongAuthRequired, goldap.LDAPResultConfidentialityRequired:
		return &bindError{giveUp("Use ldaps://, or start_tls = true.",
			"%s accepts passwords over encrypted connections only (%s)", server, detail(e.ResultCode, said))}
	case goldap.LDAPResultInvalidDNSyntax, goldap.LDAPResultNoSuchObject:
		return &bindError{giveUp("Write bind_user as a DN, for Active Directory as user@domain or DOMAIN\\user.",
			"%s does not understand the name %s (%s)", server, who, detail(e.ResultCode, said))}
	case goldap.LDAPResultBusy, goldap.LDAPResultUnavailable:
		return retry("The server may be restarting: try again later, or name another server.",
			"%s cannot bind %s now (%s)", server, who, detail(e.ResultCode, said))
	}
	return &bindError{giveUp("Check bind_user and bind_password, and whether the server permits simple binds.",
		"%s refuses the bind of %s (%s)", server, who, detail(e.ResultCode, said))}
}

func detail(code uint16, said string) string {
	text := fmt.Sprintf("result %d", code)
	if said != "" {
		text += ": " + said
	}
	return text
}

// subCode reads the reason that Active Directory puts in the text of result 49, as
// in "AcceptSecurityContext error, data 52e, v1db1": Win32 error codes in
// hexadecimal (MS-ERREF section 2.2).
func subCode(said string) (meaning, remedy string) {
	m := regexp.MustCompile(`\bdata ([0-9a-fA-F]{1,8})\b`).FindStringSubmatch(said)
	code := ""
	if m != nil {
		code = strings.ToLower(strings.TrimLeft(m[1], "0"))
	}
	switch code {
	case "525":
		return "the user does not exist", "Check bind_user."
	case "52e":
		return "the user name or the password is wrong", "Check bind_user and bind_password."
	case "52f":
		return "account restrictions forbid this sign-in", "Check the restrictions of the account, and whether it is in Protected Users."
	case "530":
		return "the account may not sign in at this time", "Allow the account all logon hours."
	case "531":
		return "the account may not sign in from this computer", "Allow the account to sign in to the domain controller from here."
	case "532":
		return "the password has expired", "Set a new password, and let it never expire for this service account."
	case "533":
		return "the account is disabled", "Enable the account, or use another one."
	case "568":
		return "the account is in too many groups", "Take the account out of some groups."
	case "569":
		return "the account has not been granted this type of sign-in", "Grant the account access to the domain controller from the network."
	case "701":
		return "the account has expired", "Extend the account's expiry date, or use another one."
	case "773":
		return "the password must be changed before the first sign-in", "Set a new password without \"must change at next logon\"."
	case "775":
		return "the account is locked out", "Unlock the account; check what else uses it with an old password."
	}
	return "the user name or the password is wrong", "Check bind_user and bind_password."
}
