package facts

import (
	"time"
)

// CloudStatistics is what the cloud held when it was last read completely.
type CloudStatistics struct {
	At          time.Time `json:"at"`
	Active      int64     `json:"active_users"`
	Deactivated int64     `json:"deactivated_users"`
	Groups      int64     `json:"groups"`
	Admins      int64     `json:"full_administrators"` // -1 if the provider does not say
	Unmatched   int64     `json:"unmatched"`
	Unmanaged   int64     `json:"unmanaged"` // left unchanged by a rule
	Matched     int64     `json:"matched"`
	// Provisioners are the other programs that provision this organization.
	Provisioners []Provisioner `json:"provisioners,omitempty"`
}

// StatisticsValue is the name under which the store keeps CloudStatistics, as JSON.
const StatisticsValue = "cloud-statistics"

// LastFullValue is the name under which the store keeps the end of the last full run that succeeded
// (RFC 3339).
const LastFullValue = "last-full"
