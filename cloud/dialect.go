package cloud

import (
	"encoding/json"
	"strings"

	"dirbridge/cloud/profile"
)

// patchBody is the body of a PATCH with the operations, in the provider's dialect.
func (t *Target) patchBody(ops []operation) ([]byte, error) {
	said := make([]operation, len(ops))
	for i, o := range ops {
		said[i] = t.dialect(o)
	}
	return json.Marshal(map[string]any{"schemas": []string{patchMessage}, "Operations": said})
}

// dialect writes an operation of RFC 7644 as the provider understands it.
func (t *Target) dialect(o operation) operation {
	w := t.profile.Write
	if is, ok := o.Value.(bool); ok && w.Booleans == profile.Text {
		o.Value = map[bool]string{true: "True", false: "False"}[is]
	}
	if !w.Path {
		o = pathless(o)
	}
	if w.Ops == profile.Capital {
		o.Op = strings.ToUpper(o.Op[:1]) + o.Op[1:]
	}
	return o
}

// pathless moves the attribute of an operation into its value. A removal cannot be written that way,
// and providers that expect it for users still name the members of a group.
func pathless(o operation) operation {
	p, err := parsePath(o.Path)
	if o.Op == "remove" || err != nil || p.filter != nil || p.attr == "members" {
		return o
	}
	value := map[string]any{}
	at := value
	if p.urn != "" {
		at = objectAt(value, p.urn)
	}
	if p.sub != "" {
		objectAt(at, p.attr)[p.sub] = o.Value
	} else {
		at[p.attr] = o.Value
	}
	return operation{Op: o.Op, Value: value}
}
