package auth

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"
)

// Grant is a way to sign in.
type Grant string

const (
	Static      Grant = "token"
	Device      Grant = "device"
	Credentials Grant = "client_credentials"
	ServiceApp  Grant = "service_app"
)

// Session is what a store keeps of a sign-in. It is secret.
type Session struct {
	Grant        Grant  `json:"grant"`
	ClientID     string `json:"client_id"`
	Organization string `json:"organization"` // that it was confirmed for, see Options.Organization
	Name         string `json:"name,omitempty"`

	Access  string    `json:"access,omitempty"`
	Issued  time.Time `json:"issued,omitzero"`
	Expires time.Time `json:"expires,omitzero"`

	Refresh        string    `json:"refresh,omitempty"`
	RefreshExpires time.Time `json:"refresh_expires,omitzero"`
	// Previous is the refresh token before Refresh, until a request with Access has succeeded.
	Previous string `json:"previous,omitempty"`
	// Asked says that a refresh was sent whose answer is not stored: it may have been lost after
	// the server had replaced the refresh token.
	Asked bool `json:"asked,omitempty"`
	// Start is a hash of the start value that the refresh token descends from.
	Start string `json:"start,omitempty"`
	// NewSecret is a client secret that is to replace the configured one.
	NewSecret string `json:"new_secret,omitempty"`
	// Ended says why the server ended the session; "" while it is good.
	Ended string `json:"ended,omitempty"`
}

// take replaces the tokens by new ones. An answer may repeat the old ones.
func (s Session) take(t Tokens) Session {
	if t.Refresh != s.Refresh {
		s.Previous = s.Refresh
	}
	if t.RefreshExpires.IsZero() && t.Refresh == s.Refresh {
		t.RefreshExpires = s.RefreshExpires
	}
	s.Access, s.Issued, s.Expires = t.Access, t.Issued, t.Expires
	s.Refresh, s.RefreshExpires = t.Refresh, t.RefreshExpires
	s.Asked, s.Ended = false, ""
	return s
}

// usable reports whether the access token can be used at a time.
func (s Session) usable(now time.Time) bool {
	return s.Access != "" && (s.Expires.IsZero() || now.Before(s.Expires))
}

// fresh reports whether the access token needs no refresh yet: most of its life is left. If this
// machine's clock was set back since the token was issued, its end is not known.
func (s Session) fresh(now time.Time) bool {
	if !s.usable(now) || now.Before(s.Issued.Add(-clockSlack)) {
		return false
	}
	return s.Expires.IsZero() || s.Expires.Sub(now) > s.Expires.Sub(s.Issued)/10
}

// clockSlack is how far two readings of clocks may differ without a clock having been set.
const clockSlack = 5 * time.Minute

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte("dirbridge start value\n" + secret))
	return hex.EncodeToString(sum[:16])
}

// ErrNone is the error of a store that keeps no session.
var ErrNone = errors.New("not signed in")

func (s Session) encode() ([]byte, error) { return json.Marshal(s) }

func decode(b []byte) (s Session, err error) {
	if json.Unmarshal(b, &s) != nil || s.Grant == "" {
		return Session{}, errors.New("the stored sign-in cannot be read") // without the text of it
	}
	return s, nil
}
