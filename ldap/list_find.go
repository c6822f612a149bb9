package ldap

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"

	"dirbridge/sync/identity"
)

// FindByAttribute lists the people, or groups, in scope with one of the values in one of the
// attributes. The server compares them by the matching rule of each attribute. An unknown attribute
// has no values.
func (s *Source) FindByAttribute(ctx context.Context, kind identity.Kind, attributes, values []string,
	fn func(identity.Entry) error) (err error) {
	defer s.secrets.In(&err)
	if kind == identity.User && !s.opt.SyncUsers || kind == identity.Group && !s.opt.SyncGroups {
		return ctx.Err()
	}
	var asserted []string
	for _, v := range values {
		for _, a := range attributes {
			asserted = append(asserted, assertion(a, v)...)
		}
	}
	return resumed(ctx, s, entryID, fn, func(fn func(identity.Entry) error) error {
		return s.with(ctx, func(c *session) error {
			scope, err := c.listingScope(ctx, kind, len(values) <= fewAsked)
			if err != nil {
				return err
			}
			return chunks(asserted, func(some []string) error {
				return c.findByAttribute(ctx, kind, scope, "(|"+strings.Join(some, "")+")", fn)
			})
		})
	})
}

func (c *session) findByAttribute(ctx context.Context, kind identity.Kind, scope *listingScope, filter string,
	fn func(identity.Entry) error) error {
	var entries []identity.Entry // the scope may need the session for a search of its own, after this one
	m := c.source.maker(c.dir, kind)
	q := query{filter: "(&" + filter + scope.filter + ")", attrs: m.cols.request, allowOversized: true}
	if err := c.subtree(ctx, "looking for a value", c.dir.bases, q, func(raw *rawEntry) error {
		e, err := m.entry(ctx, raw)
		entries = append(entries, e)
		return err
	}); err != nil {
		return err
	}
	for _, e := range entries {
		if !c.source.inScope(c.dir, kind, e.DN) {
			continue
		}
		in, err := scope.contains(ctx, e.DN)
		if err != nil {
			return err
		}
		if !in {
			continue
		}
		if err := fn(e); err != nil {
			return err
		}
	}
	return nil
}

// assertion returns the filters for a value of an attribute. Security identifiers are stored as
// bytes; some servers accept them as text.
func assertion(attribute, value string) []string {
	all := []string{"(" + attribute + "=" + goldap.EscapeFilter(value) + ")"}
	if formOf(attribute) == formSID {
		if b, ok := sidBytes(value); ok {
			all = append(all, "("+attribute+"="+escapeBytes(b)+")")
		}
	}
	return all
}

// escapeBytes escapes every byte as RFC 4515 prescribes.
func escapeBytes(raw []byte) string {
	var f strings.Builder
	for _, b := range raw {
		f.WriteString("\\" + hex.EncodeToString([]byte{b}))
	}
	return f.String()
}

// sidBytes is the stored form of a security identifier (MS-DTYP section 2.4.2.2).
func sidBytes(text string) ([]byte, bool) {
	parts := strings.Split(text, "-")
	if len(parts) < 3 || len(parts) > 18 || parts[0] != "S" || parts[1] != "1" {
		return nil, false
	}
	authority, err := strconv.ParseUint(parts[2], 0, 48)
	if err != nil {
		return nil, false
	}
	b := []byte{1, byte(len(parts) - 3)}
	b = append(b, binary.BigEndian.AppendUint64(nil, authority)[2:]...)
	for _, p := range parts[3:] {
		n, err := strconv.ParseUint(p, 10, 32)
		if err != nil {
			return nil, false
		}
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	return b, true
}
