package ldap

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	goldap "github.com/go-ldap/ldap/v3"

	"dirbridge/sync/identity"
)

// passwordExpiry returns when the bind account's password expires, as the server said at the bind
// or as Active Directory computes it.
func (s *Source) passwordExpiry(ctx context.Context, c *session) (expiry, error) {
	s.signInState.mu.Lock()
	said, day, read := s.signInState.said, s.signInState.day, s.signInState.expiry
	s.signInState.mu.Unlock()
	if !c.dir.ad() {
		return said, nil
	}
	today := s.opt.Clock().Format(time.DateOnly)
	if day == today {
		return read, nil
	}
	e, err := s.readExpiry(ctx, c)
	// A refusal is an answer: the account may not read itself.
	if err != nil && !errors.As(err, new(*resultError)) {
		return e, err
	}
	s.signInState.mu.Lock()
	s.signInState.day, s.signInState.expiry = today, e
	s.signInState.mu.Unlock()
	return e, nil
}

// Bits of userAccountControl (MS-ADTS section 2.2.16) with which no password expires:
// DONT_EXPIRE_PASSWD and SMARTCARD_REQUIRED.
const passwordStays = 0x10000 | 0x40000

// readExpiry asks for msDS-UserPasswordExpiryTimeComputed, which knows of
// fine-grained policies (MS-ADTS section 3.1.1.4.5). Servers without it leave the
// account's pwdLastSet and the domain's maxPwdAge.
func (s *Source) readExpiry(ctx context.Context, c *session) (expiry, error) {
	dn, err := s.accountDN(ctx, c)
	if dn == "" || err != nil {
		return expiry{}, err
	}
	a, err := c.readOne(ctx, dn, "msDS-UserPasswordExpiryTimeComputed", "pwdLastSet", "userAccountControl",
		"msDS-UserDontExpirePassword")
	if err != nil {
		return expiry{}, err
	}
	control, _ := strconv.ParseInt(a.first("userAccountControl"), 10, 64)
	if control&passwordStays != 0 || a.first("msDS-UserDontExpirePassword") == "TRUE" {
		return expiry{}, nil
	}
	if v := a.first("msDS-UserPasswordExpiryTimeComputed"); v != "" {
		return expiryOf(v), nil
	}
	last := expiryOf(a.first("pwdLastSet"))
	if !last.known {
		return expiry{}, nil
	}
	head, err := c.readOne(ctx, c.dir.context, "maxPwdAge")
	if err != nil {
		return expiry{}, err
	}
	return last.plus(head.first("maxPwdAge")), nil
}

// expiryOf reads a FILETIME. 0 ("must be changed") and the largest number ("never") give no expiry.
func expiryOf(v string) expiry {
	t, ok, err := FileTime(v)
	return expiry{at: t, known: ok && err == nil}
}

// plus adds a duration as directories store it: negative, in units of 100 ns. 0 and the smallest
// number mean that the password never expires (MS-SAMR section 2.2.2.1).
func (e expiry) plus(span string) expiry {
	n, err := strconv.ParseInt(span, 10, 64)
	if err != nil || n >= 0 || n < -(1<<63-1)/100 {
		return expiry{}
	}
	return expiry{at: e.at.Add(time.Duration(-n) * 100), known: true}
}

// accountDN returns the DN of the account that signed in, or "" if the account belongs to another
// directory or cannot be found.
func (s *Source) accountDN(ctx context.Context, c *session) (string, error) {
	s.signInState.mu.Lock()
	name := s.signInState.principal
	s.signInState.mu.Unlock()
	if name == "" {
		name = s.opt.BindUser
	}
	switch {
	case name == "", s.opt.Bind == BindExternal:
		return "", nil
	case isDN(name):
		return identity.DisplayDN(name), nil
	}
	if strings.Contains(name, "@") {
		if dn, err := c.uniqueDN(ctx, "(userPrincipalName="+goldap.EscapeFilter(name)+")"); dn != "" || err != nil {
			return dn, err
		}
	}
	user, domain := (&Options{BindUser: name, BindDomain: s.opt.BindDomain}).splitAccount()
	inDomain, err := c.isDomain(ctx, domain)
	if !inDomain || err != nil {
		return "", err
	}
	return c.uniqueDN(ctx, "(sAMAccountName="+goldap.EscapeFilter(user)+")")
}

// isDomain reports whether name is the domain of the naming context: its DNS name, or the NetBIOS
// name in its crossRef object (MS-ADTS section 6.1.1.2.1.1). The same account name in another
// domain is another account.
func (c *session) isDomain(ctx context.Context, name string) (bool, error) {
	dns := dnsName(c.dir.context)
	if name == "" || strings.EqualFold(name, dns) {
		return true, nil
	}
	// If it cannot be read, assume the default.
	netbios, _, _ := strings.Cut(dns, ".")
	if c.dir.configuration != "" {
		q := query{what: "reading the domain's names", base: "CN=Partitions," + c.dir.configuration,
			scope:  goldap.ScopeSingleLevel,
			filter: "(nCName=" + goldap.EscapeFilter(c.dir.context) + ")", attrs: []string{"nETBIOSName"}}
		err := c.run(ctx, q, func(e *rawEntry) error {
			for _, a := range e.attrs {
				if len(a.values) == 1 {
					netbios = string(a.values[0])
				}
			}
			return nil
		})
		if err != nil && !errors.As(err, new(*resultError)) {
			return false, err
		}
	}
	return strings.EqualFold(name, netbios), nil
}

// dnsName is the DNS name of a naming context that is written with DC alone.
func dnsName(dn string) string {
	rdns, err := identity.ParseDN(dn)
	if err != nil {
		return ""
	}
	var labels []string
	for _, r := range rdns {
		if len(r) != 1 || !strings.EqualFold(r[0].Type, "dc") {
			return ""
		}
		labels = append(labels, r[0].Value)
	}
	return strings.Join(labels, ".")
}

// uniqueDN returns the DN of the single entry that matches the filter, or "" if none or several match.
func (c *session) uniqueDN(ctx context.Context, filter string) (string, error) {
	dn, count := "", 0
	q := query{what: "looking for the bind account", base: c.dir.context, scope: goldap.ScopeWholeSubtree, filter: filter,
		attrs: none()}
	err := c.run(ctx, q, func(e *rawEntry) error {
		dn = string(e.dn)
		count++
		return nil
	})
	if count != 1 {
		dn = ""
	}
	return dn, err
}

// readOne reads attributes of one entry. They are empty if the entry does not exist.
func (c *session) readOne(ctx context.Context, dn string, attrs ...string) (rootDSE, error) {
	found := rootDSE{}
	_, err := c.probe(ctx, dn, everything, attrs, func(e *rawEntry) {
		for _, a := range e.attrs {
			for _, v := range a.values {
				name := strings.ToLower(string(a.name))
				found[name] = append(found[name], string(v))
			}
		}
	})
	return found, err
}
