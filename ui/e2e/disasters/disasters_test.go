package disasters

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"dirbridge/cloud/scimtest"
	"dirbridge/ldap/ldaptest"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
	"dirbridge/ui/e2e/site"
)

// disaster is an incident that happened with another product. Each test replays one with the
// complete program, and docs/disasters.md describes each.
type disaster struct {
	name  string // what happened
	play  func(*testing.T)
	short bool // skipped with -short
}

// TestDisaster checks that in every incident no account is lost, none is duplicated, and the
// operator is informed.
func TestDisaster(t *testing.T) {
	page, err := os.ReadFile("../../../docs/disasters.md")
	if err != nil {
		t.Fatal(err)
	}
	lists := [][]disaster{
		measuredDisasters(),
		sourceDisasters(),
		endlessDisasters(),
		peopleDisasters(),
		cloudDisasters(),
		crashDisasters(),
		stateDisasters(),
		keptDisasters(),
		brakeDisasters(),
		placeDisasters(),
		groupDisasters(),
		leaverDisasters(),
		lostDisasters(),
		keptAdminDisasters(),
		withheldDisasters(),
		unicodeDisasters(),
		purgeDisasters(),
		fileDisasters(),
		escapeDisasters(),
		secretDisasters(),
		listDisasters(),
	}
	for i, list := range lists {
		for _, d := range list {
			t.Run(d.name, func(t *testing.T) {
				if i > 0 {
					t.Parallel()
				}
				if !strings.Contains(string(page), "`"+d.name+"`") {
					t.Errorf("docs/disasters.md does not tell of %s", d.name)
				}
				if d.short && testing.Short() {
					t.Skip("it takes a while")
				}
				d.play(t)
			})
		}
	}
}

// drill is a connector between an embedded directory and an embedded cloud, which agree before the
// disaster.
type drill struct {
	*site.Site
	ldap    *ldaptest.Server
	sky     *scimtest.Server
	crew    string // the container of the people
	before  []scimtest.User
	resting map[string]bool // ids of accounts that are rightly deactivated so far
	gone    map[string]bool // ids of accounts that another tool removed
	since   int64           // events up to here are old
}

type drillOptions struct {
	people int
	dir    ldaptest.Options
	cloud  scimtest.Options
	kind   string // of the cloud; default webex
	// shareNames lets groups in the cloud share a name.
	shareNames bool
	settings   site.Settings
	// prepared is called before the first synchronization.
	prepared func(*drill)
}

// newDrill fills the directory with people p1, p2, ... and a group of them all, and synchronizes.
func newDrill(t *testing.T, o drillOptions) *drill {
	t.Helper()
	server, dir := site.EmbeddedDirectory(t, o.dir)
	t.Cleanup(dir.Close)
	o.cloud.UniqueGroupNames = !o.shareNames
	sky, err := scimtest.Start(t.Context(), o.cloud)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		sky.Heal()
		if err := sky.Close(); err != nil {
			t.Error(err)
		}
	})
	if o.kind == "" {
		o.kind = schema.KindWebex
	}
	s := &drill{ldap: server, sky: sky, crew: "OU=Crew," + dir.Base, resting: map[string]bool{}, gone: map[string]bool{},
		Site: site.New(t, dir, site.Cloud{Kind: o.kind, URL: sky.URL(), Token: sky.Token(), Sandbox: sky}, o.settings)}
	s.must1(t, server.Add(s.crew, map[string][]string{"objectClass": {"organizationalUnit"}}))
	var members []string
	for i := 1; i <= o.people; i++ {
		members = append(members, s.hire(t, fmt.Sprintf("p%d", i)))
	}
	if o.people > 0 {
		s.must1(t, server.Add("CN=team,"+s.crew, map[string][]string{"objectClass": {"group"}, "sAMAccountName": {"team"},
			"member": members}))
	}
	if o.prepared != nil {
		o.prepared(s)
	}
	s.Sync(t)
	s.remember(t)
	return s
}

