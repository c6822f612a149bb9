package engine

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dirbridge/ldap"
	"dirbridge/ldap/ldaptest/lab"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
)

// TestIncrementalKindsOnOpenLDAP checks that one incremental run brings every kind of change in
// OpenLDAP to the cloud and leaves nothing for a full run, however the server records deletions.
func TestIncrementalKindsOnOpenLDAP(t *testing.T) {
	t.Parallel()
	kinds := slices.DeleteFunc(kindsOfChange(false), func(k kindOfChange) bool { return k.name == "undeleted" })
	for _, s := range lab.SlapdSetups() {
		t.Run(s.String(), func(t *testing.T) {
			d := servers.Slapd(t, "SLAPD_SYNC="+s.Name)
			d.AssignGUID, d.Relink = s.Assign, true
			t.Run("one by one", func(t *testing.T) {
				f := follow(t, d, ldap.Options{})
				f.hidden = s.Way == identity.Timestamp
				g := f.stage(t, nil, kinds)
				for i, k := range kinds {
					t.Run(k.name, func(t *testing.T) {
						for step := range k.steps {
							g.one(t, i, step)
						}
					})
				}
			})
			t.Run("at once", func(t *testing.T) {
				f := follow(t, d, ldap.Options{})
				f.hidden = s.Way == identity.Timestamp
				g := f.stage(t, nil, kinds)
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

// TestIncrementalCompanyOnOpenLDAP reads a company of 200 people completely once. Each later run
// asks only for the changes, even after a restart in which the server loses its session log.
func TestIncrementalCompanyOnOpenLDAP(t *testing.T) {
	t.Parallel()
	for setup, way := range map[string]identity.Way{"log": identity.SyncRepl, "present": identity.SyncRepl,
		"none": identity.Timestamp} {
		t.Run(setup, func(t *testing.T) {
			d := lab.SlapdWith(t, lab.Company(200, 12), "SLAPD_SYNC="+setup) // its own: the test restarts it
			f := follow(t, d, ldap.Options{BaseDNs: []string{"OU=Company," + d.Base}})
			f.hidden = way == identity.Timestamp
			if h, _ := f.run(t, record.Full); h.Mode != record.Full || h.Counts.Users.Add != 200 {
				t.Fatalf("the first run is %s and adds %d people", h.Mode, h.Counts.Users.Add)
			}
			if _, did := f.increment(t); len(did) != 0 {
				t.Errorf("nothing changed, but it does %v", did)
			}
			people := d.Objects(t, "(&(objectClass=user)(mail=u*))", "mail")
			f.names = map[string]string{people[3].GUID: "three", people[4].GUID: "four", people[5].GUID: "five",
				people[6].GUID: "six"}
			d.Set(t, people[3].DN, "title", "Chief")
			d.Disable(t, people[4].DN)
			want := []string{"deactivate user four", "update user three"}
			if d.Values(t, people[4].DN, "title") == nil {
				t.Fatal("no title")
			}
			if _, did := f.increment(t); cmp.Diff(want, did) != "" {
				t.Errorf("(- wanted, + done)\n%s", cmp.Diff(want, did))
			}
			d.Set(t, people[5].DN, "title", "Chief")
			d.Delete(t, people[6].DN)
			d.Restart(t)
			want = []string{"deactivate user six", "update user five"}
			if f.hidden {
				want = want[1:]
			}
			if _, did := f.increment(t); cmp.Diff(want, did) != "" {
				t.Errorf("after a restart (- wanted, + done)\n%s", cmp.Diff(want, did))
			}
			if f.hidden {
				f.run(t, record.Full)
			}
			f.settled(t)
			f.mirrored(t, "OU=Company,"+d.Base)
		})
	}
}

// TestOverlayComesAndGoesOnOpenLDAP changes what the server can report: without the overlay,
// everything is read, and then changes by modifyTimestamp; with it again, everything is read once
// more, for the deletions.
func TestOverlayComesAndGoesOnOpenLDAP(t *testing.T) {
	t.Parallel()
	d := lab.SlapdWith(t, lab.Empty) // its own: the test restarts it with other settings
	in := d.AddContainer(t, d.Base, "In")
	f := follow(t, d, ldap.Options{BaseDNs: []string{in}})
	mails := func(name string) map[string][]string { return map[string][]string{"mail": {name + "@example.com"}} }
	ana, ben := d.AddPerson(t, in, "Ana", mails("ana")), d.AddPerson(t, in, "Ben", mails("ben"))
	d.AddPerson(t, in, "Eva", mails("eva"))
	f.run(t, record.Full)
	d.Set(t, ana, "title", "One")
	f.increment(t)

	d.Restart(t, "SLAPD_SYNC=none")
	d.Set(t, ana, "title", "Two")
	if did := f.instead(t, "does not tell by syncrepl any more"); len(did) != 1 {
		t.Errorf("%v", did)
	}
	f.hidden = true
	d.Set(t, ana, "title", "Three")
	d.Delete(t, ben)
	if _, did := f.increment(t); len(did) != 1 {
		t.Errorf("%v", did)
	}
	d.Restart(t, "SLAPD_SYNC=log")
	if did := f.instead(t, "deletions too"); len(did) != 1 {
		t.Errorf("%v", did)
	}
	f.hidden = false
	d.Set(t, ana, "title", "Four")
	if _, did := f.increment(t); len(did) != 1 {
		t.Errorf("%v", did)
	}
	f.settled(t)
}
