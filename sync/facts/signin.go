package facts

import "time"

// SignInValue is the name under which the store keeps SignIn, as JSON.
const SignInValue = "sign-in"

// SignIn is how the cloud was signed in to when that was last seen. It has no secrets.
type SignIn struct {
	Method       string `json:"method"` // as [cloud] auth: token, device, client_credentials, service_app
	SignedIn     bool   `json:"signed_in"`
	Organization string `json:"organization,omitempty"` // its id
	Name         string `json:"name,omitempty"`         // its name, for people
	// Expires is when the present token ends, Ends when the sign-in does: at once for a token that
	// is not renewed. Zero is not known.
	Expires time.Time `json:"expires,omitzero"`
	Ends    time.Time `json:"ends,omitzero"`
	// Ended says why the server ended the sign-in; "" if it did not.
	Ended string `json:"ended,omitempty"`
	// Asked is when the end was last asked for, Warned when it was last announced.
	Asked  time.Time `json:"asked,omitzero"`
	Warned time.Time `json:"warned,omitzero"`
}

// EndsSoon is how long before its end a sign-in is announced.
const EndsSoon = 14 * 24 * time.Hour

// Soon reports whether the sign-in ends soon, or has ended.
func (s SignIn) Soon(now time.Time) bool { return !s.Ends.IsZero() && s.Ends.Sub(now) < EndsSoon }

// Remedy says how to go on before the end, or after it.
func (s SignIn) Remedy() string {
	if s.Method == "token" {
		return "Make a new token and store it where [cloud] token points, or sign in in a way that lasts (docs/sign-in.md)."
	}
	return "Sign in again: dirbridge signin."
}
