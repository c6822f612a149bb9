package mapping

import (
	"fmt"
	"slices"
	"strings"

	"dirbridge/sync/identity"
	"dirbridge/sync/schema"
)

// rule is one compiled line of the mapping.
type rule struct {
	attr    schema.Attribute
	text    string   // as written, with normalized blanks
	sources []string // directory attributes, spelled as requested
	check   check
	lines   bool // values may have line breaks
	first   bool // the first of the sources with a value decides
}

// compile parses an expression. An empty one gives a rule without sources.
func compile(attr schema.Attribute, expr string) (rule, error) {
	refuse := func(format string, args ...any) (rule, error) {
		return rule{}, &RuleError{Attribute: attr.Name, Rule: expr, Message: fmt.Sprintf(format, args...)}
	}
	sources := strings.Fields(expr)
	if len(sources) == 0 {
		if attr.Required {
			return refuse("it is required and cannot be left unmapped")
		}
		return rule{}, nil
	}
	for _, s := range sources {
		if !isAttributeName(s) {
			return refuse("%q is not the name of a directory attribute; enter one attribute, or several separated by spaces, "+
				"such as \"givenName sn\"; expressions are not supported yet", s)
		}
		if IsSecret(s) {
			return refuse("%s holds a password or key, which is never read", s)
		}
	}
	if len(sources) > 1 && (attr.Reference || attr.Format == schema.Disabled || attr.Format == schema.GUID) {
		return refuse("it takes one directory attribute, not several")
	}
	if attr.Format == schema.GUID && !isAnchorAttribute(sources[0]) {
		return refuse("it is the immutable key of the entry and follows %s alone", anchorAttribute)
	}
	r := rule{
		attr: attr, text: strings.Join(sources, " "), sources: sources, check: checkFor(attr.Format),
		// Active Directory's own tools write CR LF between the lines of a street.
		lines: attr.Name == "street",
	}
	r.addStateAlternatives()
	return r, nil
}

// unknownAttributes refuses rules for attributes that are not in the catalogue.
func unknownAttributes(cat schema.Catalogue, rules map[string]string) []error {
	var errs []error
	for name, expr := range rules {
		if _, ok := cat.User(name); ok {
			continue
		}
		msg := "there is no such cloud attribute"
		for _, a := range cat.Users {
			if strings.EqualFold(a.Name, name) || strings.HasPrefix(a.Name, name+";") {
				msg += "; did you mean " + a.Name + "?"
				break
			}
		}
		errs = append(errs, &RuleError{Attribute: name, Rule: expr, Message: msg})
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errs
}

// isAttributeName accepts a descr with options (RFC 4512 section 2.5), not an OID: an OID would
// evade IsSecret.
func isAttributeName(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		switch {
		case letter:
		case i > 0 && (c >= '0' && c <= '9' || c == '-' || c == ';'):
		default:
			return false
		}
	}
	return s != ""
}

func isAnchorAttribute(s string) bool {
	return strings.EqualFold(s, anchorAttribute) || strings.EqualFold(s, "entryUUID")
}

// apply returns the checked values for the cloud, or the first invalid one. The slice may be shared
// with the entry.
func (r *rule) apply(attrs identity.Attrs) ([]string, *badValue) {
	if r.first {
		return r.firstOf(attrs)
	}
	if len(r.sources) > 1 {
		return r.join(attrs)
	}
	return r.of(attrs[r.sources[0]])
}

// of checks the values of one attribute.
func (r *rule) of(values []string) ([]string, *badValue) {
	switch len(values) {
	case 0:
		return nil, nil
	case 1:
		v, bad := r.value(values[0])
		if bad != nil || v == "" {
			return nil, bad
		}
		if v == values[0] {
			return values, nil
		}
		return []string{v}, nil
	}
	return r.several(values)
}

// join joins the first values of several attributes; an absent one leaves no gap.
func (r *rule) join(attrs identity.Attrs) ([]string, *badValue) {
	parts := make([]string, 0, 4)
	for _, s := range r.sources {
		if v := first(attrs[s]); v != "" {
			parts = append(parts, v)
		}
	}
	v, bad := r.value(strings.Join(parts, " "))
	if bad != nil || v == "" {
		return nil, bad
	}
	return []string{v}, nil
}

func first(values []string) string {
	if len(values) == 1 {
		return trim(values[0])
	}
	if sorted := sortedValues(values); len(sorted) > 0 {
		return sorted[0]
	}
	return ""
}

// several handles an attribute with more than one value: all of them if the cloud accepts several,
// else the first in order.
func (r *rule) several(values []string) ([]string, *badValue) {
	sorted := sortedValues(values)
	if r.attr.Single && len(sorted) > 1 {
		sorted = sorted[:1]
	}
	out := sorted[:0]
	for _, s := range sorted {
		v, bad := r.value(s)
		if bad != nil {
			return nil, bad
		}
		if v != "" {
			out = append(out, v)
		}
	}
	return out, nil
}

// sortedValues are the distinct values that are not blank.
func sortedValues(values []string) []string {
	sorted := make([]string, 0, len(values))
	for _, v := range values {
		if v = trim(v); v != "" {
			sorted = append(sorted, v)
		}
	}
	slices.Sort(sorted)
	return slices.Compact(sorted)
}
