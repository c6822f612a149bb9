package scimtest

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"html"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// deviceCode is a sign-in by code that has begun.
type deviceCode struct {
	user      string
	expires   time.Time
	asked     time.Time // the last time; zero for never
	approved  bool
	denied    bool
	elsewhere bool
}

func (o *oauth) beginDevice(e *exchange, form url.Values) answer {
	if form.Get("client_id") != o.opt.ClientID {
		return o.refusal(e, http.StatusBadRequest, "invalid_client", "the client is not known")
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return o.refusal(e, http.StatusInternalServerError, "server_error", "there is no code")
	}
	c := &deviceCode{user: fmt.Sprintf("%06d", n), expires: o.clock().Add(o.opt.CodeLife), approved: o.opt.AtOnce}
	device := "device-" + rand.Text()
	o.codes[device] = c
	at := o.root + "/v1/verify"
	return jsonAnswer(http.StatusOK, map[string]any{"device_code": device, "user_code": c.user, "verification_uri": at,
		"verification_uri_complete": at + "?userCode=" + c.user, "expires_in": int(o.opt.CodeLife / time.Second),
		"interval": max(int(o.opt.Interval/time.Second), 0)})
}

func (o *oauth) deviceToken(r *http.Request, e *exchange, form url.Values) answer {
	if _, _, basic := r.BasicAuth(); !o.plain && !basic {
		return o.refusal(e, http.StatusUnauthorized, "", "this endpoint takes Basic authorization alone")
	}
	c, now := o.codes[form.Get("device_code")], o.clock()
	switch {
	case c == nil:
		return o.refusal(e, http.StatusBadRequest, "invalid_grant", "the device code is not known")
	case now.After(c.expires):
		return o.refusal(e, http.StatusBadRequest, "expired_token", "the code has expired")
	case c.denied:
		return o.refusal(e, http.StatusBadRequest, "access_denied", "the user has declined")
	case !c.asked.IsZero() && now.Sub(c.asked) < o.opt.Interval-100*time.Millisecond:
		c.asked = now
		if o.plain {
			return o.refusal(e, http.StatusBadRequest, "slow_down", "")
		}
		return o.refusal(e, http.StatusTooManyRequests, "slow_down", "too many requests").with("Retry-After", "2")
	case !c.approved && o.plain:
		c.asked = now
		return o.refusal(e, http.StatusBadRequest, "authorization_pending", "")
	case !c.approved:
		c.asked = now
		return o.refusal(e, http.StatusPreconditionRequired, "", "the code was not entered yet")
	}
	delete(o.codes, form.Get("device_code"))
	return o.give(&family{elsewhere: c.elsewhere}, true)
}

// verify is the page where a person enters the code: GET shows it, POST enters the code.
func (o *oauth) verify(r *http.Request, form url.Values) answer {
	page := func(status int, text string) answer {
		return ok(status, []byte("<!DOCTYPE html><html><body><h1>Sign in</h1>"+text+"</body></html>\n")).
			with("Content-Type", "text/html; charset=utf-8")
	}
	code := cmp.Or(form.Get("userCode"), r.URL.Query().Get("userCode"))
	if r.Method != http.MethodPost {
		return page(http.StatusOK, `<form method="post"><input name="userCode" value="`+html.EscapeString(code)+
			`"><button>Allow</button></form>`)
	}
	if err := o.decide(code, func(c *deviceCode) { c.approved = true }); err != nil {
		return page(http.StatusNotFound, "<p>There is no such code.</p>")
	}
	return page(http.StatusOK, "<p>Allowed. The program goes on by itself.</p>")
}

// decide decides about a code as its user sees it.
func (o *oauth) decide(user string, decision func(*deviceCode)) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, c := range o.codes {
		if c.user == strings.TrimSpace(user) && o.clock().Before(c.expires) {
			decision(c)
			return nil
		}
	}
	return errors.New("there is no such code")
}

// Approve enters a code, as a person does, and allows the sign-in.
func (s *Server) Approve(code string) error {
	return s.oauth.decide(code, func(c *deviceCode) { c.approved = true })
}

// ApproveElsewhere enters a code by an account of another organization.
func (s *Server) ApproveElsewhere(code string) error {
	return s.oauth.decide(code, func(c *deviceCode) { c.approved, c.elsewhere = true, true })
}

// Deny enters a code and declines the sign-in.
func (s *Server) Deny(code string) error {
	return s.oauth.decide(code, func(c *deviceCode) { c.denied = true })
}

// signed checks an assertion (RFC 7523 section 3).
func (o *oauth) signed(text, audience string) error {
	_, err := jwt.Parse(text, func(*jwt.Token) (any, error) { return o.opt.Key, nil },
		jwt.WithValidMethods([]string{"RS256", "ES256"}), jwt.WithAudience(audience), jwt.WithIssuer(o.opt.ClientID),
		jwt.WithSubject(o.opt.ClientID), jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithTimeFunc(o.clock),
		jwt.WithLeeway(time.Minute))
	return err
}
