package auth

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"dirbridge/sync/identity"
)

// Options configure a source.
type Options struct {
	Grant  Grant
	Client *Client
	Store  Store
	// Organization is the one that the configuration names. A session of another one is not used.
	Organization string
	// Start fetches the refresh token that a service app begins with; nil for none. A new value
	// replaces the session.
	Start func(context.Context) (string, error)
	// Told learns each change of the state, without secrets; nil for none. It must not call the
	// source.
	Told func(State)
}

// State describes a sign-in, without secrets.
type State struct {
	Grant        Grant
	SignedIn     bool
	Organization string
	Name         string    // of the organization, for people; "" if not known
	Expires      time.Time // of the access token; zero if not known
	// RefreshExpires is when the sign-in ends unless it is renewed before; zero if not known.
	RefreshExpires time.Time
	Ended          string // why the server ended it; "" if it did not
}

// Source gives the tokens of one sign-in, and renews them. Several processes may have sources with
// the same store.
type Source struct {
	opt Options

	mu      sync.Mutex
	loaded  bool
	session Session
	unsaved bool      // session has tokens that the store lacks: they must not be used yet
	quiet   time.Time // until then a token that is still good is not refreshed early again
	// answered is when the server last gave tokens: one that the cloud refuses soon after that is
	// refused for another reason than its age.
	answered time.Time
	// unproven is an access token that no request has succeeded with; "" for none.
	unproven atomic.Pointer[string]
}

// NewSource returns a source. It reads nothing yet.
func NewSource(o Options) *Source { return &Source{opt: o} }

// Token returns a token for the next request. It answers from memory unless the token must be
// renewed.
func (s *Source) Token(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.loaded && !s.unsaved && s.good() {
		return s.session.Access, nil
	}
	return s.renew(ctx, "")
}

// Renew returns a token after the cloud has refused one. It is the same again if no other can be had:
// a server may answer a refresh with the token that it gave before.
func (s *Source) Renew(ctx context.Context, refused string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.loaded && !s.unsaved && s.session.Access != refused && s.good() {
		return s.session.Access, nil // renewed since
	}
	if s.session.Access == refused && s.opt.Client.opt.Clock.Now().Sub(s.answered).Abs() < soon {
		return refused, nil
	}
	return s.renew(ctx, refused)
}

// soon is how long after it was given a refused token is not renewed.
const soon = 30 * time.Second

// State describes the sign-in as it was last seen.
func (s *Source) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.session.state()
}

// Accepted says that a request with the token has succeeded: what was kept for the case that it is
// no good can go.
func (s *Source) Accepted(token string) {
	if p := s.unproven.Load(); p == nil || *p != token {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	unlock, err := s.opt.Store.Lock(ctx)
	if err != nil {
		return // the next one does it
	}
	defer unlock()
	if now, err := s.opt.Store.Load(ctx); err == nil && now.Access == token {
		now.Previous = ""
		if s.opt.Store.Save(ctx, now) == nil {
			s.session = now
			s.unproven.Store(nil)
		}
	}
}

// Reload reads the session from the store before the next token: another process may have signed in
// or out.
func (s *Source) Reload() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loaded = s.unsaved
}

// good reports whether the session's token serves without asking the server.
func (s *Source) good() bool {
	now := s.opt.Client.opt.Clock.Now()
	return s.session.fresh(now) || s.session.usable(now) && now.Before(s.quiet)
}

// renew reads the session, and refreshes it if it is no good, or if its token is the refused one.
// The lock makes sure that no other process uses the same refresh token.
func (s *Source) renew(ctx context.Context, refused string) (string, error) {
	unlock, err := s.opt.Store.Lock(ctx)
	if err != nil {
		return "", err
	}
	defer unlock()
	if s.unsaved {
		return s.keep(ctx, s.session)
	}
	old, err := s.load(ctx)
	if err != nil {
		return "", err
	}
	s.session, s.loaded = old, true
	s.tell()
	if old.Ended == "" && old.Access != refused && s.good() {
		return old.Access, nil
	}
	next, err := s.obtain(ctx, old)
	if err != nil {
		return s.withoutNew(ctx, old, refused, err)
	}
	return s.keep(ctx, next)
}

// keep saves a session before its first use.
func (s *Source) keep(ctx context.Context, next Session) (string, error) {
	// The server has given these tokens: they are saved even if the run is cancelled.
	saving, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	defer cancel()
	s.session, s.loaded, s.unsaved = next, true, true
	if err := s.opt.Store.Save(saving, next); err != nil {
		return "", err
	}
	s.unsaved = false
	if next.Previous != "" {
		s.unproven.Store(&next.Access)
	}
	now := s.opt.Client.opt.Clock.Now()
	s.answered = now
	s.quiet = now.Add(min(max(next.Expires.Sub(now)/2, 10*time.Second), time.Hour))
	s.tell()
	return next.Access, nil
}

// withoutNew is the result if no new token can be had. A token that is still good goes on.
func (s *Source) withoutNew(ctx context.Context, old Session, refused string, err error) (string, error) {
	now := s.opt.Client.opt.Clock.Now()
	r := refusalOf(err)
	if r != nil && (r.grant() || r.client()) && s.opt.Grant != Credentials {
		old.Ended = ended(old, r)
		s.session = old
		saving, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
		defer cancel()
		_ = s.opt.Store.Save(saving, old) // the next refresh is refused as well, and says the same
		s.tell()
	}
	if old.usable(now) && old.Access != refused {
		s.quiet = now.Add(time.Minute)
		return old.Access, nil
	}
	if r != nil && r.grant() && old.Asked {
		err = fmt.Errorf("an answer of the sign-in server was lost, perhaps with the next refresh token: %w", err)
	}
	return "", failure(err)
}

