package ldaptest

import "slices"

// knownAttributes are the attributes that the code of binds and constructed attributes refers to.
type knownAttributes struct {
	passwordExpiry, controlComputed, tokenGroups, tokenGroupsUniversal, tokenGroupsNoGC, principal,
	isRODC, attributeTypes, objectClasses *attribute
}

func (s *schema) nameKnown() {
	for name, p := range map[string]**attribute{
		"msDS-UserPasswordExpiryTimeComputed": &s.known.passwordExpiry,
		"msDS-User-Account-Control-Computed":  &s.known.controlComputed,
		"tokenGroups":                         &s.known.tokenGroups,
		"tokenGroupsGlobalAndUniversal":       &s.known.tokenGroupsUniversal,
		"tokenGroupsNoGCAcceptable":           &s.known.tokenGroupsNoGC,
		"msDS-PrincipalName":                  &s.known.principal,
		"msDS-isRODC":                         &s.known.isRODC,
		"attributeTypes":                      &s.known.attributeTypes,
		"objectClasses":                       &s.known.objectClasses,
	} {
		*p = s.must(name)
	}
}

// constructed lists the attributes that directory.construct computes.
func (s *schema) constructed() []*attribute {
	k := s.known
	return []*attribute{k.passwordExpiry, k.controlComputed, k.tokenGroups, k.tokenGroupsUniversal, k.tokenGroupsNoGC,
		k.principal,
		k.isRODC, k.attributeTypes, k.objectClasses}
}

// baseOnly reports whether Windows returns the attribute only in searches of base scope.
func (s *schema) baseOnly(a *attribute) bool {
	k := s.known
	return a == k.tokenGroups || a == k.tokenGroupsUniversal || a == k.tokenGroupsNoGC
}

// nonBase refuses a search of several entries that requests a base-only attribute:
// ERROR_DS_NON_BASE_SEARCH.
func (d *directory) nonBase(req searchRequest) *refusal {
	if req.scope == scopeBase || d.flavor != AD {
		return nil
	}
	for _, name := range req.attrs {
		if a := d.schema.find(name); a != nil && d.schema.baseOnly(a) {
			return refuse(operationsError, "00002120: SvcErr: DSID-03140288, problem 5012 (DIR_ERROR), data 0\n\x00")
		}
	}
	return nil
}

// construct computes the values of a constructed attribute.
func (d *directory) construct(o *object, a *attribute) []string {
	k := d.schema.known
	if a == k.attributeTypes || a == k.objectClasses {
		if o.class.name == "subSchema" {
			return d.subschema(a)
		}
		return nil
	}
	if d.flavor != AD {
		return nil
	}
	switch a {
	case k.isRODC:
		return d.isRODC(o)
	case k.passwordExpiry:
		if at, ok := d.passwordExpiry(o); ok {
			return []string{decimal(at)}
		}
	case k.controlComputed:
		if _, account := d.integerOf(o, "userAccountControl"); account {
			return []string{decimal(d.controlComputed(o))}
		}
	case k.tokenGroups, k.tokenGroupsNoGC:
		return d.tokenGroups(o, func(*object) bool { return true })
	case k.tokenGroupsUniversal:
		const global, universal = 2, 8
		return d.tokenGroups(o, func(g *object) bool {
			t, _ := d.integerOf(g, "groupType")
			return t&(global|universal) != 0
		})
	case k.principal:
		if v := o.get(d.at.account); len(v) > 0 {
			return []string{d.netbios + `\` + v[0]}
		}
	}
	return nil
}

// isRODC is a constructed attribute of the objects that represent a domain controller.
func (d *directory) isRODC(o *object) []string {
	const readOnlyControllers = 521
	switch o.class.name {
	case "nTDSDSARO":
		return []string{"TRUE"}
	case "nTDSDSA":
		return []string{"FALSE"}
	case "server":
		for _, child := range o.order {
			return d.isRODC(child)
		}
	case "computer":
		group, _ := d.integerOf(o, "primaryGroupID")
		return []string{truthText(group == readOnlyControllers)}
	}
	return nil
}

// controlComputed is msDS-User-Account-Control-Computed: lockout and expired password (MS-ADTS
// section 3.1.1.4.5.17).
func (d *directory) controlComputed(o *object) (bits int64) {
	const lockout, passwordExpired = 0x10, 0x800000
	if d.lockedOut(o) {
		bits |= lockout
	}
	if at, ok := d.passwordExpiry(o); ok && at <= fileTime(d.clock()) {
		bits |= passwordExpired
	}
	return bits
}

// tokenGroups returns the SIDs of the security groups of o, direct and nested. The primary group
// counts, although it does not list its members (MS-ADTS section 3.1.1.4.5.19).
func (d *directory) tokenGroups(o *object, counts func(*object) bool) []string {
	seen := map[*object]bool{}
	var queue []*object
	reach := func(g *object) {
		if g != nil && !seen[g] {
			seen[g] = true
			queue = append(queue, g)
		}
	}
	if rid, ok := d.integerOf(o, "primaryGroupID"); ok {
		reach(d.bySID[d.sidOf(uint32(rid))])
	}
	for _, g := range o.ends(d.at.memberOf) {
		reach(g)
	}
	var sids []string
	for len(queue) > 0 {
		g := queue[0]
		queue = queue[1:]
		for _, up := range g.ends(d.at.memberOf) {
			reach(up)
		}
		const security = -0x80000000
		kind, _ := d.integerOf(g, "groupType")
		if sid := g.get(d.at.sid); kind&security != 0 && counts(g) && len(sid) > 0 {
			sids = append(sids, sid[0])
		}
	}
	slices.Sort(sids)
	return sids
}
