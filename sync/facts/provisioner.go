package facts

import (
	"fmt"
	"time"
)

// Provisioner is another program that provisions the organization.
type Provisioner struct {
	// Name is as the cloud says it; "" if only the externalId of its accounts is known.
	Name     string `json:"name,omitempty"`
	Trace    string `json:"trace"`    // by what it was noticed: TraceSource, TraceExternalID
	Accounts int64  `json:"accounts"` // how many of its accounts were seen
	Example  string `json:"example"`  // the key of one of them
}

// What shows that another program is at work.
const (
	TraceSource     = "provisionSource"
	TraceExternalID = "externalId"
)

// Key tells one program from another.
func (p Provisioner) Key() string { return p.Trace + ":" + p.Name }

// ConfirmedProvisionersValue is the name under which the store keeps, as a JSON list, each
// ConfirmedProvisioner.
const ConfirmedProvisionersValue = "provisioners-confirmed"

// ConfirmedProvisioner is an operator's consent that Dirbridge works beside another program.
type ConfirmedProvisioner struct {
	Key string    `json:"key"` // of the Provisioner
	By  string    `json:"by"`
	At  time.Time `json:"at"`
}

// ProvisionerSentence says what was noticed of another program.
func ProvisionerSentence(p Provisioner) string {
	of := "accounts"
	if p.Accounts == 1 {
		of = "account"
	}
	if p.Trace == TraceExternalID {
		return fmt.Sprintf("Another program may provision this organization: %d %s of people in the directory, such as %s, "+
			"with an externalId that is not the directory's", p.Accounts, of, p.Example)
	}
	return fmt.Sprintf("%s provisions this organization as well: it made %d %s, such as %s", p.Name, p.Accounts, of,
		p.Example)
}
