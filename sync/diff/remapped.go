package diff

import (
	"context"
	"slices"

	"dirbridge/sync/facts"
	"dirbridge/sync/guard"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// A value that differs because the administrator changed the mapping of the attribute did not
// change in the directory. The change belongs to the mapping if the rule is not the one of the last
// full run, or if the attributes that the rule reads have the values from when the value was
// applied. A new value of an attribute with a new rule belongs to the mapping as well: the old rule
// would not have produced it.

// markRemapped marks the fields of a change that come from another mapping.
func markRemapped(ctx context.Context, d *stage.Draft, p Pair, fields []plan.FieldDiff) error {
	s := p.shadow
	if s == nil || p.Res == nil || p.Kind != identity.User || p.How != workdb.ByLink || s.ID != p.Res.ID ||
		len(fields) == 0 ||
		ruledAlike(d, s) {
		return nil
	}
	if d.RulesBefore == nil {
		d.RulesBefore = map[string]map[string]string{}
		if err := facts.ReadValue(ctx, d.Env.Store, facts.RulesValue, &d.RulesBefore); err != nil {
			return err
		}
	}
	m := d.Env.Mappers.Of(p.anchor.Directory())
	before, known := d.RulesBefore[p.anchor.Directory()]
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

// readAlike says that attributes were read before, and have the same values now.
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

// remapping is the cause of a change that has a field changed by the mapping.
func remapping(fields []plan.FieldDiff) string {
	if slices.ContainsFunc(fields, func(f plan.FieldDiff) bool { return f.Mapping }) {
		return guard.RemappedCause
	}
	return ""
}

// by is the part of a reason that says where the value of a field comes from.
func by(c plan.Change, field, directory, mapping string) string {
	if f, _ := c.Field(field); f.Mapping {
		return mapping
	}
	return directory
}
