package control

import (
	"context"
	"fmt"
	"strings"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
)

// UnseenDeletions is a directory in which no scheduled run sees deletions: incremental runs cannot,
// and no full run is scheduled.
type UnseenDeletions = facts.UnseenDeletions

// EnableOptions are what the operator accepts by enabling.
type EnableOptions struct {
	// WithoutDeletions accepts that people who are deleted in a directory of ModeStatus.Unseen keep
	// their accounts until an operator starts a full run.
	WithoutDeletions bool `json:"without_deletions,omitempty"`
	// BesideProvisioners confirms that the schedule may run beside the programs of
	// ModeStatus.Provisioners, which write the same accounts.
	BesideProvisioners bool `json:"beside_provisioners,omitempty"`
}

// UnseenSentence says so for one directory, without the final period.
func UnseenSentence(u UnseenDeletions) string {
	return fmt.Sprintf("No scheduled run sees deletions in directory %s: %s, and no full synchronization is scheduled. "+
		"People who are deleted there keep their accounts", u.Directory, u.Reason)
}

// unseen lists these directories, as found by the last run or the last dry run, whichever is later.
func (l *Local) unseen(ctx context.Context, dry *DryRun) ([]UnseenDeletions, error) {
	if l.opt.Schedule == nil {
		return nil, nil
	}
	if s := l.opt.Schedule(); s.Full != "" || s.Incremental == "" {
		return nil, nil
	}
	found, err := l.health(ctx)
	if err != nil {
		return nil, err
	}
	var out []UnseenDeletions
	for _, h := range found {
		u := UnseenDeletions{Directory: h.Name, Reason: h.NoDeletions, Remedy: h.NoDeletionsRemedy}
		if dry != nil && dry.At.After(h.LastRead) {
			u.Reason = ""
			for _, d := range dry.Unseen {
				if d.Directory == h.Name {
					u = d
				}
			}
		}
		if u.Reason != "" {
			out = append(out, u)
		}
	}
	return out, nil
}

// mayGoUnseen refuses to enable synchronization if deletions would not be seen and that is not
// accepted.
func mayGoUnseen(m ModeStatus, opt EnableOptions) error {
	if len(m.Unseen) == 0 || opt.WithoutDeletions {
		return nil
	}
	var why, remedies []string
	for _, u := range m.Unseen {
		why, remedies = append(why, UnseenSentence(u)), append(remedies, u.Remedy)
	}
	return &identity.Failure{Class: identity.GiveUp,
		Err: fmt.Errorf("synchronization is not enabled: %s", strings.Join(why, ". ")),
		Remedy: `Set a full schedule, such as full = ["Sun 02:00"] under [schedule]; or accept it: dirbridge enable --without-deletions. ` +
			strings.Join(remedies, " ")}
}

// unseenEvents are the warnings about them.
func unseenEvents(m ModeStatus) (events []record.Event) {
	for _, u := range m.Unseen {
		events = append(events, record.Event{Level: record.Warn, Code: "deletions-unseen", Side: identity.InDirectory,
			Message: UnseenSentence(u) + ".", Remedy: `Set a full schedule, such as full = ["Sun 02:00"] under [schedule]. ` + u.Remedy})
	}
	return events
}
