package scimtest

import "fmt"

// catalogue has every schema and resource type of the server.
type catalogue struct {
	users, groups *resourceType
	schemas       []*schema
}

func newCatalogue(o Options) *catalogue {
	common := newSchema("", "Common", "Attributes of every resource",
		fixed(exact(text("id"))), exact(text("externalId")), fixed(complexOf("meta",
			text("resourceType"), dated("created"), dated("lastModified"), text("location"), exact(text("version")))),
		fixed(many(text("schemas"))))
	enterprise := newSchema(EnterpriseURN, "EnterpriseUser", "Enterprise User",
		text("employeeNumber"), text("costCenter"), text("organization"), text("division"), text("department"),
		complexOf("manager", exact(text("value")), reference("$ref", "User"), fixed(text("displayName"))))
	webexUser := newSchema(WebexUserURN, "WebexIdentityUser", "Cisco Webex Identity User", webexUserAttributes()...)
	webexGroup := newSchema(WebexGroupURN, "WebexIdentityGroup", "Cisco Webex Identity Group",
		text("usage"), many(complexOf("owners", exact(text("value")), text("type"))),
		many(complexOf("managedBy", text("orgId"), text("id"), text("type"), text("role"))),
		many(complexOf("inheritances", text("value"))), text("provisionSource"))
	user := newSchema(UserURN, "User", "User Account", userAttributes()...)
	group := newSchema(GroupURN, "Group", "Group", required(text("displayName")),
		many(complexOf("members", exact(text("value")), reference("$ref", "User", "Group"), text("type"), text("display"))))
	if o.CoreOnly {
		return &catalogue{
			users:   &resourceType{name: "User", endpoint: "/Users", core: user, common: common},
			groups:  &resourceType{name: "Group", endpoint: "/Groups", core: group, common: common},
			schemas: []*schema{user, group},
		}
	}
	if o.Plain {
		return &catalogue{
			users: &resourceType{name: "User", endpoint: "/Users", core: user, extensions: []*schema{enterprise},
				common: common},
			groups:  &resourceType{name: "Group", endpoint: "/Groups", core: group, common: common},
			schemas: []*schema{user, group, enterprise},
		}
	}
	return &catalogue{
		users: &resourceType{name: "User", endpoint: "/Users", core: user, extensions: []*schema{enterprise, webexUser},
			common: common},
		groups: &resourceType{name: "Group", endpoint: "/Groups", core: group, extensions: []*schema{webexGroup},
			common: common},
		schemas: []*schema{user, group, enterprise, webexUser, webexGroup},
	}
}

func userAttributes() []*attribute {
	userName := required(text("userName"))
	userName.unique = true
	password := text("password")
	password.mutable = writeOnly
	return []*attribute{userName,
		complexOf("name", text("formatted"), text("familyName"), text("givenName"), text("middleName"),
			text("honorificPrefix"), text("honorificSuffix")),
		text("displayName"), text("nickName"), reference("profileUrl", "external"), text("title"), text("userType"),
		text("preferredLanguage"), text("locale"), text("timezone"), boolean("active"), password,
		valued("emails"), valued("phoneNumbers"), valued("ims"), valued("photos"), valued("entitlements"),
		valued("roles"), valued("x509Certificates"),
		many(complexOf("addresses", text("formatted"), text("streetAddress"), text("locality"), text("region"),
			text("postalCode"), text("country"), text("type"), boolean("primary"))),
		fixed(many(complexOf("groups", text("value"), reference("$ref", "Group"), text("display"), text("type")))),
	}
}

func webexUserAttributes() []*attribute {
	attrs := []*attribute{
		many(text("accountStatus")), valued("sipAddresses"),
		many(complexOf("managedOrgs", text("orgId"), text("role"))),
		many(complexOf("managedGroups", text("orgId"), text("groupId"), text("role"))),
		fixed(complexOf("meta", text("organizationId"))),
		text("provisionSource"), many(text("userSettings")), many(text("userPreferences")), many(text("licenseID")),
		boolean("isTeamsOnJabberEnabled"), boolean("isUCCallOnJabberEnabled"), boolean("avatarSyncEnabled"),
		text("userNameType"), many(text("macAddresses")), many(text("trainSiteNames")), text("teamsClusterId"),
	}
	for i := 1; i <= 15; i++ {
		attrs = append(attrs, many(text(fmt.Sprintf("extensionAttribute%d", i))),
			many(complexOf(fmt.Sprintf("externalAttribute%d", i), text("source"), text("value"))))
	}
	return attrs
}

func text(name string) *attribute {
	return &attribute{name: name, kind: kindString, mutable: readWrite}
}

func boolean(name string) *attribute {
	return &attribute{name: name, kind: kindBoolean, mutable: readWrite}
}

func dated(name string) *attribute {
	return &attribute{name: name, kind: kindDateTime, mutable: readWrite}
}

// reference is a URI of a resource of one of the types, or of any ("external").
func reference(name string, types ...string) *attribute {
	return &attribute{name: name, kind: kindRef, exact: true, mutable: readWrite, refs: types}
}

func complexOf(name string, subs ...*attribute) *attribute {
	return &attribute{name: name, kind: kindComplex, mutable: readWrite, subs: subs}
}

// valued is a multi-valued attribute with the standard sub-attributes of RFC 7643 section 2.4.
func valued(name string) *attribute {
	return many(complexOf(name, text("value"), text("type"), text("display"), boolean("primary")))
}

func many(a *attribute) *attribute     { a.multi = true; return a }
func exact(a *attribute) *attribute    { a.exact = true; return a }
func required(a *attribute) *attribute { a.required = true; return a }

func fixed(a *attribute) *attribute {
	a.mutable = readOnly
	for _, s := range a.subs {
		s.mutable = readOnly
	}
	return a
}
