package ldap

import (
	"slices"
	"strings"

	"dirbridge/sync/identity"
)

// objectKind is a kind of object whose changes matter, and the filter that finds it.
type objectKind struct {
	kind   identity.Kind
	filter string
}

// objectKinds are filters by object class alone, because classes never change and a deleted object keeps
// them. DirSync and uSNChanged do not report an object that stops matching the filter, as a deleted
// object does with objectCategory.
func (d *directory) objectKinds() []objectKind {
	people := "(|(objectClass=user)(objectClass=person)(objectClass=inetOrgPerson)(objectClass=userProxy)" +
		"(objectClass=userProxyFull))"
	var others string
	if d.computers {
		others += "(!(objectClass=computer))"
	}
	if d.contacts {
		others += "(!(objectClass=contact))"
	}
	return []objectKind{
		{identity.User, "(&" + people + others + ")"},
		{identity.Group, "(objectClass=group)"},
		{identity.Contact, "(objectClass=contact)"},
		{identity.Unit, containerFilter},
	}
}

// anyObjectKind is a filter for the objects of all kinds.
func (d *directory) anyObjectKind() string {
	f := "(|"
	for _, s := range d.objectKinds() {
		f += s.filter
	}
	return f + ")"
}

// watchedAttributes lists the attributes whose changes are reported: those of the entries, and those that
// decide about scope, kind and DN.
func (s *Source) watchedAttributes(d *directory) []string {
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
