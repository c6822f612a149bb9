package mapping

import "strings"

// IsSecret reports whether a directory attribute contains passwords or keys. Such attributes are
// never requested and cannot be mapped. Options (";binary") and case do not matter.
func IsSecret(attribute string) bool {
	name, _, _ := strings.Cut(strings.ToLower(attribute), ";")
	switch name {
	case "unicodepwd", "userpassword", "dbcspwd", "ntpwdhistory", "lmpwdhistory", "supplementalcredentials",
		"unixuserpassword", "mssfu30password", "authpassword", "pwdhistory", "cleartextpassword", "userpkcs12",
		"trustauthincoming", "trustauthoutgoing", "initialauthincoming", "initialauthoutgoing", "currentvalue", "priorvalue",
		"ms-mcs-admpwd", "ms-mcs-admpwdhistory",
		"msds-managedpassword", "msds-executescriptpassword",
		"mstpm-ownerinformation", "msfve-recoverypassword", "msfve-keypackage",
		"mskds-rootkeydata", "mspki-dpapimasterkeys", "mspkiaccountcredentials", "mspkidpapimasterkeys",
		"mspki-credentialroamingtokens",
		"sambantpassword", "sambalmpassword", "sambapasswordhistory", "sambacleartextpassword",
		"sambapreviouscleartextpassword",
		"krbprincipalkey", "krb5key", "krbextradata", "krbmkey", "krbpwdhistory",
		"nsmultiplexorcredentials", "nsds5replicacredentials", "olcrootpw", "ipanthash", "ipatokenotpkey", "passwordhistory":
		return true
	}
	return strings.HasPrefix(name, "mslaps-") && strings.Contains(name, "password")
}
