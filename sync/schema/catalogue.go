package schema

import "strconv"

// The URNs of the schemas that extend a user.
const (
	// EnterpriseURN is the enterprise user (RFC 7643 section 4.3).
	EnterpriseURN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	// WebexURN is Webex's own extension; it does not begin with urn:ietf.
	WebexURN = "urn:scim:schemas:extension:cisco:webexidentity:2.0:User"
)

// Kinds of provider.
const (
	KindWebex = "webex"
	KindSCIM  = "scim"
)

// AlternativeMail is a second e-mail address of a user of Webex, under the name that its own connector
// has for it.
const AlternativeMail = "emails;type-work"

// Webex is the catalogue of Webex: the guide's table, and after it what its own connector can map
// since. Attributes without a place in the core schema use the extension's free fields, which are
// arrays of strings; those can be mapped by their own names as well, but not by both.
func Webex() Catalogue {
	c := catalogue(KindWebex, []Attribute{
		{Name: "buildingName", Path: WebexURN + ":extensionAttribute3"},
		{Name: "employeeType", Path: WebexURN + ":extensionAttribute1"},
		{Name: "jabberID", Path: WebexURN + ":extensionAttribute4"},
		{Name: "physicalDeliveryOfficeName", Path: WebexURN + ":extensionAttribute2"},
	})
	c.Users = append(c.Users, Attribute{Name: AlternativeMail, Path: `emails[type eq "other"].value`, Format: Mail,
		Single: true, Label: "Alternative e-mail address", MaxLen: 256})
	for i := 1; i <= 15; i++ {
		name := "extensionAttribute" + strconv.Itoa(i)
		c.Users = append(c.Users, Attribute{Name: name, Path: WebexURN + ":" + name, Format: Text,
			Label: "Extension attribute " + strconv.Itoa(i), MaxLen: 1024})
	}
	return c
}

// SCIM is the catalogue of an unknown provider that conforms to RFC 7643. The target discovers from
// its schemas whether it has Webex's place for SIP addresses.
func SCIM() Catalogue {
	return catalogue(KindSCIM, []Attribute{
		{Name: "buildingName", Single: true},
		{Name: "employeeType", Path: "userType", Single: true},
		{Name: "jabberID", Path: `ims[type eq "xmpp"].value`, Single: true},
		{Name: "physicalDeliveryOfficeName", Single: true},
	})
}

// Of is the catalogue of a kind of provider; false for an unknown kind.
func Of(kind string) (Catalogue, bool) {
	switch kind {
	case KindWebex:
		return Webex(), true
	case KindSCIM:
		return SCIM(), true
	}
	return Catalogue{}, false
}

// catalogue is the guide's table ("Active Directory Attributes in Directory Connector") in its
// order, with the paths that depend on the provider.
func catalogue(kind string, places []Attribute) Catalogue {
	c := Catalogue{Kind: kind, Users: table()}
	for _, place := range places {
		for i := range c.Users {
			if c.Users[i].Name == place.Name {
				c.Users[i].Path, c.Users[i].Single = place.Path, place.Single
			}
		}
	}
	return c
}

func table() []Attribute {
	return []Attribute{
		text("buildingName", "", "", "Building", 128),
		text("c", address("country"), "c", "Country", 64),
		text("departmentNumber", enterprise("department"), "departmentNumber", "Department", 256),
		text("displayName", "displayName", "displayName", "Display name", 256),
		{Name: State, Path: "active", Default: "userAccountControl", Format: Disabled, Single: true,
			Label: "Account disabled"},
		text("employeeNumber", enterprise("employeeNumber"), "employeeNumber", "Employee number", 512),
		text("employeeType", "", "employeeType", "Employee type", 256),
		phone("facsimileTelephoneNumber", "fax", "Fax"),
		text("givenName", "name.givenName", "givenName", "First name", 128),
		text("jabberID", "", "", "Jabber ID", 256),
		text("l", address("locality"), "l", "City", 128),
		{Name: "locale", Path: "locale", Format: Language, Single: true, Label: "Locale", MaxLen: 35},
		{Name: Manager, Path: enterprise("manager.value"), Default: "manager", Format: Text, Single: true, Reference: true,
			Label: "Manager"},
		phone("mobile", "mobile", "Mobile phone"),
		text("o", enterprise("organization"), "o", "Organization", 256),
		{Name: ExternalID, Path: "externalId", Default: "objectGUID", Format: GUID, Required: true, Single: true,
			Label: "On-premises GUID", MaxLen: 36},
		text("ou", enterprise("division"), "ou", "Organizational unit", 256),
		text("physicalDeliveryOfficeName", "", "physicalDeliveryOfficeName", "Office", 128),
		text("postalCode", address("postalCode"), "postalCode", "Postal code", 40),
		{Name: "preferredLanguage", Path: "preferredLanguage", Default: "preferredLanguage", Format: Language, Single: true,
			Label: "Preferred language", MaxLen: 35},
		{Name: "sipAddresses;type=enterprise", Path: WebexURN + `:sipAddresses[type eq "enterprise"].value`,
			Default: "msRTCSIP-PrimaryUserAddress", Format: SIP, Single: true, Label: "SIP address", MaxLen: 256},
		text("sn", "name.familyName", "sn", "Last name", 128),
		text("st", address("region"), "st", "State or province", 128),
		text("street", address("streetAddress"), "streetAddress", "Street", 1024),
		phone("telephoneNumber", "work", "Work phone"),
		text("timezone", "timezone", "", "Time zone", 64),
		text("title", "title", "title", "Job title", 128),
		{Name: UID, Path: "userName", Default: "mail", Format: Mail, Required: true, Single: true, Label: "E-mail address",
			MaxLen: 256},
	}
}

func text(name, path, from, label string, maxLen int) Attribute {
	return Attribute{Name: name, Path: path, Default: from, Format: Text, Single: true, Label: label, MaxLen: maxLen}
}

func phone(name, kind, label string) Attribute {
	return Attribute{Name: name, Path: `phoneNumbers[type eq "` + kind + `"].value`, Default: name,
		Format: Phone, Single: true, Label: label, MaxLen: 64}
}

func address(field string) string { return `addresses[type eq "work"].` + field }

func enterprise(field string) string { return EnterpriseURN + ":" + field }
