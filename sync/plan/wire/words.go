package wire

// words is the dictionary: strings that occur in most messages. Their numbers are stored, so it
// only ever grows at its end.
var words = []string{
	"", "true", "false", "user", "group", "member", "manager", "live", "grace", "held",
	"add", "update", "rename", "deactivate", "reactivate", "delete", "remove", "match",
	"active", "uid", "displayName", "onPremObjectGUID", "ds-pwp-account-disabled",
	"givenName", "sn", "cn", "mail", "title", "telephoneNumber", "mobile",
	"facsimileTelephoneNumber", "street", "streetAddress", "l", "st", "c", "co", "postalCode",
	"preferredLanguage", "locale", "timezone", "jabberID", "buildingName", "departmentNumber",
	"department", "employeeNumber", "employeeType", "employeeID", "o", "ou", "company",
	"physicalDeliveryOfficeName", "userPrincipalName", "sAMAccountName", "userAccountControl",
	"objectGUID", "objectSid", "proxyAddresses", "sipAddresses;type=enterprise",
	"sipAddresses;type=work", "msRTCSIP-PrimaryUserAddress", "ipPhone", "name", "description",
	"objectClass", "entryUUID", "initials", "info", "userType", "externalId", "userName",
	"512", "514", "66048", "66050", "nickName", "profileUrl", "organization", "division",
	"costCenter", "addresses", "phoneNumbers", "emails", "countryName", "avatar", "extensionAttribute1",
}

// wordNumber is immutable.
var wordNumber = func() map[string]uint64 {
	m := make(map[string]uint64, len(words))
	for i, w := range words {
		m[w] = uint64(i)
	}
	return m
}()