func ended(old Session, r *Refusal) string {
	if r.client() {
		return "the server refuses the client"
	}
	if old.Asked {
		return "an answer was lost, perhaps with the next refresh token"
	}
	return "the server no longer accepts the refresh token"
}

// load reads the session that belongs to the configuration. A service app and client credentials
// need none to begin.
func (s *Source) load(ctx context.Context) (Session, error) {
	o := s.opt
	old, err := o.Store.Load(ctx)
	if errors.Is(err, ErrNone) {
		if o.Grant == Credentials || o.Grant == ServiceApp && o.Start != nil {
			return Session{Grant: o.Grant, ClientID: o.Client.opt.ID, Organization: o.Organization}, nil
		}
		return old, NotSignedIn(ErrNone)
	}
	if err != nil {
		return old, err
	}
	for _, token := range []string{old.Access, old.Refresh, old.Previous, old.NewSecret} {
		o.Client.opt.Secrets.Add(token)
	}
	switch {
	case o.Grant == Credentials && (old.Organization != o.Organization || old.Grant != o.Grant ||
		old.ClientID != o.Client.opt.ID):
		return Session{Grant: o.Grant, ClientID: o.Client.opt.ID, Organization: o.Organization}, nil
	case old.Organization != o.Organization:
		return old, NotSignedIn(fmt.Errorf("the sign-in is for another organization (%s), and [cloud] base_url names %s",
			old.Organization, o.Organization))
	case old.Grant != o.Grant || old.ClientID != o.Client.opt.ID:
		if o.Grant == ServiceApp && o.Start != nil {
			return Session{Grant: o.Grant, ClientID: o.Client.opt.ID, Organization: o.Organization}, nil
		}
		return old, NotSignedIn(errors.New("the sign-in is of another client, or of another kind, than [cloud] names now"))
	}
	return old, nil
}

// NotSignedIn is the failure of a sign-in that is missing or does not fit.
func NotSignedIn(err error) error { return fail(identity.Hold, "Sign in: dirbridge signin.", err) }

// obtain asks the server for new tokens.
func (s *Source) obtain(ctx context.Context, old Session) (Session, error) {
	if s.opt.Grant == Credentials {
		return s.withSecret(old, func(secret string) (Tokens, error) { return s.opt.Client.Credentials(ctx, secret) })
	}
	if s.opt.Start != nil {
		start, err := s.opt.Start(ctx)
		if err != nil {
			if old.Refresh == "" {
				return old, unreadable("refresh_token", err)
			}
		} else if hashOf(start) != old.Start {
			old.Refresh, old.RefreshExpires, old.Previous, old.Start = start, time.Time{}, "", hashOf(start)
		}
	}
	if old.Refresh == "" {
		return old, NotSignedIn(errors.New("the sign-in has ended, and the server gave no refresh token to renew it"))
	}
	if asked := old; !old.Asked {
		asked.Asked = true
		if err := s.opt.Store.Save(ctx, asked); err != nil { // a store that could not keep the answer, either
			return old, err
		}
	}
	next, err := s.refresh(ctx, old, old.Refresh)
	if r := refusalOf(err); r != nil && r.grant() && old.Previous != "" && old.Previous != old.Refresh {
		// The newest token was never proven; the one before may still be the good one.
		if again, err := s.refresh(ctx, old, old.Previous); err == nil {
			return again, nil
		}
	}
	return next, err
}

func (s *Source) refresh(ctx context.Context, old Session, token string) (Session, error) {
	return s.withSecret(old, func(secret string) (Tokens, error) { return s.refreshRepeatedly(ctx, token, secret) })
}

// refreshTries bounds how often a refresh is sent. The answer to one may have been lost: a server
// that replaced the token then either accepts the old one for a while, or would not take it later,
// either.
const refreshTries = 3

func (s *Source) refreshRepeatedly(ctx context.Context, token, secret string) (t Tokens, err error) {
	for n := range refreshTries {
		if n > 0 {
			if err := s.opt.Client.opt.Clock.Sleep(ctx, time.Second<<n); err != nil {
				return t, err
			}
		}
		if t, err = s.opt.Client.Refresh(ctx, token, secret); err == nil || !passes(err) {
			break
		}
	}
	return t, err
}

func passes(err error) bool {
	if r := refusalOf(err); r != nil {
		return r.passing()
	}
	f, is := errors.AsType[*identity.Failure](err)
	return is && f.Class == identity.Retry
}

// withSecret asks with the configured secret; if the server refuses it, with one that is to replace
// it, see Source.ResetSecret.
func (s *Source) withSecret(old Session, ask func(secret string) (Tokens, error)) (Session, error) {
	t, err := ask("")
	if r := refusalOf(err); r != nil && r.client() && old.NewSecret != "" {
		t, err = ask(old.NewSecret)
	}
	if err != nil {
		return old, err
	}
	return old.take(t), nil
}

func (s *Source) tell() {
	if s.opt.Told != nil {
		s.opt.Told(s.session.state())
	}
}

func (s Session) state() State {
	return State{Grant: s.Grant, SignedIn: s.Access != "" && s.Ended == "", Organization: s.Organization, Name: s.Name,
		Expires: s.Expires, RefreshExpires: s.RefreshExpires, Ended: s.Ended}
}
