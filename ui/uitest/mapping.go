package uitest

import (
	"fmt"
	"strings"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/schema"
)

// Preview maps an entry: a rule is the name of an attribute, ?? is none, and the value + is not valid.
func Preview(rules map[string]string, e identity.Entry) ([]control.Mapped, error) {
	var rows []control.Mapped
	for _, a := range schema.Webex().Users {
		rule := rules[a.Name]
		if strings.Contains(rule, "??") {
			return nil, fmt.Errorf("%s: %q is no attribute", a.Name, rule)
		}
		m := control.Mapped{Attribute: a, Rule: rule, Value: e.Attrs.First(rule)}
		if m.Value == "+" {
			m.Problem = `"+" is not valid. This attribute must contain at least one number.`
		}
		rows = append(rows, m)
	}
	return rows, nil
}

// Coverage says for how many people two attributes are valid.
func Coverage() map[string]control.Coverage {
	return map[string]control.Coverage{
		"uid": {OK: 48106, Empty: 14},
		"telephoneNumber": {OK: 47998, Invalid: 122,
			Example: `For CN=Ana Silva, the attribute telephoneNumber has the invalid value "+".`},
	}
}
