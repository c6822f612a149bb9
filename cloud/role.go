package cloud

import (
	"strings"

	"dirbridge/sync/identity"
)

// roleOf classifies the value, display or type of an element of `roles`: Yes for the role of full
// administrators, Partly for any other text about administration, else Unknown, because another
// element may decide. Which of these texts an account has, and in which case, depends on how the
// role was set.
func roleOf(text, full string) identity.Tri {
	is := strings.ReplaceAll(strings.TrimSpace(identity.Fold(text)), " ", "_")
	if is == full || is == fullAdministrator {
		return identity.Yes
	}
	for _, word := range []string{"admin", "compliance_officer", "superuser", "super_user"} {
		if strings.Contains(is, word) {
			return identity.Partly
		}
	}
	if is == "root" || is == "owner" {
		return identity.Partly
	}
	return identity.Unknown
}

// fullAdministrator is the display of that role, as roleOf compares it.
const fullAdministrator = "full_administrator"

// moreRights returns the classification with more rights.
func moreRights(a, b identity.Tri) identity.Tri {
	if a == identity.Yes || b == identity.Yes {
		return identity.Yes
	}
	return max(a, b)
}
