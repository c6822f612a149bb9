package read

import (
	"dirbridge/sync/plan"
	"dirbridge/sync/stage"
)

// Record records the state in which a directory was found. The findings belong to the run, and are
// written at its end, whatever becomes of its plan.
func Record(d *stage.Draft, read plan.DirectoryRead, err error) {
	f := stage.Finding{Read: read, Way: read.Way, Full: d.Coverage.Listed(), Err: err}
	if at, ok := d.Reached[read.Name]; ok && f.Way == "" {
		f.Way = at.Cookie.Way
	}
	if d.Env.Found == nil {
		d.Env.Found = map[string]stage.Finding{}
	}
	d.Env.Found[read.Name] = f
}
