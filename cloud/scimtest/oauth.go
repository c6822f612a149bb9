package scimtest

import (
	"crypto"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// SignIn are the options of signing in by OAuth. The zero value imitates Webex: an answer is 428
// while a code was not entered, errors are not those of RFC 6749, and a refresh token is not
// replaced. With Options.Plain the answers are those of RFC 6749, RFC 7009 and RFC 8628.
type SignIn struct {
	ClientID     string           // "sandbox-client"
	ClientSecret string           // "sandbox-client-secret"
	Key          crypto.PublicKey // of a client that signs assertions (RFC 7523); nil for none
	AccessLife   time.Duration    // 14 days
	RefreshLife  time.Duration    // 90 days
	CodeLife     time.Duration    // of a device's code; 5 minutes
	Interval     time.Duration    // at which a device may ask; 2 s; a negative value means none
	// Rotate replaces the refresh token each time. Using an old one revokes all of its family.
	Rotate bool
	// Same answers a refresh with the access token that is valid already.
	Same bool
	// AtOnce takes every code as entered.
	AtOnce bool
}

func (o SignIn) withDefaults() SignIn {
	text := func(p *string, def string) {
		if *p == "" {
			*p = def
		}
	}
	span := func(p *time.Duration, def time.Duration) {
		if *p == 0 {
			*p = def
		}
	}
	text(&o.ClientID, "sandbox-client")
	text(&o.ClientSecret, "sandbox-client-secret")
	span(&o.AccessLife, 14*24*time.Hour)
	span(&o.RefreshLife, 90*24*time.Hour)
	span(&o.CodeLife, 5*time.Minute)
	span(&o.Interval, 2*time.Second)
	return o
}

// oauth is the authorization server.
type oauth struct {
	opt   SignIn
	plain bool
	root  string
	clock func() time.Time
	tally *tally

	mu     sync.Mutex
	secret string
	codes  map[string]*deviceCode // by device code
	access map[string]*accessToken
	fresh  map[string]*refreshToken // by refresh token, used ones included
	days   int                      // that the static token still has; 0 for no end
}

type accessToken struct {
	family  *family
	expires time.Time
}

type refreshToken struct {
	family  *family
	expires time.Time
	used    bool
}

// family is all tokens of one sign-in.
type family struct {
	revoked   bool
	elsewhere bool // signed in to another organization
	last      string
}

func newOAuth(opt Options, root string, t *tally) *oauth {
	return &oauth{opt: opt.SignIn, plain: opt.Plain, root: root, clock: opt.Clock, tally: t,
		secret: opt.SignIn.ClientSecret, codes: map[string]*deviceCode{}, access: map[string]*accessToken{},
		fresh: map[string]*refreshToken{}}
}

// oauthKind names the endpoint of a path; "" for no such path.
func oauthKind(path string) string {
	return map[string]string{"/v1/access_token": "oauth/token", "/v1/device/authorize": "oauth/device",
		"/v1/device/token": "oauth/device-token", "/v1/revoke": "oauth/revoke", "/v1/verify": "oauth/verify",
		"/v1/authorizations/tokenExpiry": "oauth/expiry"}[path]
}

// serveOAuth processes a request of OAuth, with its faults.
func (s *Server) serveOAuth(w http.ResponseWriter, r *http.Request, e *exchange, kind string) {
	e.kind = kind
	s.tally.signIn(kind)
	// Reading all of the request first lets a stalled one end with its client.
	body, unread := io.ReadAll(io.LimitReader(r.Body, 64<<10))
	form, bad := url.ParseQuery(string(body))
	w.Header().Set("Date", s.opt.Clock().UTC().Format(http.TimeFormat))
	s.faults.around(s.ctx, w, r, e, func() answer {
		switch kind {
		case "oauth/expiry":
			return s.expiry(r)
		case "oauth/verify":
			return s.oauth.verify(r, form)
		}
		if r.Method != http.MethodPost {
			return s.oauth.refusal(e, http.StatusMethodNotAllowed, "invalid_request", "POST alone is allowed here")
		}
		if unread != nil || bad != nil {
			return s.oauth.refusal(e, http.StatusBadRequest, "invalid_request", "the form cannot be read")
		}
		return s.oauth.answer(r, e, form)
	})
}

func (o *oauth) answer(r *http.Request, e *exchange, form url.Values) answer {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch e.kind {
	case "oauth/device":
		return o.beginDevice(e, form)
	case "oauth/revoke":
		return o.revoke(r, e, form)
	}
	if !o.knows(r, form) {
		return o.refusal(e, http.StatusUnauthorized, "invalid_client", "the client or its secret is not correct")
	}
	grant := form.Get("grant_type")
	switch {
	case strings.HasSuffix(grant, ":device_code") && (o.plain || e.kind == "oauth/device-token"):
		return o.deviceToken(r, e, form)
	case e.kind != "oauth/token":
	case grant == "refresh_token":
		return o.refresh(e, form.Get("refresh_token"))
	case grant == "client_credentials" && o.plain:
		return o.give(&family{}, false)
	}
	return o.refusal(e, http.StatusBadRequest, "unsupported_grant_type", "this grant is not supported")
}

// knows reports whether the client has proven itself: by Basic, in the body, or by an assertion.
func (o *oauth) knows(r *http.Request, form url.Values) bool {
	if text := form.Get("client_assertion"); text != "" {
		return o.opt.Key != nil && o.signed(text, o.root+r.URL.Path) == nil
	}
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = form.Get("client_id"), form.Get("client_secret")
	}
	return id == o.opt.ClientID && secret == o.secret
}

