package disasters

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dirbridge/ldap/ldaptest"
	"dirbridge/ui/e2e/site"
)

// sourceDisasters returns the disasters of the directory: it answers wrongly, partly or not at all,
// or its settings in the connector have changed.
func sourceDisasters() []disaster {
	return []disaster{
		{"source answers empty", sourceEmpty, false},
		{"source breaks off in mid-listing", sourceBreaksOff, true},
		{"source is busy in mid-listing", sourceBusy, true},
		{"groups cannot be read", groupsUnread, false},
		{"truncated at 1,000 by the directory", truncatedByDirectory, true},
		{"page repeated by the directory", pageRepeatedByDirectory, false},
		{"bind account locked out", lockedOut, false},
		{"OU renamed drops it from scope", ouRenamed, false},
		{"OU moved out of scope", ouMoved, false},
		{"filter with a typing error", filterTypo, false},
		{"recycle bin turned on", recycleBin, false},
		{"more than 200 groups", manyGroups, true},
		{"DC restored from an old snapshot", snapshotRestored, false},
		{"DC behind the others answers", laggingReplica, false},
		{"directory taken out of the configuration", directoryTakenOut, false},
	}
}

// sourceEmpty reads a directory without people: no error, no interruption, just no entries.
func sourceEmpty(t *testing.T) {
	s := newDrill(t, drillOptions{people: 5})
	for _, everything := range []bool{false, true} {
		filter := "(objectClass=nothing)"
		if everything { // the account lost its rights: even a second look finds no entries
			filter = ""
			s.ldap.Inject(ldaptest.Fault{Kind: ldaptest.Blind})
		}
		s.Configure(t, site.Settings{Filter: filter})
		s.stops(t, 3, "returned no people", "bind account", "cannot be overridden")
		s.Unwritten(t, func() {
			var p site.Plan
			site.Parse(t, s.Run(t, "plan").Out, &p)
			s.tells(t, 3, []string{"sync", "--full", "--override-threshold", fmt.Sprint(p.Removals)}, "returned no people")
			s.Run(t, "sync") // only the changes
		})
		s.intact(t)
	}
	s.Configure(t, site.Settings{})
	s.recovers(t)
}

func sourceBreaksOff(t *testing.T) {
	s := newDrill(t, drillOptions{people: 30, dir: ldaptest.Options{MaxPageSize: 7}})
	for after, kind := range map[int]ldaptest.FaultKind{0: ldaptest.Drop, 10: ldaptest.Truncate, 29: ldaptest.Drop} {
		s.ldap.Inject(ldaptest.Fault{Kind: kind, After: after, Times: 1000})
		s.Unwritten(t, func() { s.tells(t, 1, []string{"sync", "--full"}, "directory corp", s.Dir.URL) })
		s.ldap.ClearFaults()
	}
	s.recovers(t)
}

// sourceBusy checks LDAP's equivalent of a 503.
func sourceBusy(t *testing.T) {
	s := newDrill(t, drillOptions{people: 30, dir: ldaptest.Options{MaxPageSize: 7}})
	for code, word := range map[int]string{51: "[Bb]usy", 3: "[Tt]ime", 11: "[Aa]dmin"} {
		s.ldap.Inject(ldaptest.Fault{Kind: ldaptest.Answer, Code: code, After: 10, Times: 1000})
		s.Unwritten(t, func() { s.tells(t, 1, []string{"sync", "--full"}, word, "directory corp") })
		s.ldap.ClearFaults()
	}
	s.recovers(t)
}

// groupsUnread reads users but no groups: the members of the groups must not be removed.
func groupsUnread(t *testing.T) {
	s := newDrill(t, drillOptions{people: 12, dir: ldaptest.Options{MaxValRange: 5}})
	s.ldap.Inject(ldaptest.Fault{Kind: ldaptest.Drop, After: 12, Times: 1000})
	s.Unwritten(t, func() { s.tells(t, 1, []string{"sync", "--full"}, "directory corp") })
	if g, _ := s.sky.Group("team"); len(g.Members) != 12 {
		t.Errorf("%d members are left", len(g.Members))
	}
	s.recovers(t)
}

