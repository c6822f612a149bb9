package disasters

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"dirbridge/cloud/scimtest"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
	"dirbridge/ui/e2e/site"
)

func cloudsandboxPages(size int) scimtest.Options { return scimtest.Options{PageSize: size} }

// cloudDisasters returns the disasters of the cloud and of the connection to it.
func cloudDisasters() []disaster {
	return []disaster{
		{"503 in mid-listing", unavailableInMidListing, false},
		{"cloud answers empty", cloudEmpty, false},
		{"page repeated by the cloud", pageRepeatedByCloud, false},
		{"cloud listing shrinks between pages", listingShrinks, false},
		{"truncated at 1,000 by the cloud", truncatedByCloud, true},
		{"group list cut short", groupListCut, false},
		{"connection dropped after a create was accepted", droppedAfterCreate, true},
		{"half a bulk answer", halfABulk, false},
		{"made but not listed yet", notListedYet, false},
		{"account exists already", existsAlready, false},
		{"one record refused for good", oneRefused, false},
		{"cloud drops what it is told", dropsValues, false},
		{"externalId not given back", anchorless, false},
		{"two connectors, one organization", twoConnectors, false},
	}
}

// later sets the connector's clock forward or back.
func (s *drill) later(d time.Duration) { s.Clock = func() time.Time { return time.Now().Add(d) } }

// unavailableInMidListing overloads the cloud or its proxy while users, groups or members are
// listed.
func unavailableInMidListing(t *testing.T) {
	s := newDrill(t, drillOptions{people: 30, cloud: cloudsandboxPages(7)})
	s.later(time.Hour)
	s.set(t, "p1", "title", "Chief")
	for _, f := range []scimtest.Fault{
		{Path: "Users", From: 3, Status: 503, RetryAfter: 20 * time.Minute},
		{Path: "Groups", Status: 503, RetryAfter: 20 * time.Minute},
		{Path: "Groups/{id}/Members", Status: 503, RetryAfter: 20 * time.Minute},
		{Path: "Users", From: 2, Status: 429, RetryAfter: 20 * time.Minute},
	} {
		f.Effect = scimtest.Refuse
		s.sky.Inject(f)
		if f.Path == "Groups/{id}/Members" && s.sky.Stats().Requests["GET Groups/{id}/Members"] == 0 {
			f.Path = "Groups"
		}
		s.Unwritten(t, func() {
			s.tells(t, 1, []string{"sync", "--full"}, fmt.Sprint(f.Status), "asks to wait")
		})
		s.sky.Heal()
	}
	// A short outage: the connector waits for its end.
	s.sky.Inject(scimtest.Fault{Effect: scimtest.Refuse, Path: "Users", Nth: 3, Status: 503, RetryAfter: time.Second})
	s.tells(t, 0, []string{"sync", "--full"})
	s.recovers(t)
}

func cloudEmpty(t *testing.T) {
	s := newDrill(t, drillOptions{people: 30})
	s.later(time.Hour)
	s.sky.Inject(scimtest.Fault{Effect: scimtest.EmptyList})
	s.stops(t, 3, "The cloud lists no accounts at all, and 30 are linked", "right organization")
	s.recovers(t)
}

func pageRepeatedByCloud(t *testing.T) {
	for name, cursors := range map[string]bool{"by number": false, "by cursor": true} {
		t.Run(name, func(t *testing.T) {
			kind := schema.KindWebex
			if cursors {
				kind = schema.KindSCIM
			}
			s := newDrill(t, drillOptions{people: 20, kind: kind, cloud: scimtest.Options{PageSize: 7, Cursors: cursors}})
			s.later(time.Hour)
			s.sky.Inject(scimtest.Fault{Effect: scimtest.SamePage, Path: "Users"})
			s.stops(t, 1, "the same page again", "support")
			s.sky.Heal()
			s.sky.Inject(scimtest.Fault{Effect: scimtest.SamePage, Path: "Users", Nth: 3})
			s.Unwritten(t, func() { s.tells(t, 1, []string{"sync", "--full"}, "the same page again") })
			s.recovers(t)
		})
	}
}

// listingShrinks has an administrator delete accounts while they are listed: the others move up,
// and some are missed between two pages.
func listingShrinks(t *testing.T) {
	s := newDrill(t, drillOptions{people: 20, cloud: cloudsandboxPages(7), prepared: func(s *drill) {
		for i := range 7 {
			_, err := s.sky.Add(scimtest.User{UserName: fmt.Sprintf("guest%d@example.com", i)})
			s.must1(t, err)
		}
	}})
	s.later(time.Hour)
	s.sky.Inject(scimtest.Fault{Effect: scimtest.Stall, Path: "Users", Method: http.MethodGet, Nth: 2})
	done := make(chan site.Answer, 1)
	go func() { done <- s.RunContext(t.Context(), "sync", "--full") }()
	for deadline := time.Now().Add(10 * time.Second); s.sky.Stats().Fired == 0 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	for i := range 7 { // all of the first page
		u := s.account(t, fmt.Sprintf("guest%d@example.com", i))
		s.gone[u.ID] = true
		s.must1(t, s.sky.Delete(u.ID))
	}
	s.sky.Heal()
	if got := <-done; got.Code != 0 {
		t.Errorf("%d: %s", got.Code, got.Err)
	}
	if n := s.sky.Stats().Writes; n != 0 {
		t.Errorf("%d writes", n)
	}
	s.intact(t)
	s.recovers(t)
}

