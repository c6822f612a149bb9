package ldaptest

import (
	"fmt"
	"strings"
	"unicode"
)

// wireSyntax is the name of a syntax in the schema: attributeSyntax and oMSyntax of Active
// Directory (MS-ADTS section 3.1.1.2.2.2), and that of RFC 4517.
type wireSyntax struct{ oid, om, ldap string }

// wire returns the syntax of an attribute in the schema.
func (a *attribute) wire() wireSyntax {
	const common = "1.3.6.1.4.1.1466.115.121.1."
	switch a.syntax {
	case exact:
		return wireSyntax{"2.5.5.5", "22", common + "26"}
	case octets:
		return wireSyntax{"2.5.5.10", "4", common + "40"}
	case integer:
		if a.large {
			return wireSyntax{"2.5.5.16", "65", "1.2.840.113556.1.4.906"}
		}
		return wireSyntax{"2.5.5.9", "2", common + "27"}
	case boolean:
		return wireSyntax{"2.5.5.8", "1", common + "7"}
	case moment:
		return wireSyntax{"2.5.5.11", "24", common + "24"}
	case dnName:
		return wireSyntax{"2.5.5.1", "127", common + "12"}
	case sidForm:
		return wireSyntax{"2.5.5.17", "4", common + "40"}
	}
	if a.name == "objectClass" {
		return wireSyntax{"2.5.5.2", "6", common + "38"}
	}
	return wireSyntax{"2.5.5.12", "64", common + "15"}
}

// oid is the attribute's OID. Attributes outside the standards are in the arc that ITU-T X.660
// reserves for examples.
func (a *attribute) oid() string {
	for line := range strings.FieldsSeq(standardOIDs) {
		if name, oid, _ := strings.Cut(line, "="); name == a.name {
			return oid
		}
	}
	return fmt.Sprintf("2.999.1.%d", a.id)
}

// The object identifiers of RFC 4519, RFC 4524 and RFC 2798.
const standardOIDs = `objectClass=2.5.4.0 cn=2.5.4.3 sn=2.5.4.4 c=2.5.4.6 l=2.5.4.7 st=2.5.4.8 street=2.5.4.9 o=2.5.4.10
	ou=2.5.4.11 title=2.5.4.12 description=2.5.4.13 businessCategory=2.5.4.15 postalAddress=2.5.4.16 postalCode=2.5.4.17
	postOfficeBox=2.5.4.18 physicalDeliveryOfficeName=2.5.4.19 telephoneNumber=2.5.4.20 facsimileTelephoneNumber=2.5.4.23
	member=2.5.4.31 owner=2.5.4.32 seeAlso=2.5.4.34 userCertificate=2.5.4.36 givenName=2.5.4.42 initials=2.5.4.43
	generationQualifier=2.5.4.44 houseIdentifier=2.5.4.51 dc=0.9.2342.19200300.100.1.25 uid=0.9.2342.19200300.100.1.1
	mail=0.9.2342.19200300.100.1.3 info=0.9.2342.19200300.100.1.4 roomNumber=0.9.2342.19200300.100.1.6
	photo=0.9.2342.19200300.100.1.7 manager=0.9.2342.19200300.100.1.10 homePhone=0.9.2342.19200300.100.1.20
	secretary=0.9.2342.19200300.100.1.21 mobile=0.9.2342.19200300.100.1.41 pager=0.9.2342.19200300.100.1.42
	buildingName=0.9.2342.19200300.100.1.48 audio=0.9.2342.19200300.100.1.55 jpegPhoto=0.9.2342.19200300.100.1.60
	departmentNumber=2.16.840.1.113730.3.1.2 employeeNumber=2.16.840.1.113730.3.1.3 employeeType=2.16.840.1.113730.3.1.4
	preferredLanguage=2.16.840.1.113730.3.1.39 carLicense=2.16.840.1.113730.3.1.1 createTimeStamp=2.5.18.1
	modifyTimeStamp=2.5.18.2 attributeTypes=2.5.21.5 objectClasses=2.5.21.6 entryUUID=1.3.6.1.1.16.4 entryDN=1.3.6.1.1.20`

// attributeTypeOf is the description of RFC 4512 section 4.1.2. Active Directory quotes the syntax,
// unlike the RFC.
func (a *attribute) attributeTypeOf(flavor Flavor) string {
	var b strings.Builder
	quote := ""
	if flavor == AD {
		quote = "'"
	}
	fmt.Fprintf(&b, "( %s NAME '%s' SYNTAX %s%s%s", a.oid(), a.name, quote, a.wire().ldap, quote)
	if a.single {
		b.WriteString(" SINGLE-VALUE")
	}
	if a.readOnly || a.back {
		b.WriteString(" NO-USER-MODIFICATION")
	}
	if flavor != AD && a.onRequest {
		b.WriteString(" USAGE directoryOperation")
	}
	return b.String() + " )"
}

func (c *class) objectClassOf(i int) string {
	above := "top"
	if len(c.chain) > 1 {
		above = c.chain[len(c.chain)-2]
	}
	return fmt.Sprintf("( 2.999.2.%d NAME '%s' SUP %s STRUCTURAL )", i, c.name, above)
}

