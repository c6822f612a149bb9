package ldap

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"dirbridge/sync/identity"
)

// maker turns raw entries into identity.Entry for one listing.
type maker struct {
	source *Source
	dir    *directory
	kind   identity.Kind
	cols   *columns
	binary map[string]bool // attributes of bytes, by lower-case name; nil until read
}

func (s *Source) maker(d *directory, kind identity.Kind) *maker {
	return &maker{source: s, dir: d, kind: kind, cols: s.columns(d, kind)}
}

// entry copies everything out of raw. All texts of an entry share one allocation.
func (m *maker) entry(ctx context.Context, raw *rawEntry) (identity.Entry, error) {
	size := len(raw.dn)
	for _, v := range raw.values { // base64 of binary values is larger, and allocated separately
		size += len(v)
	}
	var text strings.Builder
	text.Grow(size)
	intern := func(b []byte) string {
		at := text.Len()
		text.Write(b)
		return text.String()[at:]
	}

	e := identity.Entry{Kind: m.kind, Controlled: m.kind == identity.User && m.dir.kind == KindADDS,
		Attrs: make(identity.Attrs, len(raw.attrs)+1)}
	e.DN = identity.DisplayDN(intern(raw.dn))
	e.RDN, e.Parent = identity.SplitDN(e.DN)
	guid, attribute, wrong := m.dir.guidOf(raw)
	if wrong != "" {
		e.Problems = append(e.Problems, m.problem(&e, attribute, "the attribute "+attribute+" "+wrong,
			"Grant the bind account the right to read "+attribute+"."))
	} else {
		e.Anchor = m.source.anchor(guid)
	}

	all := make([]string, 0, len(raw.values))
	var more []rangedAttr
	for i := range raw.attrs {
		a := &raw.attrs[i]
		col, ranged := m.cols.find(a.name), rangedAttr{}
		if col == nil {
			if ranged, col = m.ranged(a.name); col == nil {
				continue
			}
		}
		if a.oversized && len(col.outs) > 0 {
			e.Problems = append(e.Problems, m.unreadable(&e, col.outs[0], tooManyValues))
			continue
		}
		if len(a.values) == 0 || len(col.outs) == 0 {
			continue
		}
		from, failed := len(all), ""
		for _, v := range a.values {
			t, keep, why := value(col.form, v, intern)
			if why != "" && col.form == formText && m.isBinary(ctx, string(a.name)) {
				t, keep, why = value(formBinary, v, intern)
			}
			if why != "" {
				failed = why
				break
			}
			if keep {
				all = append(all, t)
			}
		}
		if failed != "" {
			all = all[:from]
			e.Problems = append(e.Problems, m.unreadable(&e, col.outs[0], failed))
			continue
		}
		if ranged.more {
			more = append(more, ranged)
		}
		m.set(&e, col, all[from:len(all):len(all)])
	}
	if guid != "" {
		if _, ok := e.Attrs["objectGUID"]; !ok {
			e.Attrs["objectGUID"] = []string{guid}
		}
	}
	for _, r := range more {
		if err := m.rest(ctx, &e, raw, r); err != nil {
			return e, err
		}
	}
	if len(m.cols.perObject) > 0 {
		return e, m.constructed(ctx, &e, raw)
	}
	return e, nil
}

// tooManyValues is the problem of an attribute with more than maxValues.
const tooManyValues = "has more than 100,000 values"

// set stores values under the requested names. A name that is set keeps its values: a server may
// send one attribute under two of its names.
//
// The values of an attribute have no order (RFC 4511 section 4.1.7), and servers of one directory
// send them in different orders, so they are sorted.
func (m *maker) set(e *identity.Entry, col *column, values []string) {
	if len(values) == 0 {
		return
	}
	if len(values) > 1 && !slices.IsSorted(values) {
		slices.Sort(values)
	}
	for _, out := range col.outs {
		if _, ok := e.Attrs[out]; !ok {
			e.Attrs[out] = values
		}
	}
}

func (m *maker) problem(e *identity.Entry, attribute, message, remedy string) identity.Problem {
	return identity.Problem{Anchor: e.Anchor, DN: e.DN, Attribute: attribute, Side: identity.InDirectory, Message: message,
		Remedy: remedy}
}

func (m *maker) unreadable(e *identity.Entry, attribute, why string) identity.Problem {
	return m.problem(e, attribute, fmt.Sprintf("For %s, the attribute %s %s", e.DN, attribute, why),
		"Correct the value in the directory, or map another attribute.")
}

// value converts one value to text. keep is false for values that mean "none"; why is the problem,
// worded to follow the attribute's name.
func value(f form, v []byte, intern func([]byte) string) (text string, keep bool, why string) {
	var err error
	switch f {
	case formGUID:
		text, err = guidText(v)
		if err != nil {
			if b, ok := parseUUID(string(v)); ok {
				return dashed(b), true, ""
			}
			return "", false, err.Error()
		}
		return text, true, ""
	case formSID:
		if bytes.HasPrefix(v, []byte("S-1-")) && isText(v) {
			return intern(v), true, ""
		}
		if text, err = sidText(v); err != nil {
			return "", false, err.Error()
		}
		return text, true, ""
	case formBinary:
		if len(v) > maxBinary {
			return "", false, fmt.Sprintf("is larger than %d kB (%d bytes)", maxBinary>>10, len(v))
		}
		return base64.StdEncoding.EncodeToString(v), len(v) > 0, ""
	}
	if !isText(v) {
		return "", false, fmt.Sprintf("is not text (a value of %d bytes, which begins with %s)", len(v), sample(v))
	}
	switch f {
	case formUUID:
		if b, ok := parseUUID(string(v)); ok {
			return dashed(b), true, ""
		}
	case formDN:
		return identity.DisplayDN(intern(v)), true, ""
	case formTime:
		t, err := GeneralizedTime(string(v))
		if err != nil {
			return "", false, "is not a time (" + err.Error() + ")"
		}
		return t.Format(time.RFC3339), true, ""
	case formFileTime:
		t, ok, err := FileTime(string(v))
		if err != nil {
			return "", false, "is not a time (" + err.Error() + ")"
		}
		return t.Format(time.RFC3339), ok, ""
	}
	return intern(v), true, ""
}

// maxBinary bounds a binary value. A thumbnailPhoto has at most 100 kB.
const maxBinary = 1 << 20

func sample(v []byte) string {
	const shown = 8
	if len(v) > shown {
		v = v[:shown]
	}
	return fmt.Sprintf("% x", v)
}
