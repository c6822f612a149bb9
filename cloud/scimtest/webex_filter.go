package scimtest

import (
	"net/http"
	"slices"
	"strings"
)

// documented refuses a filter beyond what Webex documents for its search of users and groups.
// Source: the description of its administration API.
func (c *catalogue) documented(rt *resourceType, e expr) error {
	switch e := e.(type) {
	case andExpr:
		return firstOf(c.documented(rt, e.left), c.documented(rt, e.right))
	case orExpr:
		return firstOf(c.documented(rt, e.left), c.documented(rt, e.right))
	case compareExpr:
		if slices.Contains(c.operators(rt, e.name), e.op) {
			return nil
		}
		return refuse(http.StatusBadRequest, "invalidFilter", "%s %s is not supported in a search", e.name, e.op)
	case someExpr:
		if strings.EqualFold(e.name, "phoneNumbers") {
			return nil
		}
		return refuse(http.StatusBadRequest, "invalidFilter", "%s[...] is not supported in a search", e.name)
	}
	return refuse(http.StatusBadRequest, "invalidFilter", "not is not supported in a search")
}

func firstOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// operators lists those that a search for the attribute may use.
func (c *catalogue) operators(rt *resourceType, name string) []string {
	t, err := rt.resolve(name)
	if err != nil || t.attr == nil {
		return nil
	}
	full := t.attr.name
	if t.sub != nil {
		full += "." + t.sub.name
	}
	switch full {
	case "id", "manager.value", "meta.organizationId":
		return []string{"eq"}
	case "name.givenName", "name.middleName", "name.formatted":
		return []string{"eq", "sw"}
	case "userName", "name.familyName", "displayName", "nickName", "emails.value", "emails.display", "phoneNumbers.value",
		"phoneNumbers.display",
		"employeeNumber", "costCenter", "organization", "division", "department", "manager.displayName":
		return []string{"eq", "sw", "ew"}
	}
	return nil
}
