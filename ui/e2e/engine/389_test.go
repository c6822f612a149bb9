package engine

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dirbridge/ldap"
	"dirbridge/ldap/ldaptest/lab"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
)

// TestIncrementalKindsOn389 checks that one incremental run brings every kind of change in 389
// Directory Server to the cloud, including deletions, and leaves nothing for a full run.
func TestIncrementalKindsOn389(t *testing.T) {
	t.Parallel()
	kinds := slices.DeleteFunc(kindsOfChange(false), func(k kindOfChange) bool { return k.name == "undeleted" })
	d := lab.DS389(t) // its own: no other test leaves a server with these settings running
	d.Relink = true
	for _, assign := range []bool{false, true} {
		t.Run(map[bool]string{false: "nsUniqueId", true: "objectGUID"}[assign], func(t *testing.T) {
			d.AssignGUID = assign
			if !assign {
				t.Run("one by one", func(t *testing.T) {
					f := follow(t, d, ldap.Options{Changes: identity.SyncRepl})
					g := f.stage(t, nil, kinds)
					for i, k := range kinds {
						t.Run(k.name, func(t *testing.T) {
							for step := range k.steps {
								g.one(t, i, step)
							}
						})
					}
				})
			}
			t.Run("at once", func(t *testing.T) {
				g := follow(t, d, ldap.Options{}).stage(t, nil, kinds)
				var all []int
				for i := range kinds {
					all = append(all, i)
				}
				for step := range 3 {
					g.together(t, step, all)
				}
			})
		})
	}
}

// TestRenamedMembersWithoutReferentialIntegrity uses a server that does not update member
// references: a renamed member leaves its groups, and an entry that takes the old name is in them,
// in an incremental run as in a full one.
func TestRenamedMembersWithoutReferentialIntegrity(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(*testing.T) *lab.Directory{
		// Its own: no other test uses these settings.
		"389": func(t *testing.T) *lab.Directory { return lab.DS389(t, "DS389_REFERINT=off") },
		"OpenLDAP": func(t *testing.T) *lab.Directory {
			d := servers.Slapd(t, "SLAPD_SYNC=log")
			d.AssignGUID = false
			return d
		},
		"OpenLDAP by modifyTimestamp": func(t *testing.T) *lab.Directory {
			return servers.Slapd(t, "SLAPD_SYNC=none")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := start(t)
			f := follow(t, d, ldap.Options{})
			f.hidden = strings.Contains(name, "modifyTimestamp")
			in := d.Scratch(t)
			f.options.BaseDNs = []string{in}
			s := &scene{follower: f, t: t, title: "names", in: in, dn: map[string]string{}, guid: map[string]string{}}
			site := s.unit("site", in)
			for _, who := range []string{"ana", "ben", "stays", "eve"} {
				s.person(who, site)
			}
			s.group("team", in, "ana", "ben")
			s.set("eve", "manager", s.dn["ben"])
			f.run(t, record.Full)
			for _, step := range []struct {
				what string
				do   func()
				want []string
			}{
				{"renamed", func() { s.rename("ben", "Benjamin") }, []string{"remove member names: team < names: ben",
					"update user names: ben", "update user names: eve"}},
				{"named as before", func() { s.rename("ben", "ben") }, []string{"add member names: team < names: ben",
					"update user names: ben", "update user names: eve"}},
				{"the name handed on", func() { s.rename("ben", "Benjamin"); s.rename("stays", "ben") },
					[]string{"add member names: team < names: stays", "remove member names: team < names: ben",
						"update user names: ben", "update user names: eve", "update user names: stays"}},
				{"moved", func() { s.move("ana", in) }, []string{"remove member names: team < names: ana"}},
				{"the container renamed", func() { s.rename("site", "Quarters"); s.under("site", "ben", "stays", "eve") },
					[]string{"remove member names: team < names: stays", "update user names: eve"}},
				{"the container named as before", func() { s.rename("site", "site"); s.under("site", "ben", "stays", "eve") },
					[]string{"add member names: team < names: stays", "update user names: eve"}},
			} {
				step.do()
				_, did := f.increment(t)
				if d := cmp.Diff(step.want, did); d != "" {
					t.Errorf("%s (- wanted, + done):\n%s", step.what, d)
				}
				f.settled(t)
			}
			f.mirrored(t, in)
		})
	}
}

// TestWhat389ForgetsIsRead checks that 389 Directory Server is not asked for changes if its answer
// would be wrong but look successful: after its changelog lost changes, or its data may have been
// replaced.
func TestWhat389ForgetsIsRead(t *testing.T) {
	t.Parallel()
	t.Run("changelog forgot", func(t *testing.T) {
		t.Parallel()
		d := lab.DS389(t, "DS389_MAXAGE=1s") // its own: it forgets changes
		f, ana := staffOn(t, d)
		d.Delete(t, ana)
		first := func() string { return fmt.Sprint(d.Values(t, "", "firstChangeNumber")) }
		for begin, since := first(), time.Now(); ; {
			d.Set(t, d.One(t, "(sn=Ben)"), "title", fmt.Sprint(time.Since(since)))
			if now := first(); now != begin && len(now) >= len(begin) && time.Since(since) > 3*time.Second {
				break
			}
			if time.Since(since) > time.Minute {
				t.Fatal("the changelog is not trimmed")
			}
			time.Sleep(200 * time.Millisecond)
		}
		if did := f.instead(t, "is forgotten"); !slices.Contains(did, "deactivate user ana") {
			t.Errorf("%v", did)
		}
	})
	t.Run("restarted", func(t *testing.T) {
		t.Parallel()
		d := lab.DS389(t) // its own: the test restarts it
		f, ana := staffOn(t, d)
		d.Restart(t)
		d.Delete(t, ana)
		if did := f.instead(t, "was started, or its data imported"); !slices.Contains(did, "deactivate user ana") {
			t.Errorf("%v", did)
		}
		d.Delete(t, d.One(t, "(sn=Ben)"))
		if _, did := f.increment(t); len(did) != 1 {
			t.Errorf("%v", did)
		}
	})
}

// staffOn puts Ana, Ben and Eva, who are in a container of their own, in the cloud.
func staffOn(t *testing.T, d *lab.Directory) (f *follower, ana string) {
	t.Helper()
	in := d.Scratch(t)
	f = follow(t, d, ldap.Options{BaseDNs: []string{in}})
	for _, name := range []string{"Ana", "Ben", "Eva"} {
		dn := d.AddPerson(t, in, name, map[string][]string{"mail": {name + "@example.com"}})
		f.names[d.GUID(t, dn)] = strings.ToLower(name)
		if name == "Ana" {
			ana = dn
		}
	}
	f.run(t, record.Full)
	return f, ana
}
