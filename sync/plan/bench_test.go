package plan_test

import (
	"context"
	"path/filepath"
	"testing"

	"dirbridge/sync/plan"
)

const benchRows = 100_000

func BenchmarkWrite(b *testing.B) {
	changes := mixed(1000)
	for b.Loop() {
		w, err := plan.Create(filepath.Join(b.TempDir(), "a.plan"))
		if err != nil {
			b.Fatal(err)
		}
		for i := range benchRows {
			if err := w.Add(changes[i%len(changes)]); err != nil {
				b.Fatal(err)
			}
		}
		p, err := w.Seal(header())
		if err != nil {
			b.Fatal(err)
		}
		p.Close()
	}
	b.ReportMetric(float64(benchRows)*float64(b.N)/b.Elapsed().Seconds(), "changes/s")
}

func BenchmarkRead(b *testing.B) {
	p := write(b, "", mixed(benchRows)...)
	ctx := context.Background()
	filter := plan.View{Filter: "user77", Actions: []plan.Action{plan.Add, plan.Update}}
	if _, err := p.Count(ctx, filter); err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name string
		do   func(i int64) error
	}{
		{"Verify", func(int64) error { return p.Verify(ctx) }},
		{"Changes", func(int64) error { return p.Changes(ctx, func(plan.Change) error { return nil }) }},
		{"Window50", func(i int64) error { _, err := p.Window(ctx, plan.View{}, i*7919%benchRows, 50); return err }},
		{"WindowAt50Filtered", func(i int64) error { _, err := p.WindowAt(ctx, filter, i*31%400, 50); return err }},
		{"GroupByCause", func(int64) error { _, err := p.Grouped(ctx, "cause", plan.View{}); return err }},
		{"NewFilter", func(i int64) error {
			_, err := p.Count(ctx, plan.View{Filter: "nobody" + string(rune('a'+i%20))})
			return err
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			for i := int64(0); b.Loop(); i++ {
				if err := c.do(i); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
