package elimity

import (
	"fmt"
	"slices"
	"strings"

	"github.com/elimity-com/scim"
	"github.com/elimity-com/scim/errors"
	"github.com/scim2/filter-parser/v2"
)

// patch carries out one operation (RFC 7644 section 3.5.2).
func patch(attrs map[string]any, op scim.PatchOperation) error {
	verb := strings.ToLower(op.Op)
	if op.Path == nil {
		values, ok := op.Value.(map[string]any)
		if !ok {
			return errors.ScimErrorInvalidValue
		}
		for name, v := range values {
			put(attrs, name, v, verb == "add")
		}
		return nil
	}
	at, path := attrs, op.Path
	if urn := path.AttributePath.URIPrefix; urn != nil && strings.Contains(*urn, "extension") {
		at = object(attrs, *urn)
	}
	name, sub := path.AttributePath.AttributeName, ""
	for _, s := range []*string{path.AttributePath.SubAttribute, path.SubAttribute} {
		if s != nil {
			sub = *s
		}
	}
	if path.ValueExpression != nil {
		return patchElements(at, name, sub, path.ValueExpression, verb, op.Value)
	}
	if sub != "" {
		at, name = object(at, name), sub
	}
	if verb != "remove" {
		put(at, name, op.Value, verb == "add")
		return nil
	}
	if gone, ok := op.Value.([]any); ok && len(gone) > 0 {
		list, _ := at[name].([]any)
		at[name] = slices.DeleteFunc(list, func(have any) bool {
			return slices.ContainsFunc(gone, func(g any) bool { return key(g) == key(have) })
		})
		return nil
	}
	delete(at, name)
	return nil
}

// put sets an attribute; what is added to a list becomes its end, once.
func put(at map[string]any, name string, v any, add bool) {
	list, isList := v.([]any)
	have, _ := at[name].([]any)
	if !add || !isList || len(have) == 0 {
		at[name] = v
		return
	}
	for _, one := range list {
		if !slices.ContainsFunc(have, func(h any) bool { return key(h) == key(one) }) {
			have = append(have, one)
		}
	}
	at[name] = have
}

// key tells the elements of a list apart.
func key(v any) string {
	m, _ := v.(map[string]any)
	return fmt.Sprint(m["value"], m["type"])
}

// patchElements changes the elements of a list that match an expression.
func patchElements(at map[string]any, name, sub string, e filter.Expression, verb string, v any) error {
	compare, ok := e.(*filter.AttributeExpression)
	if !ok || compare.Operator != filter.EQ {
		return errors.ScimErrorInvalidFilter
	}
	list, _ := at[name].([]any)
	matches := func(one any) bool {
		m, _ := one.(map[string]any)
		return fmt.Sprint(m[compare.AttributePath.AttributeName]) == fmt.Sprint(compare.CompareValue)
	}
	found := slices.ContainsFunc(list, matches)
	if verb == "remove" && sub == "" {
		if at[name] = slices.DeleteFunc(list, matches); len(at[name].([]any)) == 0 {
			delete(at, name)
		}
		return nil
	}
	if !found {
		return errors.ScimErrorNoTarget
	}
	for _, one := range list {
		m, _ := one.(map[string]any)
		switch {
		case !matches(one):
		case verb == "remove":
			delete(m, sub)
		default:
			m[sub] = v
		}
	}
	return nil
}

// object is the object at a key, made if it is missing.
func object(at map[string]any, key string) map[string]any {
	m, ok := at[key].(map[string]any)
	if !ok {
		m = map[string]any{}
		at[key] = m
	}
	return m
}
