package ldaptest

import (
	"fmt"
	"slices"
)

// Rights are what an account may do beyond reading. Administrator has them all.
type Rights struct {
	// Replicate is "Replicating Directory Changes": DirSync without OBJECT_SECURITY.
	Replicate bool
	// ReadDeleted is List Contents and Read Property on CN=Deleted Objects.
	ReadDeleted bool
	// ReadHidden is to read what Hide hides.
	ReadHidden bool
}

// Hide makes an entry, and all below it, unreadable to accounts without the right: by
// searches, and by DirSync with OBJECT_SECURITY. It stays so wherever the entry is moved.
func (s *Server) Hide(dn string) error {
	s.dir.mu.Lock()
	defer s.dir.mu.Unlock()
	o, r := s.dir.lookup(dn)
	if r != nil {
		return r
	}
	if s.dir.hidden == nil {
		s.dir.hidden = map[guid]bool{}
	}
	s.dir.hidden[o.guid] = true
	return nil
}

// hides says whether the account may not read the object.
func (d *directory) hides(o *object, r Rights) bool {
	if len(d.hidden) == 0 || r.ReadHidden {
		return false
	}
	for ; o != nil; o = o.parent {
		if d.hidden[o.guid] {
			return true
		}
	}
	return false
}

// HideAttribute makes an attribute of an entry, and of all below it, unreadable to accounts
// without the right, or readable again: searches do not return it, and no filter matches
// by it. DirSync, which a right to replicate lets read all, goes on telling it.
func (s *Server) HideAttribute(dn, name string, hidden bool) error {
	s.dir.mu.Lock()
	defer s.dir.mu.Unlock()
	o, r := s.dir.lookup(dn)
	if r != nil {
		return r
	}
	a := s.dir.schema.find(name)
	if a == nil {
		return fmt.Errorf("there is no attribute %s", name)
	}
	if s.dir.veiled == nil {
		s.dir.veiled = map[veil]bool{}
	}
	s.dir.veiled[veil{o.guid, a}] = hidden
	return nil
}

// veil is an attribute that is unreadable below an object.
type veil struct {
	below guid
	attr  *attribute
}

// veils says which attributes of an object the account may not read; nil for none.
func (d *directory) veils(o *object, r Rights) func(*attribute) bool {
	if len(d.veiled) == 0 || r.ReadHidden {
		return nil
	}
	return func(a *attribute) bool {
		for at := o; at != nil; at = at.parent {
			if d.veiled[veil{at.guid, a}] {
				return true
			}
		}
		return false
	}
}

// unveiled is what is left of a selection and a filter, of an object some of whose
// attributes may not be read.
func (d *directory) unveiled(sel *selection, f *filter, hidden func(*attribute) bool) (*selection, *filter) {
	left := *sel
	left.wanted, left.computed, left.made = slices.Clone(sel.wanted), slices.Clone(sel.computed), slices.Clone(sel.made)
	left.without(d.schema, hidden)
	blind := f.clone()
	blind.without(hidden)
	return &left, blind
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
		return Rights{Replicate: true, ReadDeleted: true, ReadHidden: true}
	}
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	return c.server.granted[lower(account)]
}
