package auth

import "context"

// SignInAsClient is Credentials for a front end: its error has a remedy.
func (c *Client) SignInAsClient(ctx context.Context) (Tokens, error) {
	t, err := c.Credentials(ctx, "")
	return t, failure(err)
}

// SignInByRefresh begins with a refresh token that the provider has shown. Its error has a remedy.
func (c *Client) SignInByRefresh(ctx context.Context, start string) (Tokens, error) {
	t, err := c.Refresh(ctx, start, "")
	return t, failure(err)
}
