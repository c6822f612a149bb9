package sync

import (
	"dirbridge/sync/plan"
	"dirbridge/sync/stage"
)

// find records the state in which a directory was found. The findings belong to the run, and are
// written at its end, whatever becomes of its plan.
func (d *draft) find(read plan.DirectoryRead, err error) {
	f := stage.Finding{Read: read, Way: read.Way, Full: d.coverage.Listed(), Err: err}
	if at, ok := d.reached[read.Name]; ok && f.Way == "" {
		f.Way = at.Cookie.Way
	}
	if d.env.Found == nil {
		d.env.Found = map[string]stage.Finding{}
	}
	d.env.Found[read.Name] = f
}
