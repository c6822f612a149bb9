package store_test

import (
	"context"
	"testing"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
)

const benchRows = 100_000

func BenchmarkStore(b *testing.B) {
	s, ctx := fresh(b), context.Background()
	shadows := make([]identity.Shadow, benchRows)
	for i := range shadows {
		shadows[i] = shadow(i)
	}
	set := func(yield func(identity.Edge) error) error {
		for i := range benchRows {
			if err := yield(member(i%500, i)); err != nil {
				return err
			}
		}
		return nil
	}
	run := int64(0)
	for _, c := range []struct {
		name string
		do   func() error
	}{
		{"CommitShadows", func() error { return s.Commit(ctx, port.Batch{Shadows: shadows}) }},
		{"ListShadows", func() error { return s.Shadows(ctx, func(identity.Shadow) error { return nil }) }},
		{"EdgesNewThenSame", func() error { return s.Commit(ctx, port.Batch{Edges: map[string]port.EdgeSet{"corp": set}}) }},
		{"EdgesSame", func() error { return s.Commit(ctx, port.Batch{Edges: map[string]port.EdgeSet{"corp": set}}) }},
		{"Intend100", func() error {
			run++
			intents := make([]port.Intent, 100)
			for i := range intents {
				intents[i] = port.Intent{Seq: int64(i), Change: plan.Change{Seq: int64(i), Key: "a@x.org", After: &shadows[i]}}
			}
			return s.Intend(ctx, run, intents)
		}},
		{"PointLookUp", func() error { _, _, err := s.Shadow(ctx, shadows[777].Anchor); return err }},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if err := c.do(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
