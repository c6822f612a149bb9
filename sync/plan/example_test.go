package plan_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
)

// A plan file is opened, verified, and read change by change.
func ExampleOpen() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "plan")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "first.plan")
	if err := examplePlan(path); err != nil {
		fmt.Println(err)
		return
	}

	p, err := plan.Open(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	if err := p.Verify(ctx); err != nil {
		fmt.Println(err)
		return
	}
	err = p.Changes(ctx, func(c plan.Change) error {
		fmt.Println(c.Action, c.Kind, c.Key, "because", c.Reason)
		for _, f := range c.Fields {
			fmt.Println(" ", f.Name, f.Old, "->", f.New)
		}
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
	for _, h := range p.Header().Holds {
		fmt.Println("held:", h.Rule, h.Count)
	}
	// Output:
	// update user ana@example.com because title differs from the directory
	//   title [Clerk] -> [Engineer]
	// held: delete-threshold 21
}

// examplePlan writes a plan as the engine does.
func examplePlan(path string) error {
	w, err := plan.Create(path)
	if err != nil {
		return err
	}
	err = w.Add(plan.Change{Seq: 1, Action: plan.Update, Kind: identity.User, Phase: plan.UserWrites, ID: "5f8fc0ab",
		Anchor: identity.NewAnchor("corp", "6f1c2e0a-95d2-4a53-8c4e-2f4f8d0f7f11"), Key: "ana@example.com",
		Fields: []plan.FieldDiff{{Name: "title", Old: []string{"Clerk"}, New: []string{"Engineer"}}},
		Reason: "title differs from the directory"})
	if err != nil {
		_ = w.Discard()
		return err
	}
	p, err := w.Seal(
		plan.Header{Complete: true, Holds: []plan.Hold{{Rule: plan.RuleDeleteThreshold, Count: 21, Overridable: true}}})
	if err != nil {
		return err
	}
	return p.Close()
}
