package facts

import (
	"fmt"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/record"
)

// DirectoryHealth is what the last run that asked a directory found out about it.
type DirectoryHealth struct {
	Name   string `json:"name"`
	Server string `json:"server,omitempty"` // URL that answered last
	// Way is how changes are read; "" if they cannot be, or if that is not known yet.
	Way identity.Way `json:"way,omitempty"`
	// LastRead is when it was last read without an error: completely, or only the changes.
	LastRead time.Time `json:"last_read,omitzero"`
	LastFull time.Time `json:"last_full,omitzero"` // when it was last read completely
	// Error says why the last run could not read it, at Failed; "" if it could. Its people are
	// frozen until a run can read it. Since is the first of the failures in a row.
	Error  string    `json:"error,omitempty"`
	Remedy string    `json:"remedy,omitempty"`
	Failed time.Time `json:"failed,omitzero"`
	Since  time.Time `json:"since,omitzero"`
	// Untold says why deletions wait for full runs, "" if they do not.
	NoDeletions       string   `json:"untold,omitempty"`
	NoDeletionsRemedy string   `json:"untold_remedy,omitempty"`
	Warnings          []string `json:"warnings,omitempty"` // what expires soon, such as a password
}

// HealthValue is the name under which the store keeps the DirectoryHealth of one
// directory, as JSON.
func HealthValue(directory string) string { return "directory:" + directory }

// AnswersAgain returns the event for a directory that could not be read before and can be read now.
func AnswersAgain(before DirectoryHealth, run int64, now time.Time) record.Event {
	return record.Event{Time: now.UTC(), Run: run, Level: record.Info, Code: "directory-read", Side: identity.InDirectory,
		Message: fmt.Sprintf("Directory %s can be read again. It could not be read since %s.", before.Name,
			before.Since.Format("2006-01-02 15:04 MST"))}
}
