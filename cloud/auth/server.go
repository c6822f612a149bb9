package auth

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"golang.org/x/oauth2"
)

// Server has the addresses of an authorization server, and its habits.
type Server struct {
	TokenURL  string
	DeviceURL string // where device authorization begins
	// DeviceTokenURL is where a device asks for its tokens; "" is TokenURL.
	DeviceTokenURL string
	RevokeURL      string // RFC 7009; "" if the server cannot revoke
	ExpiryURL      string // says when a token ends; "" if the server has none
	// SecretInBody sends the client's secret in the body to TokenURL. DeviceTokenURL always gets
	// it as Basic.
	SecretInBody bool
}

// Webex returns Webex's server on the host of a base URL, as
// https://developer.webex.com/docs/login-with-webex and .../docs/api/v1/authorizations describe it.
// An integration has no documented address to revoke one token.
func Webex(base string) (Server, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" {
		return Server{}, errors.New("base_url has no host")
	}
	root := u.Scheme + "://" + u.Host + "/v1"
	return Server{TokenURL: root + "/access_token", DeviceURL: root + "/device/authorize",
		DeviceTokenURL: root + "/device/token", ExpiryURL: root + "/authorizations/tokenExpiry", SecretInBody: true}, nil
}

// Check refuses addresses that would send a secret without encryption.
func (s Server) Check() error {
	for _, a := range []struct{ key, address string }{{"token_url", s.TokenURL}, {"device_url", s.DeviceURL},
		{"device_token_url", s.DeviceTokenURL}, {"revoke_url", s.RevokeURL}, {"expiry_url", s.ExpiryURL}} {
		if a.address == "" {
			continue
		}
		u, err := url.Parse(a.address)
		switch {
		case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
			return fmt.Errorf("%s is not an address", a.key)
		case u.User != nil || u.Fragment != "":
			return fmt.Errorf("%s must be an address alone, without user or fragment", a.key)
		case u.Scheme == "http" && !isLoopback(u.Hostname()):
			return fmt.Errorf("%s would send secrets unencrypted: it must begin with https", a.key)
		}
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// style says where the client's secret goes in a request to the address.
func (s Server) style(address string) oauth2.AuthStyle {
	if s.SecretInBody && address == s.TokenURL {
		return oauth2.AuthStyleInParams
	}
	return oauth2.AuthStyleInHeader
}

func hostOf(address string) string {
	if u, err := url.Parse(address); err == nil {
		return u.Host
	}
	return ""
}
