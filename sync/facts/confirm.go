package facts

import (
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
)

// WithheldValue is the name under which the store keeps the records that are withheld, as
// of the last run, as a JSON list of plan.Withheld.
const WithheldValue = "withheld"

// Confirmation is an operator's consent that the pair of one withheld record may go on. It ends
// when it was used, and when either side changes.
type Confirmation struct {
	Rule        string              `json:"rule"`
	ID          identity.ResourceID `json:"id"`
	Fingerprint string              `json:"print"` // of both sides as they were shown, see plan.Withheld
	By          string              `json:"by"`
	At          time.Time           `json:"at"`
}

// ConfirmationValue is the name under which the store keeps the Confirmation of a person,
// as JSON; unset where there is none.
func ConfirmationValue(a identity.Anchor) string { return ConfirmationPrefix + string(a) }

const ConfirmationPrefix = "confirmed:"

// Covers says whether the confirmation is for this very pair, as both sides are now.
func (c Confirmation) Covers(w plan.Withheld) bool {
	return c.Rule == w.Rule && c.ID == w.Account.ID && c.Fingerprint == w.Fingerprint
}
