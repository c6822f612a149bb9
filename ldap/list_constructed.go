package ldap

import (
	"context"
	"errors"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"

	"dirbridge/sync/identity"
)

// constructed reads the attributes that need a search of their own. If the server refuses, the
// entry gets a Problem and is complete otherwise.
func (m *maker) constructed(ctx context.Context, e *identity.Entry, raw *rawEntry) error {
	q := query{what: "reading " + strings.Join(m.cols.perObject, ", ") + " of " + e.DN, base: m.dir.objectBase(raw),
		scope: goldap.ScopeBaseObject, filter: everything, attrs: m.cols.perObject}
	err := m.source.with(ctx, func(c *session) error {
		return c.run(ctx, q, func(raw *rawEntry) error {
			for i := range raw.attrs {
				a := &raw.attrs[i]
				if col := m.cols.find(a.name); col != nil && len(col.outs) > 0 {
					m.take(e, col, a.values)
				}
			}
			return nil
		})
	})
	var said *resultError
	switch {
	case err == nil || noSuchObject(err):
		return nil
	case !errors.As(err, &said) || goldap.IsErrorAnyOf(err, goldap.LDAPResultBusy, goldap.LDAPResultUnavailable):
		return err
	}
	for _, name := range m.cols.perObject {
		e.Problems = append(e.Problems,
			m.problem(e, name, "For "+e.DN+", the attribute "+name+" cannot be read: "+err.Error(),
				"Take it out of the mapping, or grant the bind account the right to read it."))
	}
	return nil
}

// take decodes the values of one attribute into the entry.
func (m *maker) take(e *identity.Entry, col *column, raw [][]byte) {
	values := make([]string, 0, len(raw))
	for _, v := range raw {
		t, keep, why := value(col.form, v, cloned)
		if why != "" {
			e.Problems = append(e.Problems, m.unreadable(e, col.outs[0], why))
			return
		}
		if keep {
			values = append(values, t)
		}
	}
	m.set(e, col, values)
}

// isBinary reports whether the schema says that the values of an attribute are bytes. The schema is
// read once, when the first value is not text.
func (m *maker) isBinary(ctx context.Context, name string) bool {
	name, _, _ = strings.Cut(name, ";")
	if m.binary == nil {
		m.binary = map[string]bool{}
		all, err := m.source.Schema(ctx)
		if err != nil {
			return false // the value is reported as a problem
		}
		for _, a := range all {
			if a.Syntax == Binary && !a.Secret {
				for _, n := range append([]string{a.Name}, a.Also...) {
					m.binary[strings.ToLower(n)] = true
				}
			}
		}
	}
	return m.binary[strings.ToLower(name)]
}
