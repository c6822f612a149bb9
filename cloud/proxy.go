package cloud

import (
	"errors"
	"net/http"
	"net/url"

	"dirbridge/sync/identity"
)

// recordingPassword records the password of the chosen proxy as a secret. An error of net/http about an
// unreadable address repeats the address, with its password.
func (c *client) recordingPassword(choose func(*http.Request) (*url.URL, error)) func(*http.Request) (*url.URL, error) {
	if choose == nil {
		return nil
	}
	return func(q *http.Request) (*url.URL, error) {
		proxy, err := choose(q)
		if err != nil {
			return nil, fail(identity.GiveUp, "Correct HTTPS_PROXY in the environment, or set [cloud] proxy.",
				errors.New("the address of the proxy cannot be read"))
		}
		if proxy != nil {
			if password, has := proxy.User.Password(); has {
				c.secrets.Add(password, proxy.User.Username())
			}
		}
		return proxy, nil
	}
}
