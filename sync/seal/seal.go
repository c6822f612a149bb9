package seal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"dirbridge/sync/diff"
	"dirbridge/sync/facts"
	"dirbridge/sync/guard"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/read"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// createPlan begins the plan file: temporary, beside the work database, if there is no path.
func createPlan(d *stage.Draft, path string) (*plan.Writer, error) {
	if path == "" {
		return plan.CreateTemporary(d.Env.Dir)
	}
	return plan.Create(path)
}

// Plan writes the plan file: the changes in their order, what was found, and everything to store
// once the plan is applied.
func Plan(ctx context.Context, d *stage.Draft, path string) (_ *plan.Plan, err error) {
	d.Env.Meter.Phase(port.Recording, 0)
	w, err := createPlan(d, path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			w.Discard()
		}
	}()
	for _, part := range []func(context.Context, *stage.Draft, *plan.Writer) error{
		writeChanges, writeFindings, writeWithheld, writeShadows, writePlaces, writeDeferred, writeValues,
	} {
		if err := part(ctx, d, w); err != nil {
			return nil, err
		}
	}
	d.Header.Config = d.Env.ConfigDigest()
	diff.WriteRules(d)
	d.Header.State = d.Env.Mark
	return w.Seal(d.Header)
}

func writeChanges(ctx context.Context, d *stage.Draft, w *plan.Writer) error {
	return d.Work.EachChange(ctx, w.AddEncoded)
}

func writeFindings(ctx context.Context, d *stage.Draft, w *plan.Writer) error {
	err := d.Work.EachFinding(ctx, func(f workdb.Finding) error { return w.AddProblem(f.Kind, f.Problem) })
	if err != nil {
		return err
	}
	return d.Work.EachUnmatchedAccount(ctx, w.AddUnmatched)
}

func writeShadows(ctx context.Context, d *stage.Draft, w *plan.Writer) error {
	if err := d.Work.EachRenewed(ctx, w.AddEncodedShadow); err != nil {
		return err
	}
	return d.Work.EachForgotten(ctx, w.Forget)
}

// writePlaces writes the containers and edges of each directory, if they differ from those in the
// store.
func writePlaces(ctx context.Context, d *stage.Draft, w *plan.Writer) error {
	for _, dir := range d.Header.Directories {
		if !dir.Whole {
			continue
		}
		err := writeChanged(ctx, d, w, facts.ContainersValue+dir.Name, func(fn func(string, func() error) error) error {
			return d.Work.EachContainerOf(ctx, dir.Name, func(c identity.Container) error {
				return fn(workdb.Encode(c), func() error { return w.AddContainer(dir.Name, c) })
			})
		})
		if err != nil {
			return err
		}
		if !d.Coverage.Listed() || !d.Related {
			continue // the store has these edges already
		}
		// When objects whose account is left unchanged for now come back, an incremental run finds in
		// their memberships what to remove them from.
		if err := d.Work.KeepMembers(ctx, dir.Name); err != nil {
			return err
		}
		// Managers are in the shadows' inputs.
		err = writeChanged(ctx, d, w, facts.EdgesValue+dir.Name, func(fn func(string, func() error) error) error {
			return d.Work.EachEdge(ctx, dir.Name, func(e identity.Edge) error {
				return fn(workdb.Encode(e), func() error { return w.AddEdge(dir.Name, e) })
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// writeChanged walks rows twice: once for their digest and, if the store has another one, once more
// to write them.
func writeChanged(ctx context.Context, d *stage.Draft, w *plan.Writer, name string,
	walk func(func(text string, write func() error) error) error) error {
	h := sha256.New()
	if err := walk(func(text string, _ func() error) error {
		h.Write([]byte(text))
		return nil
	}); err != nil {
		return err
	}
	sum := hex.EncodeToString(h.Sum(nil))
	have, err := d.Env.Store.Value(ctx, name)
	if err != nil || have == sum {
		return err
	}
	if err := walk(func(_ string, write func() error) error { return write() }); err != nil {
		return err
	}
	return w.SetValue(name, sum)
}

func writeValues(ctx context.Context, d *stage.Draft, w *plan.Writer) error {
	if err := read.WriteCookies(d, w); err != nil {
		return err
	}
	if err := guard.WriteIdentities(d, w); err != nil {
		return err
	}
	return d.Coverage.WriteValues(ctx, w)
}

// Changes writes a plan that has only deletions.
func Changes(ctx context.Context, d *stage.Draft, path string) (_ *plan.Plan, err error) {
	w, err := createPlan(d, path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			w.Discard()
		}
	}()
	for _, part := range []func(context.Context, *stage.Draft, *plan.Writer) error{writeChanges, writeFindings,
		writeShadows} {
		if err := part(ctx, d, w); err != nil {
			return nil, err
		}
	}
	d.Header.Config = d.Env.ConfigDigest()
	diff.WriteRules(d)
	d.Header.State = d.Env.Mark
	return w.Seal(d.Header)
}
