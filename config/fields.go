package config

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"
)

// field is one key of a section: where its value goes, what the template says of
// it, and what it must be beyond its type.
type field struct {
	key     string
	doc     string // for the template; begins with "default" where it may be left out
	example string // for the template: a value in TOML; "" shows the default
	ptr     any    // *string, *bool, *float64, *[]string, *time.Duration, *Secret, *Threshold
	oneOf   []string
	check   func() (message, hint string) // nil where every value of the type will do
	need    bool                          // must be set
	only    string                        // the one way to sign in that it is of use for; "" is every
}

func (c *Connector) fields() []field {
	return []field{
		{key: "name", ptr: &c.Name, doc: "default: the host's name", check: notEmpty(&c.Name)},
		{key: "log_level", ptr: &c.LogLevel, doc: "default; debug, info, warn, error", oneOf: []string{"debug", "info", "warn", "error"}},
		{key: "state_dir", ptr: &c.StateDir, doc: "default by platform", check: notEmpty(&c.StateDir)},
	}
}

func (d *Directory) fields() []field {
	return []field{
		{key: "name", ptr: &d.Name, example: `"corp"`, doc: "qualifies every identity, so it can never change", need: true, check: func() (string, string) { return checkName(d.Name) }},
		{key: "kind", ptr: &d.Kind, doc: "default: found from the server; ad-ds, ad-lds, ldap", oneOf: []string{"", "ad-ds", "ad-lds", "ldap"}},
		{key: "domain", ptr: &d.Domain, example: `"corp.example.com"`, doc: "its controllers are found by DNS, unless servers is given", check: func() (string, string) { return checkDomain(d.Domain) }},
		{key: "site", ptr: &d.Site, doc: "default: the one that this machine is in; its controllers come first", check: func() (string, string) { return checkSite(d.Site) }},
		{key: "servers", ptr: &d.Servers, doc: `default; preferred first, such as "ldaps://dc1.corp.example.com"`},
		{key: "bind", ptr: &d.Bind, doc: "default; simple, ntlm, kerberos, external", oneOf: []string{simple, ntlm, kerberos, external}},
		{key: "bind_user", ptr: &d.BindUser, example: `"svc-dirbridge@corp.example.com"`, doc: "userPrincipalName, DOMAIN\\user or DN"},
		{key: "bind_password", ptr: &d.BindPassword, example: `"env:DIRBRIDGE_BIND_PASSWORD"`, doc: "env:NAME, file:PATH, keyring:NAME or credential:NAME"},
		{key: "bind_domain", ptr: &d.BindDomain, doc: "default: as bind_user says; for ntlm", only: ntlm},
		{key: "keytab", ptr: &d.Keytab, doc: "default; for kerberos, instead of bind_password: a file", only: kerberos},
		{key: "credential_cache", ptr: &d.CredentialCache, doc: "default: as KRB5CCNAME says; for kerberos: a file of tickets", only: kerberos, check: func() (string, string) { return checkCache(d.CredentialCache) }},
		{key: "kerberos_config", ptr: &d.KerberosConfig, doc: "default: the system's krb5.conf, if there is one; for kerberos", only: kerberos},
		{key: "realm", ptr: &d.Realm, doc: "default: as bind_user says; for kerberos", only: kerberos},
		{key: "service_principal", ptr: &d.ServicePrincipal, doc: "default: ldap/ and the server's name; for kerberos", only: kerberos, check: func() (string, string) { return checkPrincipal(d.ServicePrincipal) }},
		{key: "client_cert", ptr: &d.ClientCert, doc: "default; a file (PEM), for external"},
		{key: "client_key", ptr: &d.ClientKey, doc: "default: in the file of client_cert"},
		{key: "start_tls", ptr: &d.StartTLS, doc: "default"},
		{key: "ca_file", ptr: &d.CAFile, doc: "default: the system's certificates"},
		{key: "allow_plaintext", ptr: &d.AllowPlaintext, doc: "default"},
		{key: "partition", ptr: &d.Partition, doc: "default; AD LDS application partition", check: func() (string, string) { return checkDN(d.Partition) }},
		{key: "base_dns", ptr: &d.BaseDNs, doc: "default: the whole domain"},
		{key: "exclude_dns", ptr: &d.ExcludeDNs, doc: "default"},
		{key: "sync_users", ptr: &d.SyncUsers, doc: "default"},
		{key: "user_filter", ptr: &d.UserFilter, doc: "default; joined to the built-in one: people, not computers"},
		{key: "member_of", ptr: &d.MemberOf, doc: "default: everybody; DNs of groups whose members are taken, those of groups in them as well"},
		{key: "room_filter", ptr: &d.RoomFilter, doc: "default: as Exchange marks rooms; they are no people"},
		{key: "sync_groups", ptr: &d.SyncGroups, doc: "default; all groups that are not critical system objects"},
		{key: "group_filter", ptr: &d.GroupFilter, doc: "default"},
		{key: "group_types", ptr: &d.GroupTypes, doc: "default; all, security, distribution", oneOf: []string{"all", "security", "distribution"}},
		{key: "nested_groups", ptr: &d.NestedGroups, doc: "default; keep, flatten", oneOf: []string{"keep", "flatten"}},
	}
}

