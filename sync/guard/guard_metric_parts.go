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
)

// attributeMetrics reads for how many objects an attribute would be blanked or changed, or is lost. All
// attributes of one directory and kind that exceed the threshold are one metric, so that one number
// lifts them.
func attributeMetrics(ctx context.Context, d *stage.Draft) ([]metric, error) {
	var all []metric
	const query = `SELECT rule, dir, kind, subject, count(*) FROM guard_count WHERE rule IN (?,?,?) GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 5 DESC, 4`
	err := d.Work.Each(ctx, query, func(scan func(...any) error) error {
		var r metric
		var p metricPart
		if err := scan(&r.rule, &r.directory, &r.kind, &p.name, &p.count); err != nil {
			return err
		}
		r.what = []metricPart{p}
		all = append(all, r) // there are no more of them than attributes
		return nil
	}, plan.RuleAttributeBlanked, plan.RuleAttributeChanged, plan.RuleAttributeLost)
	if err != nil {
		return nil, err
	}
	var out []metric
	for _, r := range all {
		p := r.what[0]
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
		causes, err := CausesOf(ctx, d, `rule=? AND dir=? AND kind=? AND subject=?`, r.rule, r.directory, string(r.kind), p.name)
		if err != nil {
			return nil, err
		}
		if n := len(out); n == 0 || out[n-1].rule != r.rule || out[n-1].directory != r.directory || out[n-1].kind != r.kind {
			out = append(out, metric{rule: r.rule, directory: r.directory, kind: r.kind})
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
	const query = `SELECT count(*) FROM matched c JOIN resource r ON r.kind=c.kind AND r.id=c.id
		WHERE c.kind=?1 AND substr(c.anchor,1,length(?2)+1)=?2||':' AND EXISTS(SELECT 1 FROM json_each(r.attrs) a WHERE a.key=?3)`
	matched, err := d.Work.Number(ctx, query, string(kind), directory, attribute)
	return max(n, matched), err
}

// membershipMetrics reads how many members groups would lose. A group that loses too many is in one
// metric with all others of its directory that do.
func membershipMetrics(ctx context.Context, d *stage.Draft) ([]metric, error) {
	all := metric{rule: plan.RuleMembersRemoved, kind: identity.Member, count: d.Header.Counts.Members.Remove,
		of: d.Work.Held.Rows}
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
		if all.causes, err = CausesOf(ctx, d, `rule=?`, all.rule); err != nil {
			return nil, err
		}
		return []metric{all}, nil
	}
	lost := map[string]*metric{}    // by directory
	emptied := map[string]*metric{} // likewise
	const query = `SELECT dir, subject, min(name), min(id), count(*) FROM guard_count WHERE rule=? GROUP BY 1, 2 ORDER BY 5 DESC, 3`
	err := d.Work.Each(ctx, query, func(scan func(...any) error) error {
		var dir string
		var group identity.Anchor
		var id identity.ResourceID
		var p metricPart
		if err := scan(&dir, &group, &p.name, &id, &p.count); err != nil {
			return err
		}
		t := d.Env.Policy.GuardsOf(dir)
		if t.MembersRemoved.Off && t.GroupsEmptied.Off || p.count < policy.EmptyGroup && p.count <= t.MembersRemoved.Number {
			return nil
		}
		left, err := groupSize(ctx, d, group, id, &p)
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
	}, plan.RuleMembersRemoved)
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
func groupSize(ctx context.Context, d *stage.Draft, group identity.Anchor, id identity.ResourceID,
	p *metricPart) (left int64, err error) {
	if d.Coverage.Listed() && d.Related {
		p.of, err = d.Work.Number(ctx, `SELECT count(*) FROM cloud_member WHERE gid=?`, string(id))
	} else {
		err = d.Env.Target.GroupMembers(ctx, id, func(identity.ResourceID) error { p.of++; return nil })
	}
	if err != nil {
		return 0, fmt.Errorf("count the members of the group %s: %w", p.name, err)
	}
	p.of = max(p.of, p.count)
	if left = p.of - p.count; left > 0 {
		return left, nil
	}
	return d.Work.Number(ctx, `SELECT count(*) FROM change WHERE kind='member' AND phase=? AND keyf=? AND json_extract(json,'$.Anchor')=?`,
		int(plan.MemberAdds), identity.Fold(p.name), string(group))
}
