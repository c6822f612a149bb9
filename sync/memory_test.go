package sync_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/synctest"
)

// crowd is a directory with people whom it makes up as it lists them. It notes how much memory is
// in use as it does.
type crowd struct {
	*synctest.Directory
	people int
	most   uint64
}

func (c *crowd) People(_ context.Context, fn func(identity.Entry) error) error {
	for i := range c.people {
		name := fmt.Sprintf("p%06d", i)
		o := person(name, name+"@example.com")
		err := fn(identity.Entry{Anchor: identity.NewAnchor("corp", fmt.Sprintf("00000000-0000-0000-0000-%012x", i)),
			Kind: identity.User, DN: "CN=" + name + ",DC=corp,DC=example,DC=com", Attrs: o.Attrs})
		if err != nil {
			return err
		}
		if i%1000 == 999 {
			c.most = max(c.most, inUse())
		}
	}
	return nil
}

func inUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestMemoryDoesNotGrowWithTheDirectory is promise P9: to plan for 10,000 people more takes much
// less memory than what was read of them. It is not parallel: other tests would be measured, too.
func TestMemoryDoesNotGrowWithTheDirectory(t *testing.T) {
	used := func(people int) uint64 {
		f := newFixture(t, t.TempDir())
		c := &crowd{Directory: f.dir, people: people}
		f.sources = []port.Source{c}
		p := f.plan()
		if p.Len() != int64(people) {
			t.Fatalf("%d changes for %d people", p.Len(), people)
		}
		return max(c.most, inUse())
	}
	const more = 10_000
	used(1000) // what is made once
	small, large := used(1000), used(1000+more)
	if grown := int64(large) - int64(small); grown > more*200 {
		t.Errorf("%d people more take %d kB", more, grown>>10)
	}
}
