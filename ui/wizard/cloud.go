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
	return []Field{
		Field{ID: "kind", Label: "Cloud", Kind: Choice, Help: "The cloud directory to keep up to date.",
			Options: []Option{{"webex", "Webex"}, {"scim", "Other SCIM 2.0 provider"}}}.at(&c.Kind),
		address.at(&c.Address),
		secretField("token", "Token", secretIn, &c.Token),
		Field{ID: "proxy", Label: "Proxy", Empty: "system", Check: checkProxy,
			Help: "system uses the proxy of the environment, none connects directly; the URL of a proxy, or pac: and the " +
				"address of an auto-configuration file."}.at(&c.Proxy),
	}
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
