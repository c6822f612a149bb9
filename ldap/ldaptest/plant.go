package ldaptest

import "slices"

// plant creates the initial objects of every domain.
func (d *directory) plant(opts Options, partitions [][]rdn) {
	switch {
	case d.flavor == OpenLDAP:
		d.plantHead(d.base, "organization")
		d.plantHead([]rdn{{"CN", "Subschema"}}, "subSchema")
		return
	case d.lds:
		d.plantLDS(partitions)
	default:
		d.plantDomain(opts)
		d.plantPartitions(partitions)
	}
	d.plantSites()
	d.plantSchema(d.schemaDN())
	for _, h := range d.heads {
		if h.class.name != "dMD" {
			d.plantBin(h)
		}
	}
}

// plantDomain creates the naming contexts of a domain, and its accounts.
func (d *directory) plantDomain(opts Options) {
	base := formatDN(d.base)
	d.plantHead(d.base, "domainDNS")
	d.plantPolicy(d.heads[0])
	d.plantHead(d.config, "configuration")
	d.plantHead(append([]rdn{{"CN", "Schema"}}, d.config...), "dMD")
	d.plantHead(append([]rdn{{"DC", "DomainDnsZones"}}, d.base...), "domainDNS")
	d.plantHead(append([]rdn{{"DC", "ForestDnsZones"}}, d.base...), "domainDNS")

	must := func(dn, class string, attrs map[string][]string, sid string) {
		if attrs == nil {
			attrs = map[string][]string{}
		}
		attrs["objectClass"] = []string{class}
		o, r := d.add(entry{dn: dn, attrs: attrs, sid: sid})
		if r != nil {
			panic("ldaptest: " + dn + ": " + r.text)
		}
		o.set(d.at.critical, "TRUE")
	}
	for _, c := range []struct{ rdn, class string }{
		{"CN=Users", "container"}, {"CN=Computers", "container"}, {"CN=Builtin", "builtinDomain"},
		{"CN=System", "container"}, {"CN=Program Data", "container"}, {"CN=Managed Service Accounts", "container"},
		{"CN=ForeignSecurityPrincipals", "container"}, {"CN=LostAndFound", "lostAndFound"},
		{"OU=Domain Controllers", "organizationalUnit"},
	} {
		must(c.rdn+","+base, c.class, nil, "")
	}
	for _, g := range []struct {
		name string
		rid  string
	}{
		{"Domain Admins", "512"}, {"Domain Users", "513"}, {"Domain Guests", "514"}, {"Domain Computers", "515"},
		{"Domain Controllers", "516"}, {"Schema Admins", "518"}, {"Enterprise Admins", "519"},
		{"Group Policy Creator Owners", "520"},
	} {
		must("CN="+g.name+",CN=Users,"+base, "group", nil, d.domainSID+"-"+g.rid)
	}
	for _, g := range []struct{ name, rid string }{
		{"Administrators", "544"}, {"Users", "545"}, {"Guests", "546"}, {"Backup Operators", "551"},
		{"Remote Desktop Users", "555"},
	} {
		must("CN="+g.name+",CN=Builtin,"+base, "group", map[string][]string{"groupType": {"-2147483643"}}, "S-1-5-32-"+g.rid)
	}
	control, group := "532480", "516" // SERVER_TRUST_ACCOUNT and TRUSTED_FOR_DELEGATION
	if d.readOnly {
		control, group = "83890176", "521" // WORKSTATION_TRUST_ACCOUNT, PARTIAL_SECRETS_ACCOUNT and more
		must("CN=Read-only Domain Controllers,CN=Users,"+base, "group", nil, d.domainSID+"-521")
	}
	must("CN=DC1,OU=Domain Controllers,"+base, "computer", map[string][]string{
		"userAccountControl": {control}, "primaryGroupID": {group}, "dNSHostName": {"dc1." + d.domain},
		"operatingSystem": {"Windows Server 2025 Standard"}}, d.domainSID+"-1000")
	if opts.SystemAccounts {
		d.plantAccounts(base, must)
	}
}

// plantAccounts creates the accounts of a new domain: people by their class, without mail.
func (d *directory) plantAccounts(base string, must func(dn, class string, attrs map[string][]string, sid string)) {
	for _, a := range []struct{ name, uac, rid string }{
		{"Administrator", "512", "500"}, {"Guest", "66082", "501"}, {"krbtgt", "514", "502"},
	} {
		must("CN="+a.name+",CN=Users,"+base, "user", map[string][]string{
			"userAccountControl": {a.uac}, "description": {"Built-in account"}}, d.domainSID+"-"+a.rid)
	}
}

// plantPolicy sets the password policy of a new domain: passwords last 42 days, and there is no
// lockout.
func (d *directory) plantPolicy(domain *object) {
	for _, p := range [][2]string{
		{"maxPwdAge", "-36288000000000"}, {"minPwdAge", "-864000000000"}, {"minPwdLength", "7"}, {"pwdHistoryLength", "24"},
		{"pwdProperties", "1"}, {"lockoutThreshold", "0"}, {"lockoutDuration", "-18000000000"},
		{"lockOutObservationWindow", "-18000000000"},
	} {
		domain.set(d.schema.must(p[0]), p[1])
	}
}

// plantHead creates the head of a naming context.
func (d *directory) plantHead(dn []rdn, name string) {
	c := d.classes[lower(name)]
	o := &object{rdn: dn[0], head: dn, class: c, guid: d.newGUID()}
	o.values = []held{{d.at.objectClass, c.chain}}
	if d.flavor == AD {
		o.set(d.at.instanceType, "5")
		o.set(d.at.objectCategory, d.categoryDN(c))
		if len(d.heads) == 0 {
			sid, _ := parseSID(d.domainSID)
			o.set(d.at.sid, sid)
			d.bySID[sid] = o
		}
	}
	d.heads = append(d.heads, o)
	d.deepest = slices.Clone(d.heads)
	slices.SortStableFunc(d.deepest, func(a, b *object) int { return len(b.head) - len(a.head) })
	d.byGUID[o.guid] = o
	d.touch(o)
}
