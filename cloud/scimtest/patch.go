package scimtest

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"
)

const patchURN = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

// Op is one operation of a PATCH. Op is add, replace or remove in any case; Path may be empty for
// add and replace; Value is a decoded JSON value.
type Op struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value"`
}

func decodePatch(body []byte) ([]Op, error) {
	var req struct {
		Schemas    []string `json:"schemas"`
		Operations []Op     `json:"Operations"`
	}
	if err := json.Unmarshal(body, &req); err != nil {
		return nil, refuse(http.StatusBadRequest, "invalidSyntax", "the body is not a PATCH request: %v", err)
	}
	if len(req.Schemas) != 1 || !strings.EqualFold(req.Schemas[0], patchURN) {
		return nil, refuse(http.StatusBadRequest, "invalidSyntax", "schemas must be %s", patchURN)
	}
	if len(req.Operations) == 0 {
		return nil, refuse(http.StatusBadRequest, "invalidSyntax", "Operations is empty")
	}
	return req.Operations, nil
}

// draft is a resource during a PATCH. Nothing is stored until all operations have succeeded.
type draft struct {
	rt    *resourceType
	attrs map[string]any
	edit  *memberEdit // of a group; nil for a user
}

func (d *draft) apply(op Op) error {
	switch verb := strings.ToLower(op.Op); verb {
	case "add", "replace":
		if op.Path == "" {
			return d.merge(verb, op.Value)
		}
		return d.write(verb, op.Path, op.Value)
	case "remove":
		if op.Path == "" {
			return refuse(http.StatusBadRequest, "noTarget", "remove needs a path")
		}
		return d.write(verb, op.Path, op.Value)
	}
	return refuse(http.StatusBadRequest, "invalidSyntax", "unknown operation %q", op.Op)
}

