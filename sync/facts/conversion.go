package facts

import (
	"strings"
	"time"

	"dirbridge/sync/identity"
)

// ConversionValue is the name under which the store keeps Conversion, as JSON, while
// accounts are being converted.
const ConversionValue = "conversion"

// MaxConverted is how many accounts one conversion takes.
const MaxConverted = 200

// Conversion is the guided procedure by which accounts that another organization has are
// taken over: synchronization is disabled, they are converted in the cloud, and a dry
// run shows that none of them would be removed before it is enabled again.
type Conversion struct {
	Begun    time.Time   `json:"begun"`
	By       string      `json:"by,omitempty"`
	Accounts []Converted `json:"accounts"`
	// Plan is the dry run that judged the accounts; "" where none has since it began.
	Plan string `json:"plan,omitempty"`
}

// Fate is what a dry run would do to a converted account.
type Fate string

const (
	FateMatched   Fate = "matched"   // to a person of the directory
	FateAdded     Fate = "added"     // the person is, and the listing has no account yet
	FateRemoved   Fate = "removed"   // deactivated or deleted
	FateUnmatched Fate = "unmatched" // nobody of the directory has it
	FateProblem   Fate = "problem"   // left alone
	FateAbsent    Fate = "absent"    // neither side has it, as far as can be seen
)

// Converted is one account of a conversion, as the last dry run judged it.
type Converted struct {
	Mail string `json:"mail"`
	// InCloud: the organization has an account of that name.
	InCloud bool   `json:"in_cloud"`
	Fate    Fate   `json:"fate,omitempty"`
	Detail  string `json:"detail,omitempty"`
	Remedy  string `json:"remedy,omitempty"`
}

// Safe says that enabling does not cost the account.
func (c Converted) Safe() bool { return c.InCloud && (c.Fate == FateMatched || c.Fate == FateAdded) }

// ConflictKey is the key that a naming conflict is about, by the message of its problem
// or of its refused write, where that is one that a conversion may solve.
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
