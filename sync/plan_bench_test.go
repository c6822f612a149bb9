package sync_test

import (
	"fmt"
	"testing"

	"dirbridge/sync"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
	"dirbridge/sync/synctest"
)

// BenchmarkPlan plans 10,000 people from memory: as a first run that links them all,
// and again when nothing changed.
func BenchmarkPlan(b *testing.B) {
	const n = 10_000
	fill := func(f *fixture) {
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
	}
	plan := func(b *testing.B, f *fixture, want int64) {
		for b.Loop() {
			p, err := f.engine().Plan(b.Context(), sync.Request{Mode: record.Full})
			if err != nil {
				b.Fatal(err)
			}
			if p.Len() != want {
				b.Fatalf("%d changes, want %d", p.Len(), want)
			}
			p.Close()
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/n, "µs/person")
	}
	b.Run("first", func(b *testing.B) {
		f := newFixture(b, b.TempDir())
		fill(f)
		plan(b, f, n+50+50*200)
	})
	b.Run("unchanged", func(b *testing.B) {
		f := newFixture(b, b.TempDir())
		f.cloud.Limit.Batch = 1000
		fill(f)
		f.mustSync()
		f.mustSync() // finds the memberships as they should be, and remembers that
		plan(b, f, 0)
	})
}
