package sync_test

import (
	"errors"
	"fmt"
	"testing"

	"dirbridge/sync/identity"
	"dirbridge/sync/record"
	"dirbridge/sync/synctest"
)

// TestACrashedRunCounts checks the counts of a run that died while it wrote: the writes
// whose answers are in its journal, and those that the next run found in the cloud.
func TestACrashedRunCounts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		dies string
		adds int64
	}{
		{dies: "before add user p4@example.com", adds: 3},
		{dies: "after add user p4@example.com", adds: 4},
		{dies: "after add user p5@example.com", adds: 5},
		{dies: "after update user p1@example.com", adds: 7}, // the second step of an add
	} {
		t.Run(c.dies, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, t.TempDir())
			f.cloud.Limit.Batch = 3
			var people []identity.Anchor
			for i := 1; i <= 7; i++ {
				name := fmt.Sprintf("p%d", i)
				people = append(people, f.dir.Add(person(name, name+"@example.com")))
			}
			f.dir.Edit(people[0], func(o *synctest.Object) { o.Manager = people[6] })
			l := &life{left: 1 << 30, ends: c.dies}
			f.target, f.store = &mortalCloud{f.cloud, l}, &mortalStore{f.store, l}
			if _, _, err := f.sync(noOverride); !errors.Is(err, synctest.ErrDead) {
				t.Fatal(err)
			}
			f.target = nil
			f.store.Close()
			f.open()
			f.mustSync()
			runs, err := f.store.Runs(t.Context(), 2)
			if err != nil || runs[1].Outcome != record.Crashed {
				t.Fatalf("%+v, %v", runs, err)
			}
			if got := runs[1].Counts.Users; got != (record.ObjectCounts{Add: c.adds}) {
				t.Errorf("the run that died counts %+v, not %d added", got, c.adds)
			}
			if got := runs[0].Counts.Users.Add; got != 7-c.adds {
				t.Errorf("the run after it added %d, not %d", got, 7-c.adds)
			}
		})
	}
}
