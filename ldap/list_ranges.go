package ldap

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"

	"dirbridge/sync/identity"
)

// rangedAttr is an attribute that the server sent in part, as "member;range=0-1499" (MS-ADTS
// section 3.1.1.3.1.3.3).
type rangedAttr struct {
	name string // without the range
	next int    // first value still to come
	more bool
}

// parseRange reads an attribute description with a range option.
func parseRange(description string) (r rangedAttr, ok bool) {
	name, option, found := strings.Cut(description, ";")
	if !found {
		return r, false
	}
	const prefix = "range="
	if len(option) < len(prefix) || !strings.EqualFold(option[:len(prefix)], prefix) {
		return r, false
	}
	from, to, found := strings.Cut(option[len(prefix):], "-")
	if _, err := strconv.ParseUint(from, 10, 31); err != nil || !found {
		return r, false
	}
	if to == "*" {
		return rangedAttr{name: name}, true
	}
	last, err := strconv.ParseUint(to, 10, 31)
	return rangedAttr{name: name, next: int(last) + 1, more: true}, err == nil
}

func cloned(b []byte) string { return string(b) }

func (m *maker) ranged(name []byte) (rangedAttr, *column) {
	r, ok := parseRange(string(name))
	if !ok {
		return r, nil
	}
	return r, m.cols.find([]byte(r.name))
}

// rest reads the remaining values of a ranged attribute.
func (m *maker) rest(ctx context.Context, e *identity.Entry, raw *rawEntry, r rangedAttr) error {
	col := m.cols.find([]byte(r.name))
	values := append([]string(nil), e.Attrs[col.outs[0]]...)
	failed := ""
	_, err := m.source.ranges(ctx, m.dir.objectBase(raw), r, nil, func(v []byte) error {
		t, keep, why := value(col.form, v, cloned)
		if why != "" && col.form == formText && m.isBinary(ctx, r.name) {
			t, keep, why = value(formBinary, v, cloned)
		}
		switch {
		case len(values) == maxValues:
			failed = tooManyValues
			return errTooManyValues
		case why != "":
			failed = why
		case keep:
			values = append(values, t)
		}
		return nil
	})
	if err != nil && !errors.Is(err, errTooManyValues) {
		return err
	}
	if failed != "" {
		e.Problems = append(e.Problems, m.unreadable(e, col.outs[0], failed))
		values = nil
	}
	for _, out := range col.outs {
		delete(e.Attrs, out)
	}
	m.set(e, col, values)
	return nil
}

// objectBase is a search base that finds the object even after a rename, if the server supports it
// (MS-ADTS section 3.1.1.3.1.2.4).
func (d *directory) objectBase(raw *rawEntry) string {
	if d.ad() {
		if guid, _, problem := d.guidOf(raw); problem == "" {
			return "<GUID=" + guid + ">"
		}
	}
	return plainPart(string(raw.dn))
}

// errTooManyValues ends the reading of an attribute with too many values.
var errTooManyValues = errors.New("too many values")

// Bounds of an attribute that comes in parts: the first manyParts may have any size, later ones
// must have fewValues each on average, and maxRanged is the bound of all values.
const (
	manyParts = 1000
	fewValues = 10
	maxRanged = 20_000_000
)

// ranges reads the values of an attribute from r.next on, on a session of its own. version is the
// object's uSNChanged at the last of them.
func (s *Source) ranges(ctx context.Context, base string, r rangedAttr, controls []goldap.Control,
	each func([]byte) error) (version string, err error) {
	err = s.with(ctx, func(c *session) error {
		parts, count := 0, r.next
		for r.more {
			asked := fmt.Sprintf("%s;range=%d-*", r.name, r.next)
			q := query{what: fmt.Sprintf("reading %s of %s from value %d on", r.name, base, r.next), base: base,
				scope: goldap.ScopeBaseObject, filter: everything, attrs: []string{asked, "uSNChanged"}, controls: controls}
			next := rangedAttr{}
			if err := c.run(ctx, q, func(e *rawEntry) error {
				for i := range e.attrs {
					a := &e.attrs[i]
					got, ok := parseRange(string(a.name))
					switch {
					case strings.EqualFold(string(a.name), "uSNChanged") && len(a.values) == 1:
						version = string(a.values[0])
					case ok && strings.EqualFold(got.name, r.name):
						next = got
						count += len(a.values)
						for _, v := range a.values {
							if err := each(v); err != nil {
								return err
							}
						}
					}
				}
				return nil
			}); err != nil {
				return err
			}
			if next.name == "" || next.more && next.next <= r.next {
				return retry("The object may have changed meanwhile: run again.", "%s: the server does not answer with the rest",
					q.what)
			}
			if parts++; count > maxRanged || parts > manyParts && count < parts*fewValues {
				return giveUp("Look at the object, or leave it out by exclude_dns.",
					"%s at %s: after %d values in %d parts there is no end", q.what, c.server, count, parts)
			}
			r = next
		}
		return nil
	})
	return version, err
}
