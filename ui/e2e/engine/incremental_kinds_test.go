package engine

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dirbridge/ldap/ldaptest/lab"
	"dirbridge/sync/record"
)

// scene is the place for one kind of change: a container in scope and one out of scope, and the
// objects that it put there, by name.
type scene struct {
	*follower
	t        *testing.T
	title    string
	in, out  string
	dn, guid map[string]string
	undelete func(guid, dn string)
}

func (s *scene) put(name, dn string) {
	s.dn[name], s.guid[name] = dn, s.dir.GUID(s.t, dn)
	s.names[s.guid[name]] = s.title + ": " + name
}

func (s *scene) person(name, where string) {
	mail := strings.ToLower(name+"."+strings.ReplaceAll(s.title, " ", ".")) + "@example.com"
	s.put(name, s.dir.AddPerson(s.t, where, name, map[string][]string{"mail": {mail}, "title": {"Engineer"}}))
}

func (s *scene) group(name, where string, members ...string) {
	s.put(name, s.dir.AddGroup(s.t, where, name+", "+s.title))
	for _, m := range members {
		s.dir.AddMember(s.t, s.dn[name], s.dn[m])
	}
}

func (s *scene) unit(name, where string) string {
	s.put(name, s.dir.AddContainer(s.t, where, name))
	return s.dn[name]
}

func (s *scene) set(name, attribute string, values ...string) {
	s.dir.Set(s.t, s.dn[name], attribute, values...)
}

func (s *scene) move(name, where string) { s.dn[name] = s.dir.Move(s.t, s.dn[name], where) }

func (s *scene) rename(name, to string) { s.dn[name] = s.dir.Rename(s.t, s.dn[name], to) }

func (s *scene) disable(name string) { s.dir.Disable(s.t, s.dn[name]) }

func (s *scene) delete(name string) { s.dir.Delete(s.t, s.dn[name]) }

func (s *scene) join(group, who string) { s.dir.AddMember(s.t, s.dn[group], s.dn[who]) }

func (s *scene) leave(group, who string) { s.dir.RemoveMember(s.t, s.dn[group], s.dn[who]) }

// comeBack undeletes an object. An administrator restores the values that a server without a
// recycle bin lost.
func (s *scene) comeBack(name string) {
	s.undelete(s.guid[name], s.dn[name])
	if !s.bin && !strings.HasPrefix(name, "team") {
		s.set(name, "mail", "back."+strings.ReplaceAll(s.title, " ", ".")+"@example.com")
	}
}

// kindOfChange is one kind of change: the initial objects, and the steps, each with what one run
// must then do. A step with deletes is visible only to an account that may see deletions.
type kindOfChange struct {
	name   string
	before func(*scene)
	steps  []changeStep
}

type changeStep struct {
	do      func(*scene)
	want    []string // as in "update user ana"; with the scene's own names
	deletes bool
}

