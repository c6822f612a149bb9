package config

import "strings"

// Ways to sign in to the cloud.
const (
	byToken       = "token"
	byDevice      = "device"
	byCredentials = "client_credentials"
	byServiceApp  = "service_app"
)

// Where the tokens of a sign-in are kept.
const (
	inFile    = "file"
	inKeyring = "keyring"
)

// validateAuth reports keys that the way to sign in lacks, or that exclude each other. Keys of another
// way may stay, so that a change of it is a change of one line.
func (c *Cloud) validateAuth(r *report) {
	missing := func(key, hint string, has bool) {
		if !has && !r.spoiled["cloud."+key] {
			r.missing("cloud", key, hint, "is required with auth = %q", c.Auth)
		}
	}
	webex := c.Kind != "scim"
	switch c.Auth {
	case byToken:
		if c.Token.IsZero() && !r.spoiled["cloud.token"] {
			r.missing("cloud", "token", "", "is required")
		}
		return
	case byDevice:
		missing("client_secret", "of the integration", !webex || !c.ClientSecret.IsZero())
		missing("device_url", "", webex || c.DeviceURL != "")
	case byCredentials:
		missing("client_secret", "or private_key", !c.ClientSecret.IsZero() || !c.PrivateKey.IsZero())
		if !c.ClientSecret.IsZero() && !c.PrivateKey.IsZero() {
			r.of("cloud.private_key", "take one of them out", "excludes client_secret")
		}
		if webex {
			r.of("cloud.auth", `"service_app" is what lasts there`, "does not exist at Webex")
		}
	case byServiceApp:
		missing("client_secret", "of the service app", !c.ClientSecret.IsZero())
	default:
		return
	}
	missing("client_id", "as the provider shows it", c.ClientID != "")
	missing("token_url", "", webex || c.TokenURL != "")
}

func checkClient(s string) (string, string) {
	if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "has characters that no client id has", ""
	}
	return "", ""
}

// checkSignInURL checks an address to which secrets are sent.
func checkSignInURL(s string) (string, string) {
	if s == "" {
		return "", ""
	}
	u, message, hint := parseURL(s, "https", "http")
	switch {
	case message != "":
		return message, hint
	case u.Fragment != "":
		return "must not have a fragment", ""
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return "would send secrets in the clear", "use https://"
	}
	return "", ""
}

// SignsIn reports whether there is a sign-in that lasts, which dirbridge signin begins.
func (c Cloud) SignsIn() bool { return c.Auth != byToken }
