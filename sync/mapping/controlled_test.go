package mapping

import (
	"testing"

	"dirbridge/sync/identity"
	"dirbridge/sync/schema"
)

// TestHiddenAccountControl: if every person has userAccountControl, one without it is neither
// enabled nor disabled. In other directories, and with other rules, absence means enabled.
func TestHiddenAccountControl(t *testing.T) {
	t.Parallel()
	state := func(rule string) map[string]string { return map[string]string{schema.State: rule} }
	for name, c := range map[string]struct {
		rules      map[string]string
		controlled bool
		value      string
		hidden     bool
		active     bool
	}{
		"hidden":                {nil, true, "", true, true},
		"blank":                 {nil, true, " ", true, true},
		"enabled":               {nil, true, "512", false, true},
		"disabled":              {nil, true, "514", false, false},
		"another kind":          {nil, false, "", false, true},
		"another rule":          {state("nsAccountLock"), true, "", false, true},
		"the same, other case":  {state("useraccountcontrol"), true, "", true, true},
		"the state is unmapped": {state(""), true, "", false, true},
	} {
		m, err := New(schema.Webex(), c.rules, nil)
		if err != nil {
			t.Fatal(err)
		}
		e := identity.Entry{Anchor: identity.NewAnchor("corp", "6d9f1f6e-0000-4000-8000-000000000001"), Kind: identity.User,
			Controlled: c.controlled,
			DN:         "CN=Ana,DC=corp", Attrs: identity.Attrs{"mail": {"a@example.com"}}}
		if c.value != "" {
			e.Attrs[AccountControl], e.Attrs["useraccountcontrol"] = []string{c.value}, []string{c.value}
		}
		p := m.Person(e)
		hidden := len(p.Problems) == 1 && p.Problems[0].Attribute == AccountControl && len(p.Lacks) == 1
		if hidden != c.hidden || p.Active != c.active || !c.hidden && len(p.Problems) > 0 {
			t.Errorf("%s: %+v", name, p)
		}
		reported := false
		for _, f := range m.Fields(e) {
			reported = reported || f.Problem != nil
		}
		if reported != c.hidden {
			t.Errorf("%s: its fields tell %v", name, reported)
		}
	}
}
