package facts

import (
	"strings"
	"time"

	"dirbridge/sync/identity"
)

// ConversionValue is the name under which the store keeps Conversion, as JSON, while
// accounts are being converted.
const ConversionValue = "conversion"

// MaxConverted is how many accounts one conversion takes at most.
const MaxConverted = 200

// Conversion is the guided procedure that takes over accounts of another organization:
// synchronization is disabled, the accounts are converted in the cloud, and a dry run shows that
// none of them would be removed before synchronization is enabled again.
type Conversion struct {
	Begun    time.Time   `json:"begun"`
	By       string      `json:"by,omitempty"`
	Accounts []Converted `json:"accounts"`
	// Plan is the dry run that checked the accounts; "" if there was none since the conversion
	// began.
	Plan string `json:"plan,omitempty"`
}

// Fate is what a dry run would do to a converted account.
type Fate string

const (
	FateMatched   Fate = "matched"   // with a person of the directory
	FateAdded     Fate = "added"     // the person exists, and the listing has no account yet
	FateRemoved   Fate = "removed"   // deactivated or deleted
	FateUnmatched Fate = "unmatched" // no person of the directory has it
	FateProblem   Fate = "problem"   // left unchanged
	FateAbsent    Fate = "absent"    // on neither side, as far as can be seen
)

// Converted is one account of a conversion, as the last dry run found it.
type Converted struct {
	Mail string `json:"mail"`
	// InCloud says that the organization has an account of that name.
	InCloud bool   `json:"in_cloud"`
	Fate    Fate   `json:"fate,omitempty"`
	Detail  string `json:"detail,omitempty"`
	Remedy  string `json:"remedy,omitempty"`
}

// Safe says whether enabling synchronization keeps the account.
func (c Converted) Safe() bool { return c.InCloud && (c.Fate == FateMatched || c.Fate == FateAdded) }

// ConflictKey returns the key of a naming conflict, taken from the message of its problem or of its
// refused write, if a conversion may solve it.
func ConflictKey(message string) (key string, ok bool) {
	_, rest, ok := strings.Cut(message, "naming conflict for [")
	if !ok || strings.Contains(message, "is claimed by another organization") {
		return "", false
	}
	_, rest, ok = strings.Cut(rest, "with the name [")
	if !ok {
		return "", false
	}
	key, kind, ok := strings.Cut(rest, "] and of [")
	return key, ok && !strings.HasPrefix(kind, string(identity.Group)+"]")
}
