package ldap

import (
	"slices"
	"strings"

	"dirbridge/sync/identity"
)

// form is how the values of an attribute are told in text.
type form int8

const (
	formText form = iota
	formGUID      // 16 bytes
	formUUID      // text, brought into canonical form
	formSID
	formDN
	formTime // RFC 3339
	formFileTime
	formBinary // base64 (RFC 4648 section 4)
)

// formOf knows the attributes of Active Directory whose syntax is not text, and
// those whose text has a meaning that tells equal values apart.
func formOf(name string) form {
	switch strings.ToLower(name) {
	case "objectguid", "ms-ds-consistencyguid", "parentguid", "msexchmailboxguid":
		return formGUID
	case "entryuuid", "nsuniqueid":
		return formUUID
	case "tokengroups", "tokengroupsglobalanduniversal", "tokengroupsnogcacceptable", "objectsid", "sidhistory", "securityidentifier", "msexchmasteraccountsid":
		return formSID
	case "manager", "secretary", "assistant", "seealso", "owner", "managedby", "directreports", "memberof",
		"member", "uniquemember", "distinguishedname", "entrydn", "roleoccupant", "managedobjects", "msds-memberoftransitive", "msds-membertransitive":
		return formDN
	case "whencreated", "whenchanged", "createtimestamp", "modifytimestamp":
		return formTime
	case "accountexpires", "pwdlastset", "lastlogon", "lastlogoff", "lastlogontimestamp", "badpasswordtime", "lockouttime",
		"msds-userpasswordexpirytimecomputed", "msds-lastsuccessfulinteractivelogontime":
		return formFileTime
	case "thumbnailphoto", "jpegphoto", "photo", "thumbnaillogo", "audio", "usercertificate", "usersmimecertificate", "userpkcs12",
		"cacertificate", "logonhours", "msexchsafesendershash", "msexchblockedsendershash", "msexchsaferecipientshash",
		"msexchmailboxsecuritydescriptor", "ntsecuritydescriptor":
		return formBinary
	}
	if strings.HasSuffix(strings.ToLower(name), ";binary") {
		return formBinary // RFC 4522
	}
	return formText
}

// baseOnly knows the constructed attributes that Active Directory computes for one
// object at a time: in any other search they are an error, for all of it (MS-ADTS
// section 3.1.1.4.5).
func baseOnly(name string) bool {
	switch strings.ToLower(name) {
	case "tokengroups", "tokengroupsglobalanduniversal", "tokengroupsnogcacceptable", "msds-tokengroupnames",
		"msds-tokengroupnamesglobalanduniversal", "msds-tokengroupnamesnogcacceptable", "msds-memberoftransitive", "msds-membertransitive":
		return true
	}
	return false
}

// column is one attribute of the entries: what the server calls it, and the names
// under which the operator asked for it.
type column struct {
	form form
	outs []string
}

// columns finds the column of an attribute as the server spells it. One listing
// has one; it learns spellings, so it is of one goroutine.
type columns struct {
	request []string
	apart   []string           // to be asked for by a search of each object's own
	byName  map[string]*column // by every spelling met, and by lower case
}

// aliases are names of one attribute in the standard schemas (RFC 4519, RFC 4524).
// A server answers with the first name, whichever was asked for. In Active
// Directory some of them are attributes apart.
func aliases() [][]string {
	return [][]string{{"street", "streetAddress"}, {"sn", "surname"}, {"cn", "commonName"}, {"mail", "rfc822Mailbox"},
		{"uid", "userid"}, {"l", "localityName"}, {"st", "stateOrProvinceName"}, {"o", "organizationName"},
		{"ou", "organizationalUnitName"}, {"c", "countryName"}, {"co", "friendlyCountryName"}, {"givenName", "gn"},
		{"facsimileTelephoneNumber", "fax"}, {"mobile", "mobileTelephoneNumber"}, {"pager", "pagerTelephoneNumber"},
		{"homePhone", "homeTelephoneNumber"}, {"dc", "domainComponent"}}
}

// columns are those that entries of the kind carry, and those that anchors are
// made of.
func (s *Source) columns(d *directory, kind identity.Kind) *columns {
	c := &columns{byName: map[string]*column{}}
	for _, a := range s.opt.Attributes {
		// Memberships are edges: as an attribute, a large group's would be one
		// entry of a hundred megabytes.
		if kind == identity.Group && (strings.EqualFold(a, "member") || strings.EqualFold(a, "uniqueMember")) {
			continue
		}
		if d.ad() && baseOnly(a) {
			c.apart = append(c.apart, a)
			c.name(a, a)
			continue
		}
		c.add(a, a)
		if d.ad() {
			continue
		}
		for _, names := range aliases() {
			if slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, a) }) {
				for _, n := range names {
					c.name(n, a)
				}
			}
		}
	}
	for _, a := range d.anchorAttributes() {
		if c.byName[strings.ToLower(a)] == nil {
			c.add(a)
		}
	}
	return c
}

// add asks for the attribute, for the given names of output.
func (c *columns) add(attribute string, outs ...string) {
	if c.byName[strings.ToLower(attribute)] == nil || !slices.ContainsFunc(c.request, func(r string) bool { return strings.EqualFold(r, attribute) }) {
		c.request = append(c.request, attribute)
	}
	if len(outs) == 0 {
		c.byName[strings.ToLower(attribute)] = &column{form: formOf(attribute)}
	}
	for _, out := range outs {
		c.name(attribute, out)
	}
}

func (c *columns) name(attribute, out string) {
	key := strings.ToLower(attribute)
	col := c.byName[key]
	if col == nil {
		col = &column{form: formOf(attribute)}
		c.byName[key] = col
	}
	if !slices.Contains(col.outs, out) {
		col.outs = append(col.outs, out)
	}
}

// find is the column of an attribute that the server sent, or nil. The name may be
// in any case.
func (c *columns) find(name []byte) *column {
	if col, ok := c.byName[string(name)]; ok {
		return col
	}
	col := c.byName[strings.ToLower(string(name))]
	if col != nil {
		c.byName[string(name)] = col
	}
	return col
}
