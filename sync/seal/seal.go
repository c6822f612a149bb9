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
	return d.Work.Each(ctx, `SELECT json FROM change ORDER BY phase, wave, kind, keyf, sub`, func(scan func(...any) error) error {
		var js string
		var c plan.Change
		if err := scan(&js); err != nil {
			return err
		}
		if err := workdb.Decode(js, &c); err != nil {
			return err
		}
		return w.Add(c)
	})
}

func writeFindings(ctx context.Context, d *stage.Draft, w *plan.Writer) error {
	err := d.Work.Each(ctx, `SELECT kind, json FROM finding ORDER BY rowid`, func(scan func(...any) error) error {
		var kind, js string
		var p identity.Problem
		if err := scan(&kind, &js); err != nil {
			return err
		}
		if err := workdb.Decode(js, &p); err != nil {
			return err
		}
		return w.AddProblem(identity.Kind(kind), p)
	})
	if err != nil {
		return err
	}
	return d.Work.Each(ctx, `SELECT json FROM unmatched ORDER BY keyf, rowid`, func(scan func(...any) error) error {
		var js string
		var u plan.Unmatched
		if err := scan(&js); err != nil {
			return err
		}
		if err := workdb.Decode(js, &u); err != nil {
			return err
		}
		return w.AddUnmatched(u)
	})
}

func writeShadows(ctx context.Context, d *stage.Draft, w *plan.Writer) error {
	err := d.Work.Each(ctx, `SELECT json FROM renewed ORDER BY anchor`, func(scan func(...any) error) error {
		var js string
		var s identity.Shadow
		if err := scan(&js); err != nil {
			return err
		}
		if err := workdb.Decode(js, &s); err != nil {
			return err
		}
		return w.AddShadow(s)
	})
	if err != nil {
		return err
	}
	return d.Work.Each(ctx, `SELECT anchor FROM forgotten ORDER BY anchor`, func(scan func(...any) error) error {
		var a identity.Anchor
		if err := scan(&a); err != nil {
			return err
		}
		return w.Forget(a)
	})
}

// writePlaces writes the containers and edges of each directory, if they differ from those in the
// store.
func writePlaces(ctx context.Context, d *stage.Draft, w *plan.Writer) error {
	for _, dir := range d.Header.Directories {
		if !dir.Whole {
			continue
		}
		err := writeChanged(ctx, d, w, facts.ContainersValue+dir.Name, func(fn func(string, func() error) error) error {
			return d.Work.Each(ctx, `SELECT anchor, dn, parent FROM container WHERE dir=? ORDER BY anchor`, func(scan func(...any) error) error {
				var c identity.Container
				if err := scan(&c.Anchor, &c.DN, &c.Parent); err != nil {
					return err
				}
				return fn(workdb.Encode(c), func() error { return w.AddContainer(dir.Name, c) })
			}, dir.Name)
		})
		if err != nil {
			return err
		}
		if !d.Coverage.Listed() || !d.Related {
			continue // the store has these edges already
		}
		if err := d.Work.Exec(ctx, keptMembers, dir.Name); err != nil {
			return err
		}
		// Managers are in the shadows' inputs.
		const edges = `SELECT kind, src, to_anchor, to_dnf FROM edge WHERE dir=? ORDER BY 1, 2, 3, 4`
		err = writeChanged(ctx, d, w, facts.EdgesValue+dir.Name, func(fn func(string, func() error) error) error {
			return d.Work.Each(ctx, edges, func(scan func(...any) error) error {
				var e identity.Edge
				if err := scan(&e.Kind, &e.From, &e.To.Anchor, &e.To.DN); err != nil {
					return err
				}
				return fn(workdb.Encode(e), func() error { return w.AddEdge(dir.Name, e) })
			}, dir.Name)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// keptMembers adds to the edges the cloud memberships of objects whose account is left unchanged
// for now: when they come back, an incremental run finds there what to remove them from.
const keptMembers = `INSERT INTO edge SELECT ?1, g.anchor, 'member', m.anchor, '' FROM cloud_member
CROSS JOIN matched g ON g.kind='group' AND g.id=cloud_member.gid AND substr(g.anchor,1,length(?1)+1)=?1||':'
CROSS JOIN shadow m ON m.kind IN ('user','group') AND m.id=cloud_member.mid
WHERE NOT EXISTS(SELECT 1 FROM matched c WHERE c.kind=m.kind AND c.id=cloud_member.mid)`

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
