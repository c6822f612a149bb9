package apply

import (
	"context"
	"fmt"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
)

// readBack reads the accounts of a batch whose values were already written once without effect.
// What the cloud shows right after the second write decides whether it ignores or rewrites the
// value. The result is stored and reported once, and the value is not written again until the
// directory has another one.
func (a *applier) readBack(ctx context.Context) error {
	for _, c := range a.doubted {
		r, ok, err := a.env.Target.Get(ctx, c.Kind, c.ID)
		if err != nil || !ok {
			continue // the suspicion stays for the next run
		}
		s, known, err := a.env.Store.Shadow(ctx, c.Anchor)
		if err != nil || !known {
			return err
		}
		a.decide(&s, c, r)
		a.pending.Shadows = append(a.pending.Shadows, s)
	}
	return a.commit(context.WithoutCancel(ctx))
}

// decide settles the suspicions of one shadow by what the account shows now.
func (a *applier) decide(s *identity.Shadow, c plan.Change, r identity.Resource) {
	ignored := map[string]identity.Ignored{}
	for name, ig := range s.Ignored {
		ignored[name] = ig
	}
	for _, f := range c.Fields {
		ig, ok := ignored[f.Name]
		if !ok || ig.Sure {
			continue
		}
		got := r.Attrs[f.Name]
		if f.Name == schema.Active {
			got = []string{fmt.Sprint(r.Active)}
		}
		if stage.Same(f.Name, f.New, a.env.Target.Normalize(f.Name, got)) {
			delete(ignored, f.Name)
			continue
		}
		ignored[f.Name] = identity.Ignored{Wanted: f.New, Got: got, Sure: true}
		a.event(record.Warn, "value-rewritten", c, record.Outcome{Field: f.Name,
			Message: fmt.Sprintf("the cloud does not keep %s as written: it has %s instead of %s", f.Name, stage.Quoted(got),
				stage.Quoted(f.New)),
			Remedy: "It is not written again until the directory has another value."})
	}
	if s.Ignored = ignored; len(ignored) == 0 {
		s.Ignored = nil
	}
}
