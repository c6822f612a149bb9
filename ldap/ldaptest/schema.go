package ldaptest

import (
	"strings"
)

// syntax is how values of an attribute are compared.
type syntax byte

const (
	text    syntax = 't' // case-insensitive
	exact   syntax = 'x' // case-sensitive
	octets  syntax = 'o'
	integer syntax = 'i'
	boolean syntax = 'b'
	moment  syntax = 'm' // generalized time
	dnName  syntax = 'd'
	sidForm syntax = 's'
)

// attribute is one attribute type. link is set on both ends of a linked pair: member and memberOf,
// manager and directReports.
type attribute struct {
	id        int
	name      string
	tlv       []byte // the name as an octet string
	syntax    syntax
	single    bool
	readOnly  bool // maintained by the server
	onRequest bool // returned only if requested by name
	link      *attribute
	back      bool // the computed end of the link
	large     bool // an integer of 64 bits
	global    bool // also in global catalogues
}

// schema is the set of attribute types. It is immutable.
type schema struct {
	byName  map[string]*attribute // lower case
	all     []*attribute
	known   knownAttributes
	folding *strings.Replacer

	forgotten map[string]bool // lower case
}

// find returns nil for an unknown attribute.
func (s *schema) find(name string) *attribute {
	name = strings.ToLower(name)
	if s.forgotten[name] {
		return nil
	}
	return s.byName[name]
}

// forget hides attributes from clients.
func (s *schema) forget(names ...string) {
	s.forgotten = map[string]bool{}
	for _, n := range names {
		s.forgotten[strings.ToLower(n)] = true
	}
}

// must finds an attribute that is known to exist.
func (s *schema) must(name string) *attribute {
	a := s.byName[strings.ToLower(name)]
	if a == nil {
		panic("ldaptest: no attribute " + name)
	}
	return a
}

// The attribute types, by syntax. A name may be followed by flags: 1 single-valued, r maintained by
// the server, a returned only if requested, l 64 bits.
const attributeTypes = `
t objectClass/r ou o c/1 co/1 cn/1 sn/1 givenName/1 initials/1 displayName/1 displayNamePrintable/1 name/1r
t description mail/1 userPrincipalName/1 sAMAccountName/1 title/1 department/1 departmentNumber company/1 division/1
t telephoneNumber/1 otherTelephone mobile/1 otherMobile facsimileTelephoneNumber/1 otherFacsimileTelephoneNumber
t homePhone/1 otherHomePhone pager/1 otherPager ipPhone/1 otherIpPhone physicalDeliveryOfficeName/1 streetAddress/1
t street/1
t postOfficeBox postalCode/1 postalAddress l/1 st/1 preferredLanguage/1 employeeID/1 employeeNumber/1 employeeType/1
t info/1 comment/1 wWWHomePage/1 url proxyAddresses mailNickname/1 targetAddress/1 legacyExchangeDN/1 uid
t msRTCSIP-PrimaryUserAddress/1 msExchResourceMetaData msExchResourceDisplay/1 personalTitle/1 generationQualifier/1
t middleName/1
t extensionAttribute1/1 extensionAttribute2/1 extensionAttribute3/1 extensionAttribute4/1 extensionAttribute5/1
t extensionAttribute6/1 extensionAttribute7/1 extensionAttribute8/1 extensionAttribute9/1 extensionAttribute10/1
t extensionAttribute11/1 extensionAttribute12/1 extensionAttribute13/1 extensionAttribute14/1 extensionAttribute15/1
t servicePrincipalName dNSHostName/1 operatingSystem/1 operatingSystemVersion/1 homeDirectory/1 homeDrive/1
t scriptPath/1
t msDS-LastKnownRDN/1r profilePath/1 userWorkstations/1 altSecurityIdentities dc/1 canonicalName/1ra
t msDS-PrincipalName/1ra houseIdentifier roomNumber carLicense
t nETBIOSName/1 dnsRoot labeledURI x121Address internationalISDNNumber teletexTerminalIdentifier telexNumber
t businessCategory
t gecos/1 loginShell/1 unixHomeDirectory/1 buildingName
d distinguishedName/1r objectCategory/1r member memberOf/r manager/1 directReports/r managedBy/1 managedObjects/r
d seeAlso owner secretary assistant/1 lastKnownParent/1r nCName/1
o objectGUID/1r parentGUID/1ra thumbnailPhoto/1 jpegPhoto photo userCertificate thumbnailLogo/1 invocationId/1r
o msExchMailboxGuid/1 audio logonHours/1
s objectSid/1r sIDHistory
s tokenGroups/ra tokenGroupsGlobalAndUniversal/ra tokenGroupsNoGCAcceptable/ra
i userAccountControl/1 instanceType/1r groupType/1 sAMAccountType/1r primaryGroupID/1 uSNChanged/1rl uSNCreated/1rl
i systemFlags/1r codePage/1 countryCode/1 badPwdCount/1r logonCount/1r adminCount/1 accountExpires/1l pwdLastSet/1l
i lastLogon/1rl lastLogonTimestamp/1rl badPasswordTime/1rl lockoutTime/1l uidNumber/1 gidNumber/1
i msDS-User-Account-Control-Computed/1ra
i msDS-Behavior-Version/1 msExchRecipientTypeDetails/1l msExchRecipientDisplayType/1 maxPwdAge/1l minPwdAge/1l
i minPwdLength/1 pwdHistoryLength/1 pwdProperties/1
i lockoutDuration/1l lockoutThreshold/1 lockOutObservationWindow/1l msDS-UserPasswordExpiryTimeComputed/1ral
i oMSyntax/1 searchFlags/1 linkID/1
t lDAPDisplayName/1 adminDisplayName/1 attributeID/1 attributeSyntax/1 governsID/1 subClassOf/1 rDNAttID/1
d defaultObjectCategory/1
b isSingleValued/1 systemOnly/1 isMemberOfPartialAttributeSet/1 msDS-isRODC/1ra msDS-UserAccountDisabled/1
b msDS-UserDontExpirePassword/1
b isCriticalSystemObject/1r isDeleted/1r isRecycled/1r showInAdvancedViewOnly/1 msExchHideFromAddressLists/1
m whenCreated/1r whenChanged/1r createTimeStamp/1ra modifyTimeStamp/1ra
x attributeTypes/ra objectClasses/ra
x homePostalAddress entryUUID/1ra entryDN/1ra
`

