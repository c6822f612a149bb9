package ldap

import (
	"slices"
	"strings"

	"dirbridge/sync/identity"
)

// form is how the values of an attribute are converted to text.
type form int8

const (
	formText form = iota
	formGUID      // 16 bytes
	formUUID      // text, converted to the canonical form
	formSID
	formDN
	formTime // RFC 3339
	formFileTime
	formBinary // base64 (RFC 4648 section 4)
)

// formOf knows the attributes of Active Directory whose syntax is not text, and those with several
// spellings of one value.
func formOf(name string) form {
	switch strings.ToLower(name) {
	case "objectguid", "ms-ds-consistencyguid", "parentguid", "msexchmailboxguid":
		return formGUID
	case "entryuuid", "nsuniqueid":
		return formUUID
	case "tokengroups", "tokengroupsglobalanduniversal", "tokengroupsnogcacceptable", "objectsid", "sidhistory",
		"securityidentifier", "msexchmasteraccountsid":
		return formSID
	case "manager", "secretary", "assistant", "seealso", "owner", "managedby", "directreports", "memberof",
		"member", "uniquemember", "distinguishedname", "entrydn", "roleoccupant", "managedobjects", "msds-memberoftransitive",
		"msds-membertransitive":
		return formDN
	case "whencreated", "whenchanged", "createtimestamp", "modifytimestamp":
		return formTime
	case "accountexpires", "pwdlastset", "lastlogon", "lastlogoff", "lastlogontimestamp", "badpasswordtime", "lockouttime",
		"msds-userpasswordexpirytimecomputed", "msds-lastsuccessfulinteractivelogontime":
		return formFileTime
	case "thumbnailphoto", "jpegphoto", "photo", "thumbnaillogo", "audio", "usercertificate", "usersmimecertificate",
		"userpkcs12",
		"cacertificate", "logonhours", "msexchsafesendershash", "msexchblockedsendershash", "msexchsaferecipientshash",
		"msexchmailboxsecuritydescriptor", "ntsecuritydescriptor":
		return formBinary
	}
	if strings.HasSuffix(strings.ToLower(name), ";binary") {
		return formBinary // RFC 4522
	}
	return formText
}

// baseOnly knows the constructed attributes that Active Directory computes for one object at a
// time. In any other search they make the whole search fail (MS-ADTS section 3.1.1.4.5).
func baseOnly(name string) bool {
	switch strings.ToLower(name) {
	case "tokengroups", "tokengroupsglobalanduniversal", "tokengroupsnogcacceptable", "msds-tokengroupnames",
		"msds-tokengroupnamesglobalanduniversal", "msds-tokengroupnamesnogcacceptable", "msds-memberoftransitive",
		"msds-membertransitive":
		return true
	}
	return false
}

// column is one attribute of the entries, with the names that the operator uses for it.
type column struct {
	form form
	outs []string
}

// columns finds the column of an attribute by the server's spelling. Each listing has its own; it
// learns spellings, so it belongs to one goroutine.
type columns struct {
	request   []string
	perObject []string           // requested by a search of each object
	byName    map[string]*column // by every known spelling, and by lower case
}

// aliases are the names of one attribute in the standard schemas (RFC 4519, RFC 4524). A server
// answers with the first name, whatever name was requested. In Active Directory some of them are
// separate attributes.
func aliases() [][]string {
	return [][]string{{"street", "streetAddress"}, {"sn", "surname"}, {"cn", "commonName"}, {"mail", "rfc822Mailbox"},
		{"uid", "userid"}, {"l", "localityName"}, {"st", "stateOrProvinceName"}, {"o", "organizationName"},
		{"ou", "organizationalUnitName"}, {"c", "countryName"}, {"co", "friendlyCountryName"}, {"givenName", "gn"},
		{"facsimileTelephoneNumber", "fax"}, {"mobile", "mobileTelephoneNumber"}, {"pager", "pagerTelephoneNumber"},
		{"homePhone", "homeTelephoneNumber"}, {"dc", "domainComponent"}}
}

// columns returns the columns of entries of the kind, and those that anchors are made of.
func (s *Source) columns(d *directory, kind identity.Kind) *columns {
	c := &columns{byName: map[string]*column{}}
	for _, a := range s.opt.Attributes {
		// Memberships are read as edges: as an attribute, those of a large group would make an
		// entry of a hundred megabytes.
		if kind == identity.Group && (strings.EqualFold(a, "member") || strings.EqualFold(a, "uniqueMember")) {
			continue
		}
		if d.ad() && baseOnly(a) {
			c.perObject = append(c.perObject, a)
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

// add requests the attribute for the given output names.
func (c *columns) add(attribute string, outs ...string) {
	if c.byName[strings.ToLower(attribute)] == nil ||
		!slices.ContainsFunc(c.request, func(r string) bool { return strings.EqualFold(r, attribute) }) {
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

// find returns the column of an attribute that the server sent, or nil. The name is
// case-insensitive.
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
