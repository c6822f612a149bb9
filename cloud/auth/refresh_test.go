package auth_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"dirbridge/cloud/auth"
	"dirbridge/cloud/scimtest"
)

// TestRefresh: a token is renewed before it ends, and when the cloud refuses it; the new refresh
// token is stored. The old one goes when the new access token has worked.
func TestRefresh(t *testing.T) {
	w := newWorld(t, scimtest.Options{SignIn: scimtest.SignIn{Rotate: true}})
	w.signIn()
	s := w.source(w.store())
	first, before := w.token(s), w.session()
	if w.token(s) != first {
		t.Error("the token changed without need")
	}
	w.pass(13 * 24 * time.Hour)
	second := w.token(s)
	after := w.session()
	if second == first || after.Access != second || after.Refresh == before.Refresh || after.Previous != before.Refresh {
		t.Errorf("after a refresh: %v", after.Previous == before.Refresh)
	}
	s.Accepted(second)
	if w.session().Previous != "" {
		t.Error("the old refresh token stays although the new tokens work")
	}
	w.sky.ExpireTokens()
	w.pass(time.Minute)
	third, err := s.Renew(t.Context(), second)
	if err != nil || third == second {
		t.Errorf("after a 401: %q, %v", third, err)
	}
	if again, err := s.Renew(t.Context(), second); again != third || err != nil {
		t.Errorf("a second request with the old token: %q, %v", again, err)
	}
}

// TestUnchanged: an answer with the same tokens is no error, and is not asked for over and over.
func TestUnchanged(t *testing.T) {
	w := newWorld(t, scimtest.Options{SignIn: scimtest.SignIn{Same: true}})
	w.signIn()
	s := w.source(w.store())
	first := w.token(s)
	w.pass(13 * 24 * time.Hour)
	for range 5 {
		if w.token(s) != first {
			t.Error("the token changed")
		}
	}
	if same, err := s.Renew(t.Context(), first); same != first || err != nil {
		t.Errorf("refused: %q, %v", same, err)
	}
	if n := w.sky.Stats().SignIns["oauth/token"]; n > 2 {
		t.Errorf("%d refreshes", n)
	}
}

// TestClock: a clock that is set by an hour, ahead or back, before or after the sign-in, costs at
// most a refresh.
func TestClock(t *testing.T) {
	for _, at := range []time.Duration{time.Hour, -time.Hour} {
		for _, then := range []time.Duration{time.Hour, -time.Hour, 0} {
			w := newWorld(t, scimtest.Options{SignIn: scimtest.SignIn{AccessLife: 30 * time.Minute, Rotate: true}})
			w.local.pass(at)
			w.signIn()
			w.local.pass(then)
			w.server.pass(20 * time.Minute)
			w.local.pass(20 * time.Minute)
			s := w.source(w.store())
			for range 8 {
				token := w.token(s)
				if known := w.accepts(token); !known {
					if token = w.renewed(s, token); !w.accepts(token) {
						t.Errorf("%v, then %v: the token is no good", at, then)
					}
				}
				w.pass(10 * time.Minute)
			}
		}
	}
}

// accepts asks the cloud itself.
func (w *world) accepts(token string) bool {
	_, ok := w.newClient().Ends(w.t.Context(), token)
	return ok
}

func (w *world) renewed(s *auth.Source, refused string) string {
	w.t.Helper()
	token, err := s.Renew(w.t.Context(), refused)
	if err != nil {
		w.t.Fatal(err)
	}
	return token
}

// TestEnds: the end of a token comes by the server's clock, not by this machine's.
func TestEnds(t *testing.T) {
	w := newWorld(t, scimtest.Options{})
	w.sky.EndToken(3)
	w.local.pass(5 * time.Hour)
	at, ok := w.newClient().Ends(t.Context(), w.sky.Token())
	if want := noon.Add(77 * time.Hour); !ok || at.Sub(want).Abs() > 2*time.Second {
		t.Errorf("%v, %v; want %v", at, ok, want)
	}
}

