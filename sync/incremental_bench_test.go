package sync_test

import (
	"fmt"
	"testing"

	"dirbridge/sync"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
	"dirbridge/sync/synctest"
)

// BenchmarkIncremental plans 100 changes in directories of several sizes: the time should depend on
// the changes. The directory and the cloud are in memory.
func BenchmarkIncremental(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			f := newFixture(b, b.TempDir())
			f.cloud.Limit.Batch = 1000
			var people []identity.Anchor
			for i := range n {
				o := person(fmt.Sprint("P", i), fmt.Sprintf("p%06d@example.com", i))
				if i > 0 {
					o.Manager = people[i/10]
				}
				people = append(people, f.dir.Add(o))
				f.cloud.Put(identity.Resource{Kind: identity.User, Key: fmt.Sprintf("p%06d@example.com", i), Active: true})
			}
			for g := range 50 {
				m := map[identity.Anchor]bool{}
				for k := range 200 {
					m[people[(g*37+k)%n]] = true
				}
				f.dir.Add(synctest.Object{Kind: identity.Group, CN: fmt.Sprint("G", g), Members: m})
			}
			f.mustSync()
			for i := range 100 {
				f.edit(people[(i*7919)%n], "title", "Clerk")
			}
			f.dir.ForgetReads()
			b.ResetTimer()
			for b.Loop() {
				p, err := f.engine().Plan(b.Context(), sync.Request{Mode: record.Incremental})
				if err != nil {
					b.Fatal(err)
				}
				if p.Len() != 100 || p.Header().Mode != record.Incremental {
					b.Fatalf("%d changes, %s: %s", p.Len(), p.Header().Mode, p.Header().Instead)
				}
				p.Close()
			}
		})
	}
}