func (c *Cloud) fields() []field {
	return []field{
		{key: "kind", ptr: &c.Kind, example: `"webex"`, doc: "webex, scim", need: true, oneOf: []string{"webex", "scim"}},
		{key: "base_url", ptr: &c.BaseURL, example: `"https://webexapis.com/identity/scim/ORG/v2"`, doc: "ORG is the organization's id", need: true, check: func() (string, string) { return checkBaseURL(c.BaseURL) }},
		{key: "auth", ptr: &c.Auth, doc: "default", oneOf: []string{"token", "device", "client_credentials", "service_app"}, check: func() (string, string) {
			return notYet(c.Auth, "token", "this kind of sign-in")
		}},
		{key: "token", ptr: &c.Token, example: `"env:DIRBRIDGE_TOKEN"`, doc: "env:NAME, file:PATH, keyring:NAME or credential:NAME", need: true},
		{key: "proxy", ptr: &c.Proxy, doc: "default; system, none, or a URL", check: func() (string, string) { return checkProxy(c.Proxy) }},
		{key: "requests_per_second", ptr: &c.RequestsPerSecond, doc: "default: as the server allows", check: func() (string, string) {
			if !(c.RequestsPerSecond >= 0 && c.RequestsPerSecond <= 1e6) {
				return "must not be negative", "0 is as the server allows"
			}
			return "", ""
		}},
	}
}

func (p *Policy) fields() []field {
	return []field{
		{key: "delete_threshold", ptr: &p.DeleteThreshold, doc: `default; held when MORE than this many; a number, "5%", "20 and 5%", or "off"`},
		{key: "on_missing", ptr: &p.OnMissing, doc: "default; deactivate, delete, keep: owned accounts whose person left", oneOf: []string{"deactivate", "delete", "keep"}},
		{key: "on_unmatched", ptr: &p.OnUnmatched, doc: "default; report, deactivate, remove: accounts the directory never knew", oneOf: []string{"report", "deactivate", "remove"}},
		{key: "purge_after", ptr: &p.PurgeAfter, doc: "default; how long an account stays deactivated before it is removed"},
		{key: "protected", ptr: &p.Protected, doc: `default; names (* is any text) or ids of cloud accounts and groups that are never touched`, check: func() (string, string) {
			for _, name := range p.Protected {
				if strings.TrimSpace(name) != name || strings.Trim(name, "*?") == "" {
					return fmt.Sprintf("has %q, which would protect nothing, or everything", name), `such as ["admin@example.com", "breakglass*"], or the id of the account`
				}
			}
			return "", ""
		}},
	}
}

func (s *Schedule) fields() []field {
	return []field{
		{key: "incremental_every", ptr: &s.IncrementalEvery, doc: `default; "0s" is never`, check: func() (string, string) {
			if s.IncrementalEvery != 0 && s.IncrementalEvery < 100*time.Millisecond {
				return "must be 100ms or more: run would ask the directory without a pause", `such as "10m"; "0s" is never`
			}
			return "", ""
		}},
		{key: "full", ptr: &s.Full, doc: `default: not scheduled; such as ["Sun 02:00"]`},
		{key: "failover_after", ptr: &s.FailoverAfter, doc: "default", check: func() (string, string) {
			if s.FailoverAfter < time.Second {
				return "must be a second or more", ""
			}
			return "", ""
		}},
	}
}

// section is one table of the file.
type section struct {
	name string // as in keys: "cloud", "directory[0]"
	head string // as in the file: "[cloud]", "[[directory]]"
	doc  string // for the template
	list []field
	// rules are the mapping of a directory, whose keys are the administrator's.
	rules map[string]string
	// guards are a directory's own, by key.
	guards map[string]Threshold
}