// TestRefused: a sign-in that the server has ended leads to a new one, and what happened is kept.
func TestRefused(t *testing.T) {
	w := newWorld(t, scimtest.Options{SignIn: scimtest.SignIn{Rotate: true}})
	w.signIn()
	w.sky.RevokeAll()
	s := w.source(w.store())
	_, err := s.Renew(t.Context(), w.token(s))
	if wantHold(t, err); !strings.Contains(err.Error(), "ended") {
		t.Error(err)
	}
	if last := w.states[len(w.states)-1]; last.SignedIn || last.Ended == "" {
		t.Errorf("%+v", last)
	}
	w.signIn()
	s.Reload()
	w.token(s)
}

// TestAnotherOrganization: a session serves only what it was confirmed for.
func TestAnotherOrganization(t *testing.T) {
	w := newWorld(t, scimtest.Options{})
	_, err := w.source(w.store()).Token(t.Context())
	wantHold(t, err)
	w.signIn()
	w.token(w.source(w.store()))
	s := auth.NewSource(auth.Options{Grant: auth.Device, Client: w.newClient(), Store: w.store(), Organization: "other"})
	_, err = s.Token(t.Context())
	if wantHold(t, err); !strings.Contains(err.Error(), "another organization") {
		t.Error(err)
	}
}

