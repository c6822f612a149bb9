package scimtest

import (
	"net/http"
	"strings"
)

// writeMembers applies an operation to the members of a group.
func (d *draft) writeMembers(verb string, p patchPath, t target, value any) error {
	if t.sub != nil || p.sub != "" {
		return refuse(http.StatusBadRequest, "mutability", "the parts of a member cannot be changed")
	}
	if p.filter != nil {
		return d.writeSelectedMembers(verb, p, t)
	}
	if verb == "remove" && value == nil {
		d.edit.clear()
		return nil
	}
	v, err := t.attr.accept(value)
	if err != nil {
		return err
	}
	switch verb {
	case "replace":
		d.edit.clear()
		return d.edit.addAll(v)
	case "add":
		return d.edit.addAll(v)
	}
	for _, m := range asList(v) {
		id := textOf(m.(map[string]any), "value")
		if r := d.edit.store.byID[id]; r != nil && d.edit.has(r) {
			d.edit.set(r, false)
		}
	}
	return nil
}

func (d *draft) writeSelectedMembers(verb string, p patchPath, t target) error {
	if verb != "remove" {
		return refuse(http.StatusBadRequest, "mutability", "the parts of a member cannot be changed")
	}
	var hits []*resource
	if c, ok := p.filter.(compareExpr); ok && strings.EqualFold(c.name, "value") && c.op == "eq" {
		id, _ := c.value.(string)
		if r := d.edit.store.byID[id]; r != nil && d.edit.has(r) {
			hits = append(hits, r)
		}
	} else {
		match, err := t.attr.bindElement(p.filter)
		if err != nil {
			return refuse(http.StatusBadRequest, "invalidPath", "%s: %v", p.name, asFailure(err).detail)
		}
		for _, r := range d.edit.current() {
			if match(memberValue(d.edit.store, r)) {
				hits = append(hits, r)
			}
		}
	}
	if len(hits) == 0 {
		return refuse(http.StatusBadRequest, "noTarget", "no member matches")
	}
	for _, r := range hits {
		d.edit.set(r, false)
	}
	return nil
}
