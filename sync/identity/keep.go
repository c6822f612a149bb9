package identity

import "time"

// Keep holds one account back from the purge, by somebody's word. It stands beside the
// shadow, which every plan may write anew, and outlives the account's return.
type Keep struct {
	Anchor Anchor    `json:"anchor"`
	By     string    `json:"by"` // the operator
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
	Until  time.Time `json:"until,omitzero"` // from then on it does not hold; zero is for good
}

// Holds says whether the account is held back at that time.
func (k Keep) Holds(now time.Time) bool { return k.Until.IsZero() || now.Before(k.Until) }

// Words say by whom, why and until when, for people: "by ana: on leave (until 2027-01-31)".
func (k Keep) Words() string {
	text := k.Reason
	if k.By != "" {
		text = "by " + k.By + ": " + text
	}
	if !k.Until.IsZero() {
		text += " (until " + k.Until.Local().Add(-time.Nanosecond).Format(time.DateOnly) + ")"
	}
	return text
}
