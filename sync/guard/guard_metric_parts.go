package guard

import (
	"context"
	"fmt"

	"dirbridge/sync/identity"
	"dirbridge/sync/mapping"
	"dirbridge/sync/plan"
	"dirbridge/sync/policy"
	"dirbridge/sync/record"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// attributeMetrics reads for how many objects an attribute would be cleared or changed, or is lost. All
// attributes of one directory and kind that exceed the threshold are one metric, so that one number
// lifts them.
func attributeMetrics(ctx context.Context, d *stage.Draft) ([]metric, error) {
	// There are no more totals than attributes.
	all, err := d.Work.GuardTotalsBySubject(ctx, plan.RuleAttributeBlanked, plan.RuleAttributeChanged,
		plan.RuleAttributeLost)
	if err != nil {
		return nil, err
	}
	var out []metric
	for _, total := range all {
		r := metric{rule: total.Rule, directory: total.Directory, kind: total.Kind}
		p := metricPart{name: total.Subject, count: total.Count}
		t := d.Env.Policy.GuardsOf(r.directory).Threshold(r.rule)
		if t.Off || p.count <= t.Number {
			continue
		}
		switch r.rule {
		case plan.RuleAttributeBlanked:
			p.of, err = countHaving(ctx, d, r.directory, r.kind, p.name)
			p.of = max(p.of, p.count)
		case plan.RuleAttributeLost:
			p.of, err = linkedCount(ctx, d, r.directory, r.kind, p.name != mapping.AccountControl)
			p.of = max(p.of, p.count)
		default:
			p.of, err = linkedCount(ctx, d, r.directory, r.kind, false)
		}
		if err != nil {
			return nil, err
		}
		if !t.Exceeded(p.count, p.of) {
			continue
		}
		causes, err := CausesOf(ctx, d, workdb.Counted{Rule: r.rule, Kind: &r.kind, Directory: &r.directory,
			Subject: &p.name})
		if err != nil {
			return nil, err
		}
		if n := len(out); n == 0 || out[n-1].rule != r.rule || out[n-1].directory != r.directory || out[n-1].kind != r.kind {
			out = append(out, r)
		}
		out[len(out)-1].add(p, causes)
	}
	return out, nil
}

// add adds one more part to a metric.
func (r *metric) add(p metricPart, causes []plan.CauseCount) {
	r.count += p.count
	r.of += p.of
	r.total++
	if len(r.what) < causesShown {
		r.what = append(r.what, p)
	}
	for _, c := range causes {
		r.causes = addCause(r.causes, c)
	}
}

// addCause keeps the causesShown most frequent causes, and summarizes the rest.
func addCause(list []plan.CauseCount, c plan.CauseCount) []plan.CauseCount {
	const rest = "have other causes"
	if n := len(list); n > 0 && list[n-1].Cause == rest {
		list[n-1].Count += c.Count
		return list
	}
	if len(list) == causesShown {
		c.Cause = rest
	}
	return append(list, c)
}

// countHaving counts the accounts of a directory that have a value of an attribute: those in the state,
// or those in this plan if they are more, as in a first run. It reads all shadows, which only a
// suspicious plan does.
func countHaving(ctx context.Context, d *stage.Draft, directory string, kind identity.Kind, attribute string) (n int64,
	err error) {
	if err := d.Env.Store.Shadows(ctx, func(s identity.Shadow) error {
		if s.Kind == kind && s.State == identity.Live && s.ID != "" && s.Anchor.Directory() == directory &&
			len(s.Applied[attribute]) > 0 {
			n++
		}
		return nil
	}); err != nil {
		return 0, err
	}
	matched, err := d.Work.CountHaving(ctx, kind, directory, attribute)
	return max(n, matched), err
}

// membershipMetrics reads how many members groups would lose. A group that loses too many is in one
// metric with all others of its directory that do.
func membershipMetrics(ctx context.Context, d *stage.Draft) ([]metric, error) {
	all := metric{rule: plan.RuleMembersRemoved, kind: identity.Member, count: d.Header.Counts.Members.Remove,
		of: d.Work.SpooledMembers()}
	if all.count == 0 {
		return nil, nil
	}
	t := d.Env.Policy.GuardsOf("").Threshold(all.rule)
	if d.Header.Mode == record.Undo && !t.Off && all.count > t.Number {
		all.of = 0
		if err := d.Env.Target.Members(ctx, func(identity.ResourceID,
			identity.ResourceID) error {
			all.of++
			return nil
		}); err != nil {
			return nil, fmt.Errorf("cloud: list memberships: %w", err)
		}
	}
	if d.Coverage.Listed() && t.Exceeded(all.count, all.of) {
		var err error
		if all.causes, err = CausesOf(ctx, d, workdb.Counted{Rule: all.rule}); err != nil {
			return nil, err
		}
		return []metric{all}, nil
	}
	lost := map[string]*metric{}    // by directory
	emptied := map[string]*metric{} // likewise
	err := d.Work.EachGroupTotal(ctx, plan.RuleMembersRemoved, func(g workdb.GroupTotal) error {
		dir, p := g.Directory, metricPart{name: g.Name, count: g.Count}
		t := d.Env.Policy.GuardsOf(dir)
		if t.MembersRemoved.Off && t.GroupsEmptied.Off || p.count < policy.EmptyGroup && p.count <= t.MembersRemoved.Number {
			return nil
		}
		left, err := groupSize(ctx, d, g, &p)
		if err != nil {
			return err
		}
		if p.of >= policy.EmptyGroup && left == 0 && !t.GroupsEmptied.Off {
			one := p
			one.count = 1
			into(emptied, plan.RuleGroupsEmptied, dir).add(one, nil)
		}
		if t.MembersRemoved.Exceeded(p.count, p.of) {
			into(lost, plan.RuleGroupMembersRemoved, dir).add(p, []plan.CauseCount{{Cause: "are no longer in the group " +
				p.name, Count: p.count}})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var out []metric
	for _, rs := range []map[string]*metric{lost, emptied} {
		for _, r := range rs {
			if r.rule == plan.RuleGroupsEmptied {
				r.kind = identity.Group
				if r.of, err = linkedCount(ctx, d, r.directory, identity.Group, false); err != nil {
					return nil, err
				}
			}
			out = append(out, *r)
		}
	}
	return out, nil
}

func into(metrics map[string]*metric, rule, directory string) *metric {
	if metrics[directory] == nil {
		metrics[directory] = &metric{rule: rule, directory: directory, kind: identity.Member}
	}
	return metrics[directory]
}

// groupSize fills in how many members a group has in the cloud, and returns how many it would have
// after the plan. If the cloud's memberships were not all listed, it asks the cloud for those of
// this group.
func groupSize(ctx context.Context, d *stage.Draft, g workdb.GroupTotal, p *metricPart) (left int64, err error) {
	if d.Coverage.Listed() && d.Related {
		p.of, err = d.Work.CountMembers(ctx, g.ID)
	} else {
		err = d.Env.Target.GroupMembers(ctx, g.ID, func(identity.ResourceID) error { p.of++; return nil })
	}
	if err != nil {
		return 0, fmt.Errorf("count the members of the group %s: %w", p.name, err)
	}
	p.of = max(p.of, p.count)
	if left = p.of - p.count; left > 0 {
		return left, nil
	}
	return d.Work.CountAddedMembers(ctx, g.Group, p.name)
}
