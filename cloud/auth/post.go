package auth

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"

	"dirbridge/sync/identity"
)

// largestAnswer bounds an answer that is read, in bytes.
const largestAnswer = 64 << 10

// post sends a form as the client, to an endpoint whose answer does not matter if it is a success.
// secret replaces the configured one; "" does not.
func (c *Client) post(ctx context.Context, address string, form url.Values, secret string) (err error) {
	defer c.opt.Secrets.In(&err)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	switch {
	case c.opt.Key != nil:
		if form, err = c.signed(ctx, address, form, c.serverTime()); err != nil {
			return err
		}
		form.Set("client_id", c.opt.ID)
	case secret == "" && c.opt.Secret != nil:
		if secret, err = c.opt.Secret(ctx); err != nil {
			return unreadable("client_secret", err)
		}
	}
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, address, nil)
	if err != nil {
		return err
	}
	if c.opt.Key == nil && secret == "" {
		form.Set("client_id", c.opt.ID)
	} else if c.opt.Key == nil {
		q.SetBasicAuth(url.QueryEscape(c.opt.ID), url.QueryEscape(secret))
	}
	body := form.Encode()
	q.Body, q.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	q.Header.Set("Accept", "application/json")
	a, err := c.http.Do(q)
	if err != nil {
		return c.verdict(ctx, address, err)
	}
	defer a.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(a.Body, largestAnswer))
	if a.StatusCode >= 200 && a.StatusCode <= 299 {
		return nil
	}
	e := &oauth2.RetrieveError{Response: a, Body: text}
	var rfc struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if json.Unmarshal(text, &rfc) == nil {
		e.ErrorCode, e.ErrorDescription = rfc.Error, rfc.Description
	}
	return fail(identity.Retry, "Revoke it at the provider.", c.refusal(e))
}

func readJSON(a *http.Response, to any) error {
	return json.NewDecoder(io.LimitReader(a.Body, largestAnswer)).Decode(to)
}
