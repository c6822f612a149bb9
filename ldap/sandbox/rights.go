package sandbox

// Rights are what an account may do beyond reading. Administrator has them all.
type Rights struct {
	// Replicate is "Replicating Directory Changes": DirSync without OBJECT_SECURITY.
	Replicate bool
	// ReadDeleted is List Contents and Read Property on CN=Deleted Objects.
	ReadDeleted bool
}

// Grant sets the rights of an account, by its bare name; "" is the one of
// Options.BindUser.
func (s *Server) Grant(account string, r Rights) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if account == "" {
		account = s.bindAccount()
	}
	s.granted[lower(account)] = r
}

func (s *Server) bindAccount() string {
	_, account, _ := cutLast(s.who.whoAmI, `\`)
	return account
}

// rights are those of whoever is bound.
func (c *conn) rights() Rights {
	_, account, _ := cutLast(c.identity(), `\`)
	if lower(account) == "administrator" {
		return Rights{Replicate: true, ReadDeleted: true}
	}
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	return c.server.granted[lower(account)]
}
