package sync

import (
	"context"
	"slices"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/schema"
)

// A value that differs because the administrator mapped the attribute otherwise is not
// one that changed in the directory. It is the mapping's where the rule is not the one of
// the last full run, or where what the rule reads is what was read when the value was
// applied. A new value of a new rule's attribute is the mapping's as well: under the old
// rule it would not have come.

// remappedCause is what all changes by another mapping have in common.
const remappedCause = "the mapping changed"

// markRemapped notes which fields of a change come from another mapping.
func (d *draft) markRemapped(ctx context.Context, p pair, fields []plan.FieldDiff) error {
	s := p.shadow
	if s == nil || p.res == nil || p.kind != identity.User || p.how != byLink || s.ID != p.res.ID || len(fields) == 0 ||
		d.ruledAlike(s) {
		return nil
	}
	if d.rulesBefore == nil {
		d.rulesBefore = map[string]map[string]string{}
		if err := facts.ReadValue(ctx, d.env.Store, facts.RulesValue, &d.rulesBefore); err != nil {
			return err
		}
	}
	m := d.env.Mappers.Of(p.anchor.Directory())
	before, known := d.rulesBefore[p.anchor.Directory()]
	now := m.Rules()
	for i := range fields {
		f := &fields[i]
		name := f.Name
		if name == schema.Active {
			if name = schema.State; s.State != identity.Live {
				continue // it comes back
			}
		}
		another := known && before[name] != now[name]
		f.Mapping = !f.Drift && (another || s.Base != p.base && !f.Ref && readAlike(s.Inputs, p.inputs, m.Sources(name)))
	}
	return nil
}

// readAlike says that attributes were read before, and have the values of then.
func readAlike(before, now identity.Attrs, sources []string) bool {
	met := false
	for _, name := range sources {
		if !slices.Equal(before[name], now[name]) {
			return false
		}
		met = met || len(now[name]) > 0
	}
	return met
}

// remapping is the cause of a change of which a field is the mapping's.
func remapping(fields []plan.FieldDiff) string {
	if slices.ContainsFunc(fields, func(f plan.FieldDiff) bool { return f.Mapping }) {
		return remappedCause
	}
	return ""
}

// by is what a reason says of a field: with where its value comes from.
func by(c plan.Change, field, directory, mapping string) string {
	if f, _ := c.Field(field); f.Mapping {
		return mapping
	}
	return directory
}
