package stage

import (
	"fmt"
	"time"
)

// NamingConflict returns the guide's message.
func NamingConflict(dn, key, userType string) string {
	return fmt.Sprintf("There is a naming conflict for [%s] with an existing cloud entry object with the name [%s] and "+
		"of [%s].", dn, key, userType)
}

// FullAdministrator is the part of the reason for a deactivation that says that the account has
// that role.
const FullAdministrator = "it is a full administrator"

// AdministratorsRemedy is the guide's next step, and the one that follows it here.
const AdministratorsRemedy = "Create a user in the directory with the same e-mail address as the administrator, or " +
	"take the role away in the cloud. " +
	"The link of such a user is withheld; to allow it: dirbridge confirm NAME."

// Moment returns a time as an operator reads it.
func Moment(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }
