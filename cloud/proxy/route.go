package proxy

import (
	"fmt"
	"net"
	"net/url"
	"strings"
)

// Route is one way to an address. The zero value is a direct connection.
type Route struct {
	Scheme string // http, https or socks5; "" is a direct connection
	Addr   string // host and port of the proxy
	User   *url.Userinfo
}

// Direct reports whether the route needs no proxy.
func (r Route) Direct() bool { return r.Scheme == "" }

// String names the route without a password.
func (r Route) String() string {
	if r.Direct() {
		return "direct"
	}
	return r.Scheme + "://" + r.Addr
}

// routeOf reads the URL of a proxy. A missing port is 80, 443 or 1080 by scheme, as in curl.
func routeOf(u *url.URL) (Route, error) {
	port, ok := map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}[u.Scheme]
	if !ok || u.Hostname() == "" {
		return Route{}, fmt.Errorf("%q is not the address of a proxy, such as http://proxy.example.com:3128", u.Redacted())
	}
	if u.Port() != "" {
		port = u.Port()
	}
	return Route{Scheme: strings.TrimSuffix(u.Scheme, "h"), Addr: net.JoinHostPort(u.Hostname(), port), User: u.User}, nil
}

// parsePAC reads the answer of FindProxyForURL: "PROXY a:8080; SOCKS b:1080; DIRECT". Kinds that are not
// known are left out, as browsers do; an answer without any known kind is an error.
func parsePAC(answer string) ([]Route, error) {
	kinds := map[string]string{"PROXY": "http", "HTTP": "http", "HTTPS": "https", "SOCKS": "socks5", "SOCKS5": "socks5"}
	ports := map[string]string{"http": "80", "https": "443", "socks5": "1080"}
	var routes []Route
	for part := range strings.SplitSeq(answer, ";") {
		words := strings.Fields(part)
		switch {
		case len(words) == 1 && strings.EqualFold(words[0], "DIRECT"):
			routes = append(routes, Route{})
		case len(words) == 2 && kinds[strings.ToUpper(words[0])] != "":
			scheme, addr := kinds[strings.ToUpper(words[0])], words[1]
			if _, _, err := net.SplitHostPort(addr); err != nil {
				addr = net.JoinHostPort(strings.Trim(addr, "[]"), ports[scheme])
			}
			routes = append(routes, Route{Scheme: scheme, Addr: addr})
		}
	}
	if len(routes) == 0 {
		return nil, fmt.Errorf("the auto-configuration file answers %q, which names no proxy and is not DIRECT", answer)
	}
	return routes, nil
}
