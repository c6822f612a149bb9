package ldaptest

import (
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

func lower(s string) string { return strings.ToLower(s) }

func unhex(s string) string {
	raw, err := hex.DecodeString(s)
	if err != nil {
		return ""
	}
	return string(raw)
}

// valid reports whether a value has the attribute's syntax.
func (a *attribute) valid(v string) bool {
	switch a.syntax {
	case text, exact:
		return utf8.ValidString(v)
	case integer:
		_, err := strconv.ParseInt(v, 10, 64)
		return err == nil
	case boolean:
		return v == "TRUE" || v == "FALSE"
	case moment:
		_, err := parseMoment(v)
		return err == nil
	case dnName:
		return a.link != nil || validDN(v)
	case sidForm:
		return sidText(v) != ""
	}
	return true
}

func validDN(v string) bool {
	_, err := parseDN(v)
	return err == nil
}

func parseMoment(v string) (time.Time, error) {
	for _, layout := range []string{"20060102150405.0Z", "20060102150405Z", "200601021504Z"} {
		if t, err := time.Parse(layout, v); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errBER
}

// equal compares two values by the syntax.
func (a *attribute) equal(v, w string) bool {
	switch a.syntax {
	case text, boolean:
		return strings.EqualFold(v, w)
	case integer:
		m, err := strconv.ParseInt(v, 10, 64)
		n, err2 := strconv.ParseInt(w, 10, 64)
		return err == nil && err2 == nil && m == n
	case dnName:
		p, err := parseDN(v)
		q, err2 := parseDN(w)
		return err == nil && err2 == nil && dnKey(p) == dnKey(q)
	}
	return v == w
}

// each calls fn with every value of the attribute, computed ones included, until it returns false.
// It reports whether the attribute exists.
func (d *directory) each(o *object, a *attribute, fn func(string) bool) {
	if a.link != nil {
		for _, t := range o.ends(a) {
			if !fn(t.dn()) {
				return
			}
		}
		return
	}
	if v, ok := d.computed(o, a); ok {
		if v != "" {
			fn(v)
		}
		return
	}
	values := o.get(a)
	if a.onRequest {
		values = append(d.construct(o, a), values...)
	}
	for _, v := range values {
		if !fn(v) {
			return
		}
	}
}

// computed returns the value of an attribute that is not stored. ok is false for stored ones.
func (d *directory) computed(o *object, a *attribute) (v string, ok bool) {
	ad := d.flavor == AD
	switch a {
	case d.at.cn, d.at.ou, d.at.dc, d.at.o, d.at.uid:
		if strings.EqualFold(a.name, o.rdn.attr) {
			return o.rdn.value, true
		}
		return "", false // stored, if it exists
	case d.at.name:
		return o.rdn.value, ad
	case d.at.dn:
		return only(ad, o.dn), true
	case d.at.entryDN:
		return only(!ad, o.dn), true
	case d.at.guid:
		return only(ad, func() string { return string(o.guid[:]) }), true
	case d.at.entryUUID:
		return only(!ad, o.guid.String), true
	case d.at.parentGUID:
		return only(ad && o.parent != nil, func() string { return string(o.parent.guid[:]) }), true
	case d.at.created:
		return only(ad, func() string { return generalized(o.created) }), true
	case d.at.changed:
		return only(ad, func() string { return generalized(o.changed) }), true
	case d.at.createStamp:
		return generalized(o.created), true
	case d.at.modifyStamp:
		return generalized(o.changed), true
	case d.at.usnCreated:
		return only(ad, func() string { return decimal(o.usnCreated) }), true
	case d.at.usnChanged:
		return only(ad, func() string { return decimal(o.usnChanged) }), true
	case d.at.lastKnownParent:
		return only(o.deleted && o.history != nil && o.history.tombstone != nil && o.history.tombstone.parent.alive(),
			func() string { return o.history.tombstone.parent.dn() }), true
	case d.at.canonicalName:
		return only(ad, func() string { return d.canonical(o) }), true
	}
	return "", false
}

func only(when bool, v func() string) string {
	if when {
		return v()
	}
	return ""
}

// canonical is the name as a path from the domain.
func (d *directory) canonical(o *object) string {
	var parts []string
	for ; o.head == nil; o = o.parent {
		parts = append(parts, strings.ReplaceAll(o.rdn.value, "/", `\/`))
	}
	parts = append(parts, d.domain)
	slices.Reverse(parts)
	if len(parts) == 1 {
		return parts[0] + "/"
	}
	return strings.Join(parts, "/")
}
