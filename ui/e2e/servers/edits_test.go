package servers

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dirbridge/ldap/ldaptest/lab"
	"dirbridge/ui/e2e/site"
)

// edit is an administrator's action in the directory, and the changes that a plan must then show,
// no more and no fewer.
type edit struct {
	name string
	main bool // also tested at full size
	do   func(*testing.T, *world) []string
}

// change returns a change in the form that this test compares: "rename user <objectGUID> uid: a ->
// b".
func change(action, kind, guid string, fields ...string) string {
	return strings.TrimSpace(action + " " + kind + " " + guid + " " + strings.Join(fields, "; "))
}

func field(name, old, new string) string { return name + ": " + old + " -> " + new }

// edit makes the change, checks that a plan shows exactly that, and synchronizes. The plan of the
// next edit also shows that nothing was left to do.
func (w *world) edit(t *testing.T, e edit) {
	want := e.do(t, w)
	slices.Sort(want)
	code := 2
	if len(want) == 0 {
		code = 0
	}
	p, file := w.Plan(t, code)
	var got []string
	counts := map[string]int64{}
	for _, l := range w.Changes(t, file) {
		got = append(got, textOf(l))
		counts[l.Action+" "+l.Kind]++
		if l.Reason == "" {
			t.Errorf("%s has no reason", textOf(l))
		}
	}
	slices.Sort(got)
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("changes (- wanted, + planned):\n%s", d)
	}
	if d := cmp.Diff(counts, countsOf(p)); d != "" {
		t.Errorf("counts of plan --json (- changes, + counts):\n%s", d)
	}
	if !p.Complete || len(p.Holds) > 0 {
		t.Errorf("complete %v, holds %v", p.Complete, p.Holds)
	}
	if len(want) == 0 && !w.thorough {
		return
	}
	w.Sync(t)
	if w.thorough {
		w.Settled(t)
	}
}

// textOf returns a line in the form of change. A membership is named by its group.
func textOf(l site.Change) string {
	guid := l.Anchor[strings.LastIndexByte(l.Anchor, ':')+1:]
	var fields []string
	if l.Member != "" {
		fields = append(fields, l.Member)
	}
	for _, f := range l.Fields {
		fields = append(fields, field(f.Name, shownValue(f.Old), shownValue(f.New)))
	}
	return change(l.Action, l.Kind, guid, fields...)
}

