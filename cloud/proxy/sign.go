package proxy

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/Azure/go-ntlmssp"

	"dirbridge/sync/identity"
)

// signer answers the challenges of one proxy for one tunnel (RFC 9110 section 11.7, RFC 4559, MS-NTHT).
type signer struct {
	route    Route
	scheme   string // auto, basic, ntlm, kerberos
	account  func() (user, password string, err error)
	ticket   func(ctx context.Context, host string) ([]byte, error)
	using    string // what was chosen of what the proxy offers
	answered int    // answers sent in that scheme
}

func (d *Dialer) signer(r Route) *signer {
	scheme := strings.ToLower(d.settings.Scheme)
	if scheme == "" {
		scheme = "auto"
	}
	return &signer{route: r, scheme: scheme, ticket: d.settings.Ticket,
		account: func() (string, string, error) { return d.account(r) }}
}

// first returns the header of the first request. A proxy that names Basic in its settings saves a round.
func (s *signer) first(context.Context) (string, error) {
	user, _, err := s.account()
	if s.scheme != "basic" || user == "" || err != nil {
		return "", err
	}
	s.using, s.answered = "basic", 1
	return s.basic()
}

// answer returns the header that answers a 407. The error is final.
func (s *signer) answer(ctx context.Context, challenges []challenge) (string, error) {
	if s.using == "" || s.using == "basic" && !offers(challenges, "basic") {
		if err := s.choose(challenges); err != nil {
			return "", err
		}
	}
	s.answered++
	switch s.using {
	case "kerberos":
		header, err := "", s.refused("it does not accept the Kerberos ticket")
		if s.answered == 1 {
			header, err = s.kerberos(ctx)
		}
		if err == nil || s.scheme != "auto" {
			return header, err
		}
		s.ticket, s.using, s.answered = nil, "", 0
		if next := s.choose(challenges); next != nil {
			return "", err // nothing else is offered, so this is what to tell
		}
		return s.answer(ctx, challenges)
	case "ntlm":
		return s.ntlm(challenges)
	}
	if s.answered > 1 {
		return "", s.refused("the name or the password is wrong")
	}
	return s.basic()
}

// challenge is one of what a proxy offers.
type challenge struct{ scheme, data string }

// challengesOf takes the values of Proxy-Authenticate apart: one may hold several, separated like the
// parameters of each (RFC 9110 section 11.6.1).
func challengesOf(values []string) (out []challenge) {
	for _, v := range values {
		quoted := false
		for part := range strings.FieldsFuncSeq(v, func(r rune) bool {
			if r == '"' {
				quoted = !quoted
			}
			return r == ',' && !quoted
		}) {
			part = strings.TrimSpace(part)
			if scheme, data, _ := strings.Cut(part, " "); scheme != "" && !strings.Contains(scheme, "=") {
				out = append(out, challenge{strings.ToLower(scheme), strings.TrimSpace(data)})
			}
		}
	}
	return out
}

func offers(challenges []challenge, scheme string) bool {
	return slices.ContainsFunc(challenges, func(c challenge) bool { return c.scheme == scheme })
}

// choose takes the strongest scheme that both sides can.
func (s *signer) choose(challenges []challenge) error {
	user, _, err := s.account()
	if err != nil {
		return err
	}
	var offered []string
	for _, c := range challenges {
		offered = append(offered, c.scheme)
	}
	offer := cmp.Or(strings.Join(offered, ", "), "nothing that is known")
	for _, can := range []struct {
		name  string
		where string
		ready bool
	}{{"kerberos", "negotiate", s.ticket != nil}, {"ntlm", "ntlm", user != ""}, {"basic", "basic", user != ""}} {
		if offers(challenges, can.where) && can.ready && (s.scheme == "auto" || s.scheme == can.name) {
			s.using = can.name
			return nil
		}
	}
	if user == "" && (s.ticket == nil || !offers(challenges, "negotiate")) {
		return s.failure("it asks for a sign-in (407), and no account is set; it offers " + offer)
	}
	return s.failure("it asks for a sign-in (407) by " + offer + ", and the settings allow " + s.scheme)
}

func (s *signer) basic() (string, error) {
	user, password, err := s.account()
	if err != nil {
		return "", err
	}
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password)), nil
}

func (s *signer) kerberos(ctx context.Context) (string, error) {
	host, _, err := net.SplitHostPort(s.route.Addr)
	if err != nil {
		return "", err
	}
	token, err := s.ticket(ctx, host)
	if err != nil {
		remedy := identity.Remedy(err)
		if remedy == "" {
			remedy = "Check the account of the proxy, its password or keytab, and the Kerberos settings of this machine."
		}
		return "", failure(identity.Hold, remedy,
			fmt.Errorf("no Kerberos ticket for the proxy %s: %w", s.route, err))
	}
	return "Negotiate " + base64.StdEncoding.EncodeToString(token), nil
}

// ntlm answers in two steps, on one connection.
func (s *signer) ntlm(challenges []challenge) (string, error) {
	if s.answered == 1 {
		message, err := ntlmssp.NewNegotiateMessage("", "")
		return "NTLM " + base64.StdEncoding.EncodeToString(message), err
	}
	var message []byte
	for _, c := range challenges {
		if c.scheme == "ntlm" && c.data != "" {
			message, _ = base64.StdEncoding.DecodeString(c.data)
		}
	}
	if s.answered > 2 || len(message) == 0 {
		return "", s.refused("the name or the password is wrong")
	}
	user, password, err := s.account()
	if err != nil {
		return "", err
	}
	message, err = ntlmssp.NewAuthenticateMessage(message, user, password, nil)
	if err != nil {
		return "", failure(identity.GiveUp, "Sign in to the proxy by Kerberos or Basic.",
			fmt.Errorf("the NTLM challenge of the proxy %s cannot be answered: %w", s.route, err))
	}
	return "NTLM " + base64.StdEncoding.EncodeToString(message), nil
}

// midway reports whether the next request belongs to the connection of the last one.
func (s *signer) midway() bool { return s.using == "ntlm" && s.answered == 2 }

// refused is the error of a proxy that does not accept the sign-in.
func (s *signer) refused(why string) error {
	return s.failure("it refuses the sign-in by " + s.using + " (407): " + why)
}

func (s *signer) failure(what string) error {
	return failure(identity.Hold,
		"Set the name and the password for the proxy, or let the cloud's host pass without a sign-in.",
		fmt.Errorf("the proxy %s: %s", s.route, what))
}