// TestOneWriter: many processes share a store whose refresh token changes with each use.
func TestOneWriter(t *testing.T) {
	w := newWorld(t, scimtest.Options{SignIn: scimtest.SignIn{Rotate: true}})
	w.signIn()
	w.pass(14 * 24 * time.Hour)
	var all sync.WaitGroup
	for range 8 {
		s := auth.NewSource(auth.Options{Grant: auth.Device, Client: w.newClient(), Store: w.store(),
			Organization: w.sky.Org()})
		for range 3 {
			all.Go(func() {
				if _, err := s.Token(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	if n := w.sky.Stats().SignIns["oauth/token"]; n != 1 {
		t.Errorf("%d refreshes", n)
	}
}

// dying is a store of a process that dies at its nth step: nothing is stored from then on.
type dying struct {
	auth.Store
	left int
}

var errKilled = errors.New("killed")

func (d *dying) step() error {
	if d.left--; d.left < 0 {
		return errKilled
	}
	return nil
}

func (d *dying) Save(ctx context.Context, s auth.Session) error {
	if err := d.step(); err != nil {
		return err
	}
	return d.Store.Save(ctx, s)
}

// TestKilledBetweenTwoSteps kills a refresh before each write. With a server that keeps the refresh
// token the next process goes on; with one that replaced it, it either goes on or says to sign in.
func TestKilledBetweenTwoSteps(t *testing.T) {
	for _, rotate := range []bool{false, true} {
		for steps := range 4 {
			w := newWorld(t, scimtest.Options{SignIn: scimtest.SignIn{Rotate: rotate}})
			w.signIn()
			w.pass(15 * 24 * time.Hour)
			s := w.source(&dying{w.store(), steps})
			token, err := s.Token(t.Context())
			if (err == nil) != (steps >= 2) {
				t.Fatalf("killed at %d: %v", steps, err)
			}
			if err == nil {
				s.Accepted(token)
			}
			asked := w.sky.Stats().SignIns["oauth/token"]
			_, err = w.source(w.store()).Token(t.Context())
			if lost := rotate && steps == 1; !lost && err != nil {
				t.Errorf("rotate %v, killed at %d: %v", rotate, steps, err)
			} else if lost {
				wantHold(t, err)
			}
			if steps == 0 && asked != 0 {
				t.Error("the server was asked although the store cannot keep its answer")
			}
		}
	}
}

// TestLostAnswer: the server replaced the token and its answer was lost. Where the old access token
// is still good, work goes on; else the words are clear.
func TestLostAnswer(t *testing.T) {
	w := newWorld(t, scimtest.Options{SignIn: scimtest.SignIn{Rotate: true}})
	w.signIn()
	s := w.source(w.store())
	first := w.token(s)
	w.pass(13 * 24 * time.Hour)
	w.sky.Inject(scimtest.Fault{Effect: scimtest.DropAfter, Path: "oauth/token", Times: 1})
	if w.token(s) != first {
		t.Error("a good token was given up")
	}
	w.pass(2 * 24 * time.Hour)
	_, err := s.Token(t.Context())
	wantHold(t, err)
}

// TestFullDisk: new tokens are not used before they are stored, and are not lost.
func TestFullDisk(t *testing.T) {
	w := newWorld(t, scimtest.Options{SignIn: scimtest.SignIn{Rotate: true}})
	w.signIn()
	w.pass(15 * 24 * time.Hour)
	d := &dying{w.store(), 1}
	s := w.source(d)
	if _, err := s.Token(t.Context()); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	d.left = 9
	if token := w.token(s); w.session().Access != token || w.sky.Stats().SignIns["oauth/token"] != 1 {
		t.Error("the tokens were asked for again")
	}
}

// TestCredentials signs in as a client alone: by secret, and by assertions of both kinds, with a
// clock that is an hour off.
func TestCredentials(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []any{nil, rsaKey, ecKey} {
		for _, off := range []time.Duration{0, time.Hour, -time.Hour} {
			o := scimtest.Options{Plain: true}
			switch k := key.(type) {
			case *rsa.PrivateKey:
				o.SignIn.Key = k.Public()
			case *ecdsa.PrivateKey:
				o.SignIn.Key = k.Public()
			}
			w := newWorld(t, o)
			w.grant, w.client.Server.RevokeURL = auth.Credentials, "rfc"
			if key != nil {
				w.client.Key = func(context.Context) (string, error) {
					der, err := x509.MarshalPKCS8PrivateKey(key)
					return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), err
				}
			}
			w.local.pass(off)
			s := w.source(w.store())
			if w.token(s) == "" {
				t.Error("no token")
			}
			w.pass(15 * 24 * time.Hour)
			w.token(s)
		}
	}
}

// TestServiceApp begins with the refresh token of the configuration. A new one there replaces the
// session.
func TestServiceApp(t *testing.T) {
	w := newWorld(t, scimtest.Options{SignIn: scimtest.SignIn{Rotate: true}})
	w.grant, w.start = auth.ServiceApp, w.sky.Authorize()
	first := w.token(w.source(w.store()))
	if w.token(w.source(w.store())) != first {
		t.Error("the next process signs in again")
	}
	w.pass(14 * 24 * time.Hour)
	w.token(w.source(w.store()))
	w.sky.RevokeAll()
	s := w.source(w.store())
	_, err := s.Renew(t.Context(), w.token(s))
	wantHold(t, err)
	w.start = w.sky.Authorize()
	w.token(w.source(w.store()))
}

// TestSignOut forgets the session, and revokes where the server can.
func TestSignOut(t *testing.T) {
	for _, plain := range []bool{false, true} {
		w := newWorld(t, scimtest.Options{Plain: plain})
		if plain {
			w.client.Server.RevokeURL = "rfc"
		}
		w.signIn()
		before := w.session()
		revoked, err := w.source(w.store()).SignOut(t.Context())
		if err != nil || revoked != plain {
			t.Errorf("%v, %v", revoked, err)
		}
		if _, err := w.store().Load(t.Context()); !errors.Is(err, auth.ErrNone) {
			t.Errorf("a session is left: %v", err)
		}
		if _, err := w.newClient().Refresh(t.Context(), before.Refresh, ""); plain && err == nil {
			t.Error("the refresh token still works")
		}
	}
}

// TestFile: the file says nothing to readers without its key, and only its owner may read it.
func TestFile(t *testing.T) {
	w := newWorld(t, scimtest.Options{})
	w.signIn()
	s := w.session()
	text, err := os.ReadFile(w.store().Path)
	if err != nil || strings.Contains(string(text), s.Access) || strings.Contains(string(text), "access") {
		t.Errorf("%q, %v", text, err)
	}
	if info, err := os.Stat(w.store().Path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	other := &auth.File{Path: w.store().Path, Key: func(context.Context, bool) (string, error) {
		return "another key of 24 bytes.", nil
	}}
	_, err = other.Load(t.Context())
	wantHold(t, err)
	text[len(text)-1] ^= 1
	if err := os.WriteFile(w.store().Path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = w.store().Load(t.Context())
	wantHold(t, err)
}