// truncatedByCloud limits the cloud to 1,000 resources: it says that there are more, or that these
// are all.
func truncatedByCloud(t *testing.T) {
	s := newDrill(t, drillOptions{people: 1030, cloud: cloudsandboxPages(1000)})
	s.later(time.Hour)
	s.sky.Inject(scimtest.Fault{Effect: scimtest.HalfList, Path: "Users", Most: 1000})
	s.stops(t, 1, "the list is not whole: 1000 of 1030 came")
	s.sky.Heal()
	s.sky.Inject(scimtest.Fault{Effect: scimtest.ShortList, Path: "Users", Most: 1000})
	s.Unwritten(t, func() {
		s.tells(t, 0, []string{"sync", "--full"})
	})
	s.recovers(t)
}

// groupListCut lets groups share a name: a group that is not listed must not be created a second
// time.
func groupListCut(t *testing.T) {
	s := newDrill(t, drillOptions{people: 3, kind: schema.KindSCIM, cloud: scimtest.Options{}, shareNames: true,
		prepared: func(s *drill) {
			for i := range 9 {
				name := fmt.Sprintf("g%d", i)
				s.must1(t, s.ldap.Add("CN="+name+","+s.crew, map[string][]string{"objectClass": {"group"},
					"sAMAccountName": {name}, "member": {s.dn("p1")}}))
			}
		}})
	s.later(time.Hour)
	s.sky.Inject(scimtest.Fault{Effect: scimtest.ShortList, Path: "Groups"})
	s.Unwritten(t, func() { s.tells(t, 0, []string{"sync", "--full"}) })
	if n := len(s.sky.Groups()); n != 10 {
		t.Errorf("%d groups of 10", n)
	}
	s.recovers(t)
}

func droppedAfterCreate(t *testing.T) {
	for name, o := range map[string]scimtest.Options{"one by one": {WithoutBulk: true}, "by bulk": {},
		"not listed yet either": {WithoutBulk: true, SettlingDelay: 1500 * time.Millisecond}} {
		t.Run(name, func(t *testing.T) {
			s := newDrill(t, drillOptions{people: 3, cloud: o})
			s.Patient = o.SettlingDelay > 0
			for _, effect := range []scimtest.Effect{scimtest.DropAfter, scimtest.CutBody, scimtest.TruncateJSON} {
				who := strings.ToLower(string(effect[:3]))
				s.hire(t, who)
				s.sky.Inject(scimtest.Fault{Effect: effect, Method: http.MethodPost, Writes: true, Times: 1})
				got := s.Run(t, "sync")
				if got.Code != 0 && got.Code != 4 {
					t.Errorf("%s: %d %s", effect, got.Code, got.Err)
				}
				if got.Code == 4 {
					found := slices.ContainsFunc(s.told(t), func(e record.Event) bool {
						return e.Remedy != "" &&
							strings.Contains(e.Record, who+"@example.com")
					})
					if !found {
						t.Errorf("%s: the event log does not name the record", effect)
					}
				}
				s.sky.Heal()
				s.tells(t, 0, []string{"sync"})
				s.account(t, who+"@example.com")
			}
			if s.sky.Stats().Fired == 0 {
				t.Error("nothing was dropped")
			}
			s.recovers(t)
		})
	}
}

func halfABulk(t *testing.T) {
	for _, effect := range []scimtest.Effect{scimtest.OmitAnswers, scimtest.OmitOperations} {
		s := newDrill(t, drillOptions{people: 3})
		for i := range 10 {
			s.hire(t, fmt.Sprintf("new%d", i))
		}
		s.sky.Inject(scimtest.Fault{Effect: effect, Times: 1})
		if got := s.Run(t, "sync"); got.Code != 0 && got.Code != 4 {
			t.Errorf("%s: %d %s", effect, got.Code, got.Err)
		}
		s.intact(t)
		s.sky.Heal()
		s.tells(t, 0, []string{"sync"})
		s.recovers(t)
	}
}

func notListedYet(t *testing.T) {
	s := newDrill(t, drillOptions{people: 3, cloud: scimtest.Options{SettlingDelay: time.Hour}})
	for range 2 {
		s.Unwritten(t, func() { s.tells(t, 0, []string{"sync", "--full"}) })
	}
	s.hire(t, "new")
	s.tells(t, 0, []string{"sync"})
	s.set(t, "new", "title", "Chief")
	s.tells(t, 0, []string{"sync"})
	s.later(time.Minute) // the program expects it to be listed by now
	s.Run(t, "sync", "--full")
	s.intact(t)
	for key, n := range s.sky.Stats().Creates {
		if n > 1 {
			t.Errorf("%s was made %d times", key, n)
		}
	}
}

