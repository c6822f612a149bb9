package guard

import (
	"context"

	"dirbridge/sync/identity"
	"dirbridge/sync/match"
	"dirbridge/sync/plan"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// metric is one number that a guard checks, and the whole that it is part of.
type metric struct {
	rule      string
	directory string // "" is the sum of all
	kind      identity.Kind
	count, of int64
	// what has the attributes, groups or administrators that the number is about, worst first, at
	// most causesShown of them; total is how many there are.
	what   []metricPart
	total  int64
	causes []plan.CauseCount
}

// metricPart is the part of a metric that is about one attribute or group.
type metricPart struct {
	name      string
	count, of int64
}

// allMetrics reads everything that guards count of the changes. It looks up a whole only where the
// number alone is exceeded, which is rare.
func allMetrics(ctx context.Context, d *stage.Draft) ([]metric, error) {
	if err := settleCounts(ctx, d); err != nil {
		return nil, err
	}
	if err := match.CountLost(ctx, d); err != nil {
		return nil, err
	}
	totals, err := d.Work.GuardTotals(ctx, plan.RuleRemovals, plan.RuleDirectoryDisable, plan.RuleKeyChanges,
		plan.RuleAdminsTouched)
	if err != nil {
		return nil, err
	}
	var out []metric
	for _, t := range totals {
		out = append(out, metric{rule: t.Rule, directory: t.Directory, kind: t.Kind, count: t.Count})
	}
	out = append(out, departures(d)...)
	lost, err := losses(ctx, d)
	if err != nil {
		return nil, err
	}
	out = mergeMetrics(d, append(out, lost...))
	for i := range out {
		if err := completeMetric(ctx, d, &out[i]); err != nil {
			return nil, err
		}
	}
	for _, more := range []func(context.Context, *stage.Draft) ([]metric, error){attributeMetrics, membershipMetrics} {
		some, err := more(ctx, d)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	return out, nil
}

// departures counts the objects that are no longer anywhere in their directory. A directory that
// was not read proves nothing.
func departures(d *stage.Draft) (out []metric) {
	for dir, kinds := range d.Gone {
		for kind, g := range kinds {
			if g.Vanished > 0 && !d.Frozen[dir] {
				out = append(out, metric{rule: plan.RuleSourceShrunk, directory: dir, kind: kind, count: g.Vanished})
			}
		}
	}
	return out
}

// losses counts the accounts that were linked, and that the cloud no longer lists.
func losses(ctx context.Context, d *stage.Draft) (out []metric, err error) {
	lost, err := d.Work.LostCounts(ctx)
	for _, l := range lost {
		out = append(out, metric{rule: plan.RuleCloudShrunk, directory: l.Directory, kind: l.Kind, count: l.Count})
	}
	return out, err
}

// mergeMetrics adds the metrics of several directories: a little in each may be a lot in total.
func mergeMetrics(d *stage.Draft, metrics []metric) []metric {
	if len(d.Header.Directories) < 2 {
		return metrics
	}
	type part struct {
		rule string
		kind identity.Kind
	}
	sums := map[part]*metric{}
	for _, r := range metrics {
		key := part{r.rule, r.kind}
		if r.rule == plan.RuleRemovals {
			continue // all removals together have the delete threshold
		}
		if sums[key] == nil {
			sums[key] = &metric{rule: r.rule, kind: r.kind}
		}
		sums[key].count += r.count
	}
	for _, sum := range sums {
		metrics = append(metrics, *sum)
	}
	return metrics
}

// completeMetric finds the whole, the names and the causes of a metric whose number alone is too high.
func completeMetric(ctx context.Context, d *stage.Draft, r *metric) (err error) {
	if t := d.Env.Policy.GuardsOf(r.directory).Threshold(r.rule); t.Off || r.count <= t.Number &&
		r.rule != plan.RuleCloudShrunk {
		return nil
	}
	switch r.rule {
	case plan.RuleAdminsTouched:
		r.of = d.AdminsActive
	case plan.RuleDirectoryDisable:
		r.of, err = linkedCount(ctx, d, r.directory, r.kind, true)
	case plan.RuleRemovals:
		if r.of = d.Header.CloudUsers; r.directory != "" {
			r.of, err = linkedCount(ctx, d, r.directory, r.kind, false)
		}
	default:
		r.of, err = linkedCount(ctx, d, r.directory, r.kind, false)
	}
	if err != nil || r.rule == plan.RuleSourceShrunk || r.rule == plan.RuleCloudShrunk {
		return err
	}
	of := workdb.Counted{Rule: r.rule, Kind: &r.kind}
	if r.directory != "" || r.rule == plan.RuleRemovals {
		of.Directory = &r.directory
	}
	if r.causes, err = CausesOf(ctx, d, of); err != nil || r.rule != plan.RuleAdminsTouched {
		return err
	}
	r.total = r.count
	names, err := d.Work.CountedNames(ctx, of, causesShown)
	for _, name := range names {
		r.what = append(r.what, metricPart{name: name})
	}
	return err
}

// linkedCount is how many objects of a directory are linked, or will be by this plan if those are
// more, as in a first run. active counts those with an active account.
func linkedCount(ctx context.Context, d *stage.Draft, directory string, kind identity.Kind, active bool) (n int64,
	err error) {
	of := func(dir string) bool { return directory == "" || dir == directory }
	if kind == identity.User {
		linked, err := d.Env.Store.Linked(ctx)
		if err != nil {
			return 0, err
		}
		for dir, c := range linked {
			switch {
			case !of(dir):
			case active:
				n += c.Active
			default:
				n += c.People
			}
		}
	} else if err := d.Env.Store.Rest(ctx, func(s identity.Shadow) error {
		if s.Kind == kind && s.State == identity.Live && s.ID != "" && of(s.Anchor.Directory()) {
			n++
		}
		return nil
	}); err != nil {
		return 0, err
	}
	matched, err := d.Work.CountMatchedOf(ctx, kind, directory, active)
	return max(n, matched), err
}
