package cloud

import (
	"strings"

	"dirbridge/sync/identity"
)

// roleOf judges the value, display or type of an element of `roles`: Yes for the role of
// full administrators, Partly for any other that names administration, and else Unknown,
// since another element may. Which of its texts an account carries, and in which letter
// case, is left to the hand that set it.
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

// higher is the one of two judgements that says more.
func higher(a, b identity.Tri) identity.Tri {
	if a == identity.Yes || b == identity.Yes {
		return identity.Yes
	}
	return max(a, b)
}
