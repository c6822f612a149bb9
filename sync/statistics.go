package sync

import (
	"dirbridge/sync/facts"
	"encoding/json"
	"fmt"
)

// statistics brings what the cloud held when it was read up to what the run made of
// it, so that a dashboard does not lag one run behind.
func (a *applier) statistics(values map[string]string) error {
	text, ok := values[facts.StatisticsValue]
	if !ok {
		return nil
	}
	var s facts.CloudStatistics
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return fmt.Errorf("statistics of the plan: %w", err)
	}
	u, g := a.run.Counts.Users, a.run.Counts.Groups
	s.Active += u.Add - a.addedInactive + u.Reactivate - u.Deactivate
	s.Deactivated += a.addedInactive + u.Deactivate - u.Reactivate - u.Delete
	s.Groups += g.Add - g.Delete
	s.Matched += u.Add
	out, err := json.Marshal(s)
	values[facts.StatisticsValue] = string(out)
	return err
}
