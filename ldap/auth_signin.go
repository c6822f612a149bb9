package ldap

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	stdsync "sync"
	"time"

	goldap "github.com/go-ldap/ldap/v3"
)

// SignIn describes how the connector signed in to the directory, and which credentials expire soon.
type SignIn struct {
	// bind_user, the Kerberos principal, or the subject of the client certificate; "" is anonymous
	Account         string
	Way             string    // BindSimple, BindNTLM, BindKerberos or BindExternal; "anonymous"
	Encrypted       bool      // within TLS
	PasswordExpires time.Time // zero: never, or the directory does not say
	Warnings        []string  // sentences: passwords and certificates that expire within two weeks, or have
}

// soon is how long before its end something is warned of.
const soon = 14 * 24 * time.Hour

// signInState is what is known of the bind account's password. It is shared by all
// sessions.
type signInState struct {
	mu        stdsync.Mutex
	principal string // of Kerberos
	day       string // on which expiry was read from the directory
	expiry    expiry
	said      expiry // by the server at the last bind
}

// expiry is when a password expires. The zero value means never, or not known.
type expiry struct {
	at    time.Time
	known bool  // at is set
	past  bool  // it has expired, and the server still accepts it
	grace int64 // remaining sign-ins with the expired password
}

// SignIn signs in, unless a session is open, and describes the sign-in. It asks the directory for
// the password's expiry at most once a day.
func (s *Source) SignIn(ctx context.Context) (in SignIn, err error) {
	defer s.secrets.In(&err)
	err = s.with(ctx, func(c *session) (err error) {
		in, err = s.signedIn(ctx, c)
		return err
	})
	return in, err
}

func (s *Source) signedIn(ctx context.Context, c *session) (SignIn, error) {
	in := SignIn{Account: s.opt.BindUser, Way: s.opt.Bind, Encrypted: c.encrypted()}
	s.signInState.mu.Lock()
	principal := s.signInState.principal
	s.signInState.mu.Unlock()
	switch {
	case s.opt.Bind == BindExternal:
		if pair, err := s.opt.clientCertificate(); err == nil && pair != nil {
			in.Account = pair.Leaf.Subject.String()
		}
	case principal != "":
		in.Account = principal
	case s.opt.BindUser == "":
		in.Way = "anonymous"
	}
	e, err := s.passwordExpiry(ctx, c)
	if err != nil {
		return in, err
	}
	now := s.opt.Clock()
	if e.known {
		in.PasswordExpires = e.at
	}
	switch {
	case e.past:
		in.Warnings = append(in.Warnings,
			fmt.Sprintf("the password of %s has expired; the server accepts it %s", in.Account, times(e.grace)))
	case e.known && e.at.Sub(now) < soon:
		in.Warnings = append(in.Warnings, "the password of "+in.Account+" "+expires(e.at, now))
	}
	in.Warnings = append(in.Warnings, s.certificateWarnings(c, now)...)
	return in, nil
}

func times(n int64) string {
	switch n {
	case 0:
		return "no more"
	case 1:
		return "once more"
	}
	return fmt.Sprintf("%d times more", n)
}

// expires words an expiry, as in "expires on 2026-12-01, in 9 days", in the calendar of now's time
// zone.
func expires(at, now time.Time) string {
	at = at.In(now.Location())
	if at.Before(now) {
		return "has expired on " + at.Format(time.DateOnly)
	}
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	when := ""
	switch days := int(day(at).Sub(day(now)).Hours() / 24); days {
	case 0:
		when = "today"
	case 1:
		when = "tomorrow"
	default:
		when = fmt.Sprintf("in %d days", days)
	}
	return "expires on " + at.Format(time.DateOnly) + ", " + when
}

// certificateWarnings covers the server's certificate, its issuers and the client's certificate.
func (s *Source) certificateWarnings(c *session, now time.Time) (out []string) {
	if t, ok := c.frames.Conn.(*tls.Conn); ok {
		if chains := t.ConnectionState().VerifiedChains; len(chains) > 0 {
			for i, cert := range chains[0] {
				what := "the certificate of " + c.server
				if i > 0 {
					what = "the certificate of the authority " + cert.Subject.String() + ", which issued that of " + c.server + ","
				}
				if cert.NotAfter.Sub(now) < soon {
					out = append(out, what+" "+expires(cert.NotAfter, now))
				}
			}
		}
	}
	pair, err := s.opt.clientCertificate()
	switch {
	case err != nil:
		out = append(out, "the client certificate cannot be read: "+err.Error())
	case pair != nil && pair.Leaf.NotAfter.Sub(now) < soon:
		out = append(out, "the client certificate of "+pair.Leaf.Subject.String()+" "+expires(pair.Leaf.NotAfter, now))
	}
	return out
}

// policy reads the password policy that the server adds to its answer to a bind
// (draft-behera-ldap-password-policy-10 section 6.2). err is the result of the bind.
func (s *Source) policy(c *session, r *goldap.SimpleBindResult, err error) error {
	said := expiry{}
	if r != nil {
		if p, ok := goldap.FindControl(r.Controls,
			goldap.ControlTypeBeheraPasswordPolicy).(*goldap.ControlBeheraPasswordPolicy); ok {
			if meaning, remedy := policyError(p.Error); meaning != "" && (err == nil || errors.As(err, new(*bindError))) {
				return denied(remedy, "%s refuses the bind of %s: %s (password policy error %d)", c.server, s.accountName(),
					meaning, p.Error)
			}
			if p.Expire >= 0 && p.Expire < maxExpiry {
				said.at, said.known = s.opt.Clock().Add(time.Duration(p.Expire)*time.Second), true
			}
			said.past, said.grace = p.Grace >= 0, p.Grace
		}
	}
	if err == nil {
		s.signInState.mu.Lock()
		s.signInState.said = said
		s.signInState.mu.Unlock()
	}
	return err
}

// maxExpiry is the longest expiry that is believed, in seconds: 100 years.
const maxExpiry = 100 * 365 * 24 * 3600

// policyError words the errors of a PasswordPolicyResponseValue that concern a bind.
func policyError(code int8) (meaning, remedy string) {
	switch code {
	case 0:
		return "the password has expired", "Set a new password, and let it never expire for this service account."
	case 1:
		return "the account is locked out", "Unlock the account; check what else uses it with an old password."
	case 2:
		return "the password must be changed before anything else", "Set a new password that need not be changed (pwdReset)."
	}
	return "", ""
}