// sections are those of c, its directories in their order; [mapping], whose keys
// are the administrator's, is not among them.
func (c *Config) sections() []section {
	all := []section{{"connector", "[connector]", "This connector.", c.Connector.fields(), nil, nil}}
	for i := range c.Directories {
		all = append(all, section{fmt.Sprintf("directory[%d]", i), "[[directory]]", "The directory that is read; one block for each domain, forest or partition.", c.Directories[i].fields(), c.Directories[i].Mapping, c.Directories[i].Guards})
	}
	all = append(all,
		section{"cloud", "[cloud]", "The cloud that is written.", c.Cloud.fields(), nil, nil},
		section{"policy", "[policy]", "What may be removed, and when.", c.Policy.fields(), nil, nil})
	for i := range c.Unmanaged {
		all = append(all, section{fmt.Sprintf("unmanaged[%d]", i), "[[unmanaged]]", "Accounts that are left alone.", c.Unmanaged[i].fields(), nil, nil})
	}
	return append(all,
		section{"guards", "[guards]", "What holds a plan before its first write, in each directory: a number, \"5%\", \"20 and 50%\" (more than both), or \"off\".", c.Guards.fields(), nil, nil},
		section{"schedule", "[schedule]", "When the service runs.", c.Schedule.fields(), nil, nil},
		section{"metrics", "[metrics]", "What a monitoring system may fetch while the service runs.", c.Metrics.fields(), nil, nil})
}

func sectionNames() []string {
	return []string{"connector", "directory", "cloud", "mapping", "policy", "unmanaged", "guards", "schedule", "metrics"}
}

func notEmpty(s *string) func() (string, string) {
	return func() (string, string) {
		if strings.TrimSpace(*s) == "" {
			return "must not be empty", "leave the line out for the default"
		}
		return "", ""
	}
}

func notYet(value, only, what string) (string, string) {
	if value != only {
		return what + " is not supported yet", fmt.Sprintf("%q is", only)
	}
	return "", ""
}

func checkName(s string) (string, string) {
	for _, c := range s {
		if c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return "must be made of small letters, digits and hyphens", ""
		}
	}
	return "", ""
}

func checkDomain(s string) (string, string) {
	if s == "" {
		return "", ""
	}
	if strings.Contains(s, "://") {
		return "must be the name of a domain, not a URL", "URLs go into servers"
	}
	if !isHost(s) {
		return "is not the name of a domain", `such as "corp.example.com"`
	}
	return "", ""
}

func isHost(s string) bool {
	if len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(s, "."), ".") {
		if label == "" || len(label) > 63 || strings.ContainsFunc(label, func(c rune) bool {
			return c < 0x80 && c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z')
		}) {
			return false
		}
	}
	return true
}

func checkDN(s string) (string, string) {
	if s != "" && !strings.Contains(s, "=") {
		return "is not a DN", `such as "OU=Staff,DC=corp,DC=example,DC=com"`
	}
	return "", ""
}

// parseURL reads a URL without ever repeating it: it may carry a password.
func parseURL(s string, schemes ...string) (u *url.URL, message, hint string) {
	example := schemes[0] + "://host.example.com"
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || !slices.Contains(schemes, u.Scheme) || strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' }) {
		return nil, "is not a URL of the kind " + strings.Join(schemes, ":// or ") + "://", "such as " + example
	}
	if u.User != nil {
		return nil, "must not carry a user or password", "secrets never stand in this file"
	}
	if h := u.Hostname(); net.ParseIP(strings.Split(h, "%")[0]) == nil && !isHost(h) {
		return nil, "does not name a host", "such as " + example
	}
	if p := u.Port(); p != "" {
		if _, err := net.LookupPort("tcp", p); err != nil || p == "0" {
			return nil, "has a port that is not between 1 and 65535", ""
		}
	}
	return u, "", ""
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

func checkBaseURL(s string) (string, string) {
	u, message, hint := parseURL(s, "https", "http")
	if message != "" {
		return message, hint
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return "must not have a query or fragment", ""
	}
	if u.Scheme == "http" && !isLoopback(u.Hostname()) {
		return "would send the token in the clear", "use https://"
	}
	return "", ""
}

func checkProxy(s string) (string, string) {
	switch {
	case s == "system" || s == "none":
		return "", ""
	case strings.HasPrefix(strings.ToLower(s), "pac:"):
		return "proxy auto-configuration is not supported yet", `"system", "none" or a URL is`
	}
	if _, message, hint := parseURL(s, "http", "https", "socks5"); message != "" {
		return message, hint + `; or "system" or "none"`
	}
	return "", ""
}

// checkServer reads one of servers. plaintext says that the password would go over
// the network in the clear.
func (d *Directory) checkServer(s string) (message, hint string, plaintext bool) {
	u, message, hint := parseURL(s, "ldaps", "ldap")
	if message != "" {
		return message, hint, false
	}
	if u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
		return "must be a host and port alone", "where to search goes into base_dns", false
	}
	return "", "", u.Scheme == "ldap" && !d.StartTLS && !d.AllowPlaintext && !isLoopback(u.Hostname())
}