func shownValue(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// countsOf returns the counts other than zero, by action and kind.
func countsOf(p site.Plan) map[string]int64 {
	all := map[string]int64{"add member": p.Counts.Members.Add, "remove member": p.Counts.Members.Remove}
	u, g := p.Counts.Users, p.Counts.Groups
	for action, n := range map[string][2]int64{"add": {u.Add, g.Add}, "update": {u.Update, g.Update},
		"rename":     {u.Rename, g.Rename},
		"deactivate": {u.Deactivate, g.Deactivate}, "reactivate": {u.Reactivate, g.Reactivate},
		"delete": {u.Delete, g.Delete}} {
		all[action+" user"], all[action+" group"] = n[0], n[1]
	}
	for name, n := range all {
		if n == 0 {
			delete(all, name)
		}
	}
	return all
}

// person finds a person of the company by number.
func (w *world) person(t *testing.T, i int) string {
	t.Helper()
	return w.Dir.One(t, fmt.Sprintf("(sAMAccountName=u%06d)", i))
}

func (w *world) group(t *testing.T, k int) string {
	t.Helper()
	return w.Dir.One(t, fmt.Sprintf("(sAMAccountName=grp%04d)", k))
}

func (w *world) value(t *testing.T, dn, attribute string) string {
	t.Helper()
	v := w.Dir.Values(t, dn, attribute)
	if len(v) != 1 {
		t.Fatalf("%s has the %s %q", dn, attribute, v)
	}
	return v[0]
}

// moving keeps references valid if the server does not: AD updates references to a member or
// manager that moves, a plain OpenLDAP does not.
func (w *world) moving(t *testing.T, move func()) {
	t.Helper()
	if w.Dir.Kind != "ldap" {
		move()
		return
	}
	byDN := map[string]string{}
	objects := w.Dir.Objects(t, "(|(objectClass=user)(objectClass=group))", "member", "manager")
	for _, o := range objects {
		byDN[lab.Same(t, o.DN)] = o.GUID
	}
	move()
	now := map[string]string{}
	for _, o := range w.Dir.Objects(t, "(|(objectClass=user)(objectClass=group))") {
		now[o.GUID] = o.DN
	}
	for _, o := range objects {
		for _, attribute := range []string{"member", "manager"} {
			moved := false
			var values []string
			for _, v := range o.Attrs[attribute] {
				if dn, ok := now[byDN[lab.Same(t, v)]]; ok && dn != v {
					v, moved = dn, true
				}
				values = append(values, v)
			}
			if moved {
				w.Dir.Set(t, now[o.GUID], attribute, values...)
			}
		}
	}
}

// edits returns the edits to test. People from 600 on manage no other person.
func edits() []edit {
	return []edit{
		{"rename of a person", true, func(t *testing.T, w *world) []string {
			dn := w.person(t, 600)
			display, family, guid := w.value(t, dn, "displayName"), w.value(t, dn, "sn"), w.Dir.GUID(t, dn)
			w.moving(t, func() { dn = w.Dir.Rename(t, dn, `Nováková, Jana "JN" #1`) })
			w.Dir.Set(t, dn, "displayName", "Jana Nováková")
			w.Dir.Set(t, dn, "sn", "Nováková")
			return []string{change("update", "user", guid, field("displayName", display, "Jana Nováková"),
				field("sn", family, "Nováková"))}
		}},
		{"rename of a DN alone", false, func(t *testing.T, w *world) []string {
			w.moving(t, func() { w.Dir.Rename(t, w.person(t, 601), "Another name") })
			return nil
		}},
		{"move to another OU", true, func(t *testing.T, w *world) []string {
			w.moving(t, func() {
				w.Dir.Move(t, w.person(t, 602), w.Dir.One(t, "(&(objectClass=organizationalUnit)(ou=Groups))"))
			})
			return nil
		}},
		{"change of a mail", true, func(t *testing.T, w *world) []string {
			dn := w.person(t, 603)
			old := w.value(t, dn, "mail")
			w.Dir.Set(t, dn, "mail", "new.name+tag@example.com")
			return []string{change("rename", "user", w.Dir.GUID(t, dn), field("uid", old, "new.name+tag@example.com"))}
		}},
		{"swap of two mails", true, func(t *testing.T, w *world) []string {
			a, b := w.person(t, 604), w.person(t, 605)
			ma, mb := w.value(t, a, "mail"), w.value(t, b, "mail")
			w.Dir.Swap(t, a, b, "mail")
			return []string{
				change("rename", "user", w.Dir.GUID(t, a), field("uid", ma, mb)),
				change("rename", "user", w.Dir.GUID(t, b), field("uid", mb, ma)),
			}
		}},
		{"chain of mails", false, func(t *testing.T, w *world) []string {
			var want []string
			next := "end.of.chain@example.com"
			for i := 606; i < 610; i++ {
				dn := w.person(t, i)
				old := w.value(t, dn, "mail")
				w.Dir.Set(t, dn, "mail", next)
				want = append(want, change("rename", "user", w.Dir.GUID(t, dn), field("uid", old, next)))
				next = old
			}
			return want
		}},
		{"letter case of a mail", true, func(t *testing.T, w *world) []string {
			dn := w.person(t, 610)
			old := w.value(t, dn, "mail")
			changed := strings.ToUpper(old[:1]) + old[1:]
			w.Dir.Set(t, dn, "mail", changed)
			return []string{change("rename", "user", w.Dir.GUID(t, dn), field("uid", old, changed))}
		}},
		{"disable", true, func(t *testing.T, w *world) []string {
			dn := w.person(t, 611)
			w.Dir.Disable(t, dn)
			return []string{change("deactivate", "user", w.Dir.GUID(t, dn), field("active", "true", "false"))}
		}},
		{"enable", false, func(t *testing.T, w *world) []string {
			dn := w.person(t, 611)
			w.Dir.Enable(t, dn)
			return []string{change("reactivate", "user", w.Dir.GUID(t, dn), field("active", "false", "true"))}
		}},
		{"change of the manager, and of values", false, func(t *testing.T, w *world) []string {
			dn := w.person(t, 612)
			old, boss := w.value(t, dn, "manager"), w.person(t, 3)
			title := w.value(t, dn, "title")
			w.Dir.Set(t, dn, "manager", boss)
			w.Dir.Set(t, dn, "title")
			return []string{change("update", "user", w.Dir.GUID(t, dn),
				field("manager", w.account(t, old), "corp:"+w.Dir.GUID(t, boss)), field("title", title, ""))}
		}},
		{"members added and removed", true, func(t *testing.T, w *world) []string {
			g, in := w.group(t, 1), w.person(t, 613)
			out := w.Dir.Values(t, g, "member")[0]
			w.Dir.AddMember(t, g, in)
			w.Dir.RemoveMember(t, g, out)
			guid := w.Dir.GUID(t, g)
			return []string{change("add", "member", guid, w.value(t, in, "mail")),
				change("remove", "member", guid, w.value(t, out, "mail"))}
		}},
		{"rename of a group", false, func(t *testing.T, w *world) []string {
			g := w.group(t, 2)
			old := w.value(t, g, "cn")
			w.moving(t, func() { g = w.Dir.Rename(t, g, "Équipe, deux") })
			return []string{change("rename", "group", w.Dir.GUID(t, g), field("displayName", old, "Équipe, deux"))}
		}},
		{"a new person with a manager, in a group", false, func(t *testing.T, w *world) []string {
			boss, g := w.person(t, 614), w.group(t, 3)
			dn := w.Dir.AddPerson(t, lab.Parent(boss), "Zoé O'Hara", map[string][]string{"sn": {"O'Hara"},
				"mail": {"zoe.o'hara@example.com"}, "displayName": {"Zoé O'Hara"}, "manager": {boss}})
			w.Dir.AddMember(t, g, dn)
			guid := w.Dir.GUID(t, dn)
			return []string{
				change("add", "user", guid, field("displayName", "", "Zoé O'Hara"),
					field("manager", "", "corp:"+w.Dir.GUID(t, boss)),
					field("onPremObjectGUID", "", guid), field("sn", "", "O'Hara"), field("uid", "", "zoe.o'hara@example.com"),
					field("active", "", "true")),
				change("add", "member", w.Dir.GUID(t, g), "zoe.o'hara@example.com"),
			}
		}},
		{"delete", true, func(t *testing.T, w *world) []string {
			dn := w.person(t, 615)
			guid := w.Dir.GUID(t, dn)
			people, _ := wanted(t, w.Dir)
			w.left[guid] = people[guid]
			if w.Dir.Kind == "ldap" {
				// AD removes deleted people from the groups
				for _, g := range w.Dir.Objects(t, "(&(objectClass=group)(member=*))", "member") {
					if slices.ContainsFunc(g.Attrs["member"], func(v string) bool { return lab.Same(t, v) == lab.Same(t, dn) }) {
						w.Dir.RemoveMember(t, g.DN, dn)
					}
				}
			}
			w.Dir.Delete(t, dn)
			return []string{change("deactivate", "user", guid, field("active", "true", "false"))}
		}},
		{"rename of an OU above people", true, func(t *testing.T, w *world) []string {
			w.moving(t, func() { w.Dir.Rename(t, lab.Parent(w.person(t, 616)), `Research "R&D", Asia`) })
			return nil
		}},
		{"move of an OU with people", false, func(t *testing.T, w *world) []string {
			w.moving(t, func() {
				w.Dir.Move(t, lab.Parent(w.person(t, 617)), w.Dir.One(t, "(&(objectClass=organizationalUnit)(ou=Groups))"))
			})
			return nil
		}},
	}
}

// account returns the id of the account of the person at dn.
func (w *world) account(t *testing.T, dn string) string {
	t.Helper()
	var users []struct{ ID, ExternalID string }
	everyPage(t, w.Cloud, "/Users?attributes=externalId", &users)
	guid := w.Dir.GUID(t, dn)
	for _, u := range users {
		if u.ExternalID == guid {
			return u.ID
		}
	}
	t.Fatalf("%s has no account", dn)
	return ""
}
