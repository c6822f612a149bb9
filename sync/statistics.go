package sync

import (
	"encoding/json"
	"fmt"
	"time"
)

// CloudStatistics is what the cloud held when it was last read whole.
type CloudStatistics struct {
	At          time.Time `json:"at"`
	Active      int64     `json:"active_users"`
	Deactivated int64     `json:"deactivated_users"`
	Groups      int64     `json:"groups"`
	Admins      int64     `json:"full_administrators"` // -1 where the provider does not say
	Unmatched   int64     `json:"unmatched"`
	Unmanaged   int64     `json:"unmanaged"` // left alone by a rule
	Matched     int64     `json:"matched"`
}

// StatisticsValue is the name under which the store keeps CloudStatistics, as JSON.
const StatisticsValue = "cloud-statistics"

// LastFullValue is the name under which the store keeps when the last full run ended
// that ended well (RFC 3339).
const LastFullValue = "last-full"

// statistics brings what the cloud held when it was read up to what the run made of
// it, so that a dashboard does not lag one run behind.
func (a *applier) statistics(values map[string]string) error {
	text, ok := values[valueStatistics]
	if !ok {
		return nil
	}
	var s CloudStatistics
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return fmt.Errorf("statistics of the plan: %w", err)
	}
	u, g := a.run.Counts.Users, a.run.Counts.Groups
	s.Active += u.Add - a.addedInactive + u.Reactivate - u.Deactivate
	s.Deactivated += a.addedInactive + u.Deactivate - u.Reactivate - u.Delete
	s.Groups += g.Add - g.Delete
	s.Matched += u.Add
	out, err := json.Marshal(s)
	values[valueStatistics] = string(out)
	return err
}
