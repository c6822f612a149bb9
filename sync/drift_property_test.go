package sync_test

import (
	"errors"
	"os"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dirbridge/sync"
	"dirbridge/sync/identity"
	"dirbridge/sync/policy"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/synctest"
)

// TestNoDriftWithoutManualEdits: whatever the directory does, whatever fails, is excluded or dies, and in
// whatever order the runs come, no plan reports drift while only the connector writes to the cloud.
func TestNoDriftWithoutManualEdits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tmp, err := os.MkdirTemp("", "dirbridge-property-")
		if err != nil {
			t.Fatal(err)
		}
		f := newFixture(t, tmp)
		t.Cleanup(func() { os.RemoveAll(tmp) })
		f.policy.Threshold = policy.Threshold{Off: true}
		f.policy.Flatten = rapid.Bool().Draw(t, "flatten")
		f.dir.ReportMembers = rapid.Bool().Draw(t, "tell members")
		f.dir.RefsByDN = rapid.Bool().Draw(t, "references by DN")
		f.dir.Add(person("Keeper", "keeper@example.com"))
		w := &randomWorld{fixture: f, keeper: f.dir.Anchors(identity.User)[0]}
		for range rapid.IntRange(1, 6).Draw(t, "people") {
			w.addPerson(t)
		}
		for range rapid.IntRange(0, 3).Draw(t, "groups") {
			w.addGroup(t)
		}
		for range rapid.IntRange(1, 6).Draw(t, "rounds") {
			for range rapid.IntRange(0, 6).Draw(t, "edits") {
				if what := rapid.IntRange(0, 15).Draw(t, "edit"); what != 13 && what != 14 {
					w.doEdit(t, what)
				}
			}
			w.wantNoDrift(t)
			if rapid.Bool().Draw(t, "faulty") {
				w.faults(t)
			}
			w.runSomehow(t)
			w.cloud.Fault = nil
			w.wantNoDrift(t)
		}
	})
}

// runSomehow applies what there is to do: all of it, only the changes, or part of a plan.
func (w *randomWorld) runSomehow(t *rapid.T) {
	w.now = w.now.Add(time.Minute)
	var err error
	switch rapid.IntRange(0, 2).Draw(t, "run") {
	case 0:
		_, _, err = w.sync(noOverride)
	case 1:
		var p interface{ Close() error }
		if q, _, e := w.engine().Sync(t.Context(), sync.Request{Mode: record.Incremental, OrFull: true},
			noOverride); q != nil {
			p, err = q, e
			defer p.Close()
		} else {
			err = e
		}
	case 2:
		p, e := w.engine().Plan(t.Context(), sync.Request{Mode: record.Full})
		if e != nil {
			t.Fatal(e)
		}
		defer p.Close()
		opt := noOverride
		opt.Part.Left = map[int64]bool{}
		for seq := int64(1); seq <= p.Len(); seq++ {
			if rapid.Bool().Draw(t, "left out") {
				opt.Part.Left[seq] = true
			}
		}
		_, err = w.engine().Apply(t.Context(), p, opt)
	}
	var refused *port.RefusedError
	switch {
	case errors.Is(err, synctest.ErrDead):
		w.store.Close()
		w.open()
	case err != nil && !isHeld(err) && !errors.As(err, &refused):
		t.Fatalf("%v", err)
	}
}

func (w *randomWorld) wantNoDrift(t *rapid.T) {
	for _, mode := range []record.Mode{record.Full, record.Incremental} {
		p, err := w.engine().Plan(t.Context(), sync.Request{Mode: mode, OrFull: true})
		if err != nil {
			t.Fatal(err)
		}
		if n := p.Header().Drift; n.Any() || n.Both > 0 {
			t.Fatalf("the cloud was not edited: %s %+v\n%v\n%s", mode, n, sides(w.t, p), w.events())
		}
		for _, c := range changes(w.t, p) {
			for _, f := range c.Fields {
				if f.Mapping {
					t.Fatalf("the mapping was not changed: %s %s %s: %s\n%s", mode, c.Action, c.Key, c.Reason, w.events())
				}
			}
		}
		p.Close()
	}
}
