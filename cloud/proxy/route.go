package proxy

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
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
	port := defaultPort(u.Scheme)
	if port == "" || u.Hostname() == "" {
		return Route{}, fmt.Errorf("%q is not the address of a proxy, such as http://proxy.example.com:3128", u.Redacted())
	}
	if u.Port() != "" {
		port = u.Port()
	}
	return Route{Scheme: strings.TrimSuffix(u.Scheme, "h"), Addr: net.JoinHostPort(u.Hostname(), port), User: u.User}, nil
}

// maxRoutes bounds the answer of an auto-configuration file.
const maxRoutes = 20

// parsePAC reads the answer of FindProxyForURL: "PROXY a:8080; SOCKS b:1080; DIRECT". Kinds that are not
// known are left out, as browsers do. An answer without any known kind is an error, and so is a proxy that
// is no host and port: passing over it could go round the proxy in silence.
func parsePAC(answer string) ([]Route, error) {
	kinds := map[string]string{"PROXY": "http", "HTTP": "http", "HTTPS": "https", "SOCKS": "socks5", "SOCKS5": "socks5"}
	var routes []Route
	for part := range strings.SplitSeq(answer, ";") {
		kind, addr, _ := strings.Cut(strings.TrimSpace(part), " ")
		r := Route{Scheme: kinds[strings.ToUpper(kind)]}
		switch {
		case strings.EqualFold(kind, "DIRECT") && addr == "":
		case r.Direct() && !strings.EqualFold(kind, "DIRECT"):
			continue
		default:
			var ok bool
			if r.Addr, ok = hostPort(strings.TrimSpace(addr), r.Scheme); !ok {
				return nil, fmt.Errorf("the auto-configuration file answers %q, where %q is no host and port", shorten(answer),
					shorten(addr))
			}
		}
		if !slices.Contains(routes, r) {
			routes = append(routes, r)
		}
		if len(routes) == maxRoutes {
			break
		}
	}
	if len(routes) == 0 {
		return nil, fmt.Errorf("the auto-configuration file answers %q, which names no proxy and is not DIRECT",
			shorten(answer))
	}
	return routes, nil
}

// hostPort completes an address with the port of its scheme.
func hostPort(addr, scheme string) (string, bool) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		host, port = strings.Trim(addr, "[]"), defaultPort(scheme)
	}
	n, err := strconv.Atoi(port)
	if err != nil || n < 1 || n > 65535 || host == "" || strings.ContainsAny(host, " /@?#\\\t\r\n") {
		return "", false
	}
	if strings.Contains(host, ":") && net.ParseIP(strings.SplitN(host, "%", 2)[0]) == nil {
		return "", false
	}
	return net.JoinHostPort(host, port), true
}

func defaultPort(scheme string) string {
	return map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}[scheme]
}

func shorten(s string) string {
	if len(s) > 200 {
		return s[:200]
	}
	return s
}