// hire adds a person to the crew, without creating an account, and returns the DN.
func (s *drill) hire(t *testing.T, name string, more ...string) string {
	t.Helper()
	dn := s.dn(name)
	attrs := map[string][]string{"objectClass": {"user"}, "sAMAccountName": {name}, "mail": {name + "@example.com"},
		"displayName": {strings.ToUpper(name)}, "title": {"Clerk"}}
	for i := 0; i < len(more); i += 2 {
		attrs[more[i]] = []string{more[i+1]}
	}
	s.must1(t, s.ldap.Add(dn, attrs))
	return dn
}

func (s *drill) dn(name string) string { return "CN=" + name + "," + s.crew }

// set replaces one attribute of a person.
func (s *drill) set(t *testing.T, name, attribute string, values ...string) {
	t.Helper()
	s.must1(t, s.ldap.Modify(s.dn(name), map[string][]string{attribute: values}))
}

func (s *drill) must1(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// remember takes the current accounts as those that must not be lost.
func (s *drill) remember(t *testing.T) {
	t.Helper()
	s.before = s.sky.Users()
	s.sky.ResetStats()
	s.told(t)
}

// told returns the events since the last call.
func (s *drill) told(t *testing.T) []record.Event {
	t.Helper()
	events := s.Events(t, s.since)
	if len(events) > 0 {
		s.since = events[len(events)-1].Seq
	}
	return events
}

// account returns the account with an e-mail address.
func (s *drill) account(t *testing.T, mail string) scimtest.User {
	t.Helper()
	u, ok := s.sky.User(mail)
	if !ok {
		t.Fatalf("the cloud has no %s", mail)
	}
	return u
}

// rests records that these accounts, by e-mail address, are rightly deactivated.
func (s *drill) rests(t *testing.T, mails ...string) {
	t.Helper()
	for _, m := range mails {
		s.resting[s.account(t, m).ID] = true
	}
}

// intact checks what must hold after every disaster: no account lost, none duplicated.
func (s *drill) intact(t *testing.T) {
	t.Helper()
	now := map[string]scimtest.User{}
	byAnchor, byMail := map[string]string{}, map[string]string{}
	twice := func(what, key string, seen map[string]string, id string) {
		if key = strings.ToLower(key); key == "" {
			return
		}
		if other, ok := seen[key]; ok && other != id {
			t.Errorf("two accounts, %s and %s, have the %s %s", other, id, what, key)
		}
		seen[key] = id
	}
	for _, u := range s.sky.Users() {
		now[u.ID] = u
		twice("externalId", u.ExternalID, byAnchor, u.ID)
		twice("name", u.UserName, byMail, u.ID)
		for _, m := range mailsOf(u) {
			twice("mail address", m, byMail, u.ID)
		}
	}
	for _, was := range s.before {
		is, there := now[was.ID]
		switch {
		case s.gone[was.ID]:
		case !there:
			t.Errorf("the account %s (%s) is lost", was.UserName, was.ID)
		case was.Active && !is.Active && !s.resting[was.ID]:
			t.Errorf("the account %s is deactivated", is.UserName)
		case is.ExternalID != was.ExternalID && was.ExternalID != "" && is.ExternalID == "":
			t.Errorf("the account %s lost its externalId", is.UserName)
		}
	}
	groups := map[string]bool{}
	for _, g := range s.sky.Groups() {
		if groups[strings.ToLower(g.DisplayName)] {
			t.Errorf("two groups are called %s", g.DisplayName)
		}
		groups[strings.ToLower(g.DisplayName)] = true
	}
}

func mailsOf(u scimtest.User) (out []string) {
	list, _ := u.Attrs["emails"].([]any)
	for _, e := range list {
		if m, ok := e.(map[string]any); ok {
			out = append(out, fmt.Sprint(m["value"]))
		}
	}
	return out
}

// tells runs a verb that must end with the code and report, on standard error and in the event log,
// all of the words (regular expressions), with a remedy. It also checks the writes.
func (s *drill) tells(t *testing.T, code int, verb []string, words ...string) site.Answer {
	t.Helper()
	s.told(t)
	got := s.Must(t, code, verb...)
	for _, word := range words {
		if !regexp.MustCompile(word).MatchString(got.Err) {
			t.Errorf("%s does not say %q but\n%s", strings.Join(verb, " "), word, got.Err)
		}
	}
	if code != 0 {
		if lines := strings.Split(strings.TrimSpace(got.Err), "\n"); len(lines) < 2 {
			t.Errorf("%s says no remedy: %s", strings.Join(verb, " "), got.Err)
		}
		logged := false
		for _, e := range s.told(t) {
			known := code == 4 && e.Record != "" || len(words) > 0 &&
				regexp.MustCompile(words[0]).MatchString(e.Message+" "+e.Remedy)
			logged = logged || e.Level != record.Info && e.Remedy != "" && known
		}
		if !logged && verb[0] != "plan" && verb[0] != "purge" { // which only read
			t.Errorf("the event log does not tell of it")
		}
	}
	s.intact(t)
	return got
}

// stops runs plan and sync, which must both end with the code, report the words and write nothing.
func (s *drill) stops(t *testing.T, code int, words ...string) {
	t.Helper()
	s.Unwritten(t, func() {
		s.tells(t, code, []string{"plan"}, words...)
		s.tells(t, code, []string{"sync", "--full"}, words...)
	})
}

// problem checks that a plan names a record, a field, its side and a remedy.
func (s *drill) problem(t *testing.T, dn, attribute, words string) {
	t.Helper()
	var p site.Plan
	site.Parse(t, s.Run(t, "plan").Out, &p)
	pr, ok := p.Problem(t, dn, attribute)
	if !ok || pr.Side == "" || pr.Remedy == "" || !regexp.MustCompile(words).MatchString(pr.Message) {
		t.Errorf("no problem of %s (%s) says %q: %+v", dn, attribute, words, p.Problems)
	}
}

// recovers checks the end of a disaster: the next run does the remaining work, and the one after it
// finds nothing to do.
func (s *drill) recovers(t *testing.T) {
	t.Helper()
	s.sky.Heal()
	s.ldap.ClearFaults()
	if got := s.Run(t, "sync", "--full"); got.Code != 0 {
		t.Errorf("once it is over: %d %s", got.Code, got.Err)
	}
	s.Settled(t)
	s.intact(t)
	s.everybody(t)
	for key, n := range s.sky.Stats().Creates {
		if n > 1 {
			t.Errorf("%s was made %d times", key, n)
		}
	}
}

// inCrew reports whether an entry is in the container of the people, whose DN the server may spell
// differently.
func (s *drill) inCrew(dn string) bool {
	return strings.HasSuffix(strings.ToLower(dn), ","+strings.ToLower(s.crew))
}

// everybody checks that each person in the directory with an e-mail address has an account with the
// matching objectGUID.
func (s *drill) everybody(t *testing.T) {
	t.Helper()
	byAnchor := map[string]scimtest.User{}
	for _, u := range s.sky.Users() {
		byAnchor[strings.ToLower(u.ExternalID)] = u
	}
	mails := map[string]int{}
	people := s.ldap.People()
	for _, p := range people {
		mails[strings.ToLower(site.First(p, "mail"))]++
	}
	for _, p := range people {
		mail := site.First(p, "mail")
		if !s.inCrew(p.DN) || mail == "" || mails[strings.ToLower(mail)] > 1 {
			continue
		}
		if u, ok := byAnchor[strings.ToLower(p.GUID)]; !ok || u.UserName != mail || u.Title != site.First(p, "title") {
			t.Errorf("%s (%s) has the account %q, title %q", p.DN, mail, u.UserName, u.Title)
		}
	}
}
