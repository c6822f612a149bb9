package stage

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/workdb"
)

// Finding is what a run found out about one directory.
type Finding struct {
	Read plan.DirectoryRead
	Way  identity.Way
	Full bool
	Err  error
}

// health updates what is remembered of a directory.
func (f Finding) health(h facts.DirectoryHealth, now time.Time) facts.DirectoryHealth {
	h.Name = f.Read.Name
	if f.Read.Server != "" {
		h.Server = f.Read.Server
	}
	if f.Err != nil {
		h.Error, h.Remedy, h.Failed = f.Err.Error(), identity.Remedy(f.Err), now
		if h.Since.IsZero() {
			h.Since = now
		}
		return h
	}
	h.Error, h.Remedy, h.Failed, h.Since = "", "", time.Time{}, time.Time{}
	h.LastRead = f.Read.ReadAt
	if f.Full {
		h.LastFull = f.Read.ReadAt
	}
	if f.Way != "" {
		h.Way = f.Way
	}
	h.NoDeletions, h.NoDeletionsRemedy, h.Warnings = f.Read.NoDeletions, f.Read.Remedy, f.Read.Warnings
	return h
}

// NotRead lists the directories that a plan was made without. The remedy is known only where the
// plan was made for this very run.
func (e *Env) NotRead(h plan.Header) (out []record.UnreadDirectory) {
	for _, dir := range h.Directories {
		if !dir.Whole {
			out = append(out, record.UnreadDirectory{Name: dir.Name, Error: dir.Error,
				Remedy: identity.Remedy(e.Found[dir.Name].Err)})
		}
	}
	return out
}

// turned reports that a directory stopped answering, or answers again: once, not in each run. A
// single directory needs no such event, because every run fails without it.
func (e *Env) turned(before, after facts.DirectoryHealth, run int64) []record.Event {
	switch {
	case len(e.Sources) < 2 || (before.Error == "") == (after.Error == ""):
		return nil
	case after.Error == "":
		return []record.Event{facts.AnswersAgain(before, run, e.Now())}
	}
	return []record.Event{{Time: after.Failed, Run: run, Level: record.Error, Code: "directory-unread",
		Side: identity.InDirectory, Remedy: after.Remedy,
		Message: fmt.Sprintf("Directory %s cannot be read: %s. Until it can, its people are left unchanged, and no account "+
			"is removed.", after.Name, after.Error)}}
}

// WriteHealth stores the findings of a run that is over. An error does not fail the run: the next
// run finds the same.
func (e *Env) WriteHealth(ctx context.Context, run int64) {
	var events []record.Event
	values := map[string]string{}
	for name, f := range e.Found {
		if name == "" {
			continue
		}
		var h facts.DirectoryHealth
		text, err := e.Store.Value(ctx, facts.HealthValue(name))
		if err != nil {
			return
		}
		if text != "" && json.Unmarshal([]byte(text), &h) != nil {
			h = facts.DirectoryHealth{} // unreadable: start over
		}
		now := f.health(h, e.Now().UTC())
		events = append(events, e.turned(h, now, run)...)
		values[facts.HealthValue(name)] = workdb.Encode(now)
	}
	e.Found = nil
	if len(values) > 0 {
		_ = e.Store.Commit(ctx, port.Batch{Values: values, Events: events})
	}
}
