package webex

import "testing"

// A missing right is not taken for an account of another organization.
func TestAccountsOfOtherOrganizations(t *testing.T) {
	for _, c := range []struct {
		status             int
		detail             string
		claimed, elsewhere bool
	}{
		{403, "The domain example.org is claimed by another organization", true, false},
		{403, "Domain not verified", true, false},
		{403, "You have no right to do that", false, false},
		{409, "ana@example.com could not be converted", false, true},
		{403, "the user exists in the free Consumer Organization", false, true},
		{409, "userName is in use", false, false},
		{500, "ana@example.com could not be converted", false, false},
	} {
		if got := Claimed(c.status, c.detail); got != c.claimed {
			t.Errorf("%d %s: claimed %v", c.status, c.detail, got)
		}
		if got := Unconverted(c.status, c.detail); got != c.elsewhere {
			t.Errorf("%d %s: elsewhere %v", c.status, c.detail, got)
		}
	}
}