// give answers with new tokens of a family.
func (o *oauth) give(f *family, refreshable bool) answer {
	now := o.clock()
	said := map[string]any{"token_type": "Bearer", "expires_in": int(o.opt.AccessLife / time.Second)}
	if held := o.access[f.last]; !o.opt.Same || held == nil || now.After(held.expires) {
		f.last = "access-" + rand.Text()
		o.access[f.last] = &accessToken{f, now.Add(o.opt.AccessLife)}
	} else {
		said["expires_in"] = int(held.expires.Sub(now) / time.Second)
	}
	said["access_token"] = f.last
	if refreshable {
		token := "refresh-" + rand.Text()
		o.fresh[token] = &refreshToken{family: f, expires: now.Add(o.opt.RefreshLife)}
		said["refresh_token"], said["refresh_token_expires_in"] = token, int(o.opt.RefreshLife/time.Second)
	}
	return jsonAnswer(http.StatusOK, said)
}

func (o *oauth) refresh(e *exchange, token string) answer {
	held := o.fresh[token]
	switch {
	case held == nil || held.family.revoked || o.clock().After(held.expires):
		return o.refusal(e, http.StatusBadRequest, "invalid_grant", "the refresh token is unknown, expired or revoked")
	case held.used:
		held.family.revoked = true
		return o.refusal(e, http.StatusBadRequest, "invalid_grant", "the refresh token was used before")
	}
	if o.opt.Rotate {
		held.used = true
		return o.give(held.family, true)
	}
	a := o.give(held.family, false)
	var said map[string]any
	_ = json.Unmarshal(a.body, &said) // it is ours
	said["refresh_token"] = token
	said["refresh_token_expires_in"] = int(held.expires.Sub(o.clock()) / time.Second)
	return jsonAnswer(http.StatusOK, said)
}

func (o *oauth) revoke(r *http.Request, e *exchange, form url.Values) answer {
	if !o.plain {
		return o.refusal(e, http.StatusNotFound, "", "there is no such endpoint")
	}
	if !o.knows(r, form) {
		return o.refusal(e, http.StatusUnauthorized, "invalid_client", "the client or its secret is not correct")
	}
	token := form.Get("token")
	if held := o.fresh[token]; held != nil {
		held.family.revoked = true
	}
	delete(o.access, token)
	return ok(http.StatusOK, nil)
}

