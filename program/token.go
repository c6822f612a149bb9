package program

import (
	"context"
	stdsync "sync"

	"dirbridge/config"
)

// fetched is a fetched secret: some can be read only once, and a keyring may ask its user each
// time.
type fetched struct {
	mu               stdsync.Mutex
	reference, value string
}

// tokenOf returns a function that fetches the token, once as long as its reference stays the same.
func (c *connector) tokenOf(s config.Secret) func() (string, error) {
	return func() (string, error) {
		c.token.mu.Lock()
		defer c.token.mu.Unlock()
		if c.token.value != "" && c.token.reference == s.Reference() {
			return c.token.value, nil
		}
		value, err := s.Resolve(context.Background())
		if err == nil {
			c.token.reference, c.token.value = s.Reference(), value
		}
		return value, err
	}
}
