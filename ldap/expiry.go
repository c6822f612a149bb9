package ldap

import (
	goldap "github.com/go-ldap/ldap/v3"
)

// policy heeds what a server with password policies says beside its answer to a bind
// (draft-behera-ldap-password-policy-10 section 6.2).
func (s *Source) policy(c *session, r *goldap.SimpleBindResult, err error) error {
	return err
}