// truncatedByDirectory limits a server, or a device before it, to 1,000 entries: with the error, as
// if these were all, and without the requested paging.
func truncatedByDirectory(t *testing.T) {
	const all = 1030
	s := newDrill(t, drillOptions{people: all})
	t.Run("with the error", func(t *testing.T) {
		s.ldap.Inject(ldaptest.Fault{Kind: ldaptest.Answer, Code: 4, After: 1000, Times: 1000})
		s.stops(t, 1, "[Ss]ize limit", "directory corp")
		s.ldap.ClearFaults()
	})
	t.Run("with success and without paging", func(t *testing.T) {
		s.ldap.Inject(ldaptest.Fault{Kind: ldaptest.Answer, Code: 0, After: 1000, Times: 1000})
		s.stops(t, 1, "unproven after 1000 entries", "directory corp")
		s.ldap.ClearFaults()
	})
	t.Run("as though that were all", func(t *testing.T) {
		s.ldap.Inject(ldaptest.Fault{Kind: ldaptest.Blind, After: 1000})
		s.Unwritten(t, func() { s.tells(t, 0, []string{"sync", "--full"}) })
		s.ldap.ClearFaults()
	})
	s.recovers(t)
}

func pageRepeatedByDirectory(t *testing.T) {
	s := newDrill(t, drillOptions{people: 30, dir: ldaptest.Options{MaxPageSize: 7}})
	for _, after := range []int{1, 7, 20} {
		s.ldap.Inject(ldaptest.Fault{Kind: ldaptest.Repeat, After: after, Times: 3})
		s.Unwritten(t, func() {
			got := s.Run(t, "sync", "--full")
			if got.Code != 0 && (got.Code != 1 || !strings.Contains(got.Err, "directory corp")) {
				t.Errorf("exit code %d: %s", got.Code, got.Err)
			}
		})
		s.ldap.ClearFaults()
		s.intact(t)
	}
	s.recovers(t)
}

func lockedOut(t *testing.T) {
	s := newDrill(t, drillOptions{people: 5})
	s.Configure(t, site.Settings{Password: "not the password"})
	s.stops(t, 1, "password", s.Dir.User)
	s.Configure(t, site.Settings{})
	s.recovers(t)
}

// ouRenamed removes the configured base, and moves its people elsewhere.
func ouRenamed(t *testing.T) {
	for _, n := range []int{5, 30} { // too few for the threshold, and more
		ouRenamedWith(t, n)
	}
}

func ouRenamedWith(t *testing.T, n int) {
	sales, crew := "OU=Sales,dc=lab,dc=test", "OU=Crew,dc=lab,dc=test"
	s := newDrill(t, drillOptions{people: 3, settings: site.Settings{Base: []string{crew, sales}},
		prepared: func(s *drill) {
			s.must1(t, s.ldap.Add(sales, map[string][]string{"objectClass": {"organizationalUnit"}}))
			for i := range n {
				name := fmt.Sprintf("s%d", i)
				s.must1(t, s.ldap.Add("CN="+name+","+sales, map[string][]string{"objectClass": {"user"}, "sAMAccountName": {name},
					"mail": {name + "@example.com"}}))
			}
		}})
	s.must1(t, s.ldap.Rename(sales, "OU=Sales and Marketing", ""))
	s.stops(t, 1, "OU=Sales,dc=lab,dc=test", "base_dns")
	s.Unwritten(t, func() { s.tells(t, 1, []string{"sync"}, "OU=Sales") }) // only the changes

	// If it is omitted from the configuration, the plan names that as the cause of the removals.
	s.Configure(t, site.Settings{Base: []string{crew}, Policy: fmt.Sprint("delete_threshold = ", n-1)})
	s.stops(t, 3, fmt.Sprintf("Delete threshold \\(%d\\) exceeded. %d objects", n-1, n),
		fmt.Sprint("override-threshold ", n))
	p, file := s.Plan(t, 3)
	if p.Removals != int64(n) {
		t.Errorf("%d removals", p.Removals)
	}
	for _, c := range s.Changes(t, file) {
		if !strings.Contains(c.Reason, "left scope: it is at") || !strings.Contains(c.Cause, "Sales") {
			t.Fatalf("it is not told why: %+v", c)
		}
	}
	s.Configure(t, site.Settings{Base: []string{crew, "OU=Sales and Marketing,dc=lab,dc=test"}})
	s.recovers(t)
}

