package program

import (
	"context"
	stdsync "sync"
	"time"

	"dirbridge/cloud/auth"
	"dirbridge/config"
	"dirbridge/sync/facts"
	"dirbridge/sync/schema"
)

// tokens is how a target gets its token, see cloud.Options.
type tokens interface {
	Token(ctx context.Context) (string, error)
	Renew(ctx context.Context, refused string) (string, error)
	Accepted(token string)
}

// static is a token that was pasted. It is fetched once, as some can be read only once, and a
// keyring may ask its user each time; and again when the cloud refuses it.
type static struct {
	c   *connector
	cfg config.Cloud
	key string // see signInKey

	mu    stdsync.Mutex
	value string
	next  time.Time // when its end is asked for again
}

func (s *static) Token(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.value != "" {
		return s.value, nil
	}
	value, err := s.cfg.Token.Resolve(ctx)
	if err == nil {
		s.value = value
	}
	return value, err
}

func (s *static) Renew(ctx context.Context, refused string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.value != "" && s.value != refused {
		return s.value, nil
	}
	value, err := s.cfg.Token.Resolve(ctx)
	if err != nil {
		return refused, nil // the refusal says more
	}
	s.value = value
	return value, nil
}

// How often the end of a token is asked for, and how often it is tried.
const (
	askEvery = 24 * time.Hour
	tryEvery = time.Minute
)

// Accepted asks once a day when the token ends: Webex says it. Only a process that leads does, as
// questions about the state write nothing; and not for the token of a draft.
func (s *static) Accepted(token string) {
	if s.cfg.Kind != schema.KindWebex || signInKey(s.c.config()) != s.key || !s.due() {
		return
	}
	ctx := context.Background()
	if here, _, err := s.c.store.Led(ctx); err != nil || !here {
		return
	}
	client, err := s.c.authClient(s.cfg)
	if err != nil {
		return
	}
	now := s.c.clock()
	seen := facts.SignIn{Method: string(auth.Static), SignedIn: true, Organization: organizationOf(s.cfg),
		Asked: now.UTC()}
	if at, ok := client.Ends(ctx, token); ok {
		seen.Expires, seen.Ends = at.UTC(), at.UTC()
	}
	s.c.note(seen)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = now.Add(askEvery)
}

func (s *static) due() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.c.clock()
	if at.Before(s.next) {
		return false
	}
	s.next = at.Add(tryEvery)
	return true
}
