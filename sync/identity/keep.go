package identity

import "time"

// Keep excludes one account from the purge, by an operator's decision. It is stored beside the
// shadow, which every plan may rewrite, and outlives the account's return.
type Keep struct {
	Anchor Anchor    `json:"anchor"`
	By     string    `json:"by"` // the operator
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
	Until  time.Time `json:"until,omitzero"` // end of the keep; zero means for good
}

// Holds reports whether the keep is in force at that time.
func (k Keep) Holds(now time.Time) bool { return k.Until.IsZero() || now.Before(k.Until) }

// Text says by whom, why and until when, for display: "by ana: on leave (until 2027-01-31)".
func (k Keep) Text() string {
	text := k.Reason
	if k.By != "" {
		text = "by " + k.By + ": " + text
	}
	if !k.Until.IsZero() {
		text += " (until " + k.Until.Local().Add(-time.Nanosecond).Format(time.DateOnly) + ")"
	}
	return text
}