// kindsOfChange returns all kinds of change in a directory. bin says that deleted objects keep
// their values.
func kindsOfChange(bin bool) []kindOfChange {
	ana := func(s *scene) { s.person("ana", s.in) }
	anaOut := func(s *scene) { s.person("ana", s.out) }
	team := func(s *scene) { s.person("ana", s.in); s.person("ben", s.in); s.group("team", s.in, "ben") }
	back := map[bool][]string{true: {"reactivate user ana"}, false: {"reactivate user ana",
		"remove member team < ana"}}[bin]
	kinds := []kindOfChange{
		{"added", ana, []changeStep{{do: func(s *scene) { s.person("new", s.in) }, want: []string{"add user new"}}}},
		{"attribute edited", ana, []changeStep{{do: func(s *scene) { s.set("ana", "title", "Chief") },
			want: []string{"update user ana"}}}},
		{"attribute removed", ana, []changeStep{{do: func(s *scene) { s.set("ana", "title") },
			want: []string{"update user ana"}}}},
		{"mail edited", ana, []changeStep{{do: func(s *scene) { s.set("ana", "mail", "another@example.com") },
			want: []string{"rename user ana"}}}},
		{"renamed", ana, []changeStep{{do: func(s *scene) { s.rename("ana", `Silva, "Ana"`) }, want: []string{"update user ana"}}}},
		{"moved within", func(s *scene) { s.person("ana", s.in); s.unit("site", s.in) }, []changeStep{
			{do: func(s *scene) { s.move("ana", s.dn["site"]) }},
			{do: func(s *scene) { s.set("ana", "title", "Chief") }, want: []string{"update user ana"}}}},
		{"moved out of scope", ana, []changeStep{
			{do: func(s *scene) { s.move("ana", s.out) }, want: []string{"deactivate user ana"}},
			{do: func(s *scene) { s.move("ana", s.in) }, want: []string{"reactivate user ana"}}}},
		{"moved into scope", anaOut, []changeStep{{do: func(s *scene) { s.move("ana", s.in) },
			want: []string{"add user ana"}}}},
		{"loses what the filter asks for", ana, []changeStep{
			{do: func(s *scene) { s.set("ana", "mail") }, want: []string{"deactivate user ana"}},
			{do: func(s *scene) { s.set("ana", "mail", "regained@example.com") }, want: []string{"reactivate user ana"}}}},
		{"container renamed", func(s *scene) { s.inSite(s.in) }, []changeStep{
			{do: func(s *scene) { s.rename("site", "Quarters"); s.under("site", "ana", "ben", "team") }},
			{do: func(s *scene) { s.set("ana", "title", "Chief"); s.leave("team", "ana") },
				want: []string{"update user ana", "remove member team < ana"}}}},
		{"container moved out of scope and back", func(s *scene) { s.inSite(s.in) }, []changeStep{
			{do: func(s *scene) { s.move("site", s.out); s.under("site", "ana", "ben", "team") },
				want: []string{"deactivate user ana", "deactivate user ben", "deactivate group team"}},
			{do: func(s *scene) { s.move("site", s.in); s.under("site", "ana", "ben", "team") },
				want: []string{"reactivate user ana", "reactivate user ben"}}}},
		{"container moved into scope", func(s *scene) { s.inSite(s.out) }, []changeStep{
			{do: func(s *scene) { s.move("site", s.in) }, want: []string{"add user ana", "add user ben", "add group team",
				"add member team < ana", "add member team < ben"}}}},
		{"disabled", ana, []changeStep{
			{do: func(s *scene) { s.disable("ana") }, want: []string{"deactivate user ana"}},
			{do: func(s *scene) { s.dir.Enable(s.t, s.dn["ana"]) }, want: []string{"reactivate user ana"}}}},
		{"deleted", ana, []changeStep{{do: func(s *scene) { s.delete("ana") }, want: []string{"deactivate user ana"},
			deletes: true}}},
		{"undeleted", func(s *scene) { team(s); s.join("team", "ana") }, []changeStep{
			{do: func(s *scene) { s.delete("ana") }, want: []string{"deactivate user ana"}, deletes: true},
			{do: func(s *scene) { s.comeBack("ana") }, want: back}}},
		{"deleted and made again", ana, []changeStep{{do: func(s *scene) {
			s.delete("ana")
			s.names[s.guid["ana"]] = s.title + ": old"
			s.person("ana", s.in)
		}, want: []string{"update user ana"}}}},
		{"member added", team, []changeStep{{do: func(s *scene) { s.join("team", "ana") },
			want: []string{"add member team < ana"}}}},
		{"member removed", team, []changeStep{{do: func(s *scene) { s.leave("team", "ben") },
			want: []string{"remove member team < ben"}}}},
		{"members exchanged", team, []changeStep{{do: func(s *scene) { s.leave("team", "ben"); s.join("team", "ana") },
			want: []string{"remove member team < ben", "add member team < ana"}}}},
		{"member moved and renamed", team, []changeStep{
			{do: func(s *scene) { s.move("ben", s.unit("site", s.in)) }},
			{do: func(s *scene) { s.rename("ben", "Benjamin") }, want: []string{"update user ben"}},
			{do: func(s *scene) { s.leave("team", "ben") }, want: []string{"remove member team < ben"}}}},
		{"member enters scope", func(s *scene) {
			s.person("ana", s.out)
			s.person("ben", s.in)
			s.group("team", s.in, "ana",
				"ben")
		}, []changeStep{
			{do: func(s *scene) { s.move("ana", s.in) }, want: []string{"add user ana", "add member team < ana"}}}},
		{"manager enters scope", func(s *scene) {
			s.person("ana", s.out)
			s.person("ben", s.in)
			s.set("ben", "manager",
				s.dn["ana"])
		}, []changeStep{
			{do: func(s *scene) { s.move("ana", s.in) }, want: []string{"add user ana", "update user ben"}}}},
		{"manager set and removed", team, []changeStep{
			{do: func(s *scene) { s.set("ben", "manager", s.dn["ana"]) }, want: []string{"update user ben"}},
			{do: func(s *scene) { s.set("ben", "manager") }, want: []string{"update user ben"}}}},
		{"group added with members", team, []changeStep{{do: func(s *scene) {
			s.person("new", s.in)
			s.group("crew", s.in,
				"new", "ana", "team")
		},
			want: []string{"add group crew", "add user new", "add member crew < new", "add member crew < ana",
				"add member crew < team"}}}},
		{"group renamed", team, []changeStep{{do: func(s *scene) { s.rename("team", "crew, "+s.title) },
			want: []string{"rename group team"}}}},
		{"group moved out of scope and back", team, []changeStep{
			{do: func(s *scene) { s.move("team", s.out) }, want: []string{"deactivate group team"}},
			{do: func(s *scene) { s.join("team", "ana"); s.move("team", s.in) }, want: []string{"add member team < ana"}}}},
		{"group deleted", team, []changeStep{{do: func(s *scene) { s.delete("team") },
			want: []string{"deactivate group team"}, deletes: true}}},
		{"group nested", func(s *scene) { team(s); s.group("outer", s.in) }, []changeStep{
			{do: func(s *scene) { s.join("outer", "team") }, want: []string{"add member outer < team"}},
			{do: func(s *scene) { s.leave("outer", "team") }, want: []string{"remove member outer < team"}}}},
		{"mail swapped", team, []changeStep{{do: func(s *scene) { s.dir.Swap(s.t, s.dn["ana"], s.dn["ben"], "mail") },
			want: []string{"rename user ana", "rename user ben"}}}},
		{"mail of two freed", func(s *scene) {
			team(s)
			s.set("ana", "mail", "shared@example.com")
			s.set("ben", "mail", "SHARED@example.com")
		}, []changeStep{
			{do: func(s *scene) { s.set("ben", "mail", "ben.alone@example.com") },
				want: []string{"add user ana", "add user ben", "add member team < ben"}}}},
	}
	if bin {
		kinds = append(kinds, kindOfChange{"group undeleted", func(s *scene) { team(s); s.join("team", "ana") }, []changeStep{
			{do: func(s *scene) { s.leave("team", "ben"); s.delete("team") }, want: []string{"deactivate group team"},
				deletes: true},
			{do: func(s *scene) { s.comeBack("team") }, want: []string{"remove member team < ben"}}}})
	}
	return kinds
}

