package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
)

// employee is a shadow as in large organizations: no two of its values have the same order.
func employee(n int) identity.Shadow {
	random := rand.New(rand.NewPCG(7, uint64(n)))
	guid := func() string {
		return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", random.Uint32(), random.Uint32N(1<<16), random.Uint32N(1<<12),
			random.Uint32N(1<<12), random.Uint64N(1<<48))
	}
	name, ou := fmt.Sprintf("Person %d Surname", n), random.IntN(800)
	key := fmt.Sprintf("person.%d.surname@example.com", n)
	return identity.Shadow{
		Anchor: identity.NewAnchor("corp", guid()), Kind: identity.User, State: identity.Live,
		ID: identity.ResourceID(guid()), Linked: when, Active: n%20 != 0,
		DN: fmt.Sprintf("CN=%s,OU=Office %d,OU=People,DC=corp,DC=example,DC=com", name, ou), RDN: "CN=" + name,
		Parent: identity.NewAnchor("corp", fmt.Sprintf("00000000-0000-4000-8000-%012d", ou)),
		Inputs: identity.Attrs{"mail": {key}, "displayName": {name}, "title": {"Engineer"},
			"telephoneNumber": {fmt.Sprint("+1555", n)}, "manager": {"CN=Boss"}, "userAccountControl": {"512"}},
		Applied: identity.Attrs{"uid": {key}, "displayName": {name}, "title": {"Engineer"},
			"telephoneNumber": {fmt.Sprint("+1555", n)},
			"manager":         {fmt.Sprint("boss-", random.IntN(9000))}},
		Fingerprint: identity.Fingerprint{Source: random.Uint64(), Cloud: random.Uint64(), Key: random.Uint32(),
			DN: random.Uint32()},
	}
}

// BenchmarkWrite writes as many shadows as the first run of a large organization.
func BenchmarkWrite(b *testing.B) {
	ctx := context.Background()
	shadows := make([]identity.Shadow, benchRows)
	for i := range shadows {
		shadows[i] = employee(i)
	}
	commit := func(b *testing.B, s port.Store, size int) {
		for i := 0; i < len(shadows); i += size {
			if err := s.Commit(ctx, port.Batch{Shadows: shadows[i : i+size]}); err != nil {
				b.Fatal(err)
			}
		}
	}
	for _, size := range []int{benchRows, 500, 50} {
		b.Run(fmt.Sprintf("New/%d", size), func(b *testing.B) {
			for b.Loop() {
				commit(b, fresh(b), size)
			}
		})
	}
	s := fresh(b)
	commit(b, s, benchRows)
	for _, size := range []int{benchRows, 500} {
		b.Run(fmt.Sprintf("Same/%d", size), func(b *testing.B) {
			for b.Loop() {
				commit(b, s, size)
			}
		})
	}
}

// BenchmarkLookUp looks up a hundred values among a hundred thousand shadows.
func BenchmarkLookUp(b *testing.B) {
	ctx, s := context.Background(), fresh(b)
	shadows := make([]identity.Shadow, benchRows)
	for i := range shadows {
		shadows[i] = employee(i)
	}
	if err := s.Commit(ctx, port.Batch{Shadows: shadows}); err != nil {
		b.Fatal(err)
	}
	var keys, dns, guids []string
	for i := range 100 {
		sh := shadows[i*997]
		keys, dns, guids = append(keys, sh.Applied.First("uid")), append(dns, identity.Fold(sh.DN)), append(guids,
			sh.Anchor.GUID())
	}
	for by, values := range map[port.Index][]string{port.ByKey: keys, port.ByDN: dns, port.ByGUID: guids} {
		b.Run(string(by), func(b *testing.B) {
			for b.Loop() {
				n := 0
				if err := s.Seek(ctx, by, values, func(identity.Shadow) error { n++; return nil }); err != nil || n != len(values) {
					b.Fatal(n, err)
				}
			}
		})
	}
	b.Run("Linked", func(b *testing.B) {
		for b.Loop() {
			if n, err := s.Linked(ctx); err != nil || n["corp"].People != benchRows {
				b.Fatal(n, err)
			}
		}
	})
}

// BenchmarkManyEdges writes the memberships of a large organization, which are in random order, for
// the first time and again.
func BenchmarkManyEdges(b *testing.B) {
	const members = 500_000
	ctx, s := context.Background(), fresh(b)
	anchors := make([]identity.Anchor, 50_000)
	for i := range anchors {
		anchors[i] = employee(i).Anchor
	}
	set := func(yield func(identity.Edge) error) error {
		random := rand.New(rand.NewPCG(5, 5))
		for i := range members {
			to := random.IntN(len(anchors))
			e := identity.Edge{Kind: identity.Membership, From: anchors[i%2000],
				To: identity.Ref{Anchor: anchors[to], DN: fmt.Sprintf("CN=Person %d,OU=People,DC=corp,DC=example,DC=com", to)}}
			if err := yield(e); err != nil {
				return err
			}
		}
		return nil
	}
	for _, name := range []string{"New", "Same"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := s.Commit(ctx, port.Batch{Edges: map[string]port.EdgeSet{"corp": set}}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("To100", func(b *testing.B) {
		for b.Loop() {
			if err := s.EdgesTo(ctx, anchors[:100], nil, func(identity.Edge) error { return nil }); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("From10", func(b *testing.B) {
		for b.Loop() {
			if err := s.EdgesFrom(ctx, anchors[:10], func(identity.Edge) error { return nil }); err != nil {
				b.Fatal(err)
			}
		}
	})
}
