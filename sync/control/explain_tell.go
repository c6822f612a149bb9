package control

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"dirbridge/sync/explain"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
)

// telling combines what the engine, the directory and the state know into one explanation.
type telling struct {
	*Local
	x *Explanation
	e explain.Result
	// judged is false if the directory could not be asked for its reasons.
	judged bool
	found  Judgement
}

func (t *telling) tell(ctx context.Context) error {
	x, e := t.x, t.e
	x.Kind, x.Anchor, x.Problems, x.Withheld = e.Kind, e.Anchor, append(x.Problems, e.Problems...), e.Withheld
	for _, part := range []func(context.Context) error{t.where, t.scope, t.mapped, t.match, t.change, t.holds, t.state,
		t.next} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (t *telling) where(ctx context.Context) error {
	x, e := t.x, t.e
	if e.Anchor == "" {
		return nil
	}
	x.Where = Where{Directory: e.Anchor.Directory(), Exists: e.Entry != nil}
	if e.Shadow != nil {
		x.Where.DN = e.Shadow.DN
	}
	for _, d := range e.Directories {
		if d.Name == x.Where.Directory {
			x.Where.Error = d.Error
		}
	}
	if x.Where.Error != "" {
		return nil
	}
	d, err := t.directory(x.Where.Directory)
	if err != nil {
		x.Where.Error = "it is not configured any more"
		return nil
	}
	t.found, err = ask(t.Local, d, func(s judgeSource) (Judgement, error) { return s.Judge(ctx, e.Anchor) })
	if err != nil {
		return fmt.Errorf("directory %s: %w", d.Name, err)
	}
	t.judged = true
	if e.Entry != nil {
		x.Where.DN = e.Entry.DN
	} else if t.found.Deleted {
		x.Where.Deleted, x.Where.Parent = true, t.found.Parent
	}
	if t.found.Kind != "" {
		x.Kind = t.found.Kind
	}
	return nil
}

func (t *telling) scope(context.Context) error {
	x, e := t.x, t.e
	if e.Anchor == "" || e.Entry == nil {
		return nil
	}
	x.Scope = &Scope{In: e.InScope, Steps: append([]ScopeStep{}, t.found.Steps...)}
	passed := !slices.ContainsFunc(x.Scope.Steps, func(s ScopeStep) bool { return !s.Pass })
	if t.judged && passed != e.InScope {
		// It changed between the two requests, or a condition is none of those.
		text := "the directory gives it as out of scope"
		if e.InScope {
			text = "the directory gives it as in scope"
		}
		x.Scope.Steps = append(x.Scope.Steps, ScopeStep{What: "server", Pass: e.InScope, Text: text})
	}
	return nil
}

// keyOf returns the attribute that is the key of a kind.
func keyOf(kind identity.Kind) string {
	if kind == identity.Group {
		return schema.GroupName
	}
	return schema.UID
}

func (t *telling) mapped(context.Context) error {
	x, e := t.x, t.e
	if x.Kind == identity.User || x.Kind == identity.Group {
		x.Key = e.Key
		for _, f := range e.Mapped {
			row := MappedAttribute{Attribute: f.Attribute.Name, Path: f.Attribute.Path, Rule: f.Rule, Inputs: []Input{},
				Values: append([]string{}, f.Values...), Required: f.Attribute.Required}
			for _, name := range f.Sources {
				if v := e.Entry.Attrs[name]; len(v) > 0 {
					row.Inputs = append(row.Inputs, Input{name, v})
				}
			}
			row.Written = e.Written[f.Attribute.Name]
			if f.Problem != nil {
				row.Problem, row.Remedy = f.Problem.Message, f.Problem.Remedy
			}
			if e.Shadow != nil {
				if ig, ok := e.Shadow.Ignored[f.Attribute.Name]; ok && ig.Sure {
					row.Ignored, row.Got = true, ig.Got
				}
			}
			x.Mapped = append(x.Mapped, row)
		}
	}
	switch {
	case x.Key != "":
	case e.Account != nil:
		x.Key = e.Account.Key
	case e.Shadow != nil:
		x.Key = e.Shadow.Applied.First(keyOf(e.Kind))
	}
	if e.Entry != nil {
		if x.Name = e.Entry.Attrs.First("displayName"); x.Name == "" {
			x.Name = e.Entry.RDN
		}
	} else if e.Account != nil {
		x.Name = e.Account.Name
	}
	return nil
}

func (t *telling) match(ctx context.Context) error {
	x, e := t.x, t.e
	how := map[string]string{"link": "link", "objectGUID": "externalId", "key": "key", "relink": "relink",
		"SID history": "history"}[e.How]
	if e.Account != nil && how == "" && e.Anchor != "" && !e.Forgotten && e.Shadow != nil && e.Shadow.ID == e.Account.ID {
		how = "link"
	}
	if how != "" {
		x.Match.How, x.Match.ID, x.Match.From = how, e.ID, e.From
	}
	if how == "link" && e.Shadow != nil {
		x.Match.Since = e.Shadow.Linked
		run, err := t.runAt(ctx, e.Shadow.Linked)
		if err != nil {
			return err
		}
		x.Match.Run = run
	}
	for _, r := range e.Others {
		x.Match.Conflicts = append(x.Match.Conflicts, account(r))
	}
	for _, o := range e.Sharing {
		x.Match.Sharing = append(x.Match.Sharing, Sharing{o.Anchor, o.DN})
	}
	switch {
	case e.Account != nil:
		a := account(*e.Account)
		a.Attributes = e.Account.Attrs
		if u := e.Unmatched; u != nil {
			a.Unmatched, a.Kept = true, u.Kept
		}
		x.Cloud = &a
	case e.Shadow != nil && e.Shadow.ID != "":
		x.Cloud = &CloudAccount{ID: e.Shadow.ID, Admin: "unknown"}
		if e.Archived != nil {
			x.Cloud.Archived = e.Archived
		}
	}
	return nil
}

func account(r identity.Resource) CloudAccount {
	a := CloudAccount{Exists: true, ID: r.ID, Key: r.Key, Name: r.Name, ExternalID: r.ExternalID, Active: r.Active,
		Admin: "unknown"}
	switch r.Admin {
	case identity.Yes:
		a.Admin = "yes"
	case identity.No:
		a.Admin = "no"
	case identity.Partly:
		a.Admin = "partly"
	}
	return a
}

func (t *telling) change(ctx context.Context) error {
	if c := t.e.Change; c != nil {
		told, err := t.changed(ctx, *c)
		if err != nil {
			return err
		}
		t.x.Change = &told
	}
	if c := t.e.Then; c != nil {
		told, err := t.changed(ctx, *c)
		if err != nil {
			return err
		}
		t.x.Then = &told
	}
	for _, c := range t.e.Members {
		told, err := t.changed(ctx, c)
		if err != nil {
			return err
		}
		told.Key, told.Group = c.MemberKey, c.Key
		t.x.Members = append(t.x.Members, told)
	}
	return nil
}

func (t *telling) changed(ctx context.Context, c plan.Change) (ExplainedChange, error) {
	out := ExplainedChange{Action: c.Action, Kind: c.Kind, Key: c.Key, Reason: c.Reason, Cause: c.Cause, Via: c.Via,
		Counted: c.Missing, Fields: []ChangedField{}}
	for _, f := range c.Fields {
		field := ChangedField{Name: f.Name, Old: f.Old, New: f.New}
		if f.Ref {
			var err error
			if field.Old, field.New, err = t.named(ctx, f); err != nil {
				return out, err
			}
		}
		out.Fields = append(out.Fields, field)
	}
	return out, nil
}

// named returns the DNs of the objects to which a reference points, as far as the state knows them.
func (t *telling) named(ctx context.Context, f plan.FieldDiff) (before, after []string, err error) {
	for _, id := range f.Old {
		name := id
		if err := t.opt.Store.Seek(ctx, port.ByID, []string{id},
			func(s identity.Shadow) error { name = s.DN; return nil }); err != nil {
			return nil, nil, err
		}
		before = append(before, name)
	}
	for _, a := range f.New {
		s, ok, err := t.opt.Store.Shadow(ctx, identity.Anchor(a))
		if err != nil {
			return nil, nil, err
		}
		name := a
		if dn := t.e.Entry.Attrs.First("manager"); dn != "" && f.Name == schema.Manager {
			name = dn
		} else if ok {
			name = s.DN
		}
		after = append(after, name)
	}
	return before, after, nil
}

// holds collects the holds that the change causes by itself, those of the last run if it was held,
// and those of the current plan.
func (t *telling) holds(ctx context.Context) error {
	x := t.x
	if x.Change == nil && len(x.Members) == 0 {
		return nil
	}
	for _, h := range t.e.Holds {
		x.Holds = append(x.Holds, ExplainedHold{Hold: h})
	}
	runs, err := t.opt.Store.Runs(ctx, statusRuns)
	if err != nil {
		return err
	}
	for _, r := range runs {
		if r.Mode == record.DryRun || r.Mode == record.Purge || r.Outcome == record.Running {
			continue
		}
		if r.Outcome == record.WasHeld {
			x.Holds = append(x.Holds, ExplainedHold{Hold: plan.Hold{Rule: "last-run", Detail: r.Detail,
				Remedy: fmt.Sprintf("dirbridge events says what held run %d, and what to do about it.", r.ID)}, Run: r.ID})
		}
		break
	}
	if p := t.Current(); p != nil {
		for _, h := range p.Header().Holds {
			x.Holds = append(x.Holds, ExplainedHold{Hold: h, Plan: p.Header().ID})
		}
	}
	return nil
}

func (t *telling) state(ctx context.Context) error {
	t.x.Failing = t.e.Failing
	s := t.e.Shadow
	if s == nil {
		return nil
	}
	r := &Remembered{State: s.State, DN: s.DN, Since: s.Since, ByUs: s.ByUs, Inactive: s.Kind == identity.User &&
		!s.Active, Deactivated: t.e.Deactivated,
		Leftover: t.e.Dirty, Forgotten: t.e.Forgotten}
	t.x.State = r
	if q := t.e.Queued; q != nil {
		r.PurgeDue, r.Kept, r.Unmanaged = q.Due, q.Kept, q.Unmanaged
	}
	if w := t.e.Wrote; w != nil {
		r.Run, r.Written = w.Run, w.At
	}
	return nil
}

// runAt returns the run that was in progress at a moment, 0 if none is known. Dry runs do not
// count, because they link nothing.
func (t *telling) runAt(ctx context.Context, at time.Time) (id int64, err error) {
	if at.IsZero() {
		return 0, nil
	}
	// An earlier version stored the time of links in whole seconds, so several runs may match. A
	// link stays once it is made, so the first of them made it.
	whole := at.Nanosecond() == 0
	return id, t.runs(ctx, func(run record.Run) bool {
		started := run.Started
		if whole {
			started = started.Truncate(time.Second)
		}
		if run.Mode != record.DryRun && !started.After(at) && (run.Ended.IsZero() || !run.Ended.Before(at)) {
			id = run.ID
		}
		return run.Mode == record.DryRun || run.Ended.IsZero() || !run.Ended.Before(at)
	})
}

// runs calls fn for the runs, newest first, until it is false.
func (t *telling) runs(ctx context.Context, fn func(record.Run) bool) error {
	const most = 100_000 // two years of one run every ten minutes
	for limit, seen := 64, 0; ; limit *= 8 {
		some, err := t.opt.Store.Runs(ctx, limit)
		if err != nil {
			return errors.Join(err, ctx.Err())
		}
		for _, r := range some[min(seen, len(some)):] {
			if !fn(r) {
				return nil
			}
		}
		if seen = len(some); seen < limit || limit > most {
			return nil
		}
	}
}
