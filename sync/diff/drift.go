package diff

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"dirbridge/sync/fingerprint"
	"dirbridge/sync/guard"
	"dirbridge/sync/identity"
	"dirbridge/sync/match"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// Drift is what was changed in the cloud by hand. Three values reveal it, for each field
// separately: what was last applied, what the directory wants now, and what the cloud shows.
//
//	applied   directory   cloud     the difference is
//	A         A           B         drift
//	A         C           A         the directory's
//	A         C           B         the directory's; the cloud was changed as well
//
// An account that is not the linked one of the last run has no drift: its earlier values are not
// known.

// markDrift says for each field of a change which side changed it.
func markDrift(ctx context.Context, d *stage.Draft, p Pair, fields []plan.FieldDiff) error {
	s := p.shadow
	if s == nil || p.Res == nil || p.How != workdb.ByLink || s.ID != p.Res.ID || len(fields) == 0 {
		return nil
	}
	if open, err := d.Work.IsUnanswered(ctx, p.anchor); err != nil || open {
		return err
	}
	for i := range fields {
		f := &fields[i]
		applied, want, known, err := rememberedValue(ctx, d, p, *f)
		if err != nil {
			return err
		}
		if !known {
			continue
		}
		left, known := expected(s, *f, applied)
		norm := func(v []string) []string { return d.Env.Target.Normalize(f.Name, v) }
		switch {
		case !known || stage.Same(f.Name, norm(left), norm(f.Old)):
		case f.Name == stage.KeyField(p.Kind) && len(f.Old) == 1 && match.IsTemporary(f.Old[0]):
			// The difference is ours: a run ended between two of its writes.
		case len(applied) == 0 && !ruledAlike(d, s):
			// It may not have been mapped when the account was last written.
		case stage.Same(f.Name, norm(applied), norm(want)):
			f.Drift = true
		default:
			f.Both = true
		}
	}
	return nil
}

// BeginJournal runs before anything is read from the state or the cloud: it remembers where the
// journal ends, and which objects have an unanswered write. Another process may write while this
// one plans.
func BeginJournal(ctx context.Context, d *stage.Draft) (err error) {
	if d.JournalEnd, err = d.Env.Store.JournalEnd(ctx); err != nil {
		return err
	}
	return d.Env.Store.Unanswered(ctx, unsureWrites(ctx, d))
}

// noteUnanswered marks the objects whose last write was never answered, or was sent or answered
// since the plan began. What the cloud shows of them may be our own write, and the state may be
// older or newer than what the cloud shows, so a difference need not be an edit by hand. The next
// run checks unanswered writes before it plans.
func noteUnanswered(ctx context.Context, d *stage.Draft) error {
	if err := d.Env.Store.Unanswered(ctx, unsureWrites(ctx, d)); err != nil {
		return err
	}
	return d.Env.Store.JournalAfter(ctx, d.JournalEnd, unsureWrites(ctx, d))
}

func unsureWrites(ctx context.Context, d *stage.Draft) func(port.Intent) error {
	return func(i port.Intent) error {
		for _, a := range []identity.Anchor{i.Change.Anchor, i.Change.Member} {
			if a == "" {
				continue
			}
			if err := d.Work.MarkUnanswered(ctx, a); err != nil {
				return err
			}
		}
		return nil
	}
}

// rememberedValue returns what was last applied for a field, and what the directory wants now. known is
// false if the former is not known.
func rememberedValue(ctx context.Context, d *stage.Draft, p Pair, f plan.FieldDiff) (applied, want []string, known bool,
	err error) {
	switch {
	case f.Name == schema.Active:
		// In grace, the account was deactivated by us.
		return []string{fmt.Sprint(p.shadow.Active)}, f.New, p.shadow.State == identity.Live, nil
	case !f.Ref:
		return p.shadow.Applied[f.Name], f.New, true, nil
	}
	id := p.managerID
	if id == "" && p.manager != "" {
		// The manager's account was removed in the cloud, and the reference with it.
		boss, ok, err := d.Env.Store.Shadow(ctx, p.manager)
		if err != nil {
			return nil, nil, false, err
		}
		if ok {
			id = boss.ID
		}
	}
	if id != "" {
		want = []string{string(id)}
	}
	return p.shadow.Applied[f.Name], want, true, nil
}

// expected returns what the cloud should show for a field without an edit by hand: what was
// applied, or what the cloud is known to have made of it. known is false if that is not settled:
// the cloud shows the value from before the last write, which it may not have kept.
func expected(s *identity.Shadow, f plan.FieldDiff, applied []string) (values []string, known bool) {
	ig, doubted := s.Ignored[f.Name]
	switch {
	case !doubted:
		return applied, true
	case ig.Sure && slices.Equal(ig.Wanted, applied):
		return ig.Got, true
	case !ig.Sure && slices.Equal(ig.Got, f.Old):
		return nil, false
	}
	return applied, true
}

// ruledAlike says that the shadow was made under the current configuration, so that an attribute
// without a value was meant to have none.
func ruledAlike(d *stage.Draft, s *identity.Shadow) bool {
	if s.Fingerprint.Cloud == 0 {
		return d.Coverage.SameRules()
	}
	kept := *s
	kept.Ignored = nil
	follow := d.Env.Mappers.Follow(s.Anchor.Directory())
	for _, was := range []identity.Shadow{*s, kept} {
		for _, admin := range identity.Tris() {
			if d.Fingerprints.Account(fingerprint.AsListed(was, admin), follow) == s.Fingerprint.Cloud {
				return true
			}
		}
	}
	return false
}

// removedByHand says that the account of a subject is gone and that this program did not remove it:
// in some clouds deactivating destroys the account.
func removedByHand(ctx context.Context, d *stage.Draft, p Pair) (bool, error) {
	if !p.goneInCloud {
		return false, nil
	}
	if open, err := d.Work.IsUnanswered(ctx, p.anchor); err != nil || open {
		return false, err // possibly by an unfinished write of ours
	}
	ours := p.shadow.State == identity.Grace || !p.shadow.Active
	return !(p.Kind == identity.User && ours && d.Env.Target.Limits().DeactivateDestroys), nil
}

// fieldReasons says why the fields changed that the action does not name already.
func (p *Pair) fieldReasons(fields []plan.FieldDiff) (why []string) {
	from := map[string][]string{}
	changed := guard.InDirectory
	if p.shadow == nil || p.How != workdb.ByLink || p.shadow.Base == p.base {
		changed = guard.Differ
	}
	for _, f := range fields {
		switch {
		case f.Name == schema.Active || f.Name == schema.UID:
		case f.Drift:
			from[guard.InCloud] = append(from[guard.InCloud], f.Name)
		case f.Both && f.Mapping:
			from[guard.MappedBoth] = append(from[guard.MappedBoth], f.Name)
		case f.Both:
			from[guard.InBoth] = append(from[guard.InBoth], f.Name)
		case f.Mapping:
			from[guard.Mapped] = append(from[guard.Mapped], f.Name)
		default:
			from[changed] = append(from[changed], f.Name)
		}
	}
	for _, what := range []string{guard.InCloud, guard.InBoth, changed, guard.Mapped, guard.MappedBoth} {
		if names := from[what]; len(names) > 0 {
			why = append(why, strings.Join(names, ", ")+" "+what)
		}
	}
	return why
}
