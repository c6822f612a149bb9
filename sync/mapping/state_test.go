package mapping

import (
	"slices"
	"testing"

	"dirbridge/sync/identity"
	"dirbridge/sync/schema"
)

func TestStateOnServersWithoutUserAccountControl(t *testing.T) {
	m := mustNew(t, nil)
	for _, name := range stateAlternatives() {
		if !slices.Contains(m.Attributes(), name) {
			t.Errorf("%s is not asked for", name)
		}
	}
	for _, c := range []struct {
		attrs  []string
		active bool
	}{
		{[]string{"msDS-UserAccountDisabled", "TRUE"}, false},
		{[]string{"msDS-UserAccountDisabled", "FALSE"}, true},
		{[]string{"nsAccountLock", "true"}, false},
		{[]string{"nsAccountLock", "false"}, true},
		{[]string{"pwdAccountLockedTime", "000001010000Z"}, false},
		{[]string{"pwdAccountLockedTime", "20260102030405Z"}, true},
		{[]string{"pwdAccountLockedTime", "20260102030405.123Z"}, true},
		// userAccountControl, if present, decides alone.
		{[]string{"userAccountControl", "512", "msDS-UserAccountDisabled", "TRUE"}, true},
		{[]string{"userAccountControl", "514", "msDS-UserAccountDisabled", "FALSE"}, false},
		{nil, true},
	} {
		p := m.Person(entry(c.attrs...))
		if p.Active != c.active || len(p.Problems) > 0 {
			t.Errorf("%q: active %v, %v", c.attrs, p.Active, p.Problems)
		}
	}
	if p := m.Person(entry("nsAccountLock", "yes")); len(p.Problems) != 1 {
		t.Errorf("%v", p.Problems)
	}
}

func TestStateOfAnotherAttributeHasNoAlternatives(t *testing.T) {
	m := mustNew(t, map[string]string{schema.State: "employeeLeft"})
	if slices.Contains(m.Attributes(), "nsAccountLock") {
		t.Error("nsAccountLock is asked for")
	}
	if p := m.Person(entry("msDS-UserAccountDisabled", "TRUE")); !p.Active {
		t.Error("an attribute decides that is not mapped")
	}
	for _, f := range mustNew(t, nil).Fields(identity.Entry{Attrs: identity.Attrs{"nsAccountLock": {"TRUE"}}}) {
		if f.Attribute.Name == schema.State && (f.Rule != "userAccountControl" || !slices.Equal(f.Values, []string{"true"})) {
			t.Errorf("%+v", f)
		}
	}
}
