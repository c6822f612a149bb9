package sync

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

// finding is what a run found of one directory.
type finding struct {
	read plan.DirectoryRead
	way  identity.Way
	full bool
	err  error
}

// find notes how a directory was found. The findings are the run's, and written with its
// end, whatever becomes of its plan.
func (d *draft) find(read plan.DirectoryRead, err error) {
	f := finding{read: read, way: read.Way, full: d.affected == nil, err: err}
	if at, ok := d.reached[read.Name]; ok && f.way == "" {
		f.way = at.Cookie.Way
	}
	if d.env.found == nil {
		d.env.found = map[string]finding{}
	}
	d.env.found[read.Name] = f
}

// health brings up what is remembered of a directory.
func (f finding) health(h facts.DirectoryHealth, now time.Time) facts.DirectoryHealth {
	h.Name = f.read.Name
	if f.read.Server != "" {
		h.Server = f.read.Server
	}
	if f.err != nil {
		h.Error, h.Remedy, h.Failed = f.err.Error(), identity.Remedy(f.err), now
		if h.Since.IsZero() {
			h.Since = now
		}
		return h
	}
	h.Error, h.Remedy, h.Failed, h.Since = "", "", time.Time{}, time.Time{}
	h.LastRead = f.read.ReadAt
	if f.full {
		h.LastFull = f.read.ReadAt
	}
	if f.way != "" {
		h.Way = f.way
	}
	h.Untold, h.UntoldRemedy, h.Warnings = f.read.Untold, f.read.Remedy, f.read.Warnings
	return h
}

// notRead are the directories that a plan was made without. What to do about one is known
// where the plan was made for this very run.
func (e *environment) notRead(h plan.Header) (out []record.UnreadDirectory) {
	for _, dir := range h.Directories {
		if !dir.Whole {
			out = append(out, record.UnreadDirectory{Name: dir.Name, Error: dir.Error, Remedy: identity.Remedy(e.found[dir.Name].err)})
		}
	}
	return out
}

// turned tells that a directory stopped answering, or answers again: once, not in each run.
// Of a directory alone the runs tell, which all fail without it.
func (e *environment) turned(before, after facts.DirectoryHealth, run int64) []record.Event {
	switch {
	case len(e.Sources) < 2 || (before.Error == "") == (after.Error == ""):
		return nil
	case after.Error == "":
		return []record.Event{facts.AnswersAgain(before, run, e.now())}
	}
	return []record.Event{{Time: after.Failed, Run: run, Level: record.Error, Code: "directory-unread", Side: identity.InDirectory, Remedy: after.Remedy,
		Message: fmt.Sprintf("Directory %s cannot be read: %s. Until it can, its people are left as they are, and no account is removed.", after.Name, after.Error)}}
}

// writeHealth stores the findings of a run that is over. It is no reason to fail that it
// cannot: the next run finds the same.
func (e *environment) writeHealth(ctx context.Context, run int64) {
	var events []record.Event
	values := map[string]string{}
	for name, f := range e.found {
		if name == "" {
			continue
		}
		var h facts.DirectoryHealth
		text, err := e.Store.Value(ctx, facts.HealthValue(name))
		if err != nil {
			return
		}
		if text != "" && json.Unmarshal([]byte(text), &h) != nil {
			h = facts.DirectoryHealth{} // it is made anew
		}
		now := f.health(h, e.now().UTC())
		events = append(events, e.turned(h, now, run)...)
		values[facts.HealthValue(name)] = workdb.Encode(now)
	}
	e.found = nil
	if len(values) > 0 {
		_ = e.Store.Commit(ctx, port.Batch{Values: values, Events: events})
	}
}