// valid reports whether an access token is good, and whether it is another organization's.
func (o *oauth) valid(token string) (known, elsewhere bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	held := o.access[token]
	if held == nil || held.family.revoked || o.clock().After(held.expires) {
		return false, false
	}
	return true, held.family.elsewhere
}

// expiry says when the token of a request ends, as Webex does.
func (s *Server) expiry(r *http.Request) answer {
	e := &exchange{}
	if known, _ := s.authorized(r); !known || s.opt.Plain {
		return s.oauth.refusal(e, http.StatusUnauthorized, "", "the token is not valid")
	}
	_, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	s.oauth.mu.Lock()
	defer s.oauth.mu.Unlock()
	at := s.oauth.clock().AddDate(1, 0, 0)
	if held := s.oauth.access[token]; held != nil {
		at = held.expires
	} else if s.oauth.days != 0 {
		at = s.oauth.clock().Add(time.Duration(s.oauth.days) * 24 * time.Hour)
	}
	return jsonAnswer(http.StatusOK, map[string]any{"exp": at.UnixMilli()})
}

// refusal is an error in the form of RFC 6749, or in Webex's.
func (o *oauth) refusal(e *exchange, status int, code, words string) answer {
	if o.plain {
		return jsonAnswer(status, map[string]any{"error": code, "error_description": words})
	}
	return jsonAnswer(status, map[string]any{"message": words, "errors": []any{map[string]any{"description": words}},
		"trackingId": e.tracking})
}

func jsonAnswer(status int, said map[string]any) answer {
	b, err := json.Marshal(said)
	if err != nil {
		panic(fmt.Sprintf("encode an answer: %v", err)) // of texts and numbers alone
	}
	return ok(status, b).with("Content-Type", "application/json").with("Content-Length", strconv.Itoa(len(b))).
		with("Cache-Control", "no-store")
}

// SignInURL is the root of the endpoints of OAuth: /access_token, /device/authorize, /device/token,
// /revoke.
func (s *Server) SignInURL() string { return s.oauth.root + "/v1" }

// Client is the id and the secret of the client that may sign in.
func (s *Server) Client() (id, secret string) {
	s.oauth.mu.Lock()
	defer s.oauth.mu.Unlock()
	return s.opt.SignIn.ClientID, s.oauth.secret
}

// ReplaceSecret gives the client another secret, as its owner does at the provider.
func (s *Server) ReplaceSecret(secret string) {
	s.oauth.mu.Lock()
	defer s.oauth.mu.Unlock()
	s.oauth.secret = secret
}

// Authorize returns a refresh token, as Control Hub shows it for a service app.
func (s *Server) Authorize() string {
	s.oauth.mu.Lock()
	defer s.oauth.mu.Unlock()
	f := &family{}
	s.oauth.give(f, true)
	for token, held := range s.oauth.fresh {
		if held.family == f {
			return token
		}
	}
	return ""
}

// ExpireTokens ends every access token, as if their time had come. Refresh tokens stay.
func (s *Server) ExpireTokens() {
	s.oauth.mu.Lock()
	defer s.oauth.mu.Unlock()
	clear(s.oauth.access)
}

// RevokeAll ends every sign-in, as an administrator does in Control Hub.
func (s *Server) RevokeAll() {
	s.oauth.mu.Lock()
	defer s.oauth.mu.Unlock()
	for held := range maps.Values(s.oauth.fresh) {
		held.family.revoked = true
	}
	clear(s.oauth.access)
}

// EndToken says that the static token ends in so many days.
func (s *Server) EndToken(days int) {
	s.oauth.mu.Lock()
	defer s.oauth.mu.Unlock()
	s.oauth.days = days
}