func ouMoved(t *testing.T) {
	s := newDrill(t, drillOptions{people: 25, settings: site.Settings{Base: []string{"OU=Crew,dc=lab,dc=test",
		"OU=Rest,dc=lab,dc=test"}}, prepared: func(s *drill) {
		for _, ou := range []string{"OU=Rest,dc=lab,dc=test", "OU=Old,dc=lab,dc=test"} {
			s.must1(t, s.ldap.Add(ou, map[string][]string{"objectClass": {"organizationalUnit"}}))
		}
		s.must1(t, s.ldap.Add("OU=Day,"+s.crew, map[string][]string{"objectClass": {"organizationalUnit"}}))
		for i := 1; i <= 25; i++ {
			s.must1(t, s.ldap.Move(s.dn(fmt.Sprintf("p%d", i)), "OU=Day,"+s.crew))
		}
		s.must1(t, s.ldap.Add("CN=stays,"+s.crew, map[string][]string{"objectClass": {"user"}, "sAMAccountName": {"stays"},
			"mail": {"stays@example.com"}}))
	}})
	s.must1(t, s.ldap.Move("OU=Day,"+s.crew, "OU=Old,dc=lab,dc=test"))
	s.stops(t, 3, "Delete threshold \\(20\\) exceeded. 25 objects")
	s.Unwritten(t, func() { s.tells(t, 3, []string{"sync"}, "Delete threshold") }) // only the changes
	_, file := s.Plan(t, 3)
	for _, c := range s.Changes(t, file) {
		if c.Kind == "user" && !strings.Contains(c.Cause, "Day") {
			t.Fatalf("it is not told why: %+v", c)
		}
	}
	s.must1(t, s.ldap.Move("OU=Day,OU=Old,dc=lab,dc=test", s.crew))
	s.recovers(t)
}

func filterTypo(t *testing.T) {
	s := newDrill(t, drillOptions{people: 60, prepared: func(s *drill) { s.set(t, "p1", "title", "Clrek") }})
	s.Configure(t, site.Settings{Filter: "(title=Clerk"})
	s.Refuses(t, 78, "user_filter", "LDAP filter")
	s.Configure(t, site.Settings{Filter: "(title=Clekr)"}) // matches no person
	s.stops(t, 3, "returned no people")
	s.Configure(t, site.Settings{Filter: "(title=Clrek)"}) // matches one
	s.stops(t, 3, "Delete threshold \\(20\\) exceeded. 59 objects")
	s.Configure(t, site.Settings{Filter: "(!(title=Clerk))"}) // the same, inverted
	s.stops(t, 3, "Delete threshold \\(20\\) exceeded")
	s.Configure(t, site.Settings{Filter: "(titel=Clerk)"}) // an attribute that does not exist
	s.Unwritten(t, func() { s.Run(t, "sync", "--full") })
	s.intact(t)
	s.Configure(t, site.Settings{Filter: "(title=Clrek)", Policy: `delete_threshold = "off"`})
	s.Unwritten(t, func() { // a wrong filter does not look like a directory that shrank: only the threshold applies
		s.Run(t, "plan")
	})
	s.Configure(t, site.Settings{})
	s.recovers(t)
}

// recycleBin checks that deleted accounts still exist, and still hold their e-mail addresses.
func recycleBin(t *testing.T) {
	s := newDrill(t, drillOptions{people: 4, dir: ldaptest.Options{RecycleBin: true,
		Rights: ldaptest.Rights{ReadDeleted: true, Replicate: true}}})
	s.must1(t, s.ldap.Delete(s.dn("p1")))
	s.must1(t, s.ldap.Delete(s.dn("p2")))
	s.hire(t, "p2") // again, with another objectGUID
	s.rests(t, "p1@example.com")
	s.tells(t, 0, []string{"sync"})
	if u := s.account(t, "p2@example.com"); !u.Active {
		t.Errorf("%+v", u)
	}
	s.recovers(t)
	s.Must(t, 0, "purge")
	s.intact(t)
}

func manyGroups(t *testing.T) {
	s := newDrill(t, drillOptions{people: 2, cloud: cloudsandboxPages(50), prepared: func(s *drill) {
		for i := range 250 {
			name := fmt.Sprintf("g%d", i)
			s.must1(t, s.ldap.Add("CN="+name+","+s.crew, map[string][]string{"objectClass": {"group"},
				"sAMAccountName": {name}, "member": {s.dn("p1")}}))
		}
	}})
	n := 0
	for _, g := range s.sky.Groups() {
		n += len(g.Members)
	}
	if len(s.sky.Groups()) != 251 || n != 252 {
		t.Errorf("%d groups with %d members", len(s.sky.Groups()), n)
	}
	s.recovers(t)
}