// inSite creates a container with two people and their team.
func (s *scene) inSite(where string) {
	site := s.unit("site", where)
	s.person("ana", site)
	s.person("ben", site)
	s.group("team", site, "ana", "ben")
}

// under records that these objects are in a container that moved.
func (s *scene) under(site string, names ...string) {
	for _, n := range names {
		rdn := strings.TrimSuffix(s.dn[n], ","+lab.Parent(s.dn[n]))
		s.dn[n] = rdn + "," + s.dn[site]
	}
}

// stage is a directory in which each kind of change has its own scene.
type stage struct {
	*follower
	in     string
	kinds  []kindOfChange
	scenes []*scene
}

// stage builds the scenes in an empty part of the directory, and reads it completely.
func (f *follower) stage(t *testing.T, undelete func(guid, dn string), kinds []kindOfChange) *stage {
	t.Helper()
	base := f.dir.Scratch(t)
	in, out := f.dir.AddContainer(t, base, "In"), f.dir.AddContainer(t, base, "Out")
	g := &stage{follower: f, in: in, kinds: kinds}
	f.options.BaseDNs = []string{in}
	for i, k := range kinds {
		s := &scene{follower: f, t: t, title: k.name, dn: map[string]string{}, guid: map[string]string{}, undelete: undelete}
		s.in, s.out = f.dir.AddContainer(t, in, fmt.Sprint("Scene ", i)), f.dir.AddContainer(t, out, fmt.Sprint("Scene ", i))
		k.before(s)
		g.scenes = append(g.scenes, s)
	}
	f.run(t, record.Full)
	g.mirrored(t, in)
	return g
}

// one does one step of one scene and checks that one run brings exactly that change.
func (g *stage) one(t *testing.T, i, step int) {
	t.Helper()
	g.together(t, step, []int{i})
}

// together does one step of several scenes, and one run.
func (g *stage) together(t *testing.T, step int, scenes []int) {
	t.Helper()
	var want, late []string
	for _, i := range scenes {
		if step >= len(g.kinds[i].steps) {
			continue
		}
		c := g.kinds[i].steps[step]
		g.scenes[i].t = t
		c.do(g.scenes[i])
		for _, w := range c.want {
			words := strings.SplitN(w, " ", 3)
			who, member, is := strings.Cut(words[2], " < ")
			text := words[0] + " " + words[1] + " " + g.kinds[i].name + ": " + who
			if is {
				text += " < " + g.kinds[i].name + ": " + member
			}
			if c.deletes && g.hidden {
				late = append(late, text)
			} else {
				want = append(want, text)
			}
		}
	}
	_, did := g.increment(t)
	slices.Sort(want)
	if d := cmp.Diff(want, did); d != "" {
		t.Errorf("an incremental run (- wanted, + done):\n%s", d)
	}
	if g.hidden {
		_, did = g.run(t, record.Full)
		slices.Sort(late)
		if d := cmp.Diff(late, did); d != "" {
			t.Errorf("the full run after it (- wanted, + done):\n%s", d)
		}
	}
	g.mirrored(t, g.in)
}

// eachKind tries every kind of change: one by one, then all at once.
func eachKind(t *testing.T, f *follower, undelete func(guid, dn string)) {
	kinds := kindsOfChange(f.bin)
	g := f.stage(t, undelete, kinds)
	for i, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			for step := range k.steps {
				g.one(t, i, step)
				if t.Failed() {
					t.Fatalf("at step %d", step+1)
				}
			}
			g.settled(t)
		})
	}
}

// allKinds tries all kinds of change in one run.
func allKinds(t *testing.T, f *follower, undelete func(guid, dn string)) {
	g := f.stage(t, undelete, kindsOfChange(f.bin))
	var all []int
	for i := range g.kinds {
		all = append(all, i)
	}
	for step := range 3 {
		g.together(t, step, all)
		g.settled(t)
	}
}
