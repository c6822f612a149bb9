package apply

import (
	"encoding/json"
	"fmt"

	"dirbridge/sync/facts"
	"dirbridge/sync/record"
)

// statistics updates the figures of the cloud, as read, with what the run wrote, so that a
// dashboard does not lag one run behind.
func (a *applier) statistics(values map[string]string) (err error) {
	if text, ok := values[facts.StatisticsValue]; ok {
		values[facts.StatisticsValue], err = UpdatedStatistics(text, a.run.Counts, a.addedInactive)
	}
	return err
}

// UpdatedStatistics returns the statistics of a plan, as text, updated with what a run wrote.
// addedInactive is how many of the added accounts are inactive.
func UpdatedStatistics(text string, written record.Counts, addedInactive int64) (string, error) {
	var s facts.CloudStatistics
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return "", fmt.Errorf("statistics of the plan: %w", err)
	}
	u, g := written.Users, written.Groups
	s.Active += u.Add - addedInactive + u.Reactivate - u.Deactivate
	s.Deactivated += addedInactive + u.Deactivate - u.Reactivate - u.Delete
	s.Groups += g.Add - g.Delete
	s.Matched += u.Add
	return facts.TextOf(s)
}