// subschema lists the descriptions of the subschema entry.
func (d *directory) subschema(a *attribute) (list []string) {
	if a == d.schema.known.objectClasses {
		for i, name := range sortedKeys(d.classes) {
			list = append(list, d.classes[name].objectClassOf(i))
		}
		return list
	}
	for _, a := range d.schema.all {
		if d.schema.find(a.name) == a {
			list = append(list, a.attributeTypeOf(d.flavor))
		}
	}
	return list
}

// plantSchema creates the objects for attributes and classes, and the subschema entry.
func (d *directory) plantSchema(schemaDN string) {
	parts, err := parseDN(schemaDN)
	if err != nil {
		panic("ldaptest: " + schemaDN)
	}
	parent, _ := d.find(parts)
	add := func(cn, class string, pairs ...string) {
		dn := "CN=" + cn + "," + schemaDN
		o := &object{rdn: rdn{"CN", cn}, class: d.classes[lower(class)], guid: guidOf("schema", dn)}
		o.values = make([]held, 0, 3+len(pairs)/2)
		o.values = append(o.values, held{d.at.objectClass, o.class.chain})
		o.set(d.at.instanceType, "4")
		o.set(d.at.objectCategory, d.categoryDN(o.class))
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i+1] != "" {
				o.set(d.schema.must(pairs[i]), pairs[i+1])
			}
		}
		d.attach(o, parent)
		d.byGUID[o.guid] = o
		d.touch(o)
	}
	for _, a := range d.schema.all {
		if d.schema.find(a.name) != a {
			continue
		}
		w := a.wire()
		add(commonName(a.name), "attributeSchema", "lDAPDisplayName", a.name, "adminDisplayName", commonName(a.name),
			"attributeID", a.oid(), "attributeSyntax", w.oid, "oMSyntax", w.om, "isSingleValued", truthText(a.single),
			"systemFlags", a.systemFlags(), "systemOnly", truthText(a.readOnly), "linkID", a.linkID(),
			"isMemberOfPartialAttributeSet", truthText(a.global), "searchFlags", d.searchFlags(a))
	}
	for i, name := range sortedKeys(d.classes) {
		c := d.classes[name]
		above := "top"
		if len(c.chain) > 1 {
			above = c.chain[len(c.chain)-2]
		}
		add(commonName(c.name), "classSchema", "lDAPDisplayName", c.name, "governsID", fmt.Sprintf("2.999.2.%d", i),
			"subClassOf", above, "rDNAttID", lower(c.rdn), "defaultObjectCategory", d.categoryDN(c))
	}
	add("Aggregate", "subSchema")
}

// systemFlags marks constructed attributes, and those of the base schema (MS-ADTS section 2.2.10).
func (a *attribute) systemFlags() string {
	const notReplicated, constructed, baseObject = 1, 4, 16
	flags := baseObject
	if a.onRequest {
		flags |= constructed
	}
	if a.back {
		flags |= notReplicated
	}
	return decimal(int64(flags))
}

func (d *directory) searchFlags(a *attribute) string {
	const ambiguous = 4
	for name := range strings.FieldsSeq(resolved) {
		if name == a.name {
			return decimal(ambiguous)
		}
	}
	return "0"
}

// linkID pairs the ends of a link: even for the stored one.
func (a *attribute) linkID() string {
	switch {
	case a.link == nil:
		return ""
	case a.back:
		return decimal(int64(2*a.link.id + 1))
	}
	return decimal(int64(2 * a.id))
}

func truthText(b bool) string {
	if b {
		return "TRUE"
	}
	return "FALSE"
}

// commonName is the RDN of a schema object, such as Given-Name for givenName.
func commonName(name string) string {
	if cn, ok := map[string]string{"cn": "Common-Name", "sn": "Surname", "c": "Country-Name", "l": "Locality-Name",
		"o":  "Organization-Name",
		"ou": "Organizational-Unit-Name", "st": "State-Or-Province-Name", "dc": "Domain-Component", "co": "Text-Country",
		"mail": "E-mail-Addresses", "name": "RDN", "memberOf": "Is-Member-Of-DL", "distinguishedName": "Obj-Dist-Name",
		"directReports": "Reports", "mobile": "Phone-Mobile-Primary", "street": "Street-Address", "streetAddress": "Address",
		"proxyAddresses": "Proxy-Addresses", "domainDNS": "Domain-DNS", "nTDSDSA": "NTDS-DSA", "nTDSDSARO": "NTDS-DSA-RO",
		"dMD": "DMD", "url": "WWW-Page-Other"}[name]; ok {
		return cn
	}
	letters := []rune(name)
	var b strings.Builder
	for i, r := range letters {
		if i > 0 && unicode.IsUpper(r) && letters[i-1] != '-' &&
			(!unicode.IsUpper(letters[i-1]) || i+1 < len(letters) && unicode.IsLower(letters[i+1])) {
			b.WriteByte('-')
		}
		if i == 0 {
			r = unicode.ToUpper(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}
