package scimtest

import (
	"cmp"
	"net/http"
	"strings"
	"time"
)

// matcher reports whether a source (a *view of a resource, or one element of a multi-valued
// attribute) matches a filter.
type matcher func(src any) bool

// reader finds the attribute of a name in a filter; ok is false if there is none, which counts as
// an attribute without values.
type reader func(name string) (get func(src any) []any, leaf *attribute, ok bool)

// bind compiles a filter for resources of the type.
func (rt *resourceType) bind(e expr) (matcher, error) {
	return bindExpr(e, rt.reader, rt.bindSome)
}

// bindElement compiles the filter of a value path for the elements of the attribute.
func (a *attribute) bindElement(e expr) (matcher, error) {
	return bindExpr(e, a.reader, func(someExpr) (matcher, error) {
		return nil, refuse(http.StatusBadRequest, "invalidFilter", "a value path within a value path")
	})
}

func bindExpr(e expr, read reader, some func(someExpr) (matcher, error)) (matcher, error) {
	two := func(l, r expr) (matcher, matcher, error) {
		a, err := bindExpr(l, read, some)
		if err != nil {
			return nil, nil, err
		}
		b, err := bindExpr(r, read, some)
		return a, b, err
	}
	switch e := e.(type) {
	case andExpr:
		a, b, err := two(e.left, e.right)
		return func(src any) bool { return a(src) && b(src) }, err
	case orExpr:
		a, b, err := two(e.left, e.right)
		return func(src any) bool { return a(src) || b(src) }, err
	case notExpr:
		m, err := bindExpr(e.of, read, some)
		return func(src any) bool { return !m(src) }, err
	case someExpr:
		return some(e)
	case compareExpr:
		return bindCompare(e, read)
	}
	return nil, refuse(http.StatusBadRequest, "invalidFilter", "empty filter")
}

func (rt *resourceType) bindSome(e someExpr) (matcher, error) {
	t, err := rt.resolve(e.name)
	if err != nil || t.attr == nil || t.sub != nil {
		return func(any) bool { return false }, nil
	}
	m, err := t.attr.bindElement(e.of)
	if err != nil {
		return nil, err
	}
	return func(src any) bool {
		for _, v := range asList(src.(*view).read(t.ext, t.attr)) {
			if m(v) {
				return true
			}
		}
		return false
	}, nil
}

func (rt *resourceType) reader(name string) (func(any) []any, *attribute, bool) {
	t, err := rt.resolve(name)
	if err != nil || t.attr == nil {
		return nil, nil, false
	}
	if t.sub == nil && t.attr.kind == kindComplex {
		t.sub = t.attr.sub("value")
	}
	return func(src any) []any {
		v := asList(src.(*view).read(t.ext, t.attr))
		if t.sub == nil {
			return v
		}
		var out []any
		for _, e := range v {
			if m, ok := e.(map[string]any); ok {
				out = append(out, asList(m[t.sub.name])...)
			}
		}
		return out
	}, t.leaf(), true
}

func (a *attribute) reader(name string) (func(any) []any, *attribute, bool) {
	if a.kind != kindComplex {
		return asList, a, strings.EqualFold(name, "value")
	}
	sub := a.sub(name)
	if sub == nil {
		return nil, nil, false
	}
	return func(src any) []any {
		m, _ := src.(map[string]any)
		return asList(m[sub.name])
	}, sub, true
}

func asList(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

func bindCompare(e compareExpr, read reader) (matcher, error) {
	get, leaf, ok := read(e.name)
	if !ok {
		get, leaf = func(any) []any { return nil }, &attribute{kind: kindString}
	}
	if e.op == "pr" {
		return func(src any) bool { return len(get(src)) > 0 }, nil
	}
	if e.value == nil {
		switch e.op {
		case "eq":
			return func(src any) bool { return len(get(src)) == 0 }, nil
		case "ne":
			return func(src any) bool { return len(get(src)) > 0 }, nil
		}
	}
	test, err := comparison(e, leaf)
	if err != nil {
		return nil, err
	}
	return func(src any) bool {
		values := get(src)
		for _, v := range values {
			if test(v) {
				return true
			}
		}
		return len(values) == 0 && e.op == "ne"
	}, nil
}

// comparison is the test of one value.
func comparison(e compareExpr, leaf *attribute) (func(any) bool, error) {
	switch want := e.value.(type) {
	case bool:
		if leaf.kind == kindBoolean && (e.op == "eq" || e.op == "ne") {
			return func(v any) bool { return (v == want) == (e.op == "eq") }, nil
		}
	case string:
		if leaf.kind == kindDateTime {
			return compareTimes(e.op, want)
		}
		if leaf.kind != kindBoolean {
			return compareText(e.op, want, leaf.exact), nil
		}
		if strings.EqualFold(want, "true") || strings.EqualFold(want, "false") {
			e.value = strings.EqualFold(want, "true")
			return comparison(e, leaf)
		}
	}
	return nil, refuse(http.StatusBadRequest, "invalidFilter", "%s %s cannot be compared with %v", e.name, e.op, e.value)
}

func compareText(op, want string, exact bool) func(any) bool {
	if !exact {
		want = strings.ToLower(want)
	}
	test := map[string]func(have string) bool{
		"eq": func(h string) bool { return h == want },
		"ne": func(h string) bool { return h != want },
		"co": func(h string) bool { return strings.Contains(h, want) },
		"sw": func(h string) bool { return strings.HasPrefix(h, want) },
		"ew": func(h string) bool { return strings.HasSuffix(h, want) },
		"gt": func(h string) bool { return h > want },
		"ge": func(h string) bool { return h >= want },
		"lt": func(h string) bool { return h < want },
		"le": func(h string) bool { return h <= want },
	}[op]
	return func(v any) bool {
		h, ok := v.(string)
		if !ok {
			return false
		}
		if !exact {
			h = strings.ToLower(h)
		}
		return test(h)
	}
}

func compareTimes(op, want string) (func(any) bool, error) {
	w, err := time.Parse(time.RFC3339Nano, want)
	if err != nil || op == "co" || op == "sw" || op == "ew" {
		return nil, refuse(http.StatusBadRequest, "invalidFilter", "%s %q is not a comparison of times", op, want)
	}
	holds := map[string]func(c int) bool{
		"eq": func(c int) bool { return c == 0 }, "ne": func(c int) bool { return c != 0 },
		"gt": func(c int) bool { return c > 0 }, "ge": func(c int) bool { return c >= 0 },
		"lt": func(c int) bool { return c < 0 }, "le": func(c int) bool { return c <= 0 },
	}[op]
	return func(v any) bool {
		s, _ := v.(string)
		h, err := time.Parse(time.RFC3339Nano, s)
		return err == nil && holds(cmp.Compare(h.UnixNano(), w.UnixNano()))
	}, nil
}