// links pairs the stored end of each link with its computed end.
func links() [][2]string {
	return [][2]string{{"member", "memberOf"}, {"manager", "directReports"}, {"managedBy", "managedObjects"}}
}

func newSchema() *schema {
	s := &schema{byName: map[string]*attribute{}, folding: newFolding()}
	for line := range strings.Lines(attributeTypes) {
		words := strings.Fields(line)
		for i := 1; i < len(words); i++ {
			name, flags, _ := strings.Cut(words[i], "/")
			a := &attribute{id: len(s.all), name: name, syntax: syntax(words[0][0]),
				single:    strings.Contains(flags, "1"),
				readOnly:  strings.Contains(flags, "r"),
				onRequest: strings.Contains(flags, "a"),
				large:     strings.Contains(flags, "l")}
			a.tlv = appendText(nil, 0x04, name)
			s.all = append(s.all, a)
			s.byName[strings.ToLower(name)] = a
		}
	}
	for _, pair := range links() {
		stored, computed := s.must(pair[0]), s.must(pair[1])
		stored.link, computed.link, computed.back = computed, stored, true
	}
	s.nameKnown()
	s.markPartial()
	return s
}

// class is a structural object class: its superclasses from top, the RDN attribute, and the
// relative name of its defaultObjectCategory.
type class struct {
	name     string
	chain    []string
	rdn      string
	category string
}

// classes are the structural classes by lower-case name.
func classes(flavor Flavor) map[string]*class {
	all := []*class{
		{"user", []string{"top", "person", "organizationalPerson", "user"}, "CN", "Person"},
		{"inetOrgPerson", []string{"top", "person", "organizationalPerson", "user", "inetOrgPerson"}, "CN", "Person"},
		{"contact", []string{"top", "person", "organizationalPerson", "contact"}, "CN", "Person"},
		{"person", []string{"top", "person"}, "CN", "Person"},
		{"computer", []string{"top", "person", "organizationalPerson", "user", "computer"}, "CN", "Computer"},
		{"group", []string{"top", "group"}, "CN", "Group"},
		{"organizationalUnit", []string{"top", "organizationalUnit"}, "OU", "Organizational-Unit"},
		{"container", []string{"top", "container"}, "CN", "Container"},
		{"builtinDomain", []string{"top", "builtinDomain"}, "CN", "Builtin-Domain"},
		{"lostAndFound", []string{"top", "lostAndFound"}, "CN", "Lost-And-Found"},
		{"domainDNS", []string{"top", "domain", "domainDNS"}, "DC", "Domain-DNS"},
		{"configuration", []string{"top", "configuration"}, "CN", "Configuration"},
		{"dMD", []string{"top", "dMD"}, "CN", "DMD"},
		{"sitesContainer", []string{"top", "sitesContainer"}, "CN", "Sites-Container"},
		{"site", []string{"top", "site"}, "CN", "Site"},
		{"serversContainer", []string{"top", "serversContainer"}, "CN", "Servers-Container"},
		{"server", []string{"top", "server"}, "CN", "Server"},
		{"nTDSDSA", []string{"top", "applicationSettings", "nTDSDSA"}, "CN", "NTDS-DSA"},
		{"organization", []string{"top", "organization"}, "O", "Organization"},
		{"nTDSDSARO", []string{"top", "applicationSettings", "nTDSDSA", "nTDSDSARO"}, "CN", "NTDS-DSA-RO"},
		{"attributeSchema", []string{"top", "attributeSchema"}, "CN", "Attribute-Schema"},
		{"classSchema", []string{"top", "classSchema"}, "CN", "Class-Schema"},
		{"subSchema", []string{"top", "subSchema"}, "CN", "SubSchema"},
		{"userProxy", []string{"top", "userProxy"}, "CN", "User-Proxy"},
		{"userProxyFull", []string{"top", "person", "organizationalPerson", "userProxyFull"}, "CN", "User-Proxy-Full"},
	}
	if flavor == OpenLDAP {
		all = append(all,
			&class{"inetOrgPerson", []string{"top", "person", "organizationalPerson", "inetOrgPerson"}, "uid", ""},
			&class{"groupOfNames", []string{"top", "groupOfNames"}, "CN", ""})
	}
	by := make(map[string]*class, len(all))
	for _, c := range all {
		by[strings.ToLower(c.name)] = c
	}
	return by
}
