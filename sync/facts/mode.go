package facts

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// ModeValue is the name under which the store keeps Synchronization, as JSON. Unset means disabled.
const ModeValue = "mode"

// Synchronization says whether the schedule may start runs. Runs that an operator starts by hand
// are allowed either way.
type Synchronization struct {
	Enabled bool      `json:"enabled"`
	By      string    `json:"by,omitempty"`
	At      time.Time `json:"at,omitzero"`
	Reason  string    `json:"reason,omitempty"` // for disabling, for people
	// Config is the digest of the configuration at that time, see DryRun.Config.
	Config string `json:"config,omitempty"`
	// WithoutDeletions says that By accepted that scheduled runs do not see the deletions of some
	// directory.
	WithoutDeletions bool `json:"without_deletions,omitempty"`
}

// UnseenDeletions is a directory whose deletions incremental runs do not see, and why.
type UnseenDeletions struct {
	Directory string `json:"directory"`
	Reason    string `json:"reason"`
	Remedy    string `json:"remedy,omitempty"`
}

// DryRunValue is the name under which the store keeps the last DryRun, as JSON.
const DryRunValue = "dry-run"

// DryRun is what is remembered of the last plan of everything under the saved configuration,
// whether it was applied or not.
type DryRun struct {
	// Config is the digest of those parts of the configuration that decide what a run does. It is
	// computed without connecting to either side, and only by the code that reads the configuration
	// file.
	Config   string        `json:"config"`
	At       time.Time     `json:"at"` // when the plan was made
	Plan     string        `json:"plan"`
	Run      int64         `json:"run,omitempty"` // the run that planned it; 0 for a dry run
	By       string        `json:"by,omitempty"`
	Counts   record.Counts `json:"counts"`
	Removals int64         `json:"removals"`
	Holds    []DryRunHold  `json:"holds,omitempty"`
	// Conflicts are the keys of people with a naming conflict, up to MaxConverted.
	Conflicts []string `json:"conflicts,omitempty"`
	// Unseen are the directories whose deletions incremental runs do not see.
	Unseen []UnseenDeletions `json:"unseen_deletions,omitempty"`
}

// DryRunHold is a guard that held the plan.
type DryRunHold struct {
	Rule   string `json:"rule"`
	Detail string `json:"detail"`
	Remedy string `json:"remedy"`
}

// DraftDryRunValue is the name under which the store keeps the last DryRun of settings that were not
// saved. If they are saved, it is the last one of the configuration: see LastDryRun.
const DraftDryRunValue = "dry-run-of-draft"

// LastDryRun returns the last dry run; nil before the first. If that had another configuration, and the
// last one of settings that were not saved had this one, they are saved by now, and that one counts.
func LastDryRun(ctx context.Context, st port.Values, config string) (last *DryRun, err error) {
	if err := ReadValue(ctx, st, DryRunValue, &last); err != nil || config == "" || last != nil && last.Config == config {
		return last, err
	}
	var draft *DryRun
	if err := ReadValue(ctx, st, DraftDryRunValue, &draft); err != nil || draft == nil || draft.Config != config {
		return last, err
	}
	return draft, nil
}

// ReadValue decodes the JSON that the store keeps under a name into v. It leaves v unchanged if
// there is none.
func ReadValue(ctx context.Context, st port.Values, name string, v any) error {
	text, err := st.Value(ctx, name)
	if err != nil || text == "" {
		return err
	}
	if err := json.Unmarshal([]byte(text), v); err != nil {
		return &identity.Failure{Class: identity.Hold, Err: fmt.Errorf("state: %s cannot be read: %w", name, err),
			Remedy: port.RemedyState}
	}
	return nil
}

// TextOf encodes v as the store keeps it.
func TextOf(v any) (string, error) {
	text, err := json.Marshal(v)
	return string(text), err
}
