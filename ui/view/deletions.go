package view

import "dirbridge/sync/control"

// Unseen says, for the console, which deletions no scheduled run detects, one sentence per
// directory.
func Unseen(all []control.UnseenDeletions) (lines []string) {
	for _, u := range all {
		lines = append(lines, "Deletions in "+u.Directory+" are not seen by scheduled runs: "+u.Reason+
			", and no full synchronization is scheduled. People who are deleted there keep their accounts.")
	}
	return lines
}

// UnseenRemedy returns the remedy: set "Full at", or what the directories need.
func UnseenRemedy(all []control.UnseenDeletions) string {
	text := `Set "Full at" under Settings, Schedule.`
	for _, u := range all {
		if u.Remedy != "" {
			text += " Or: " + u.Remedy
		}
	}
	return text
}