// merge applies a value without a path: each of its keys is a path. Unknown and read-only keys are
// ignored, unlike in a path.
func (d *draft) merge(verb string, value any) error {
	m, ok := value.(map[string]any)
	if !ok {
		return refuse(http.StatusBadRequest, "invalidValue", "without a path the value must be an object")
	}
	for _, key := range sortedKeys(m) {
		err := d.write(verb, key, m[key])
		var f *failure
		if errors.As(err, &f) && (f.scimType == "mutability" || f.scimType == "invalidPath") {
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *draft) write(verb, path string, value any) error {
	p, err := parsePath(path)
	if err != nil {
		return err
	}
	t, err := d.rt.resolve(p.name)
	var unknown *unknownName
	if errors.As(err, &unknown) {
		if unknown.schema {
			return nil
		}
		return refuse(http.StatusBadRequest, "invalidPath", "there is no attribute %s", path)
	}
	if t.attr == nil {
		return d.writeExtension(verb, t.ext, value)
	}
	if t.attr.mutable == readOnly || t.sub != nil && t.sub.mutable == readOnly {
		return refuse(http.StatusBadRequest, "mutability", "%s is read-only", path)
	}
	if t.attr.mutable == writeOnly {
		return nil
	}
	if verb == "remove" && t.attr.required {
		return refuse(http.StatusBadRequest, "mutability", "%s is required", path)
	}
	if d.edit != nil && t.attr.name == "members" && t.ext == nil {
		return d.writeMembers(verb, p, t, value)
	}
	if p.filter != nil {
		return d.writeSome(verb, p, t, value)
	}
	return d.writeWhole(verb, t, value)
}

func (d *draft) writeExtension(verb string, ext *schema, value any) error {
	if verb == "remove" {
		delete(d.attrs, ext.id)
		return nil
	}
	m, ok := value.(map[string]any)
	if !ok {
		return refuse(http.StatusBadRequest, "invalidValue", "the value of %s must be an object", ext.id)
	}
	for _, key := range sortedKeys(m) {
		a := ext.attr(key)
		if a == nil || a.mutable == readOnly {
			continue
		}
		if err := d.writeWhole(verb, target{ext: ext, attr: a}, m[key]); err != nil {
			return err
		}
	}
	return nil
}

// home returns the map with the attribute of t.
func (d *draft) home(t target) map[string]any {
	if t.ext == nil {
		return d.attrs
	}
	m, ok := d.attrs[t.ext.id].(map[string]any)
	if !ok {
		m = map[string]any{}
		d.attrs[t.ext.id] = m
	}
	return m
}

// put stores the value, or removes the attribute if it is empty.
func (d *draft) put(t target, v any) {
	home := d.home(t)
	if empty(v) {
		delete(home, t.attr.name)
	} else {
		home[t.attr.name] = v
	}
	if t.ext != nil && len(home) == 0 {
		delete(d.attrs, t.ext.id)
	}
}

func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// writeWhole applies an operation to an attribute or sub-attribute without a filter.
func (d *draft) writeWhole(verb string, t target, value any) error {
	have := d.home(t)[t.attr.name]
	if t.sub != nil && t.attr.multi {
		return d.writeElements(verb, t, func(any) bool { return true }, t.sub, value)
	}
	if t.sub != nil {
		m, _ := clone(have).(map[string]any)
		if m == nil {
			m = map[string]any{}
		}
		if err := setSub(verb, m, t.sub, value); err != nil {
			return err
		}
		d.put(t, m)
		return nil
	}
	if verb == "remove" {
		return d.removeValues(t, have, value)
	}
	v, err := t.attr.accept(value)
	if err != nil {
		return err
	}
	switch {
	case t.attr.multi && verb == "add":
		v = appendValues(have, v)
	case t.attr.kind == kindComplex && !t.attr.multi && v != nil:
		// add and replace both set the given sub-attributes (3.5.2.3).
		m, _ := clone(have).(map[string]any)
		for k, e := range v.(map[string]any) {
			if m == nil {
				m = map[string]any{}
			}
			m[k] = e
		}
		v = m
	}
	d.put(t, v)
	return nil
}

// removeValues removes an attribute or, if a value is given for a multi-valued one, the values that
// it names.
func (d *draft) removeValues(t target, have, value any) error {
	if value == nil || !t.attr.multi {
		d.put(t, nil)
		return nil
	}
	named, err := t.attr.accept(value)
	if err != nil {
		return err
	}
	left := []any{}
	for _, v := range asList(have) {
		if !anyNames(asList(named), v) {
			left = append(left, v)
		}
	}
	d.put(t, left)
	return nil
}

// anyNames reports whether one of the values equals v, or names it by its "value".
func anyNames(named []any, v any) bool {
	for _, n := range named {
		if reflect.DeepEqual(n, v) {
			return true
		}
		nm, ok := n.(map[string]any)
		vm, ok2 := v.(map[string]any)
		if ok && ok2 && nm["value"] != nil && nm["value"] == vm["value"] && (nm["type"] == nil || nm["type"] == vm["type"]) {
			return true
		}
	}
	return false
}

func appendValues(have, more any) any {
	out := append([]any{}, asList(have)...)
	for _, v := range asList(more) {
		if contains(out, v) {
			continue
		}
		if isPrimary(v) {
			out = withoutPrimary(out)
		}
		out = append(out, v)
	}
	return out
}

func withoutPrimary(list []any) []any {
	out := make([]any, len(list))
	for i, v := range list {
		if isPrimary(v) {
			m := clone(v).(map[string]any)
			m["primary"] = false
			v = m
		}
		out[i] = v
	}
	return out
}

// writeSome applies an operation to the elements that the filter of a value path selects. If it
// selects none, every operation gets a 400 noTarget.
func (d *draft) writeSome(verb string, p patchPath, t target, value any) error {
	if !t.attr.multi || t.sub != nil {
		return refuse(http.StatusBadRequest, "invalidPath", "%s has no values to select from", p.name)
	}
	match, err := t.attr.bindElement(p.filter)
	if err != nil {
		return refuse(http.StatusBadRequest, "invalidPath", "%s: %v", p.name, asFailure(err).detail)
	}
	var sub *attribute
	if p.sub != "" {
		if sub = t.attr.sub(p.sub); sub == nil {
			return refuse(http.StatusBadRequest, "invalidPath", "%s has no sub-attribute %s", p.name, p.sub)
		}
	}
	return d.writeElements(verb, t, match, sub, value)
}

func (d *draft) writeElements(verb string, t target, match matcher, sub *attribute, value any) error {
	out := []any{}
	hits, primary := 0, -1
	for _, v := range asList(d.home(t)[t.attr.name]) {
		if !match(v) {
			out = append(out, v)
			continue
		}
		hits++
		changed, err := changeElement(verb, t.attr, v, sub, value)
		if err != nil {
			return err
		}
		if !carriesValue(changed) || contains(out, changed) {
			continue
		}
		if isPrimary(changed) && !isPrimary(v) {
			primary = len(out)
		}
		out = append(out, changed)
	}
	if primary >= 0 {
		chosen := out[primary]
		out = withoutPrimary(out)
		out[primary] = chosen
	}
	if hits == 0 {
		d.put(t, out) // home may have made an empty extension
		return refuse(http.StatusBadRequest, "noTarget", "no value of %s matches", t.attr.name)
	}
	d.put(t, out)
	return nil
}

func changeElement(verb string, a *attribute, v any, sub *attribute, value any) (any, error) {
	if sub == nil {
		if verb == "remove" {
			return nil, nil
		}
		c, err := a.acceptOne(value)
		m, ok := v.(map[string]any)
		if err != nil || verb == "replace" || !ok || c == nil {
			return c, err
		}
		m = clone(m).(map[string]any)
		for k, e := range c.(map[string]any) {
			m[k] = e
		}
		return m, nil
	}
	m := clone(v).(map[string]any)
	return m, setSub(verb, m, sub, value)
}

func setSub(verb string, m map[string]any, sub *attribute, value any) error {
	if verb == "remove" {
		delete(m, sub.name)
		return nil
	}
	v, err := sub.accept(value)
	if err != nil {
		return err
	}
	if v == nil {
		delete(m, sub.name)
	} else {
		m[sub.name] = v
	}
	return nil
}

// carriesValue is false for an element with labels only.
func carriesValue(v any) bool {
	m, ok := v.(map[string]any)
	if !ok {
		return v != nil
	}
	for k := range m {
		if k != "type" && k != "primary" && k != "display" {
			return true
		}
	}
	return false
}
