package config

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"
)

// on returns a check of the value at p.
func on[T any](p *T, check func(T) (message, hint string)) func() (message, hint string) {
	return func() (string, string) { return check(*p) }
}

func checkFilled(s string) (string, string) {
	if strings.TrimSpace(s) == "" {
		return "must not be empty", "leave the line out for the default"
	}
	return "", ""
}

func checkRate(n float64) (string, string) {
	if !(n >= 0 && n <= 1e6) {
		return "must not be negative", "0 is as the server allows"
	}
	return "", ""
}

func checkProtected(names []string) (string, string) {
	for _, name := range names {
		if strings.TrimSpace(name) != name || strings.Trim(name, "*?") == "" {
			return fmt.Sprintf("has %q, which would protect nothing, or everything", name),
				`such as ["admin@example.com", "breakglass*"], or the id of the account`
		}
	}
	return "", ""
}

func checkMatch(s string) (string, string) {
	if s != "" && strings.Trim(s, "*?") == "" {
		return "would leave every account alone",
			`such as "*@partner.example.com"; policy.on_missing and on_unmatched are for all accounts`
	}
	return "", ""
}

func checkDate(s string) (string, string) {
	if _, err := time.Parse(time.DateOnly, s); s != "" && err != nil {
		return "is not a date", `such as "2027-01-31"`
	}
	return "", ""
}

func checkInterval(d time.Duration) (string, string) {
	if d != 0 && d < 100*time.Millisecond {
		return "must be 100ms or more: run would ask the directory without a pause", `such as "10m"; "0s" is never`
	}
	return "", ""
}

func checkFailover(d time.Duration) (string, string) {
	if d < time.Second {
		return "must be a second or more", ""
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

// parseURL parses a URL. Its messages never quote the URL, which may contain a password.
func parseURL(s string, schemes ...string) (u *url.URL, message, hint string) {
	example := schemes[0] + "://host.example.com"
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || !slices.Contains(schemes, u.Scheme) ||
		strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' }) {
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
	case strings.HasPrefix(s, "pac:") && len(s) > len("pac:"):
		if strings.Contains(s, "://") {
			if _, message, hint := parseURL(s[len("pac:"):], "http", "https"); message != "" {
				return message, hint + ", or a path"
			}
		}
		return "", ""
	}
	if _, message, hint := parseURL(s, "http", "https", "socks5"); message != "" {
		return message, hint + `; or "system", "none" or "pac:" with a URL or a path`
	}
	return "", ""
}

// checkServer parses one entry of servers. plaintext says that the password would be sent
// unencrypted.
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
