package ldap

import "dirbridge/sync/identity"

// people is the built-in filter for users, joined with the operator's: everybody
// who is not a computer.
func (d *directory) people(operator string) string {
	f := "(objectCategory=person)(objectClass=user)(!(objectClass=computer))"
	if d.kind != KindADDS {
		f = "(|(objectClass=inetOrgPerson)(objectClass=person)(objectClass=user))"
		if d.computers {
			f += "(!(objectClass=computer))"
		}
	}
	return join(f, operator)
}

// groups is the built-in filter for groups, joined with the operator's: all that
// are not critical system objects.
func (d *directory) groups(operator string) string {
	f := "(objectClass=group)"
	if !d.ad() {
		f = "(|(objectClass=group)(objectClass=groupOfNames)(objectClass=groupOfUniqueNames))"
	}
	if d.critical {
		f += "(!(isCriticalSystemObject=TRUE))"
	}
	return join(f, operator)
}

func join(builtIn, operator string) string {
	f, err := operatorFilter(operator)
	if err != nil {
		f = "" // New has refused it
	}
	return "(&" + builtIn + f + ")"
}

// scope is the filter of everything of that kind that is in scope.
func (s *Source) scope(d *directory, kind identity.Kind) string {
	if kind == identity.Group {
		return d.groups(s.opt.GroupFilter)
	}
	return d.people(s.opt.UserFilter)
}
