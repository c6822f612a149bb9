package plain

import (
	"strings"
	"testing"
	"time"

	"dirbridge/sync/control"
	"dirbridge/ui/uitest"
)

// TestSignInSpoken signs in by a code, tests it, and signs out.
func TestSignInSpoken(t *testing.T) {
	f := newFake(t)
	f.signing = uitest.NewSigning("device")
	f.signing.Code = uitest.CodeUntil(noon)
	f.signedIn = &control.SignedIn{Method: "device", Ended: "the server no longer accepts the refresh token"}
	got := speak(t, f, Options{}, lines("12 1 no b 1 yes 2 4 sign_out b 1 b 0"))
	for _, want := range []string{"ended: the server no longer accepts the refresh token",
		"https://login.example.com/verify\n", "and enter the code: 482913\n",
		"https://login.example.com/verify?userCode=482913", "Is this the right organization?", "nothing was stored",
		"Signed in to Acme (2b1f0c8e).", "The cloud accepts the sign-in.", "Signed out.", "The server was not told",
		"Error: The sign-in to the cloud has ended"} {
		if !strings.Contains(got, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	if done := strings.Join(f.signing.Done, " "); done != "try try keep test out" {
		t.Errorf("did %s", done)
	}
	if t.Failed() {
		t.Log(got)
	}
	plainLines(t, got, usualWidth)
}

// TestSecretsAreNotSpoken: without a terminal that hides it, only the place of a secret is accepted.
func TestSecretsAreNotSpoken(t *testing.T) {
	t.Setenv("DIRBRIDGESECRET", "very-hidden-token")
	f := newFake(t)
	f.signing = uitest.NewSigning("service_app")
	f.signedIn = &control.SignedIn{Method: "service_app", SignedIn: true, Organization: "2b1f",
		Ends: noon.Add(24 * time.Hour)}
	got := speak(t, f, Options{}, lines("12 3 typed-secret env:DIRBRIDGESECRET 1 "+
		"env:DIRBRIDGESECRET yes b 0"))
	if f.signing.Secrets != "very-hidden-token" || f.signing.Started != "very-hidden-token" ||
		strings.Contains(got, "very-hidden-token") || strings.Contains(got, "typed-secret") {
		t.Errorf("reset to %q, began with %q:\n%s", f.signing.Secrets, f.signing.Started, got)
	}
}