// snapshotRestored restores an older directory: people hired since are gone, and the data of the
// others are old.
func snapshotRestored(t *testing.T) {
	for name, sameInvocation := range map[string]bool{"by a backup": false, "by an image of its disk": true} {
		t.Run(name, func(t *testing.T) {
			s := newDrill(t, drillOptions{people: 40, dir: ldaptest.Options{Rights: ldaptest.Rights{ReadDeleted: true,
				Replicate: true}}})
			before := s.ldap.Backup()
			var since []string
			for i := range 25 {
				since = append(since, fmt.Sprintf("n%d", i))
				s.hire(t, since[i])
			}
			s.set(t, "p1", "mail", "renamed@example.com")
			s.tells(t, 0, []string{"sync"})
			s.remember(t)
			s.ldap.Restore(before, sameInvocation)
			s.Unwritten(t, func() {
				// the changes alone would not show it
				s.tells(t, 3, []string{"sync"}, "Delete threshold \\(20\\) exceeded. 25 objects")
			})
			s.stops(t, 3, "Delete threshold \\(20\\) exceeded. 25 objects")
			// People who are hired again have another objectGUID, and keep their accounts.
			for _, n := range since {
				s.hire(t, n)
			}
			for i := range 40 { // the change numbers exceed those seen before
				s.set(t, fmt.Sprintf("p%d", i+1), "title", "Chief")
			}
			s.tells(t, 0, []string{"sync"}) // only the changes
			s.Settled(t)
			s.recovers(t)
		})
	}
}

// laggingReplica switches to another domain controller, which has not received the last changes.
func laggingReplica(t *testing.T) {
	s := newDrill(t, drillOptions{people: 10, dir: ldaptest.Options{Rights: ldaptest.Rights{ReadDeleted: true,
		Replicate: true}}})
	replica, err := s.ldap.Replica(t.Context())
	s.must1(t, err)
	t.Cleanup(func() { replica.Close() })
	s.hire(t, "new")
	s.set(t, "p1", "title", "Chief")
	s.tells(t, 0, []string{"sync"})
	s.remember(t)
	s.Configure(t, site.Settings{Server: replica.URL()})
	s.rests(t, "new@example.com") // it counts as gone until the other controller is back
	s.tells(t, 0, []string{"sync"})
	s.tells(t, 0, []string{"sync", "--full"})
	replica.Pull()
	s.tells(t, 0, []string{"sync"})
	s.resting = map[string]bool{}
	s.recovers(t)
	s.Configure(t, site.Settings{})
	s.recovers(t)
}

// directoryTakenOut removes a [[directory]] from the configuration, by mistake or before its people
// have moved.
func directoryTakenOut(t *testing.T) {
	s := newDrill(t, drillOptions{people: 3})
	server, dir := site.EmbeddedDirectory(t, ldaptest.Options{})
	t.Cleanup(dir.Close)
	for i := range 20 { // so that the GUIDs of the two differ
		s.must1(t, server.Add(fmt.Sprintf("OU=Empty%d,%s", i, dir.Base),
			map[string][]string{"objectClass": {"organizationalUnit"}}))
	}
	s.must1(t, server.Add("OU=North,"+dir.Base, map[string][]string{"objectClass": {"organizationalUnit"}}))
	s.must1(t, server.Add("CN=guest,OU=North,"+dir.Base, map[string][]string{"objectClass": {"top", "person",
		"organizationalPerson", "user"},
		"sAMAccountName": {"guest"}, "givenName": {"Gus"}, "sn": {"Guest"}, "displayName": {"Gus Guest"},
		"mail": {"guest@example.com"}, "userAccountControl": {"512"}}))
	password := filepath.Join(s.Home, "north-password")
	s.must1(t, os.WriteFile(password, []byte(dir.Password), 0o600))
	both := site.Settings{More: fmt.Sprintf("[[directory]]\nname = \"north\"\nservers = [%q]\nbind_user = "+
		"%q\nbind_password = %q\nbase_dns = [%q]",
		dir.URL, dir.User, "file:"+password, "OU=North,"+dir.Base)}
	s.Configure(t, both)
	s.Must(t, 0, "sync", "--full")
	guest := s.account(t, "guest@example.com")
	for _, verb := range [][]string{{"sync"}, {"sync", "--full"}} {
		s.Configure(t, site.Settings{})
		s.tells(t, 3, verb, "directory north is not configured any more", "1 accounts? of its people",
			"put the .*north back", "--override-threshold 1")
		s.untouched(t, guest)
		s.Configure(t, both)
		s.Must(t, 0, "sync")
	}
	s.Configure(t, site.Settings{})
	s.Must(t, 0, "sync", "--full", "--override-threshold", "1")
	if s.account(t, "guest@example.com").Active {
		t.Error("what was overridden was not done")
	}
	s.Must(t, 0, "sync")
}
