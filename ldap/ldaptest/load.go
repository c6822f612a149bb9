package ldaptest

import (
	"fmt"

	"dirbridge/sync/sample"
)

// Load fills the tree with a company: containers, people, managers and groups. It may be called
// once; the domain adopts the company's SID.
func (s *Server) Load(c *sample.Company) error {
	d := s.dir
	d.mu.Lock()
	defer d.mu.Unlock()
	base := formatDN(d.base)
	if d.flavor == AD {
		d.adoptSID(c.DomainSID())
	}
	for i, ou := range c.OUs() {
		g := guid(ou.GUID.Wire())
		if r := d.put(entry{dn: c.OUDN(i, base), guid: &g, attrs: filled(map[string]string{
			"objectClass": "organizationalUnit", "description": ou.Description})}); r != nil {
			return r
		}
	}
	people := make([]*object, c.Len())
	for i, p := range c.People() {
		o, r := d.add(d.personEntry(c, p, base))
		if r != nil {
			return fmt.Errorf("load %s: %w", c.DN(p, base), r)
		}
		people[i] = o
		if p.Manager >= 0 {
			o.join(d.schema.must("manager"), people[p.Manager])
		}
	}
	return d.loadGroups(c, people, base)
}

func (d *directory) put(e entry) error {
	if _, r := d.add(e); r != nil {
		return fmt.Errorf("load %s: %w", e.dn, r)
	}
	return nil
}

func (d *directory) loadGroups(c *sample.Company, people []*object, base string) error {
	groups := c.Groups()
	made := make([]*object, len(groups))
	for i, g := range groups {
		id := guid(g.GUID.Wire())
		class := "group"
		if d.flavor == OpenLDAP {
			class = "groupOfNames"
		}
		e := entry{dn: c.GroupDN(g, base), guid: &id, sid: g.SID, attrs: filled(map[string]string{
			"objectClass": class, "description": g.Description, "mail": g.Mail})}
		o, r := d.add(e)
		if r != nil {
			return fmt.Errorf("load %s: %w", e.dn, r)
		}
		made[i] = o
		for _, m := range g.Members {
			o.join(d.at.member, people[m])
		}
	}
	for i, g := range groups {
		for _, n := range g.Nested {
			made[i].join(d.at.member, made[n])
		}
	}
	return nil
}

// personEntry is the directory's entry for a person.
func (d *directory) personEntry(c *sample.Company, p sample.Person, base string) entry {
	id := guid(p.GUID.Wire())
	control := "512" // NORMAL_ACCOUNT
	if p.Disabled {
		control = "514" // and ACCOUNTDISABLE
	}
	e := entry{dn: c.DN(p, base), guid: &id, sid: p.SID, attrs: filled(map[string]string{
		"objectClass": "user", "sAMAccountName": p.SAM, "userPrincipalName": p.UPN, "userAccountControl": control,
		"givenName": p.Given, "sn": p.Surname, "displayName": p.Display, "mail": p.Mail,
		"msRTCSIP-PrimaryUserAddress": p.SIP, "title": p.Title, "department": p.Department,
		"departmentNumber": p.DepartmentNumber, "company": p.Company, "physicalDeliveryOfficeName": p.Office,
		"streetAddress": p.Street, "l": p.City, "st": p.State, "postalCode": p.PostalCode, "c": p.Country,
		"preferredLanguage": p.Language, "telephoneNumber": p.Phone, "mobile": p.Mobile,
		"employeeNumber": p.EmployeeNumber, "employeeType": p.EmployeeType,
	})}
	if d.flavor == OpenLDAP {
		d.plainPerson(&e, c, p, base)
	}
	if d.lds {
		ldsAccount(e.attrs)
	}
	return e
}

// plainPerson names a person as LDAP servers other than Active Directory do: by uid, without an
// account state.
func (d *directory) plainPerson(e *entry, c *sample.Company, p sample.Person, base string) {
	e.dn = "uid=" + sample.EscapeRDN(p.SAM) + "," + c.OUDN(p.OU, base)
	e.attrs["objectClass"] = []string{"inetOrgPerson"}
	e.attrs["cn"] = []string{p.CN}
	for _, name := range []string{"sAMAccountName", "userPrincipalName", "userAccountControl",
		"msRTCSIP-PrimaryUserAddress"} {
		delete(e.attrs, name)
	}
}

// filled leaves out empty values: an attribute has values or does not exist.
func filled(one map[string]string) map[string][]string {
	attrs := make(map[string][]string, len(one))
	for name, v := range one {
		if v != "" {
			attrs[name] = []string{v}
		}
	}
	return attrs
}
