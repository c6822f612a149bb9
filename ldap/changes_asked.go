package ldap

import (
	"slices"
	"strings"

	"dirbridge/sync/identity"
)

// touchable finds every object whose change may matter. It asks for classes only,
// which never change and which a deleted object keeps: one that stops matching a
// filter, as a deleted one does with objectCategory, is told no more.
func (d *directory) touchable() string {
	f := "(|(objectClass=user)(objectClass=person)(objectClass=inetOrgPerson)(objectClass=userProxy)" +
		"(objectClass=group)(objectClass=contact)" + strings.TrimPrefix(containerFilter, "(|")
	if d.computers {
		f = "(&" + f + "(!(objectClass=computer)))"
	}
	return f
}

// asked are the attributes whose changes are told: what entries carry, and all that
// decides about scope, kind and place. A change of no other makes an entry.
func (s *Source) asked(d *directory) []string {
	names := []string{"objectGUID", "objectClass", "instanceType", "name", "cn", "ou", "parentGUID", "lastKnownParent",
		"isDeleted", "userAccountControl", "msDS-UserAccountDisabled", "primaryGroupID", "member", "manager", "groupType",
		"msExchResourceMetaData"}
	names = append(names, s.opt.Attributes...)
	for _, kind := range []identity.Kind{identity.User, identity.Group, identity.Contact, identity.Room} {
		if n, err := parseFilter(s.scope(d, kind)); err == nil {
			n.assertions(func(a *filterNode) { names = append(names, a.attribute) })
		}
	}
	seen, out := map[string]bool{}, names[:0]
	for _, name := range names {
		name, _, _ = strings.Cut(name, ";")
		if key := strings.ToLower(name); name != "" && !seen[key] && !secret(name) {
			seen[key] = true
			out = append(out, name)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	return out
}
