package diff

import (
	"fmt"
	"slices"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
)

// normalAttrs returns attributes in the form in which they are written and listed.
func normalAttrs(d *stage.Draft, attrs identity.Attrs) identity.Attrs {
	out := make(identity.Attrs, len(attrs))
	for name, values := range attrs {
		if v := d.Env.Target.Normalize(name, values); len(v) > 0 {
			out[name] = v
		}
	}
	return out
}

func manages(d *stage.Draft, directory, name string) bool {
	return slices.Contains(d.Env.Mappers.Of(directory).Managed(), name)
}

// ManagedFields lists the attributes that are compared for a kind in one directory.
func ManagedFields(d *stage.Draft, directory string, kind identity.Kind) []string {
	if kind != identity.Group {
		return d.Env.Mappers.Of(directory).Managed()
	}
	if !manages(d, directory, schema.ExternalID) {
		return []string{schema.GroupName}
	}
	return []string{schema.GroupName, schema.ExternalID}
}

// diffFields compares the managed attributes, normalized by the target on both sides. It also returns
// the values that the cloud is known, or suspected, not to accept.
func diffFields(d *stage.Draft, p Pair) (fields []plan.FieldDiff, ignored map[string]identity.Ignored) {
	limits := d.Env.Target.Limits()
	for _, name := range ManagedFields(d, p.anchor.Directory(), p.Kind) {
		if name == schema.ExternalID && limits.Anchorless && p.Res != nil {
			continue
		}
		if name == schema.Manager && p.bossStays || name == schema.ExternalID && p.external == externalStays {
			continue
		}
		f := plan.FieldDiff{Name: name, New: p.attrs[name]}
		if p.Res != nil {
			f.Old = p.Res.Attrs[name]
		}
		if name == schema.Manager {
			f = managerField(d, p)
		} else {
			f.New = d.Env.Target.Normalize(name, f.New)
		}
		if name == schema.UID && p.keepsSpelling() {
			continue
		}
		if stage.Same(name, f.New, d.Env.Target.Normalize(name, f.Old)) || f.Ref && len(f.Old) == 1 &&
			f.Old[0] == string(p.managerID) && p.managerID != "" {
			continue
		}
		if ig, known := knownIgnored(p, f); known {
			if ignored == nil {
				ignored = map[string]identity.Ignored{}
			}
			ignored[name] = ig
			if ig.Sure {
				continue
			}
		}
		fields = append(fields, f)
	}
	if p.Kind == identity.User {
		state := stateField(d, p)
		for _, f := range state {
			ig, known := knownIgnored(p, f)
			if !known {
				continue
			}
			if ignored == nil {
				ignored = map[string]identity.Ignored{}
			}
			ignored[f.Name] = ig
			if ig.Sure && f.New[0] == "true" {
				state = nil // a deactivation is retried, whatever the cloud did with the last one
			}
		}
		fields = append(fields, state...)
	}
	return fields, ignored
}

// managerField refers to the manager by anchor, because this plan may add the account.
func managerField(d *stage.Draft, p Pair) plan.FieldDiff {
	f := plan.FieldDiff{Name: schema.Manager, Ref: true}
	if p.Res != nil {
		f.Old = p.Res.Attrs[schema.Manager]
	}
	if p.manager != "" {
		f.New = []string{string(p.manager)}
	}
	return f
}

// stateField is the activation of an account, if it must change.
func stateField(d *stage.Draft, p Pair) []plan.FieldDiff {
	want := p.active
	if !d.Env.Mappers.Of(p.anchor.Directory()).ManagesState() {
		// The state is not managed, but an account that was deactivated as missing comes back.
		if last := p.last(); p.Res == nil || last == nil || last.State != identity.Grace || !last.ByUs {
			return nil
		}
		want = true
	}
	f := plan.FieldDiff{Name: schema.Active, New: []string{fmt.Sprint(want)}}
	if p.Res != nil {
		if p.Res.Active == want {
			return nil
		}
		f.Old = []string{fmt.Sprint(p.Res.Active)}
	}
	return []plan.FieldDiff{f}
}

// knownIgnored says whether the cloud shows, for this wanted value, the value that it showed before
// the last write. If that is certain, another write would change nothing. If it is a suspicion, an
// edit by hand may have restored the old value, so the value is written again, and read back right
// after.
func knownIgnored(p Pair, f plan.FieldDiff) (identity.Ignored, bool) {
	if p.shadow == nil || p.Res == nil {
		return identity.Ignored{}, false
	}
	wanted := f.New
	if f.Ref && len(wanted) > 0 {
		wanted = []string{string(p.managerID)} // a reference is written as an id
	}
	ig, ok := p.shadow.Ignored[f.Name]
	if !ok || !slices.Equal(ig.Wanted, wanted) || !slices.Equal(ig.Got, f.Old) {
		return identity.Ignored{}, false
	}
	return ig, true
}
