package auth

import (
	"context"
	"errors"
	"net/url"
)

// SignIn stores confirmed tokens as the session, in place of an earlier one. name is the
// organization's, for people.
func (s *Source) SignIn(ctx context.Context, t Tokens, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	unlock, err := s.opt.Store.Lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	next := Session{Grant: s.opt.Grant, ClientID: s.opt.Client.opt.ID, Organization: s.opt.Organization, Name: name}
	next = next.take(t)
	if s.opt.Start != nil {
		if start, err := s.opt.Start(ctx); err == nil {
			next.Start = hashOf(start)
		}
	}
	_, err = s.keep(ctx, next)
	return err
}

// SignOut removes the session and, if the server can, revokes its tokens. revoked is false if the
// server cannot. The session is gone even if revoking fails.
func (s *Source) SignOut(ctx context.Context) (revoked bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	unlock, err := s.opt.Store.Lock(ctx)
	if err != nil {
		return false, err
	}
	defer unlock()
	old, err := s.opt.Store.Load(ctx)
	if errors.Is(err, ErrNone) {
		return false, ErrNone
	}
	if forgotten := s.opt.Store.Forget(ctx); forgotten != nil {
		return false, forgotten
	}
	s.session, s.loaded, s.unsaved = Session{Grant: s.opt.Grant, Organization: s.opt.Organization}, false, false
	s.tell()
	if err != nil || s.opt.Client.opt.Server.RevokeURL == "" {
		return false, nil // what could not be read cannot be revoked
	}
	return true, s.opt.Client.Revoke(ctx, old)
}

// Revoke makes the tokens of a session useless (RFC 7009): the refresh token, with which a server
// revokes the rest, and the access token.
func (c *Client) Revoke(ctx context.Context, s Session) error {
	for _, t := range []struct{ token, hint string }{{s.Refresh, "refresh_token"}, {s.Access, "access_token"}} {
		if t.token == "" {
			continue
		}
		// The answer has no token: package oauth2 is of no help here.
		err := c.post(ctx, c.opt.Server.RevokeURL, url.Values{"token": {t.token}, "token_type_hint": {t.hint}},
			s.NewSecret)
		if err != nil {
			return err
		}
	}
	return nil
}
