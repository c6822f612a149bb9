package engine

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"dirbridge/ldap"
	"dirbridge/ldap/ldaptest/lab"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
)

// TestIncrementalKindsOnSamba checks that one incremental run brings every kind of change on a real
// domain controller to the cloud and leaves nothing for a full run, by either way.
func TestIncrementalKindsOnSamba(t *testing.T) {
	t.Parallel()
	d := servers.Samba(t)
	for _, way := range []identity.Way{identity.DirSync, identity.USN} {
		t.Run(string(way), func(t *testing.T) {
			if way == identity.DirSync { // the other way tests each kind, too, in one run
				t.Run("one by one", func(t *testing.T) { eachKind(t, follow(t, d, ldap.Options{Changes: way}), undeleteOn(t, d)) })
			}
			t.Run("at once", func(t *testing.T) { allKinds(t, follow(t, d, ldap.Options{Changes: way}), undeleteOn(t, d)) })
			t.Run("scope by group", func(t *testing.T) { scopeByGroup(t, d, way) })
			t.Run("circle of groups", func(t *testing.T) { flattenedCircle(t, d, way) })
		})
	}
}

func undeleteOn(t *testing.T, d *lab.Directory) func(guid, dn string) {
	return func(guid, dn string) { d.Undelete(t, guid, dn) }
}

// TestIncrementalDeletionsBeforeAndAfterTheGrantOnSamba uses an account that cannot see deleted
// objects: it is reported, with the remedy, and deletions wait for a full run. After the grant,
// deletions arrive as they happen, starting with those that were missed.
func TestIncrementalDeletionsBeforeAndAfterTheGrantOnSamba(t *testing.T) {
	t.Parallel()
	d := lab.Samba(t, lab.Empty) // its own: the test changes who may read deleted objects
	for account, way := range map[string]identity.Way{"svc-plain": identity.USN, "svc-dirsync": identity.DirSync} {
		t.Run(account+" by "+string(way), func(t *testing.T) {
			f := follow(t, d, ldap.Options{Changes: way, BindUser: account + "@corp.example.com"})
			f.hidden = true
			in := d.Scratch(t)
			f.options.BaseDNs = []string{in}
			s := &scene{follower: f, t: t, title: "grant", in: in, dn: map[string]string{}, guid: map[string]string{}}
			for _, name := range []string{"ana", "ben", "cleo", "stays"} {
				s.person(name, in)
			}
			f.run(t, record.Full)

			s.delete("ana")
			s.set("stays", "title", "Chief")
			h, did := f.increment(t)
			read := h.Directories[0]
			if !strings.Contains(read.NoDeletions, "CN=Deleted Objects,"+d.Base) || !strings.Contains(read.Remedy, "dsacls") ||
				!strings.Contains(read.Remedy, account) {
				t.Errorf("it says %q, and the remedy %q", read.NoDeletions, read.Remedy)
			}
			if want := []string{"update user grant: stays"}; !slices.Equal(did, want) {
				t.Errorf("without the right to see deletions it did %q", did)
			}
			if _, did = f.run(t, record.Full); !slices.Equal(did, []string{"deactivate user grant: ana"}) {
				t.Errorf("the full run did %q", did)
			}

			s.delete("ben")
			f.increment(t)
			d.GrantDeleted(t, account)
			if did := f.instead(t, "deletions are visible to the bind account since now"); !slices.Equal(did,
				[]string{"deactivate user grant: ben"}) {
				t.Errorf("the first run after the grant did %q", did)
			}
			f.hidden = false
			s.delete("cleo")
			if _, did := f.increment(t); !slices.Equal(did, []string{"deactivate user grant: cleo"}) {
				t.Errorf("after the grant it did %q", did)
			}
			f.settled(t)
		})
	}
}

// TestIncrementalBecomesFullOnSamba checks that a cookie that the domain controller refuses, or
// never issued, causes a full run, which says why.
func TestIncrementalBecomesFullOnSamba(t *testing.T) {
	t.Parallel()
	snapshot := lab.Company(200, 12)
	d := lab.Samba(t, snapshot) // its own: the test restores it
	for _, way := range []identity.Way{identity.DirSync, identity.USN} {
		t.Run(string(way), func(t *testing.T) {
			f := follow(t, d, ldap.Options{Changes: way, UserFilter: "(mail=u*)"})
			f.run(t, record.Full)
			edit := func(i int) {
				d.Set(t, d.One(t, fmt.Sprintf("(sAMAccountName=u%06d)", i)), "title", "Chief")
			}
			expect := func(did []string) {
				t.Helper()
				if len(did) != 1 || !strings.HasPrefix(did[0], "update user ") {
					t.Errorf("it did %q", did)
				}
			}
			edit(1)
			f.spoil(t, func(cookie string) string { return "Garbage!" })
			expect(f.instead(t, "the position that was remembered cannot be read"))
			edit(2)
			if way == identity.DirSync {
				f.spoil(t, garbleRoots)
				expect(f.instead(t, "does not take the cookie any more"))
				edit(3)
			}
			_, did := f.increment(t)
			expect(did)

			for i := range 5 {
				edit(10 + i)
			}
			f.increment(t)
			d.Restore(t, snapshot)
			if did := f.instead(t, "was put back to an older state"); len(did) < 7 {
				t.Errorf("after the domain controller was put back it did %q", did)
			}
			f.settled(t)
			edit(20)
			_, did = f.increment(t)
			expect(did)
		})
	}
}

