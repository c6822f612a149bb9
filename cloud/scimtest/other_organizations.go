package scimtest

import (
	"net/http"
	"strings"
)

// otherOrganizations is what belongs to other organizations: addresses of their accounts, and their domains.
// No listing shows any of it.
type otherOrganizations struct {
	consumers map[string]bool // addresses, in lower case
	domains   map[string]bool
}

// Reserve assigns addresses to accounts of the free consumer organization: people who signed up, or
// were invited to a space ("sideboarded"). A write with such an address gets 409.
func (s *Server) Reserve(addresses ...string) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	if s.store.otherOrganizations.consumers == nil {
		s.store.otherOrganizations.consumers = map[string]bool{}
	}
	for _, a := range addresses {
		s.store.otherOrganizations.consumers[strings.ToLower(a)] = true
	}
}

// Claim assigns a domain to another organization. A write with an address in it gets 403.
func (s *Server) Claim(domain string) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	if s.store.otherOrganizations.domains == nil {
		s.store.otherOrganizations.domains = map[string]bool{}
	}
	s.store.otherOrganizations.domains[strings.ToLower(domain)] = true
}

// Convert moves a reserved account into this organization, as an administrator does in Control Hub.
// The account has no externalId.
func (s *Server) Convert(address string) error {
	s.store.mu.Lock()
	known := s.store.otherOrganizations.consumers[strings.ToLower(address)]
	delete(s.store.otherOrganizations.consumers, strings.ToLower(address))
	s.store.mu.Unlock()
	if !known {
		return refuse(http.StatusNotFound, "", "%s could not be converted: there is no such account", address)
	}
	_, err := s.Add(User{UserName: address, Attrs: map[string]any{"active": true}})
	return err
}

// refuse returns the failure for a write with the name, or nil. Any request may get these statuses;
// the texts are the guide's.
func (e *otherOrganizations) refuse(name string) *failure {
	folded := strings.ToLower(name)
	if e.consumers[folded] {
		return refuse(http.StatusConflict, "uniqueness", "%s could not be converted", name)
	}
	if at := strings.LastIndexByte(folded, '@'); e.domains[folded[at+1:]] {
		return refuse(http.StatusForbidden, "", "the domain of %s is claimed by another organization", name)
	}
	return nil
}
