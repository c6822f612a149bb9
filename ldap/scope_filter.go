package ldap

import (
	"context"

	"dirbridge/sync/identity"
)

// bitAnd is the matching rule that requires all bits of a number (MS-ADTS section 3.1.1.3.4.4.1).
// chain is the one that follows links to any depth (section 3.1.1.3.4.4.3).
const (
	bitAnd = "1.2.840.113556.1.4.803"
	chain  = "1.2.840.113556.1.4.1941"
)

// users is the built-in filter for users, people and rooms alike: all that are neither a computer
// nor a contact.
func (d *directory) users() string {
	if d.kind == KindADDS {
		return "(objectCategory=person)(objectClass=user)(!(objectClass=computer))"
	}
	f := "(|(objectClass=inetOrgPerson)(objectClass=person)(objectClass=user))"
	if d.kind == KindADLDS {
		// Neither of the last two is a person by its classes.
		f = "(|(objectClass=inetOrgPerson)(objectClass=person)(objectClass=user)(objectClass=userProxy)" +
			"(objectClass=userProxyFull))"
	}
	if d.computers {
		f += "(!(objectClass=computer))"
	}
	if d.contacts {
		f += "(!(objectClass=contact))"
	}
	return f
}

// people is the built-in filter for users that are not rooms, combined with the operator's.
func (d *directory) people(operator string) string {
	f := d.users()
	if d.rooms != "" {
		f += "(!" + d.rooms + ")"
	}
	return join(f, operator)
}

// groups is the built-in filter for groups, combined with the operator's: all but critical system
// objects.
func (d *directory) groups(types, operator string) string {
	f := "(objectClass=group)"
	if !d.ad() {
		f = "(|(objectClass=group)(objectClass=groupOfNames)(objectClass=groupOfUniqueNames))"
	}
	if d.critical {
		f += "(!(isCriticalSystemObject=TRUE))"
	}
	const security = "(groupType:" + bitAnd + ":=2147483648)" // MS-ADTS section 2.2.12
	switch types {
	case SecurityGroups:
		f += security
	case DistributionGroups:
		f += "(!" + security + ")"
	}
	return join(f, operator)
}

func join(builtIn, operator string) string {
	f, err := operatorFilter(operator)
	if err != nil {
		f = "" // New refuses it
	}
	return "(&" + builtIn + f + ")"
}

// noEntry is a filter that matches no entry.
const noEntry = "(!(objectClass=*))"

// scope is the filter for everything of that kind in scope, as far as a filter can express it;
// reach has the other conditions for people.
func (s *Source) scope(d *directory, kind identity.Kind) string {
	switch kind {
	case identity.Group:
		return s.scopeBy(d, kind, s.opt.GroupFilter)
	case identity.Contact:
		return s.scopeBy(d, kind, s.opt.ContactFilter)
	case identity.Room:
		if d.rooms == "" {
			return noEntry
		}
		return s.scopeBy(d, kind, d.rooms)
	}
	return s.scopeBy(d, kind, s.opt.UserFilter)
}

// scopeBy is scope with another operator's filter.
func (s *Source) scopeBy(d *directory, kind identity.Kind, operator string) string {
	switch kind {
	case identity.Group:
		return d.groups(s.opt.GroupTypes, operator)
	case identity.Contact:
		return join("(objectClass=contact)", operator)
	case identity.Room:
		return join(d.users(), operator)
	}
	return d.people(operator)
}

// trueWhere is a filter that is true for the same entries as n, and false, never Undefined, for all
// others: it replaces assertions that the server cannot evaluate. "" means true for no entry.
//
// A filter can be negated in this form only. (!(F)) is Undefined whenever F is (RFC 4511 section
// 4.5.1.7), and then finds no entry.
func (n *filterNode) trueWhere(known func(*filterNode) bool) string { return n.rewritten(known, true) }

// rewritten is a filter for the entries for which n has the value; "" if there are none.
func (n *filterNode) rewritten(known func(*filterNode) bool, value bool) string {
	switch {
	case n.op == 0 && !known(n):
		return ""
	case n.op == 0 && value:
		return n.text
	case n.op == 0:
		return "(!" + n.text + ")"
	case n.op == '!':
		return n.parts[0].rewritten(known, !value)
	}
	all := (n.op == '&') == value // every part must have the value
	f := ""
	for _, part := range n.parts {
		p := part.rewritten(known, value)
		if p == "" && all {
			return ""
		}
		f += p
	}
	switch {
	case f == "":
		return ""
	case all:
		return "(&" + f + ")"
	}
	return "(|" + f + ")"
}

// makeRoomFilter makes the filter for rooms from the operator's filter and the schema.
func (c *session) makeRoomFilter(ctx context.Context, d *directory) error {
	n, wrong := parseFilter(c.source.opt.RoomFilter)
	if wrong != nil || n == nil {
		return nil // New refuses it
	}
	known := map[*filterNode]bool{}
	var failed error
	n.assertions(func(a *filterNode) {
		if failed == nil {
			known[a], failed = c.evaluates(ctx, d, a.text)
		}
	})
	if failed != nil {
		return failed
	}
	d.rooms = n.trueWhere(func(a *filterNode) bool { return known[a] })
	return nil
}
