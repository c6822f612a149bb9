package ldap

import (
	"context"
	"slices"
	"strings"

	"dirbridge/sync/identity"
)

// Trial is the result of a filter, combined with all other conditions of the scope.
type Trial struct {
	Matches int
	Sample  []string // DNs of the first matches, at most sampleSize
	// Known means that the schema could be read. Without it, the server may not know the attributes
	// of the filter.
	Known bool
	// UnknownAttributes are named in the filter but not in the schema. Servers report no error for
	// them: an assertion about an unknown attribute is true for no entry, and so is its negation.
	UnknownAttributes []string
}

const sampleSize = 10

// TryFilter counts the objects of the kind that match a filter, in place of the configured filter.
// The error chain of an invalid filter has a *FilterError.
func (s *Source) TryFilter(ctx context.Context, kind identity.Kind, filter string) (found Trial, err error) {
	defer s.secrets.In(&err)
	n, wrong := parseFilter(filter)
	if wrong != nil {
		return Trial{}, filterFailure("the filter", wrong)
	}
	var t Trial
	err = s.with(ctx, func(c *session) error {
		scope, err := c.listingScopeWith(ctx, kind, false, s.scopeBy(c.dir, kind, filter))
		if err != nil {
			return err
		}
		q := query{filter: scope.filter, attrs: none()}
		return c.subtree(ctx, "trying the filter", c.dir.bases, q, scope.filtered(ctx, func(raw *rawEntry) error {
			dn := identity.DisplayDN(plainPart(string(raw.dn)))
			if s.excluded(identity.FoldDN(dn)) {
				return nil
			}
			if t.Matches++; len(t.Sample) < sampleSize {
				t.Sample = append(t.Sample, dn)
			}
			return nil
		}))
	})
	if err != nil {
		return Trial{}, err
	}
	schema, err := s.Schema(ctx)
	if err != nil || len(schema) == 0 {
		return t, ctx.Err()
	}
	t.Known = true
	n.assertions(func(a *filterNode) {
		name, _, _ := strings.Cut(a.attribute, ";")
		if name != "" && !known(schema, name) && !slices.Contains(t.UnknownAttributes, name) {
			t.UnknownAttributes = append(t.UnknownAttributes, name)
		}
	})
	return t, nil
}

// known reports whether the schema has an attribute of that name or OID.
func known(schema []Attribute, name string) bool {
	return slices.ContainsFunc(schema, func(a Attribute) bool {
		return a.OID == name || strings.EqualFold(a.Name, name) ||
			slices.ContainsFunc(a.Also, func(also string) bool { return strings.EqualFold(also, name) })
	})
}
