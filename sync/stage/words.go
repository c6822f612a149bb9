package stage

import (
	"fmt"
)

// NamingConflict is the guide's message.
func NamingConflict(dn, key, userType string) string {
	return fmt.Sprintf("There is a naming conflict for [%s] with an existing cloud entry object with the name [%s] and of [%s].", dn, key, userType)
}

// FullAdministrator is a part of the reason why an account is deactivated, where it has
// the role.
const FullAdministrator = "it is a full administrator"