// existsAlready has an administrator, or another tool, create the account first.
func existsAlready(t *testing.T) {
	s := newDrill(t, drillOptions{people: 3})
	s.hire(t, "new")
	var p site.Plan
	p, file := s.Plan(t, 2)
	if p.Counts.Users.Add != 1 {
		t.Errorf("%+v", p.Counts)
	}
	id, err := s.sky.Add(scimtest.User{UserName: "New@example.com"})
	s.must1(t, err)
	if got := s.Run(t, "apply", file); got.Code != 0 && got.Code != 4 {
		t.Errorf("%d %s", got.Code, got.Err)
	}
	s.intact(t)
	s.tells(t, 0, []string{"sync"})
	if u := s.account(t, "new@example.com"); u.ID != id {
		t.Error("it is another account")
	}
	s.recovers(t)
}

func oneRefused(t *testing.T) {
	s := newDrill(t, drillOptions{people: 10})
	s.hire(t, "bad")
	for i := range 10 {
		s.set(t, fmt.Sprintf("p%d", i+1), "title", "Chief")
	}
	s.sky.Inject(scimtest.Fault{Effect: scimtest.RefuseKey, Key: "bad@example.com", Status: 400})
	for range 2 {
		s.tells(t, 4, []string{"sync"}, "1 failed")
	}
	named := false
	for _, e := range s.Events(t, 0) {
		named = named || e.Record == "bad@example.com" && e.Remedy != "" && strings.Contains(e.Message, "400")
	}
	if !named {
		t.Error("the event log does not name the record")
	}
	for i := range 10 {
		if s.account(t, fmt.Sprintf("p%d@example.com", i+1)).Title != "Chief" {
			t.Error("the others were held up")
		}
	}
	s.recovers(t)
}

// dropsValues has the cloud report success but keep the old value, or another one.
func dropsValues(t *testing.T) {
	s := newDrill(t, drillOptions{people: 3})
	s.sky.Inject(scimtest.Fault{Effect: scimtest.IgnoreAttribute, Attribute: "title"})
	s.set(t, "p1", "title", "Chief")
	told := false
	for range 4 {
		s.Run(t, "sync", "--full")
		for _, e := range s.told(t) {
			told = told || e.Code == "value-rewritten" && e.Record == "p1@example.com" && e.Field == "title" && e.Remedy != ""
		}
	}
	if !told {
		t.Error("no event says that the value is not kept")
	}
	s.Unwritten(t, func() { s.tells(t, 0, []string{"sync", "--full"}) })
}

func anchorless(t *testing.T) {
	s := newDrill(t, drillOptions{people: 5, kind: schema.KindSCIM, cloud: scimtest.Options{AnchorlessExternalID: true}})
	s.Unwritten(t, func() {
		for range 2 {
			s.tells(t, 0, []string{"sync", "--full"})
		}
	})
	id := s.account(t, "p1@example.com").ID
	s.set(t, "p1", "mail", "married@example.com")
	s.tells(t, 0, []string{"sync"})
	if s.account(t, "married@example.com").ID != id {
		t.Error("it is another account")
	}
	s.intact(t)
}

// twoConnectors gives each connector its own state, so that neither knows the other: each finds
// what the other created.
func twoConnectors(t *testing.T) {
	s := newDrill(t, drillOptions{people: 5})
	other := &drill{Site: site.New(t, s.Dir, s.Cloud, site.Settings{}), ldap: s.ldap, sky: s.sky, crew: s.crew,
		before: s.before, resting: s.resting, gone: s.gone}
	other.Unwritten(t, func() { other.tells(t, 0, []string{"sync"}) }) // it finds everything
	for round := range 3 {
		for i := range 20 {
			s.hire(t, fmt.Sprintf("new%d-%d", round, i))
		}
		s.set(t, "p1", "title", fmt.Sprint("Title ", round))
		s.sky.Inject(scimtest.Fault{Effect: scimtest.Delay, For: 20 * time.Millisecond})
		ends := make(chan site.Answer, 2)
		for _, one := range []*drill{s, other} {
			go func() { ends <- one.RunContext(t.Context(), "sync", "--full") }()
		}
		for range 2 {
			if got := <-ends; got.Code != 0 && got.Code != 4 {
				t.Errorf("%d %s", got.Code, got.Err)
			}
		}
		s.sky.Heal()
		s.intact(t)
	}
	s.tells(t, 0, []string{"sync", "--full"})
	other.tells(t, 0, []string{"sync", "--full"})
	s.recovers(t)
	other.Settled(t)
}
