package config

import "net"

func (m *Metrics) check() (string, string) {
	if m.Listen == "" {
		return "", ""
	}
	host, port, err := net.SplitHostPort(m.Listen)
	if err != nil || port == "" {
		return "is not a host and a port", `such as "127.0.0.1:9464"`
	}
	if _, err := net.LookupPort("tcp", port); err != nil {
		return "has a port that is not between 0 and 65535", ""
	}
	if !isLoopback(host) && !m.AllowRemote {
		return "may be reached from other hosts", `listen on "127.0.0.1:` + port + `", or set allow_remote = true`
	}
	return "", ""
}
