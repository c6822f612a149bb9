package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"dirbridge/ldap"
	"dirbridge/ldap/ldaptest"
	"dirbridge/ldap/ldaptest/lab"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
	"dirbridge/ui/e2e/site"
)

// TestIncrementalKindsOnTheEmbeddedDirectory checks that one incremental run brings every kind of
// change to the cloud and leaves nothing for a full one, for every way of reading changes and every
// right of the bind account. With a recycle bin, they are tried one by one only with
// DIRBRIDGE_LONG=on.
func TestIncrementalKindsOnTheEmbeddedDirectory(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		way     identity.Way
		rights  ldaptest.Rights
		bin     bool
		entries int // of one DirSync answer
	}{
		"DirSync with rights": {way: identity.DirSync, rights: ldaptest.Rights{Replicate: true,
			ReadDeleted: true}},
		"DirSync in several parts, with bin": {way: identity.DirSync, rights: ldaptest.Rights{Replicate: true,
			ReadDeleted: true}, bin: true, entries: 2},
		"DirSync with object security": {way: identity.DirSync, bin: true},
		"uSNChanged":                   {way: identity.USN, rights: ldaptest.Rights{ReadDeleted: true}},
		"uSNChanged with bin":          {way: identity.USN, rights: ldaptest.Rights{ReadDeleted: true}, bin: true},
	} {
		if testing.Short() && c.entries == 0 {
			continue
		}
		t.Run(name, func(t *testing.T) {
			for journey, test := range map[string]func(*testing.T, *follower, func(string, string)){"one by one": eachKind,
				"at once": allKinds} {
				if journey != "at once" && (testing.Short() || c.bin && !long()) {
					continue
				}
				t.Run(journey, func(t *testing.T) {
					t.Parallel()
					s, d := site.EmbeddedDirectory(t, ldaptest.Options{RecycleBin: c.bin, Rights: c.rights, DirSyncEntries: c.entries})
					f := follow(t, d, ldap.Options{Changes: c.way})
					f.bin, f.hidden = c.bin, !c.rights.ReadDeleted
					test(t, f, func(guid, _ string) {
						if err := s.Undelete(guid); err != nil {
							t.Fatal(err)
						}
					})
				})
			}
		})
	}
}

const largeGroup = 3100

