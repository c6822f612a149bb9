package view

import (
	"time"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/ui/look"
)

// Sentences about signing in to the cloud.
const (
	SignInTitle   = "Sign-in"
	SignInWait    = "Signing in"
	SignInStopped = "Stopped. Nothing was stored."
	SignInRefused = "The sign-in failed"
	SignInEnded   = "The sign-in to the cloud has ended"
	NotConfirmed  = "Not confirmed: nothing was stored."
	CodeOpen      = "Open this address in a browser, on any machine:"
	CodeEnter     = "and enter the code:"
	// WorkStays says what a sign-in leaves alone.
	WorkStays = "The open plan and your changes stay as they are."

	ResetTitle = "Reset Connector Secret"
	ResetDoes  = "Make a new secret at the provider first, and enter it here. The old one stays until the new one has " +
		"worked."
	ResetLabel  = "New client secret"
	ResetDone   = "The new secret works, and is in use."
	ResetFailed = "The secret was not replaced"

	SignOutAsk  = "Sign out of the cloud?"
	SignOutDoes = "The stored tokens are removed, and revoked if the server can. Runs fail until the next sign-in; " +
		"nothing else changes."
	SignedOut     = "Signed out."
	NotRevoked    = "The server was not told: until the tokens end, a copy of them would still work."
	OnlyToken     = "the configuration has a token, not a sign-in that lasts"
	SignInUnknown = "this connector does not sign in"
)

// Named names an organization, with its id.
func Named(o identity.Organization) string {
	if o.Name == "" || o.Name == o.ID {
		return o.ID
	}
	return o.Name + " (" + o.ID + ")"
}

// RightOrganization asks whether the organization is the right one.
func RightOrganization(o identity.Organization) string {
	return "Dirbridge would write to " + Named(o) + ". Is this the right organization?"
}

// SignedInTo says what a confirmed sign-in means.
func SignedInTo(method string, o identity.Organization) string {
	if method == "token" {
		return "The new token is in use. It is for " + Named(o) + "."
	}
	return "Signed in to " + Named(o) + ". The tokens are renewed from now on."
}

// StartLabel names what a sign-in begins with.
func StartLabel(method string) string {
	if method == "token" {
		return "New token"
	}
	return "Refresh token of the service app"
}

// StartMeans says where that is found.
func StartMeans(method string) string {
	if method == "token" {
		return "It replaces the token where the configuration refers to, once the cloud accepts it. A token ends one day; " +
			"docs/sign-in.md says how to sign in in a way that lasts."
	}
	return "Control Hub or developer.webex.com shows it. It is used once: the tokens that follow are stored, encrypted."
}

// CodeLeft says how long a code is still valid.
func CodeLeft(code control.SignInCode, now time.Time) string {
	left := code.Expires.Sub(now).Round(time.Second)
	if left <= 0 {
		return "The code has expired."
	}
	return "Waiting for the code to be entered, " + left.String() + " left."
}

// SignInMissing reports whether runs need a sign-in that is missing or has ended.
func SignInMissing(s *control.SignedIn) bool {
	return s != nil && (s.Ended != "" || !s.SignedIn && s.Method != "token" && s.Method != "client_credentials")
}

// SignIn says how the cloud is signed in to, and until when; nothing if that is not known.
func SignIn(s *control.SignedIn, v Voice) []Fact {
	if s == nil {
		return nil
	}
	var all facts
	const label = SignInTitle
	switch {
	case s.Ended != "":
		all.tone(Bad, label, "ended: "+s.Ended)
	case s.Method == "token" && s.Ends.IsZero():
		all.add(label, "by a token; when it ends is not known")
	case s.Method == "token":
		all.add(label, "by a token, which ends "+v.Clock(s.Ends))
	case !s.SignedIn && s.Method == "client_credentials":
		all.add(label, "by "+s.Method+", with the next run")
	case !s.SignedIn:
		all.tone(Warn, label, "none yet")
		all[0].Remedy = v.In("Sign in: dirbridge signin.")
	default:
		all.add(label, "to "+Named(identity.Organization{Name: s.Name, ID: s.Organization})+" by "+s.Method)
		if !s.Expires.IsZero() {
			all.add("", "The token is renewed before it ends, "+v.Clock(s.Expires)+".")
		}
		if !s.Ends.IsZero() {
			all.add("", "A sign-in that is not used until "+v.Clock(s.Ends)+" ends then.")
		}
	}
	if last := &all[len(all)-1]; s.Ended != "" || s.Soon(v.Now) {
		last.Tone, last.Remedy = max(all[0].Tone, Warn), v.In(s.Remedy())
	}
	return all
}

// CodeShare is how much of a code's time has passed, of a whole of 1.
func CodeShare(code control.SignInCode, since, now time.Time) float64 {
	whole := code.Expires.Sub(since)
	if whole <= 0 {
		return 1
	}
	return min(max(float64(now.Sub(since))/float64(whole), 0), 1)
}

// SignInLine says in one line what the dashboard shows of a sign-in that needs attention; "" if it needs
// none.
func SignInLine(s *control.SignedIn, v Voice) string {
	switch {
	case s == nil:
		return ""
	case s.Ended != "":
		return SignInEnded + ": " + s.Ended
	case SignInMissing(s):
		return "The cloud is not signed in to yet"
	case s.Soon(v.Now):
		return "The sign-in to the cloud ends " + look.Clock(v.Now, s.Ends)
	}
	return ""
}
