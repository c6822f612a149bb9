package auth

import (
	"context"
	"net/http"
	"time"
)

// Ends asks when a static token ends (Webex). ok is false if the server does not say.
func (c *Client) Ends(ctx context.Context, token string) (at time.Time, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, endsTimeout)
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, c.opt.Server.ExpiryURL, nil)
	if err != nil || c.opt.Server.ExpiryURL == "" {
		return at, false
	}
	c.opt.Secrets.Add(token)
	q.Header.Set("Authorization", "Bearer "+token)
	q.Header.Set("Accept", "application/json")
	a, err := c.http.Do(q)
	if err != nil {
		return at, false
	}
	defer a.Body.Close()
	var said struct{ Exp int64 } // milliseconds since 1970
	if a.StatusCode != http.StatusOK || readJSON(a, &said) != nil || said.Exp <= 0 {
		return at, false
	}
	// The server's clock counts, not this machine's.
	left := time.UnixMilli(said.Exp).Sub(c.serverTime())
	return c.opt.Clock.Now().Add(left).Truncate(time.Second), true
}

const endsTimeout = 10 * time.Second
