package scimtest

import (
	"net/http"
	"strings"
)

// elsewhere is what this organization cannot have: addresses of accounts that belong to
// another one, and domains. No listing shows any of it.
type elsewhere struct {
	consumers map[string]bool // addresses, in lower case
	domains   map[string]bool
}

// Reserve gives addresses to accounts of the free consumer organization: whoever signed
// up, or was invited to a space ("sideboarded"). Taking such an address is answered 409.
func (s *Server) Reserve(addresses ...string) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	if s.store.elsewhere.consumers == nil {
		s.store.elsewhere.consumers = map[string]bool{}
	}
	for _, a := range addresses {
		s.store.elsewhere.consumers[strings.ToLower(a)] = true
	}
}

// Claim has another organization claim a domain. Taking an address of it is answered 403.
func (s *Server) Claim(domain string) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	if s.store.elsewhere.domains == nil {
		s.store.elsewhere.domains = map[string]bool{}
	}
	s.store.elsewhere.domains[strings.ToLower(domain)] = true
}

// Convert moves a reserved account into this organization, as an administrator does in
// Control Hub. It carries no externalId.
func (s *Server) Convert(address string) error {
	s.store.mu.Lock()
	known := s.store.elsewhere.consumers[strings.ToLower(address)]
	delete(s.store.elsewhere.consumers, strings.ToLower(address))
	s.store.mu.Unlock()
	if !known {
		return refuse(http.StatusNotFound, "", "%s could not be converted: there is no such account", address)
	}
	_, err := s.Add(User{UserName: address, Attrs: map[string]any{"active": true}})
	return err
}

// refuse is the failure to answer whoever takes the name, or nil. The statuses are
// those that every call may give; the words are the guide's.
func (e *elsewhere) refuse(name string) *failure {
	folded := strings.ToLower(name)
	if e.consumers[folded] {
		return refuse(http.StatusConflict, "uniqueness", "%s could not be converted", name)
	}
	if at := strings.LastIndexByte(folded, '@'); e.domains[folded[at+1:]] {
		return refuse(http.StatusForbidden, "", "the domain of %s is claimed by another organization", name)
	}
	return nil
}
