package program

import (
	"context"
	stdsync "sync"

	"dirbridge/config"
)

// fetched is a secret that was fetched: some can be read only once, and a keyring may ask
// its user each time.
type fetched struct {
	mu               stdsync.Mutex
	reference, value string
}

// tokenOf fetches the token, once for as long as it is kept at the same place.
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
