package proxy

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// Choice is what was chosen for an address.
type Choice struct {
	Routes []Route // tried in this order
	Rule   string  // what chose them, for the operator
}

// chooser chooses the routes to an address.
type chooser interface {
	choose(ctx context.Context, target *url.URL) (Choice, error)
}

// Settings say how outgoing connections find their proxy.
type Settings struct {
	// Proxy is system (or empty), none, the URL of a proxy, or "pac:" with the URL or the path of an
	// auto-configuration file.
	Proxy string
	// NoProxy lists what is reached directly, in the form of the environment's NO_PROXY. It does not
	// apply to an auto-configuration file, which has rules of its own, nor to system.
	NoProxy []string
	// User, Password and Scheme sign in to the proxy. User and Password of the proxy's own URL come first.
	User     string
	Password func() (string, error) // nil: no password
	Scheme   string                 // auto (or empty), basic, ntlm, kerberos
	// Ticket returns the SPNEGO token for a proxy (RFC 4559); nil: Kerberos is not set up.
	Ticket func(ctx context.Context, host string) ([]byte, error)
	// Environment returns a variable; nil: there are none.
	Environment func(string) string
	// Evaluator is the command of the child process that runs auto-configuration files.
	Evaluator []string
	// Warn is told when an auto-configuration file cannot be read and an older copy is used.
	Warn func(error)
}

func (s *Settings) chooser() (chooser, error) {
	switch {
	case s.Proxy == "" || s.Proxy == "system":
		return environment{s.Environment}, nil
	case s.Proxy == "none":
		return fixed{rule: `proxy is "none"`}, nil
	case strings.HasPrefix(s.Proxy, "pac:"):
		return newPAC(s), nil
	}
	u, err := url.Parse(s.Proxy)
	if err != nil {
		return nil, fmt.Errorf("the address of the proxy cannot be read")
	}
	route, err := routeOf(u)
	if err != nil {
		return nil, err
	}
	return fixed{route: route, noProxy: s.NoProxy, rule: "the proxy of the settings"}, nil
}

// fixed chooses one proxy, except for addresses that are reached directly.
type fixed struct {
	route   Route
	noProxy []string
	rule    string
}

func (f fixed) choose(_ context.Context, target *url.URL) (Choice, error) {
	if f.route.Direct() {
		return Choice{[]Route{{}}, f.rule}, nil
	}
	// The library never uses a proxy for the loopback; an operator who names a proxy wants it for a
	// cloud that is tried out there too. So it is asked about NO_PROXY alone.
	if !loopback(target.Hostname()) && len(f.noProxy) > 0 {
		env := httpproxy.Config{HTTPProxy: "http://p", HTTPSProxy: "http://p", NoProxy: strings.Join(f.noProxy, ",")}
		if u, err := env.ProxyFunc()(target); err == nil && u == nil {
			return Choice{[]Route{{}}, "no_proxy"}, nil
		}
	}
	if slices.ContainsFunc(f.noProxy, func(entry string) bool { return entry == "*" || local(entry, target) }) {
		return Choice{[]Route{{}}, "no_proxy"}, nil
	}
	return Choice{[]Route{f.route}, f.rule}, nil
}

// local reports whether an entry of no_proxy is a loopback address: a name, a network, or either with a port.
func local(entry string, target *url.URL) bool {
	host := target.Hostname()
	if !loopback(host) {
		return false
	}
	if _, network, err := net.ParseCIDR(entry); err == nil {
		return network.Contains(net.ParseIP(host))
	}
	return strings.EqualFold(strings.Trim(entry, "[]"), host) || strings.EqualFold(entry, target.Host)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// environment chooses by HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in capitals or small letters.
type environment struct{ get func(string) string }

func (e environment) choose(_ context.Context, target *url.URL) (Choice, error) {
	get := func(names ...string) (name, value string) {
		for _, name := range names {
			if e.get != nil && e.get(name) != "" {
				return name, e.get(name)
			}
		}
		return "", ""
	}
	httpsName, https := get("HTTPS_PROXY", "https_proxy")
	httpName, plain := get("HTTP_PROXY", "http_proxy")
	noName, no := get("NO_PROXY", "no_proxy")
	name := httpsName
	if target.Scheme == "http" {
		name = httpName
	}
	if name == "" {
		return Choice{[]Route{{}}, "no proxy is set in the environment"}, nil
	}
	if !readable(get(name)) {
		// The library would go on without a proxy. The address stays out of the error: it may hold a password.
		return Choice{}, fmt.Errorf("the address of the proxy in %s cannot be read", name)
	}
	env := httpproxy.Config{HTTPProxy: plain, HTTPSProxy: https, NoProxy: no}
	u, err := env.ProxyFunc()(target)
	switch {
	case err != nil:
		return Choice{}, fmt.Errorf("%s: %w", name, err)
	case u == nil && loopback(target.Hostname()):
		return Choice{[]Route{{}}, "the loopback is reached directly"}, nil
	case u == nil:
		return Choice{[]Route{{}}, noName}, nil
	}
	route, err := routeOf(u)
	if err != nil {
		return Choice{}, fmt.Errorf("%s: %w", name, err)
	}
	return Choice{[]Route{route}, name}, nil
}

// readable reports whether an address can be read as the library reads it: with a scheme, or without.
func readable(_, address string) bool {
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	u, err := url.Parse(address)
	return err == nil && u.Host != ""
}

// target is the address of a connection as a proxy chooser sees it. Everything but the loopback is
// encrypted, so https stands for all.
func target(addr string) *url.URL {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		host = addr
	}
	u := &url.URL{Scheme: "https", Host: addr, Path: "/"}
	switch {
	case port == "443":
		u.Host = host
		if strings.Contains(host, ":") {
			u.Host = "[" + host + "]"
		}
	case port == "80":
		u.Scheme, u.Host = "http", host
	}
	return u
}

// Transport returns a transport that reaches every address by the dialer.
func (d *Dialer) Transport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy, t.DialContext = nil, d.DialContext
	// The default keeps two connections, fewer than there are workers: without HTTP/2, the others would
	// open a new one for each request.
	t.MaxIdleConnsPerHost = 16
	t.MaxResponseHeaderBytes = 256 << 10 // more is not the header of a cloud
	return t
}