// TestIncrementalLargeGroup uses a group of 3,100 members, which the server returns in ranges of
// 1,500: only added and removed members are written, whether the server reports the members or they
// are read.
func TestIncrementalLargeGroup(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes long under the race detector")
	}
	for _, way := range []identity.Way{identity.DirSync, identity.USN} {
		t.Run(string(way), func(t *testing.T) {
			s, d := site.EmbeddedDirectory(t, ldaptest.Options{Rights: ldaptest.Rights{Replicate: true, ReadDeleted: true}})
			f := follow(t, d, ldap.Options{Changes: way})
			in := d.Scratch(t)
			f.options.BaseDNs = []string{in}
			var all []string
			for i := range largeGroup {
				dn := fmt.Sprintf("CN=Person %d,%s", i, in)
				must(t, s.Add(dn, map[string][]string{"objectClass": {"user"}, "mail": {fmt.Sprintf("p%d@example.com", i)},
					"userAccountControl": {"512"}}))
				all = append(all, dn)
			}
			c := &scene{follower: f, t: t, title: "large", in: in, dn: map[string]string{}, guid: map[string]string{}}
			c.group("team", in)
			must(t, s.AddValues(c.dn["team"], "member", all...))
			f.run(t, record.Full)
			if g := f.cloud.Groups()[0]; len(g.Members) != largeGroup {
				t.Fatalf("the group has %d members in the cloud", len(g.Members))
			}
			for i, name := range []string{"first", "middle", "last"} {
				c.put(name, all[[]int{0, largeGroup / 2, largeGroup - 1}[i]])
			}
			for i, step := range []struct {
				do   func()
				want []string
			}{
				{func() { c.leave("team", "first"); c.leave("team", "middle"); c.leave("team", "last") },
					[]string{"remove member large: team < large: first", "remove member large: team < large: last",
						"remove member large: team < large: middle"}},
				{func() { c.person("new", in); c.join("team", "new"); c.join("team", "last") },
					[]string{"add member large: team < large: last", "add member large: team < large: new", "add user large: new"}},
				{func() { c.rename("team", "Crew") }, []string{"rename group large: team"}},
				{func() { c.rename("last", "Last"); c.leave("team", "last") }, []string{"remove member large: team < large: last",
					"update user large: last"}},
			} {
				step.do()
				if _, did := f.increment(t); !slices.Equal(did, step.want) {
					t.Errorf("step %d did %q, want %q", i+1, did, step.want)
				}
			}
			if g := f.cloud.Groups()[0]; len(g.Members) != largeGroup-2 {
				t.Errorf("the group has %d members in the cloud", len(g.Members))
			}
			f.settled(t)
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestIncrementalFlattenedCircleOfGroups flattens groups that contain each other in a cycle; people
// come and go with any of the groups.
func TestIncrementalFlattenedCircleOfGroups(t *testing.T) {
	t.Parallel()
	for _, way := range []identity.Way{identity.DirSync, identity.USN} {
		t.Run(string(way), func(t *testing.T) {
			_, d := site.EmbeddedDirectory(t, ldaptest.Options{Rights: ldaptest.Rights{Replicate: true, ReadDeleted: true}})
			flattenedCircle(t, d, way)
		})
	}
}

func flattenedCircle(t *testing.T, d *lab.Directory, way identity.Way) {
	f := follow(t, d, ldap.Options{Changes: way})
	f.flatten = true
	base := d.Scratch(t)
	in, out := d.AddContainer(t, base, "In"), d.AddContainer(t, base, "Out")
	f.options.BaseDNs = []string{in}
	c := &scene{follower: f, t: t, title: "circle", in: in, dn: map[string]string{}, guid: map[string]string{}}
	for _, name := range []string{"ana", "ben", "cleo", "dan", "eve"} {
		c.person(name, in)
	}
	c.person("far", out)
	c.group("one", in, "ana", "far")
	c.group("two", in, "ben", "one")
	c.group("three", in, "cleo", "two")
	c.join("one", "three")
	c.group("apart", in, "dan")
	f.run(t, record.Full)
	for i, step := range []struct {
		do      func()
		members map[string]string // of each group, in the cloud
	}{
		{func() {}, map[string]string{"one": "ana ben cleo", "two": "ana ben cleo", "three": "ana ben cleo", "apart": "dan"}},
		{func() { c.join("two", "apart") }, map[string]string{"one": "ana ben cleo dan", "two": "ana ben cleo dan",
			"three": "ana ben cleo dan", "apart": "dan"}},
		{func() { c.join("apart", "eve"); c.leave("three", "cleo") },
			map[string]string{"one": "ana ben dan eve", "two": "ana ben dan eve", "three": "ana ben dan eve",
				"apart": "dan eve"}},
		{func() { c.leave("one", "three") }, map[string]string{"one": "ana", "two": "ana ben dan eve",
			"three": "ana ben dan eve", "apart": "dan eve"}},
		{func() { c.move("far", in) }, map[string]string{"one": "ana far", "two": "ana ben dan eve far",
			"three": "ana ben dan eve far", "apart": "dan eve"}},
		{func() { c.join("apart", "two") }, map[string]string{"one": "ana far", "two": "ana ben dan eve far",
			"three": "ana ben dan eve far", "apart": "ana ben dan eve far"}},
		{func() { c.leave("two", "apart"); c.leave("two", "one") }, map[string]string{"one": "ana far", "two": "ben",
			"three": "ben", "apart": "ben dan eve"}},
	} {
		step.do()
		f.increment(t)
		if got := f.members(); !maps.Equal(got, step.members) {
			t.Errorf("step %d: the cloud has %v, want %v", i, got, step.members)
		}
		f.settled(t)
	}
}

// members returns the members of each group in the cloud, by the names of a scene.
func (f *follower) members() map[string]string {
	short := func(guid string) string { _, name, _ := strings.Cut(f.names[guid], ": "); return name }
	names := map[string]string{}
	for _, u := range f.cloud.Users() {
		names[u.ID] = short(u.ExternalID)
	}
	out := map[string]string{}
	for _, g := range f.cloud.Groups() {
		var all []string
		for _, id := range g.Members {
			all = append(all, names[id])
		}
		slices.Sort(all)
		out[short(g.ExternalID)] = strings.Join(all, " ")
	}
	return out
}

// TestIncrementalScopeByGroup checks that people enter the scope by a group, and leave it with the
// group, at any depth.
func TestIncrementalScopeByGroup(t *testing.T) {
	t.Parallel()
	for _, way := range []identity.Way{identity.DirSync, identity.USN} {
		t.Run(string(way), func(t *testing.T) {
			_, d := site.EmbeddedDirectory(t, ldaptest.Options{Rights: ldaptest.Rights{Replicate: true, ReadDeleted: true}})
			scopeByGroup(t, d, way)
		})
	}
}

func scopeByGroup(t *testing.T, d *lab.Directory, way identity.Way) {
	f := follow(t, d, ldap.Options{Changes: way})
	base := d.Scratch(t)
	in, elsewhere := d.AddContainer(t, base, "In"), d.AddContainer(t, base, "Elsewhere")
	f.options.BaseDNs = []string{in}
	c := &scene{follower: f, t: t, title: "scope", in: in, dn: map[string]string{}, guid: map[string]string{}}
	for _, name := range []string{"keeper", "ana", "ben", "cleo", "dan", "eve"} {
		c.person(name, in)
	}
	// The groups that define the scope are not synchronized themselves.
	c.group("outer", elsewhere, "keeper", "ana")
	c.group("inner", elsewhere, "cleo")
	c.group("innermost", elsewhere, "dan")
	c.join("inner", "innermost")
	c.group("team", in, "ana", "ben", "cleo")
	c.set("eve", "manager", c.dn["ben"])
	c.join("outer", "eve")
	f.options.MemberOf = []string{c.dn["outer"]}
	f.run(t, record.Full)
	for i, step := range []struct {
		do   func()
		want []string
	}{
		{func() { c.join("outer", "ben") }, []string{"add member team < ben", "add user ben", "update user eve"}},
		{func() { c.leave("outer", "ben") }, []string{"deactivate user ben"}},
		{func() { c.join("outer", "inner") }, []string{"add member team < cleo", "add user cleo", "add user dan"}},
		{func() { c.leave("innermost", "dan"); c.join("innermost", "ben") },
			[]string{"deactivate user dan", "reactivate user ben"}},
		{func() { c.leave("inner", "innermost") }, []string{"deactivate user ben"}},
		{func() { c.join("innermost", "outer"); c.join("outer", "innermost") }, []string{"reactivate user ben"}},
		{func() { c.delete("innermost") }, []string{"deactivate user ben"}},
		{func() { c.rename("inner", "Core"); c.person("new", in); c.join("inner", "new") }, []string{"add user new"}},
		{func() { c.delete("inner") }, []string{"deactivate user cleo", "deactivate user new"}},
	} {
		step.do()
		_, did := f.increment(t)
		for i := range did {
			did[i] = strings.ReplaceAll(did[i], "scope: ", "")
		}
		if !slices.Equal(did, step.want) {
			t.Errorf("step %d did %q, want %q", i, did, step.want)
		}
		f.settled(t)
	}
}

// TestIncrementalBecomesFull checks that a cookie that the directory refuses, or never issued,
// causes a full run, which says why. So does another domain controller, if only the first one's
// change numbers are valid.
func TestIncrementalBecomesFull(t *testing.T) {
	t.Parallel()
	for _, way := range []identity.Way{identity.DirSync, identity.USN} {
		t.Run(string(way), func(t *testing.T) {
			s, d := site.EmbeddedDirectory(t, ldaptest.Options{Rights: ldaptest.Rights{Replicate: true, ReadDeleted: true}})
			f := follow(t, d, ldap.Options{Changes: way})
			c := &scene{follower: f, t: t, title: "full", in: d.Scratch(t), dn: map[string]string{}, guid: map[string]string{}}
			f.options.BaseDNs = []string{c.in}
			for _, name := range []string{"ana", "ben", "cleo"} {
				c.person(name, c.in)
			}
			f.run(t, record.Full)
			n := 0
			edit := func() { n++; c.set("ana", "title", fmt.Sprint("Title ", n)) }
			expect := func(did []string) {
				t.Helper()
				if !slices.Equal(did, []string{"update user full: ana"}) {
					t.Errorf("it did %q", did)
				}
			}
			again := func() {
				t.Helper()
				edit()
				_, did := f.increment(t)
				expect(did)
			}
			edit()
			f.spoil(t, func(string) string { return "Garbage!" })
			expect(f.instead(t, "the position that was remembered cannot be read"))
			again()
			if way == identity.DirSync {
				edit()
				f.spoil(t, garbleRoots)
				expect(f.instead(t, "does not take the cookie any more"))
				again()
				edit()
				s.ExpireCookies()
				expect(f.instead(t, "does not take the cookie any more"))
				again()
			}

			backup := s.Backup()
			again()
			s.Restore(backup, true) // a disk image: change numbers start again
			expect(f.instead(t, "was put back to an older state"))
			again()
			backup = s.Backup()
			again()
			s.Restore(backup, false)
			expect(f.instead(t, "was restored"))
			again()

			other, err := s.Replica(t.Context())
			must(t, err)
			t.Cleanup(func() { other.Close() })
			edit()
			other.Pull()
			f.options.Servers = []string{other.URL()}
			if way == identity.DirSync {
				_, did := f.increment(t)
				expect(did)
			} else {
				expect(f.instead(t, "another domain controller"))
			}
			f.settled(t)
		})
	}
}
