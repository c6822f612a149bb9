package cloud

import (
	"encoding/json"
	"strings"
)

// operations returns the smallest set of operations for the edits: one for each attribute, none if
// nothing changes.
//
// have is the present resource. If it is nil, the edits' old values are taken as present. look is
// true if the resource must be read first: some servers refuse a replacement whose filter matches
// nothing (noTarget), and an addition would duplicate an existing element.
//
// whole replaces multi-valued attributes completely, for servers that do not support filters in
// paths, or not all of them.
func (t *Target) operations(edits []edit, have map[string]any, whole bool) (ops []operation, look bool) {
	whole = whole || !t.profile.Write.ValueFilter
	var todo []edit
	for _, e := range edits {
		if have != nil {
			e.Old = e.place.path.values(have)
		}
		if !sameValues(e.Old, e.New) {
			todo = append(todo, e)
		}
	}
	if have == nil && whole {
		for _, e := range todo {
			if e.place.path.filter != nil {
				return nil, true
			}
		}
	}
	done := make(map[string]bool)
	for i, e := range todo {
		if e.place.path.filter == nil {
			ops = append(ops, plainOperation(e))
			continue
		}
		key := strings.ToLower(e.place.path.element())
		if whole {
			key = strings.ToLower(e.place.path.top())
		}
		if done[key] {
			continue
		}
		done[key] = true
		var group []edit // the edits of one element, or of one attribute
		for _, o := range todo[i:] {
			if f := o.place.path; f.filter != nil && (strings.EqualFold(f.element(), key) || strings.EqualFold(f.top(), key)) {
				group = append(group, o)
			}
		}
		if whole {
			ops = append(ops, wholeArray(group, have))
			continue
		}
		more, look := elementOperations(group, have)
		if look {
			return nil, true
		}
		ops = append(ops, more...)
	}
	return ops, false
}

// plainOperation sets or clears an attribute without a filter. A reference is a complex attribute
// that exists only with its value.
func plainOperation(e edit) operation {
	p := e.place.path
	if e.place.reference {
		if len(e.New) == 0 {
			return operation{Op: "remove", Path: p.top()}
		}
		return operation{Op: verb(e), Path: p.top(), Value: map[string]any{p.sub: e.New[0]}}
	}
	if len(e.New) == 0 {
		return operation{Op: "remove", Path: p.String()}
	}
	return operation{Op: verb(e), Path: p.String(), Value: e.value()}
}

func verb(e edit) string {
	if len(e.Old) == 0 {
		return "add"
	}
	return "replace"
}

// elementOperations changes one element of a multi-valued attribute.
func elementOperations(group []edit, have map[string]any) (ops []operation, look bool) {
	p := group[0].place.path
	there, certain := false, have != nil
	if have != nil {
		there = len(p.picked(member(p.holder(have), p.attr))) > 0
	}
	fields, several := 0, false
	for _, e := range group {
		there = there || len(e.Old) > 0
		fields += len(e.New)
		several = several || len(e.Old) > 1 || len(e.New) > 1
	}
	if !there && !certain && !strings.EqualFold(p.sub, "value") {
		// The address may exist because of fields outside this change.
		return nil, true
	}
	if there && several {
		// It is unknown which value belongs to which element: replace them.
		ops = append(ops, operation{Op: "remove", Path: p.element()})
		there = false
	}
	if !there {
		if fields == 0 {
			return ops, false
		}
		var list []any
		for _, e := range group {
			list = elements(list, e, false)
		}
		return append(ops, operation{Op: "add", Path: p.top(), Value: list}), false
	}
	for _, e := range group {
		switch {
		case len(e.New) > 0:
			ops = append(ops, operation{Op: "replace", Path: e.place.path.String(), Value: e.New[0]})
		case strings.EqualFold(e.place.path.sub, "value"):
			// An element without its value means nothing, and some servers refuse it.
			ops = append(ops, operation{Op: "remove", Path: p.element()})
		default:
			ops = append(ops, operation{Op: "remove", Path: e.place.path.String()})
		}
	}
	return ops, false
}

// wholeArray replaces a multi-valued attribute by one with the edits applied, for providers that do
// not support filters in paths.
func wholeArray(group []edit, have map[string]any) operation {
	p := group[0].place.path
	list, _ := member(p.holder(have), p.attr).([]any)
	list = copyOf(list)
	for _, e := range group {
		f := e.place.path
		for _, m := range f.picked(list) {
			for k := range m {
				if strings.EqualFold(k, f.sub) {
					delete(m, k)
				}
			}
		}
		list = elements(list, e, false)
	}
	kept := list[:0]
	for _, v := range list {
		// An element with nothing left but its type is removed.
		if m, ok := v.(map[string]any); !ok || len(m) > 1 || p.filter == nil || member(m, p.filter.attr) == nil {
			kept = append(kept, v)
		}
	}
	if len(kept) == 0 {
		return operation{Op: "remove", Path: p.top()}
	}
	return operation{Op: "replace", Path: p.top(), Value: kept}
}

// copyOf copies an array of objects, so that the original resource is not changed.
func copyOf(list []any) []any {
	raw, err := json.Marshal(list)
	if err != nil {
		return nil // it came from JSON, so it can be encoded as JSON
	}
	var out []any
	if json.Unmarshal(raw, &out) != nil {
		return nil
	}
	return out
}

// needsWholeValue reports whether a path has a filter. Some servers refuse it and accept only the
// attribute's complete value.
func needsWholeValue(ops []operation) bool {
	for _, o := range ops {
		if strings.Contains(o.Path, "[") {
			return true
		}
	}
	return false
}

// repeatable reports whether the operations can be carried out twice with the same result on every
// server. Additions to an array cannot: a few servers duplicate them.
func repeatable(ops []operation) bool {
	for _, o := range ops {
		if _, list := o.Value.([]any); list && o.Op == "add" {
			return false
		}
	}
	return true
}
