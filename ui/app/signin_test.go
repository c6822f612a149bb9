package app

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/look"
	"dirbridge/ui/uitest"
)

// aside runs commands on goroutines of their own, as Bubble Tea does, until finish is called. Then it
// handles their messages.
type aside struct {
	wait sync.WaitGroup
	mu   sync.Mutex
	got  []tea.Msg
}

func (a *aside) do(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	a.wait.Go(func() {
		msg := cmd()
		if batch, is := msg.(tea.BatchMsg); is {
			for _, one := range batch {
				a.do(one)
			}
			return
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		a.got = append(a.got, msg)
	})
}

func (a *aside) finish(c *console) {
	a.wait.Wait()
	for _, msg := range a.got {
		c.took(msg)
	}
	a.got = nil
}

// held presses a key whose command waits until the returned function is called. It returns once the code
// is there.
func held(c *console, s *uitest.Signing, name string) (finish func()) {
	wait, shown := make(chan struct{}), make(chan struct{})
	s.Wait, s.Shown = wait, shown
	var a aside
	_, cmd := c.root.Update(keyPress(name))
	a.do(cmd)
	<-shown
	return func() {
		close(wait)
		a.wait.Wait()
		s.Wait, s.Shown = nil, nil
		a.finish(c)
	}
}

// signedIn is a console whose cloud is signed in to.
func signedIn(method string) *fake {
	f := newFake()
	f.signing = uitest.NewSigning(method)
	f.status.SignIn = &control.SignedIn{Method: method, SignedIn: true, Organization: uitest.Acme().ID,
		Name:    uitest.Acme().Name,
		Expires: noon.Add(12 * time.Hour), Ends: noon.Add(89 * 24 * time.Hour)}
	return f
}

func (c *console) signInPage() { c.press("alt+a", "i") }

// TestGoldenSignIn compares the screens of the sign-in.
func TestGoldenSignIn(t *testing.T) {
	t.Parallel()
	scenes := []struct {
		name, method string
		play         func(*console)
	}{
		{"signin", "device", func(c *console) { c.signInPage() }},
		{"signin-code", "device", func(c *console) {
			c.fake.signing.Code = uitest.CodeUntil(noon)
			c.signInPage()
			c.t.Cleanup(held(c, c.fake.signing, "enter"))
			c.now = noon.Add(90 * time.Second)
			c.beat()
		}},
		{"signin-confirm", "device", func(c *console) { c.signInPage(); c.press("enter") }},
		{"signin-start", "service_app", func(c *console) { c.signInPage(); c.press("enter"); c.text(setupSecret) }},
		{"signin-refused", "client_credentials", func(c *console) {
			c.fake.signing.Err = &identity.Failure{Class: identity.Hold, Err: errors.New("the server refuses the client"),
				Remedy: "Correct client_id and client_secret."}
			c.signInPage()
			c.press("enter")
		}},
		{"signin-ended", "device", func(c *console) {
			c.fake.status.SignIn.Ended, c.fake.status.SignIn.SignedIn = "the server no longer accepts the refresh token", false
			c.press("r")
		}},
		{"signin-needed", "device", func(c *console) {
			c.fake.status.SignIn.Ended, c.fake.status.SignIn.SignedIn = "the server no longer accepts the refresh token", false
			c.press("r", "esc")
		}},
	}
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			golden(t, s.name, inEveryLook(t, func(width, height int, first look.Look) func(look.Look) []string {
				c := open(t, signedIn(s.method), width, height)
				c.do(c.root.useLook(first))
				s.play(c)
				return func(l look.Look) []string {
					c.do(c.root.useLook(l))
					return c.root.frame()
				}
			}))
		})
	}
}

func TestNothingIsStoredBeforeTheOrganizationIsConfirmed(t *testing.T) {
	f := signedIn("device")
	f.signing.Code = uitest.CodeUntil(noon)
	c := open(t, f, 120, 40)
	c.signInPage()
	finish := held(c, f.signing, "enter")
	c.shows("https://login.example.com/verify", "482913", "4m30s left")
	c.press("y", "enter")
	if got := c.clipboard(); got != "https://login.example.com/verify?userCode=482913" {
		t.Errorf("copied %q", got)
	}
	c.press("1") // the attempt goes on beside other pages
	finish()
	c.shows("Is this the right organization?")
	c.signInPage()
	c.shows("Confirm organization", "Acme (2b1f0c8e)")
	if slices.Contains(f.signing.Done, "keep") {
		t.Fatal("stored before it was confirmed")
	}
	c.press("right", "enter")
	c.shows("Not confirmed: nothing was stored.")
	c.press("enter", "enter")
	c.shows("Signed in to Acme (2b1f0c8e)")
	if got := strings.Join(f.signing.Done, " "); got != "try try keep" {
		t.Errorf("did %s", got)
	}
}

func TestAStoppedSignInStoresNothing(t *testing.T) {
	f := signedIn("device")
	f.signing.Code = uitest.CodeUntil(noon)
	c := open(t, f, 80, 24)
	c.signInPage()
	finish := held(c, f.signing, "enter")
	c.press("esc")
	c.shows("Stopped. Nothing was stored.")
	finish()
	c.lacks("Confirm organization")
}

// TestAnEndedSignInLosesNothing: the draft and the open plan stay through the next sign-in.
func TestAnEndedSignInLosesNothing(t *testing.T) {
	f := signedIn("device")
	f.plan = uitest.HeldPlan(t)
	c := open(t, f, 120, 40)
	c.press("7", "right")
	c.set("10")
	f.status.SignIn.Ended = "the server no longer accepts the refresh token"
	c.do(c.root.readStatus())
	c.shows("The sign-in to the cloud has ended", "stay as they are")
	c.press("s")
	c.shows("Confirm organization")
	c.press("enter")
	c.shows("Signed in to Acme")
	if !c.root.draft.Changed() || c.root.plan != f.plan {
		t.Error("the draft or the plan is gone")
	}
	c.press("4")
	c.shows("threshold")
}

func TestSecretsAreEnteredHidden(t *testing.T) {
	f := signedIn("service_app")
	c := open(t, f, 120, 40)
	c.press("alt+a", "r") // the guide's keys
	c.shows("New client secret")
	c.text("wrong")
	c.lacks("wrong")
	c.press("enter")
	c.shows("The secret was not replaced", "refuses the new secret")
	c.press("alt+a", "r")
	c.text(setupSecret)
	c.lacks(setupSecret)
	c.press("enter")
	c.shows("The new secret works, and is in use.")
	if f.signing.Secrets != setupSecret {
		t.Errorf("got %q", f.signing.Secrets)
	}
	c.press("enter")
	c.shows("Refresh token of the service app")
	c.text(setupSecret)
	c.press("enter", "enter")
	c.shows("Signed in to Acme")
	if f.signing.Started != setupSecret {
		t.Errorf("began with %q", f.signing.Started)
	}
}

func TestSignOutAsks(t *testing.T) {
	f := signedIn("device")
	c := open(t, f, 120, 40)
	c.signInPage()
	c.press("right", "right", "right", "enter")
	c.shows("Sign out of the cloud?")
	c.press("s")
	c.shows("Signed out. The server was not told")
}
