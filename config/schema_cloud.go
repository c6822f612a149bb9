package config

func (c *Cloud) fields() []field {
	return []field{
		{key: "kind", ptr: &c.Kind, example: `"webex"`, need: true, oneOf: []string{"webex", "scim"},
			page: "Cloud", label: "Kind", read: AtStart,
			help:   "The cloud product: Webex, or any provider that speaks SCIM 2.0.",
			doc:    "webex, scim",
			manual: "`webex`, or `scim` for any SCIM 2.0 provider, whose abilities are discovered"},
		{key: "base_url", ptr: &c.BaseURL, need: true, check: on(&c.BaseURL, checkBaseURL),
			page: "Cloud", label: "Address", example: `"https://webexapis.com/identity/scim/ORG/v2"`,
			help:   "The address of the cloud's SCIM service. ORG stands for the id of the organization.",
			doc:    "ORG is the organization's id",
			manual: "e.g. `https://webexapis.com/identity/scim/ORG/v2`; https, but for loopback"},
		{key: "auth", ptr: &c.Auth, def: "token", check: on(&c.Auth, checkAuth), how: true,
			oneOf:  []string{"token", "device", "client_credentials", "service_app"},
			doc:    "default",
			manual: "only `token` yet; `device`, `client_credentials`, `service_app` are refused"},
		{key: "token", ptr: &c.Token, example: `"env:DIRBRIDGE_TOKEN"`, need: true, how: true,
			page: "Cloud", label: "Token",
			help:   "Where the access token is kept: env:NAME, file:PATH, keyring:NAME or credential:NAME.",
			doc:    "env:NAME, file:PATH, keyring:NAME or credential:NAME",
			manual: "reference to a bearer token"},
		{key: "proxy", ptr: &c.Proxy, def: "system", check: on(&c.Proxy, checkProxy), how: true,
			page: "Cloud", label: "Proxy",
			help: "system, none, or the URL of a proxy.",
			doc:  "default; system, none, or a URL",
			manual: "`system` (HTTPS_PROXY and NO_PROXY of the environment), `none`, or a URL (`http://`, " +
				"`https://`, `socks5://`); `pac:` is refused yet"},
		{key: "requests_per_second", ptr: &c.RequestsPerSecond, check: on(&c.RequestsPerSecond, checkRate), how: true,
			zero: "as fast as the server allows",
			page: "Cloud", label: "Requests per second",
			help: "The most requests that are sent to the cloud in a second. 0: as the server allows.",
			doc:  "default: as the server allows",
			manual: "at most so many; 0 is as fast as the server allows. 429, 423 and 503 are waited out in any " +
				"case"},
	}
}
