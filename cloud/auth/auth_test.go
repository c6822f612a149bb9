package auth_test

import (
	"context"
	"errors"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"dirbridge/cloud/auth"
	"dirbridge/cloud/scimtest"
	"dirbridge/sync/identity"
	"dirbridge/sync/redact"
)

// clock is a machine's clock, on which sleeping takes no time.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
	nap   func(n int) // called after each sleep, from 1
}

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	c.now = c.now.Add(d)
	c.slept = append(c.slept, d)
	n, nap := len(c.slept), c.nap
	c.mu.Unlock()
	if nap != nil {
		nap(n)
	}
	return ctx.Err()
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is a cloud, and a machine that signs in to it.
type world struct {
	t      *testing.T
	sky    *scimtest.Server
	server *clock
	local  *clock
	home   string
	grant  auth.Grant
	start  string
	states []auth.State
	sec    string // the configured secret
	client auth.ClientOptions
}

func newWorld(t *testing.T, o scimtest.Options) *world {
	t.Helper()
	w := &world{t: t, server: &clock{now: noon}, local: &clock{now: noon}, home: t.TempDir(), grant: auth.Device}
	o.Clock = w.server.Now
	w.local.nap = func(int) { // time passes on both
		w.local.mu.Lock()
		d := w.local.slept[len(w.local.slept)-1]
		w.local.mu.Unlock()
		w.server.pass(d)
	}
	var err error
	if w.sky, err = scimtest.Start(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.sky.Close() })
	w.client.ID, w.sec = w.sky.Client()
	w.client.Scopes = []string{"identity:people_rw"}
	return w
}

func (w *world) pass(d time.Duration) { w.server.pass(d); w.local.pass(d) }

func (w *world) newClient() *auth.Client {
	w.t.Helper()
	o := w.client
	server, err := auth.Webex(w.sky.URL())
	if err != nil {
		w.t.Fatal(err)
	}
	if u, _ := url.Parse(w.sky.URL()); o.Server.RevokeURL != "" {
		server.RevokeURL, server.DeviceTokenURL = "http://"+u.Host+"/v1/revoke", ""
		server.SecretInBody = false
	}
	o.Server, o.Clock, o.Secrets = server, w.local, &redact.Secrets{}
	if o.Key == nil {
		o.Secret = func(context.Context) (string, error) { return w.sec, nil }
	}
	c, err := auth.NewClient(o)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) store() *auth.File {
	return &auth.File{Path: filepath.Join(w.home, "signin"),
		Key: func(context.Context, bool) (string, error) { return "sixteen characters", nil }}
}

// source is that of a new process.
func (w *world) source(store auth.Store) *auth.Source {
	w.t.Helper()
	o := auth.Options{Grant: w.grant, Client: w.newClient(), Store: store, Organization: w.sky.Org(),
		Told: func(s auth.State) { w.states = append(w.states, s) }}
	if w.start != "" {
		o.Start = func(context.Context) (string, error) { return w.start, nil }
	}
	return auth.NewSource(o)
}

// signIn signs in by a code that is entered at once.
func (w *world) signIn() {
	w.t.Helper()
	c := w.newClient()
	code, err := c.Begin(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.sky.Approve(code.User); err != nil {
		w.t.Fatal(err)
	}
	tokens, err := c.Await(w.t.Context(), code)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.source(w.store()).SignIn(w.t.Context(), tokens, "Acme"); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) token(s *auth.Source) string {
	w.t.Helper()
	token, err := s.Token(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return token
}

func (w *world) session() auth.Session {
	w.t.Helper()
	s, err := w.store().Load(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

func wantHold(t *testing.T, err error) {
	t.Helper()
	f, is := errors.AsType[*identity.Failure](err)
	if !is || f.Class != identity.Hold || f.Side != identity.InCloud || f.Remedy == "" {
		t.Fatalf("%v is not a hold of the cloud's side with a remedy: %+v", err, f)
	}
}