// TestIncrementalCostOnSamba checks that a hundred changes among 10,000 people take less than a
// fiftieth of the entries that a full read takes, counted on the network.
func TestIncrementalCostOnSamba(t *testing.T) {
	t.Parallel()
	d := lab.Samba(t, lab.Company(10_000, 500)) // its own: it needs a whole company
	f := follow(t, d, ldap.Options{BaseDNs: []string{"OU=Company," + d.Base}})
	relay := f.through(t)
	cost := func(run func()) int64 {
		before := relay.Entries()
		run()
		return relay.Entries() - before
	}
	for i, way := range []identity.Way{identity.DirSync, identity.USN} {
		f.options.Changes = way
		full := cost(func() { f.run(t, record.Full) })
		if full < 10_000 {
			t.Fatalf("a full run read %d entries", full)
		}
		hundredChanges(t, d, i)
		var did []string
		some := cost(func() { _, did = f.increment(t) })
		t.Logf("by %s: %d entries for 100 changes, %d for everything: %.2f %%", way, some, full,
			float64(some)/float64(full)*100)
		if some*50 >= full {
			t.Errorf("by %s: 100 changes cost %d entries, everything costs %d", way, some, full)
		}
		if len(did) < 95 || len(did) > 105 {
			// Reports of people who left are written as well.
			t.Errorf("by %s: of 100 changes %d arrived:\n%s", way, len(did), strings.Join(did, "\n"))
		}
	}
	f.settled(t)
}

// hundredChanges makes a hundred changes of most kinds, to different objects each time.
func hundredChanges(t *testing.T, d *lab.Directory, time int) {
	t.Helper()
	at := 100 + 5000*time // number of the next person to change
	next := func() string {
		at += 31
		for at%50 == 49 {
			at++ // disabled
		}
		return d.One(t, fmt.Sprintf("(sAMAccountName=u%06d)", at))
	}
	parent := lab.Parent(next())
	crew := d.AddGroup(t, parent, fmt.Sprint("Crew ", time)) // the first
	for range 40 {
		d.Set(t, next(), "title", "Chief")
	}
	for i := range 10 {
		d.AddPerson(t, parent, fmt.Sprintf("New %d%d", time, i),
			map[string][]string{"mail": {fmt.Sprintf("new.%d%d@example.com", time, i)}})
	}
	for i := range 9 {
		d.Set(t, next(), "mail", fmt.Sprintf("changed.%d%d@example.com", time, i))
	}
	for range 10 {
		d.Delete(t, next())
	}
	for range 5 {
		d.Move(t, next(), d.Base)
	}
	for range 5 {
		d.Disable(t, next())
	}
	for i := range 10 {
		d.AddMember(t, crew, next())
		d.AddMember(t, d.One(t, fmt.Sprintf("(sAMAccountName=grp%04d)", 40+20*time+i)), next())
	}
}

// followsEither runs a connector that prefers the first domain controller, which disappears in the
// middle of a read: the run completes from the other, and so do the next ones. The first one's
// change numbers are invalid there; its DirSync cookies are valid.
func followsEither(t *testing.T, first, second *lab.Directory) {
	for _, way := range []identity.Way{identity.DirSync, identity.USN} {
		t.Run(string(way), func(t *testing.T) {
			f := follow(t, second, ldap.Options{Changes: way, UserFilter: "(mail=u*)"})
			relay := lab.NewRelay(t, strings.TrimPrefix(first.URL, "ldap://"))
			f.options.Servers = []string{"ldap://" + relay.Address, second.URL}
			relay.CutAfter(60_000)
			h, did := f.run(t, record.Full)
			if !relay.IsCut() || !h.Complete || h.Directories[0].People != 200 {
				t.Fatalf("cut off: %t; read %+v", relay.IsCut(), h.Directories)
			}
			if len(did) < 212 {
				t.Errorf("it did %d things", len(did))
			}
			f.settled(t)
			// No change may be missed while the servers switched.
			if did := f.instead(t, "from where changes are to be asked for is not known"); len(did) != 0 {
				t.Errorf("the next run did %q", did)
			}

			// A full run from the first, the next one from the second.
			f.options.Servers = []string{first.URL}
			f.run(t, record.Full)
			second.Set(t, second.One(t, "(sAMAccountName=u000007)"), "title", "Chief by "+string(way))
			f.options.Servers = []string{lab.NewRelay(t, strings.TrimPrefix(second.URL, "ldap://")).Address}
			f.options.Servers[0] = "ldap://" + f.options.Servers[0]
			if way == identity.DirSync {
				_, did = f.increment(t)
			} else {
				did = f.instead(t, "another domain controller")
			}
			if len(did) != 1 || !strings.HasPrefix(did[0], "update user ") {
				t.Errorf("at the other domain controller it did %q", did)
			}
			f.settled(t)
			// The next way starts at the first again, which must have caught up.
			first.Await(t, "(title=Chief by "+string(way)+")")
		})
	}
}
