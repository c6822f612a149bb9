package ldaptest

import (
	"fmt"
	"slices"
)

// Rights are an account's rights beyond reading. Administrator has all.
type Rights struct {
	// Replicate is "Replicating Directory Changes": DirSync without OBJECT_SECURITY.
	Replicate bool
	// ReadDeleted is List Contents and Read Property on CN=Deleted Objects.
	ReadDeleted bool
	// ReadHidden allows reading what Hide hides.
	ReadHidden bool
}

// Hide makes an entry, and everything below it, unreadable to accounts without the right: by
// searches, and by DirSync with OBJECT_SECURITY. The entry stays hidden wherever it is moved.
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

// hides reports whether the account may not read the object.
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

// HideAttribute makes an attribute of an entry, and of everything below it, unreadable to accounts
// without the right, or readable again: searches do not return it, and no filter matches by it.
// DirSync with the right to replicate still reports it.
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
	if s.dir.hiddenAttributes == nil {
		s.dir.hiddenAttributes = map[hiddenAttribute]bool{}
	}
	s.dir.hiddenAttributes[hiddenAttribute{o.guid, a}] = hidden
	return nil
}

// hiddenAttribute is an attribute that is unreadable below an object.
type hiddenAttribute struct {
	below guid
	attr  *attribute
}

// hiddenAttributesOf returns which attributes of an object the account may not read; nil for none.
func (d *directory) hiddenAttributesOf(o *object, r Rights) func(*attribute) bool {
	if len(d.hiddenAttributes) == 0 || r.ReadHidden {
		return nil
	}
	return func(a *attribute) bool {
		for at := o; at != nil; at = at.parent {
			if d.hiddenAttributes[hiddenAttribute{at.guid, a}] {
				return true
			}
		}
		return false
	}
}

// withoutHidden removes unreadable attributes from a selection and a filter.
func (d *directory) withoutHidden(sel *selection, f *filter, hidden func(*attribute) bool) (*selection, *filter) {
	left := *sel
	left.wanted, left.computed, left.made = slices.Clone(sel.wanted), slices.Clone(sel.computed), slices.Clone(sel.made)
	left.without(d.schema, hidden)
	blind := f.clone()
	blind.without(hidden)
	return &left, blind
}

// Grant sets the rights of an account, by its bare name; "" means Options.BindUser.
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

// rights returns the rights of the bound account.
func (c *conn) rights() Rights {
	_, account, _ := cutLast(c.identity(), `\`)
	if lower(account) == "administrator" {
		return Rights{Replicate: true, ReadDeleted: true, ReadHidden: true}
	}
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	return c.server.granted[lower(account)]
}
