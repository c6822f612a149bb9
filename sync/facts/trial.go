package facts

// TrialValue is the name under which the store keeps the account that a trial may have left in the
// cloud; "" for none.
const TrialValue = "trial"

// Trial is a test account: its name, and the externalId that no other account has.
type Trial struct {
	Name string `json:"name"`
	GUID string `json:"guid"`
}
