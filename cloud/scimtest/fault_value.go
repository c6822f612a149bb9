package scimtest

import (
	"net/http"
	"strings"
)

// refuseKey returns the failure for a write with the key, or nil.
func (f *faults) refuseKey(key string) *failure {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.rules {
		if r.Effect != RefuseKey || !strings.EqualFold(r.Key, key) || !r.applies() {
			continue
		}
		f.tally.fired()
		if r.Status == 0 || r.Status == http.StatusConflict {
			return refuse(http.StatusConflict, "uniqueness", "%s is in use in another organization", key)
		}
		return refuse(r.Status, "", "%s", http.StatusText(r.Status))
	}
	return nil
}

// refuseOperation returns the failure for one operation of a bulk request, or nil.
func (f *faults) refuseOperation(method, kind string) *failure {
	f.mu.Lock()
	defer f.mu.Unlock()
	e := &exchange{method: method, kind: kind}
	for _, r := range f.rules {
		if r.Effect != FailOperation || !r.selects(e) || !r.applies() {
			continue
		}
		f.tally.fired()
		status := r.Status
		if status == 0 {
			status = http.StatusInternalServerError
		}
		return refuse(status, "", "%s", http.StatusText(status))
	}
	return nil
}

// changeValues applies the faults on values to the attributes before they are stored.
func (f *faults) changeValues(rt *resourceType, before, after map[string]any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.rules {
		if r.Effect != IgnoreAttribute && r.Effect != RewriteAttribute {
			continue
		}
		p, err := parsePath(r.Attribute)
		if err != nil {
			continue
		}
		t, err := rt.resolve(p.name)
		if err != nil || t.attr == nil || !r.applies() {
			continue
		}
		f.tally.fired()
		spot := newValuePlace(t, p)
		if r.Effect == IgnoreAttribute {
			spot.restore(rt, before, after)
		} else if r.Rewrite != nil {
			spot.rewrite(after, r.Rewrite)
		}
	}
}

// valuePlace is a place in the attributes of a resource.
type valuePlace struct {
	target
	match matcher // nil for all elements
}

func newValuePlace(t target, p patchPath) valuePlace {
	s := valuePlace{target: t}
	if p.filter != nil {
		if m, err := t.attr.bindElement(p.filter); err == nil {
			s.match = m
		}
		if p.sub != "" {
			s.sub = t.attr.sub(p.sub)
		}
	}
	return s
}

func (s valuePlace) home(attrs map[string]any) map[string]any {
	if s.ext == nil {
		return attrs
	}
	m, _ := attrs[s.ext.id].(map[string]any)
	return m
}

// restore writes the earlier value back.
func (s valuePlace) restore(rt *resourceType, before, after map[string]any) {
	d := &draft{rt: rt, attrs: after}
	old := s.home(before)[s.attr.name]
	switch {
	case s.attr.multi && s.match != nil:
		var list []any
		for _, v := range asList(s.home(after)[s.attr.name]) {
			if !s.match(v) {
				list = append(list, v)
			}
		}
		for _, v := range asList(old) {
			if s.match(v) {
				list = append(list, v)
			}
		}
		d.put(s.target, list)
	case s.sub != nil && !s.attr.multi:
		now, _ := clone(s.home(after)[s.attr.name]).(map[string]any)
		if now == nil {
			now = map[string]any{}
		}
		delete(now, s.sub.name)
		if was, ok := old.(map[string]any); ok && was[s.sub.name] != nil {
			now[s.sub.name] = was[s.sub.name]
		}
		d.put(s.target, now)
	default:
		d.put(s.target, clone(old))
	}
}

// rewrite changes the texts at the spot.
func (s valuePlace) rewrite(after map[string]any, change func(string) string) {
	home := s.home(after)
	if home == nil || home[s.attr.name] == nil {
		return
	}
	sub := s.sub
	if sub == nil && s.attr.kind == kindComplex {
		sub = s.attr.sub("value")
	}
	one := func(v any) any {
		if s.match != nil && !s.match(v) {
			return v
		}
		switch v := v.(type) {
		case string:
			return change(v)
		case map[string]any:
			if sub == nil {
				return v
			}
			if text, ok := v[sub.name].(string); ok {
				v[sub.name] = change(text)
			}
		}
		return v
	}
	v := clone(home[s.attr.name])
	if list, ok := v.([]any); ok {
		for i := range list {
			list[i] = one(list[i])
		}
		home[s.attr.name] = list
		return
	}
	home[s.attr.name] = one(v)
}
