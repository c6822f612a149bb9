package facts

import (
	"fmt"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/record"
)

// DirectoryHealth is how one directory was found the last time that a run asked it.
type DirectoryHealth struct {
	Name   string `json:"name"`
	Server string `json:"server,omitempty"` // URL that answered last
	// Way is how changes are asked for; "" where they cannot be, or it is not known yet.
	Way identity.Way `json:"way,omitempty"`
	// LastRead is when it was last read without failing: whole, or what changed.
	LastRead time.Time `json:"last_read,omitzero"`
	LastFull time.Time `json:"last_full,omitzero"` // and when it was last read whole
	// Error says why the last run could not read it, at Failed; "" where it could. Its
	// people are frozen until a run can. Since is the first failure of a row.
	Error  string    `json:"error,omitempty"`
	Remedy string    `json:"remedy,omitempty"`
	Failed time.Time `json:"failed,omitzero"`
	Since  time.Time `json:"since,omitzero"`
	// Untold says why deletions wait for full runs, "" where they do not.
	Untold       string   `json:"untold,omitempty"`
	UntoldRemedy string   `json:"untold_remedy,omitempty"`
	Warnings     []string `json:"warnings,omitempty"` // what ends soon, such as the bind account's password
}

// HealthValue is the name under which the store keeps the DirectoryHealth of one
// directory, as JSON.
func HealthValue(directory string) string { return "directory:" + directory }

// AnswersAgain tells of a directory that could not be read, and now was.
func AnswersAgain(before DirectoryHealth, run int64, now time.Time) record.Event {
	return record.Event{Time: now.UTC(), Run: run, Level: record.Info, Code: "directory-read", Side: identity.InDirectory,
		Message: fmt.Sprintf("Directory %s can be read again. It could not since %s.", before.Name,
			before.Since.Format("2006-01-02 15:04 MST"))}
}
