package wizard

import (
	"net/url"
	"strings"

	"dirbridge/sync/control"
)

// CloudFields returns the questions of the first step.
func CloudFields(c *control.SetupCloud, secretIn string) []Field {
	address := Field{ID: "address", Label: "Organization", Check: noBlanks,
		Help: "The organization ID, shown in Control Hub under Account, or the full address of its SCIM service."}
	if c.Kind == "scim" {
		address.Label, address.Check = "Address", checkURL
		address.Help = "The base URL of the SCIM service, for example https://scim.example.com/v2"
	}
	kind := Field{ID: "kind", Label: "Cloud", Kind: Choice, Help: "The cloud directory to keep up to date.",
		Options: []Option{{"webex", "Webex"}, {"scim", "Other SCIM 2.0 provider"}}}.at(&c.Kind)
	kind.Set = func(v string) { c.Kind, c.Auth = v, "" }
	proxy := Field{ID: "proxy", Label: "Proxy", Empty: "system", Check: checkProxy,
		Help: "system uses the proxy of the environment, none connects directly; the URL of a proxy, or pac: and the " +
			"address of an auto-configuration file."}.at(&c.Proxy)
	return asked([]Field{kind, address.at(&c.Address), waysIn(c)},
		when(!c.Lasts(), secretField("token", "Token", secretIn, &c.Token)),
		when(c.Lasts(), clientFields(c, secretIn)...), []Field{proxy})
}

// waysIn asks how to sign in.
func waysIn(c *control.SetupCloud) Field {
	f := Field{ID: "auth", Label: "Sign in by", Kind: Choice,
		Help: "A token is quick to try, but it ends one day. The other ways renew themselves, so that the service can " +
			"be left running.",
		Get: func() string {
			if c.Lasts() {
				return c.Auth
			}
			return "token"
		},
		Set: func(v string) { c.Auth = v }}
	f.Options = []Option{{"token", "Token"}, {"device", "Code in a browser"}, {"service_app", "Service app"}}
	if c.Kind == "scim" {
		f.Options[2] = Option{"client_credentials", "Client and secret"}
	}
	return f
}

// clientFields ask for the client that signs in.
func clientFields(c *control.SetupCloud, secretIn string) []Field {
	secret := secretField("secret", "Client secret", secretIn, &c.ClientSecret)
	if c.Kind == "scim" && c.Auth == "device" {
		secret.Empty = "none"
	}
	id := Field{ID: "client", Label: "Client ID", Check: noBlanks,
		Help: "The ID of the client, as the provider shows it."}
	if c.Kind == "webex" {
		id.Help = "The client ID of the integration or the service app, shown at developer.webex.com under My Webex Apps."
	}
	refresh := secretField("refresh", "Refresh token", secretIn, &c.Refresh)
	refresh.Help = "Of the service app, as Control Hub or developer.webex.com shows it. It is used once: Dirbridge " +
		"stores the tokens that follow, encrypted."
	return asked([]Field{id.at(&c.ClientID), secret},
		when(c.Auth == "service_app", refresh),
		when(c.Kind == "scim", Field{ID: "token_url", Label: "Token address", Check: checkURL,
			Help: "Where the provider gives tokens, for example https://login.example.com/oauth2/token"}.at(&c.TokenURL)),
		when(c.Kind == "scim" && c.Auth == "device", Field{ID: "device_url", Label: "Code address", Check: checkURL,
			Help: "Where the provider begins a sign-in by a code (RFC 8628)."}.at(&c.DeviceURL)))
}

// secretField asks for a secret, or for a reference to it.
func secretField(id, label, secretIn string, s *control.Secret) Field {
	return Field{ID: id, Label: label, Kind: Secret, Help: SecretHint(id, secretIn),
		Get: func() string {
			if s.Typed() != "" {
				return s.Typed()
			}
			return s.Reference()
		},
		Set: func(text string) { *s = control.SecretOf(text) }}
}

// IsReference reports whether the text of a secret only names its place, so that it can be shown.
func IsReference(text string) bool { return control.SecretOf(text).Typed() == "" }

func checkURL(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return "Enter a whole address that starts with https://"
	}
	return ""
}

func checkProxy(text string) string {
	if text == "system" || text == "none" {
		return ""
	}
	if file, is := strings.CutPrefix(text, "pac:"); is && file != "" {
		return ""
	}
	if u, err := url.Parse(text); err != nil || u.Host == "" {
		return "Enter system, none, pac: and an address, or a URL such as http://proxy.example.com:3128"
	}
	return ""
}
