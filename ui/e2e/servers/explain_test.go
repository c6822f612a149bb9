package servers

import (
	"fmt"
	"strings"
	"testing"

	"dirbridge/ldap/ldaptest/lab"
	"dirbridge/sync/control"
	"dirbridge/ui/e2e/site"
)

// TestExplainOnRealServers explains, by the verb, a person in scope by every name, and a person out
// of scope for each reason; the server evaluates every condition. No other test has a Xenia there.
func TestExplainOnRealServers(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(*testing.T) *lab.Directory{
		"Samba":    func(t *testing.T) *lab.Directory { return servers.Samba(t) },
		"OpenLDAP": func(t *testing.T) *lab.Directory { return servers.Slapd(t) },
	} {
		t.Run(name, func(t *testing.T) { explainOn(t, start(t)) })
	}
}

func explainOn(t *testing.T, d *lab.Directory) {
	base := d.Scratch(t)
	staff, temps, elsewhere := d.AddContainer(t, base, "Staff"), "", d.AddContainer(t, base, "Elsewhere")
	temps = d.AddContainer(t, staff, "Temps")
	person := func(parent, name string, attrs ...string) string {
		m := map[string][]string{"mail": {strings.ToLower(name) + "@example.com"}, "displayName": {"The " + name}}
		for i := 0; i < len(attrs); i += 2 {
			m[attrs[i]] = []string{attrs[i+1]}
		}
		return d.AddPerson(t, parent, name, m)
	}
	ana := person(staff, "Xenia", "title", "Engineer (R&D) *")
	bo, cy, di, ed := person(staff, "Bo"), person(staff, "Cy"), person(elsewhere, "Di"), person(temps, "Ed")
	scope, inner, team := d.AddGroup(t, elsewhere, "Scope"), d.AddGroup(t, elsewhere, "Inner"),
		d.AddGroup(t, staff, "Team")
	d.AddMember(t, scope, inner)
	d.AddMember(t, inner, ana, di, ed)
	d.AddMember(t, team, ana)

	s := site.New(t, d, site.EmbeddedCloud(t), site.Settings{Base: []string{staff},
		Filter: "(&(mail=*)(!(mail=bo@example.com)))",
		More:   fmt.Sprintf("exclude_dns = [%q]\nmember_of = [%q]", temps, scope)})
	explained := func(who string) (x control.Explanation) {
		t.Helper()
		site.Parse(t, s.Must(t, 0, "explain", who).Out, &x)
		return x
	}
	guid := d.GUID(t, ana)
	for _, who := range []string{"xenia@example.com", "XENIA@EXAMPLE.COM", ana, guid, "{" + strings.ToUpper(guid) + "}",
		"corp:" + guid, "The Xenia", "Xenia", "The X"} {
		x := explained(who)
		if x.Anchor.GUID() != guid || x.Scope == nil || !x.Scope.In || x.Key != "xenia@example.com" || x.Change == nil ||
			x.Change.Action != "add" {
			t.Errorf("%s: %+v", who, x)
		}
		if len(x.Members) != 1 || x.Members[0].Group != "Team" {
			t.Errorf("%s: memberships %+v", who, x.Members)
		}
		if last := x.Scope.Steps[len(x.Scope.Steps)-1]; last.What != "group" || len(last.Via) != 1 ||
			d.GUID(t, last.DN) != d.GUID(t, scope) || d.GUID(t, last.Via[0]) != d.GUID(t, inner) {
			t.Errorf("%s: by way of %+v", who, last)
		}
	}
	for _, c := range []struct{ who, failed string }{
		{bo, "filter group"}, {cy, "group"}, {di, "container"}, {ed, "exclusion"}, {scope, "container"}, {staff, "kind"},
	} {
		x := explained(c.who)
		var failed []string
		for _, step := range x.Scope.Steps {
			if !step.Pass {
				failed = append(failed, step.What)
			}
		}
		if got := strings.Join(failed, " "); got != c.failed || x.Scope.In || x.Change != nil || x.Next.Run != "none" {
			t.Errorf("%s: %s fail, in scope %v; %+v", c.who, got, x.Scope.In, x.Next)
		}
	}
	for _, who := range []string{"x)(mail=*", "*)(objectClass=*", "nobody@example.com"} {
		s.Must(t, 1, "explain", who)
	}

	// Once while it is linked; then after it is gone.
	s.Sync(t)
	if x := explained("xenia@example.com"); x.Match.How != "link" || x.Change != nil || x.State == nil ||
		x.State.Run == 0 {
		t.Errorf("linked: %+v", x)
	}
	d.Delete(t, ana)
	x := explained("corp:" + guid)
	if x.Where.Exists || x.Change == nil || x.Change.Action != "deactivate" {
		t.Errorf("gone: %+v", x)
	}
	if d.Kind == "ad-ds" && (!x.Where.Deleted || !strings.EqualFold(x.Where.Parent, staff)) {
		t.Errorf("among the deleted objects: %+v", x.Where)
	}
}
