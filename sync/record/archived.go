package record

import (
	"fmt"
	"time"

	"dirbridge/sync/identity"
)

// Archived is a deleted account.
type Archived struct {
	ID      identity.ResourceID `json:"id"`
	Key     string              `json:"key,omitempty"`
	Deleted time.Time           `json:"deleted,omitzero"` // zero if the cloud does not say
	// Free is when its key can be used again, as far as the provider's documentation says.
	Free time.Time `json:"free,omitzero"`
}

// Sentence says what became of the account, without the final period.
func (a Archived) Sentence() string {
	text := fmt.Sprintf("The account %s", a.ID)
	if a.Key != "" {
		text += " (" + a.Key + ")"
	}
	text += " was deleted"
	if !a.Deleted.IsZero() {
		text += " on " + day(a.Deleted)
	}
	if !a.Free.IsZero() {
		text += ", and its address can be used again from " + day(a.Free) + " on"
	}
	return text
}

// ArchivedRemedy is what an operator can do about a deleted account.
const ArchivedRemedy = "Dirbridge cannot bring a deleted account back: the cloud has no request for it. " +
	"If its contents are needed, ask the provider's support, with the id of the account, before a new one takes " +
	"its address; otherwise the next run makes a new one, with another id and without what the old one had."

func day(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }
