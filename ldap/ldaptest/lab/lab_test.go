package lab

import (
	"slices"
	"testing"
)

// Every kind of edit in tests takes effect on the server.
func TestEdits(t *testing.T) {
	for name, start := range map[string]func(testing.TB, string) *Directory{"samba": Samba, "slapd": Slapd} {
		t.Run(name, func(t *testing.T) {
			d := start(t, Empty)
			t.Cleanup(d.Close)
			edit(t, d)
		})
	}
}

func edit(t *testing.T, d *Directory) {
	staff, leavers := d.AddContainer(t, d.Base, "Here, there"), d.AddContainer(t, d.Base, "Gone")
	ana := d.AddPerson(t, staff, `Silva, Ana "A"`, map[string][]string{"mail": {"ana@example.com"}})
	joao := d.AddPerson(t, staff, "João", map[string][]string{"mail": {"joao@example.com"}, "userAccountControl": {"546"}})
	group := d.AddGroup(t, staff, "Team")
	d.AddMember(t, group, ana, joao)
	d.RemoveMember(t, group, joao)
	if got := d.Values(t, group, "member"); !slices.Equal(got, []string{ana}) {
		t.Errorf("members %q", got)
	}

	guid := d.GUID(t, ana)
	d.Rename(t, ana, "Ana Costa")
	staff = d.Rename(t, staff, "Quarters")
	ana = d.Move(t, d.One(t, "(mail=ana@example.com)"), leavers)
	if got := d.GUID(t, ana); got != guid || len(guid) != 36 {
		t.Errorf("GUID %q, before %q", got, guid)
	}
	joao = d.One(t, "(mail=joao@example.com)")
	if Parent(joao) != staff || Parent(ana) != leavers {
		t.Errorf("%s and %s", ana, joao)
	}

	d.Swap(t, ana, joao, "mail")
	if got := d.One(t, "(mail=ana@example.com)"); got != joao {
		t.Errorf("the mail is with %s", got)
	}
	d.Disable(t, ana)
	d.Enable(t, joao)
	disabled := d.Values(t, ana, "userAccountControl")[0]
	enabled := d.Values(t, joao, "userAccountControl")[0]
	if disabled != "546" || enabled != "544" {
		t.Errorf("userAccountControl %s and %s", disabled, enabled)
	}
	d.Set(t, joao, "mail")
	d.Delete(t, leavers)
	if got := d.Find(t, "(mail=*)"); len(got) != 0 {
		t.Errorf("left over: %q", got)
	}
}

func TestCompany(t *testing.T) {
	for name, start := range map[string]func(testing.TB, string) *Directory{"samba": Samba, "slapd": Slapd} {
		t.Run(name, func(t *testing.T) {
			d := start(t, Company(200, 12))
			t.Cleanup(d.Close)
			people := d.Find(t, "(&(objectClass=user)(mail=u*))")
			groups := d.Find(t, "(&(objectClass=group)(sAMAccountName=grp*))")
			if len(people) != 200 || len(groups) != 12 {
				t.Errorf("%d people and %d groups", len(people), len(groups))
			}
			if got := len(d.Values(t, d.One(t, "(cn=All People)"), "member")); got != 200 {
				t.Errorf("%d in the group of everybody", got)
			}
		})
	}
}
