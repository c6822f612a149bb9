package sync

import (
	"context"
	"encoding/json"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
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
	if d.found == nil {
		d.found = map[string]finding{}
	}
	d.found[read.Name] = f
}

// health brings up what is remembered of a directory.
func (f finding) health(h DirectoryHealth, now time.Time) DirectoryHealth {
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

// writeHealth stores the findings of a run that is over. It is no reason to fail that it
// cannot: the next run finds the same.
func (e *Engine) writeHealth(ctx context.Context) {
	values := map[string]string{}
	for name, f := range e.found {
		if name == "" {
			continue
		}
		var h DirectoryHealth
		text, err := e.opt.Store.Value(ctx, HealthValue(name))
		if err != nil {
			return
		}
		if text != "" && json.Unmarshal([]byte(text), &h) != nil {
			h = DirectoryHealth{} // it is made anew
		}
		values[HealthValue(name)] = encode(f.health(h, e.now().UTC()))
	}
	e.found = nil
	if len(values) > 0 {
		_ = e.opt.Store.Commit(ctx, Batch{Values: values})
	}
}
