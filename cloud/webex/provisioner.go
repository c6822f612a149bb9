package webex

import (
	"strings"
	"unicode"
)

// Provisioner names another program that made an account, by its provisionSource; "" if that names
// none. Webex returns the attribute and documents no values of it, see Assumptions: a value that is
// not known here counts as another program's, because a needless question costs an operator less than
// two programs that write the same people.
func Provisioner(source string) string {
	plain := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, source)
	if byHand[plain] {
		return ""
	}
	for _, known := range []struct{ part, name string }{{"dirsync", DirectoryConnector},
		{"directoryconnector", DirectoryConnector},
		{"directorysync", DirectoryConnector}, {"azure", Entra}, {"entra", Entra}, {"aad", Entra}, {"okta", "Okta"}} {
		if strings.Contains(plain, known.part) {
			return known.name
		}
	}
	name := []rune(strings.TrimSpace(source))
	if len(name) > 40 {
		name = append(name[:40], '…')
	}
	return string(name)
}

// Names of other programs.
const (
	DirectoryConnector = "Cisco Directory Connector"
	Entra              = "Microsoft Entra ID"
)

// byHand are sources that name a way and no program: people at work, and the interface that Dirbridge
// itself uses.
var byHand = map[string]bool{"": true, "scim": true, "scim2": true, "api": true, "rest": true, "people": true,
	"peopleapi": true, "admin": true, "ch": true, "controlhub": true, "portal": true, "csv": true, "manual": true,
	"ui": true, "user": true, "self": true, "selfsignup": true, "invite": true, "dirbridge": true}
