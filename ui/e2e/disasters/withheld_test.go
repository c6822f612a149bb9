package disasters

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dirbridge/cloud/scimtest"
	"dirbridge/ldap"
	"dirbridge/program"
	"dirbridge/sync/control"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/ui/cli"
	"dirbridge/ui/e2e/site"
)

// withheldDisasters returns the disasters in which a person would get another person's account
// (promise P15).
func withheldDisasters() []disaster {
	return []disaster{
		{"administrator's mail taken", administratorsMailTaken, false},
		{"lesser administrators' mail taken", lesserAdministrators, false},
		{"administrator's account inherited", administratorInherited, false},
		{"administrator renamed", administratorRenamed, false},
		{"administrator disabled", administratorDisabled, false},
		{"account inherited by another person", accountInherited, false},
		{"roles unknown for one account", rolesUnknownForOne, false},
		{"protected accounts and groups", protectedAccounts, false},
		{"manager withheld leaves", withheldManagerLeaves, false},
	}
}

// root adds the account of a full administrator that no person in the directory matches.
func (s *drill) root(t *testing.T, mail string) scimtest.User {
	t.Helper()
	_, err := s.sky.Add(scimtest.User{UserName: mail, DisplayName: "Root", Roles: []string{scimtest.FullAdmin},
		Active: true})
	s.must1(t, err)
	return s.account(t, mail)
}

// promote makes the account a full administrator.
func (s *drill) promote(t *testing.T, mail string) {
	t.Helper()
	s.must1(t, s.sky.Set(s.account(t, mail).ID, "roles", []any{map[string]any{"value": scimtest.FullAdmin}}))
}

// withheld returns the records that the plan, the last run and the status list as withheld: all
// three must agree.
func (s *drill) withheld(t *testing.T, rules ...string) []control.Withheld {
	t.Helper()
	var p struct{ Withheld []control.Withheld }
	site.Parse(t, s.Run(t, "plan").Out, &p)
	var st control.Status
	site.Parse(t, s.Must(t, 0, "status").Out, &st)
	var got []string
	for _, h := range p.Withheld {
		got = append(got, h.Rule)
		if h.Reason == "" || !strings.Contains(h.Remedy, "dirbridge confirm ") || h.Person.DN == "" || h.Account.ID == "" {
			t.Errorf("it is not said who would get whose account: %+v", h)
		}
	}
	if slices.Sort(got); !slices.Equal(got, rules) {
		t.Fatalf("withheld are %v; want %v", got, rules)
	}
	n := int64(len(rules))
	if st.WithheldCount != n || st.Last[0].Withheld != n {
		t.Errorf("the status has %d withheld records, the last run %d, and the plan %d", st.WithheldCount,
			st.Last[0].Withheld, n)
	}
	return p.Withheld
}

// dated checks that every verb that shows a withheld record gives the creation times of both sides,
// as they report them.
func (s *drill) dated(t *testing.T, h control.Withheld, name string) {
	t.Helper()
	var person, account time.Time
	if e, ok := s.ldap.Lookup(s.dn(name)); ok && len(e.Attrs["whenCreated"]) == 1 {
		var err error
		person, err = ldap.GeneralizedTime(e.Attrs["whenCreated"][0])
		s.must1(t, err)
	}
	if u, ok := s.sky.User(string(h.Account.ID)); ok {
		account = u.Created.Truncate(time.Second)
	}
	if person.IsZero() || account.IsZero() || !h.Person.Created.Equal(person) ||
		!h.Account.Created.Truncate(time.Second).Equal(account) {
		t.Errorf("the person was made %s, and the account %s; it is said: %+v", person, account, h)
	}
	const minutes = "2006-01-02 15:04"
	for _, tt := range []struct {
		verb         []string
		person, what string // before the times
	}{{[]string{"plan"}, "created ", "created "}, {[]string{"status"}, "created ", "created "},
		{[]string{"explain", name}, "the person on ", "the account on "}} {
		var out, errs bytes.Buffer
		cli.Main(t.Context(), append(tt.verb, "--no-input", "--config", s.Config),
			cli.Program{Version: "test", Open: s.Open, Check: program.CheckMapping, Stdout: &out, Stderr: &errs})
		text := out.String()
		for _, want := range []string{tt.person + person.Local().Format(minutes), tt.what + account.Local().Format(minutes)} {
			_, rest, found := strings.Cut(text, want)
			if !found {
				t.Errorf("%s lacks %q:\n%s%s", tt.verb[0], want, out.String(), errs.String())
			}
			text = rest
		}
	}
}

// untouched checks that an account is unchanged.
func (s *drill) untouched(t *testing.T, was scimtest.User) {
	t.Helper()
	is, there := s.sky.User(was.ID)
	if !there || is.UserName != was.UserName || is.ExternalID != was.ExternalID || is.Active != was.Active ||
		is.DisplayName != was.DisplayName ||
		!slices.Equal(is.Roles, was.Roles) {
		t.Errorf("the account is %+v; it was %+v", is, was)
	}
}

// administratorsMailTaken gives an ordinary person the e-mail address of a full administrator. At
// the same time, 30 people are disabled: their accounts are deactivated, and the administrator's
// account stays unchanged until an operator confirms the pair.
func administratorsMailTaken(t *testing.T) {
	for _, verb := range [][]string{{"sync"}, {"sync", "--full"}} {
		t.Run(strings.Join(verb, " "), func(t *testing.T) {
			t.Parallel()
			s := newDrill(t, drillOptions{people: 70})
			root := s.root(t, "admin@example.com")
			s.hire(t, "mallory", "mail", "Admin@Example.com", "userAccountControl", "514")
			for i := 1; i <= 30; i++ {
				s.disable(t, fmt.Sprintf("p%d", i))
				s.rests(t, fmt.Sprintf("p%d@example.com", i))
			}
			got := s.tells(t, 4, verb, "1 withheld")
			var run record.Run
			site.Parse(t, got.Out, &run)
			if run.Counts.Users.Deactivate != 30 || run.Withheld != 1 || run.Outcome != record.Done {
				t.Errorf("the run did %+v", run)
			}
			s.untouched(t, root)
			h := s.withheld(t, plan.RulePrivilegedLink)[0]
			s.dated(t, h, "mallory")
			if !strings.EqualFold(h.Person.DN, s.dn("mallory")) || h.Account.Key != root.UserName || h.Account.Admin != "yes" {
				t.Errorf("%+v", h)
			}
			if text := s.Explained(t, "mallory", 0); !strings.Contains(text, plan.RulePrivilegedLink) {
				t.Errorf("explain does not say that it is withheld:\n%s", text)
			}
			s.Must(t, 4, "sync") // repeating it does nothing, and says so
			s.untouched(t, root)

			s.set(t, "mallory", "userAccountControl", "512")
			if got := s.Must(t, 1, "confirm", "p1@example.com"); !strings.Contains(got.Err, "is withheld") {
				t.Error(got.Err)
			}
			s.Must(t, 0, "confirm", "mallory")
			s.set(t, "mallory", "displayName", "Somebody Else")
			s.Must(t, 4, "sync") // one side changed: the confirmation has expired
			s.untouched(t, root)
			s.Must(t, 0, "confirm", "mallory")
			s.Must(t, 0, "sync")
			if u := s.account(t, "admin@example.com"); u.ID != root.ID || u.ExternalID == "" ||
				u.DisplayName != "Somebody Else" {
				t.Errorf("what was confirmed was not done: %+v", u)
			}
			s.withheld(t)
			s.Settled(t)
			if !slices.ContainsFunc(s.Events(t, 0), func(e record.Event) bool {
				return e.Code == "confirmed" && strings.Contains(strings.ToLower(e.Message), strings.ToLower(s.dn("mallory")))
			}) {
				t.Error("the event log does not tell who confirmed what")
			}
		})
	}
}

// lesserAdministrators checks that every administrative role, not only a full administrator, keeps
// an account from people with its address, and from a successor of its person.
func lesserAdministrators(t *testing.T) {
	for _, kind := range []string{"webex", "scim"} {
		for _, verb := range [][]string{{"sync"}, {"sync", "--full"}} {
			t.Run(kind+" "+strings.Join(verb, " "), func(t *testing.T) {
				t.Parallel()
				s := newDrill(t, drillOptions{people: 5, kind: kind})
				role := func(key string, value string) map[string]any { return map[string]any{key: value} }
				var roots []scimtest.User
				var rules []string
				for i, r := range []map[string]any{role("value", "id_user_admin"), role("value", "ID_READONLY_ADMIN "),
					role("value", "id_device_admin"),
					role("value", "id_group_admin"), role("value", "compliance_officer"), role("value", "Id_Full_Admin "),
					role("display", "Full administrator"),
					role("display", "Support administrator"), role("type", "admin")} {
					name := fmt.Sprintf("root%d", i)
					_, err := s.sky.Add(scimtest.User{UserName: name + "@example.com", DisplayName: "Root",
						Attrs: map[string]any{"roles": []any{r}}})
					s.must1(t, err)
					roots = append(roots, s.account(t, name+"@example.com"))
					s.hire(t, name, "userAccountControl", "514")
					rules = append(rules, plan.RulePrivilegedLink)
				}
				s.must1(t, s.sky.Set(s.account(t, "p1@example.com").ID, "roles", []any{role("value", "id_user_admin")}))
				s.Must(t, 4, verb...) // p1 is reported as an administrator
				heir := s.account(t, "p1@example.com")
				s.must1(t, s.ldap.Delete(s.dn("p1")))
				s.hire(t, "new", "mail", "p1@example.com")
				s.set(t, "p2", "title", "Chief")
				s.Must(t, 4, verb...)
				for _, was := range roots {
					s.untouched(t, was)
				}
				if u := s.account(t, "p1@example.com"); u.ExternalID != heir.ExternalID || u.DisplayName != heir.DisplayName {
					t.Errorf("the account was inherited: %+v", u)
				}
				if s.account(t, "p2@example.com").Title != "Chief" {
					t.Error("what is beside them was not written")
				}
				for _, h := range s.withheld(t, append(rules, plan.RulePrivilegedLink)...) {
					full := h.Account.Key == "root5@example.com" || h.Account.Key == "root6@example.com"
					if full != (h.Account.Admin == "yes") || !full && h.Account.Admin != "partly" {
						t.Errorf("%s is said to be a full administrator: %q", h.Account.Key, h.Account.Admin)
					}
				}
				s.Must(t, 0, "confirm", "root0")
				s.Must(t, 4, "sync")
				if u := s.account(t, "root0@example.com"); u.ExternalID == "" || u.Active {
					t.Errorf("what was confirmed was not done: %+v", u)
				}
				s.set(t, "p3", "title", "Chief")
				s.must1(t, s.sky.Set(s.account(t, "p4@example.com").ID, "roles", []any{role("value", "id_user_admin")}))
				s.Must(t, 4, "sync", "--full")
				s.set(t, "p4", "mail", "p4.new@example.com") // the guard concerns full administrators
				s.Must(t, 4, verb...)
				s.account(t, "p4.new@example.com")
			})
		}
	}
}

// administratorInherited deletes a full administrator in the directory and creates a person with
// the same e-mail address: the role is not inherited, and the account stays unchanged.
func administratorInherited(t *testing.T) {
	for _, verb := range [][]string{{"sync"}, {"sync", "--full"}} {
		t.Run(strings.Join(verb, " "), func(t *testing.T) {
			t.Parallel()
			s := newDrill(t, drillOptions{people: 5, settings: site.Settings{Policy: `on_unmatched = "deactivate"`}})
			s.promote(t, "p1@example.com")
			s.Sync(t)
			was := s.account(t, "p1@example.com")
			s.must1(t, s.ldap.Delete(s.dn("p1")))
			s.hire(t, "new", "mail", "p1@example.com")
			s.Must(t, 4, verb...)
			s.untouched(t, was)
			h := s.withheld(t, plan.RulePrivilegedLink)[0]
			if !strings.EqualFold(h.Account.OwnerDN, s.dn("p1")) || !strings.Contains(h.Reason, "NEW") {
				t.Errorf("%+v", h)
			}
			s.Must(t, 4, "sync", "--full")
			s.untouched(t, was)
			s.Must(t, 0, "confirm", "new")
			s.Must(t, 0, "sync")
			if u := s.account(t, "p1@example.com"); u.ID != was.ID || u.ExternalID == was.ExternalID || u.DisplayName != "NEW" {
				t.Errorf("what was confirmed was not done: %+v", u)
			}
			s.recovers(t)
		})
	}
}

// administratorRenamed changes the e-mail address of a full administrator: the account keeps its
// name, and all changes wait until an operator confirms them.
func administratorRenamed(t *testing.T) {
	s := newDrill(t, drillOptions{people: 5})
	s.promote(t, "p1@example.com")
	s.Sync(t)
	was := s.account(t, "p1@example.com")
	s.set(t, "p1", "mail", "evil@example.com")
	s.set(t, "p1", "title", "Chief")
	s.set(t, "p2", "title", "Chief")
	s.Must(t, 4, "sync")
	s.untouched(t, was)
	if u := s.account(t, "p1@example.com"); u.Title == "Chief" {
		t.Error("a part of what is withheld was written")
	}
	if u := s.account(t, "p2@example.com"); u.Title != "Chief" {
		t.Error("the others were held up")
	}
	s.Must(t, 4, "sync", "--full")
	s.withheld(t, plan.RuleAdminKey)
	s.Must(t, 0, "confirm", s.dn("p1"))
	s.Must(t, 0, "sync")
	if u := s.account(t, "evil@example.com"); u.ID != was.ID || u.Title != "Chief" {
		t.Errorf("%+v", u)
	}
	s.recovers(t)

	// The confirmation was valid once: changing it back is another change.
	s.set(t, "p1", "mail", "p1@example.com")
	s.Must(t, 4, "sync")
	s.set(t, "p1", "mail", "evil@example.com")
	s.Must(t, 0, "sync")
	s.set(t, "p1", "mail", "p1@example.com")
	s.Must(t, 4, "sync")
}

// administratorDisabled checks that a linked administrator who is disabled is deactivated like all
// others, which is reported, except for the last active one.
func administratorDisabled(t *testing.T) {
	s := newDrill(t, drillOptions{people: 5})
	s.promote(t, "p1@example.com")
	s.promote(t, "p2@example.com")
	s.Sync(t)
	s.disable(t, "p1")
	s.set(t, "p1", "mail", "renamed@example.com")
	s.Must(t, 4, "sync")
	u, _ := s.sky.User("p1@example.com")
	if u.Active {
		t.Errorf("the disabled administrator is still active: %+v", u)
	}
	s.withheld(t, plan.RuleAdminKey)
	if !slices.ContainsFunc(s.told(t), func(e record.Event) bool {
		return e.Code == "administrator-deactivated" &&
			e.Level == record.Warn
	}) {
		t.Error("it is not told that an administrator was deactivated")
	}
	s.rests(t, "p1@example.com")
	s.set(t, "p1", "mail", "p1@example.com")
	s.Sync(t)
	s.disable(t, "p2", "p3")
	s.rests(t, "p3@example.com")
	s.tells(t, 3, []string{"sync"}, "all existing full administrators")
	if u := s.account(t, "p2@example.com"); !u.Active {
		t.Error("the last administrator was deactivated")
	}
	s.promote(t, "p4@example.com")
	s.Must(t, 0, "sync")
	if u := s.account(t, "p2@example.com"); u.Active {
		t.Error("with another administrator the disabled one stays active")
	}
}

// accountInherited has a person leave, and another one get the e-mail address: the account belongs
// to the first person, is deactivated, and is neither handed on nor purged until an operator
// confirms it. The same person, created again, gets it at once.
func accountInherited(t *testing.T) {
	for _, verb := range [][]string{{"sync"}, {"sync", "--full"}} {
		t.Run(strings.Join(verb, " "), func(t *testing.T) {
			t.Parallel()
			s := newDrill(t, drillOptions{people: 5, settings: site.Settings{Policy: `purge_after = "24h"`}})
			was, again := s.account(t, "p1@example.com"), s.account(t, "p2@example.com")
			for _, name := range []string{"p1", "p2"} {
				s.must1(t, s.ldap.Delete(s.dn(name)))
			}
			s.hire(t, "other", "mail", "p1@example.com")
			s.hire(t, "anew", "mail", "p2@example.com", "displayName", "p2")
			s.rests(t, "p1@example.com")
			s.tells(t, 4, verb, "1 withheld")
			if u := s.account(t, "p2@example.com"); u.ID != again.ID || u.ExternalID == again.ExternalID || !u.Active {
				t.Errorf("the person who was created again is not linked: %+v", u)
			}
			if u := s.account(t, "p1@example.com"); u.ID != was.ID || u.ExternalID != was.ExternalID ||
				u.DisplayName != was.DisplayName || u.Active {
				t.Errorf("the account of the one who left: %+v", u)
			}
			s.withheld(t, plan.RuleInheritance)
			s.Must(t, 4, verb...)
			s.later(48 * time.Hour)
			s.Must(t, 0, "purge")
			s.Must(t, 1, "purge", "--now", "p1@example.com")
			s.Must(t, 4, "sync", "--full")
			s.Must(t, 0, "confirm", "other")
			s.Must(t, 0, verb...)
			if u := s.account(t, "p1@example.com"); u.ID != was.ID || u.ExternalID == was.ExternalID || !u.Active ||
				u.DisplayName != "OTHER" {
				t.Errorf("what was confirmed was not done: %+v", u)
			}
			s.recovers(t)
		})
	}
}

// rolesUnknownForOne checks that a cloud that reports no roles is used as it is.
func rolesUnknownForOne(t *testing.T) {
	s := newDrill(t, drillOptions{people: 2, kind: "scim", cloud: scimtest.Options{WithoutRoles: true}})
	s.root(t, "new@example.com")
	s.hire(t, "new")
	s.Must(t, 0, "sync", "--full")
	if u := s.account(t, "new@example.com"); u.ExternalID == "" {
		t.Errorf("%+v", u)
	}
}

// protectedAccounts checks that an account protected by name or id is never linked, changed,
// emptied or removed, whatever happens in the directory and the cloud; the dry run lists it.
func protectedAccounts(t *testing.T) {
	for _, verb := range [][]string{{"sync"}, {"sync", "--full"}} {
		t.Run(strings.Join(verb, " "), func(t *testing.T) {
			t.Parallel()
			s := newDrill(t, drillOptions{people: 6, settings: site.Settings{Policy: `on_unmatched = "deactivate"`}, prepared: func(s *drill) {
				s.must1(t, s.ldap.Add("CN=idle,"+s.crew, map[string][]string{"objectClass": {"group"}, "sAMAccountName": {"idle"}}))
			}})
			glass := func(mail string) scimtest.User {
				_, err := s.sky.Add(scimtest.User{UserName: mail, DisplayName: "Break Glass", Active: true})
				s.must1(t, err)
				return s.account(t, mail)
			}
			alone, wanted := glass("BreakGlass1@example.com"), glass("breakglass2@example.com")
			renamed, disabled, gone := s.account(t, "p1@example.com"), s.account(t, "p2@example.com"),
				s.account(t, "p3@example.com")
			team, _ := s.sky.Group("team")
			s.Configure(t, site.Settings{Policy: fmt.Sprintf("on_unmatched = \"deactivate\"\npurge_after = \"1h\"\nprotected "+
				"= [\"breakglass*\", %q, \"P2@EXAMPLE.com\", %q, \"Team\"]",
				renamed.ID, gone.ID)})
			if verb[len(verb)-1] == "sync" {
				s.Must(t, 0, "sync", "--full") // from then on only changes are read
			}
			s.hire(t, "heir", "mail", "breakglass2@example.com")
			s.hire(t, "newcomer", "mail", "breakglass3@example.com")
			s.set(t, "p1", "mail", "other@example.com")
			s.disable(t, "p2")
			for _, name := range []string{"p3", "p4"} {
				s.must1(t, s.ldap.Delete(s.dn(name)))
			}
			s.must1(t, s.ldap.Modify("CN=team,"+s.crew, map[string][]string{"member": {s.dn("p5")}}))
			s.set(t, "p6", "title", "Chief")
			for range 2 { // the second one, a full run, sees the deletions as well
				s.Must(t, 0, verb...)
				for _, was := range []scimtest.User{alone, wanted, renamed, disabled, gone} {
					s.untouched(t, was)
				}
				verb = []string{"sync", "--full"}
			}
			if g, _ := s.sky.Group("team"); len(g.Members) != len(team.Members) {
				t.Errorf("the group has %d members; it had %d", len(g.Members), len(team.Members))
			}
			if _, made := s.sky.User("breakglass3@example.com"); made {
				t.Error("an account of a protected name was made")
			}
			if s.account(t, "p4@example.com").Active || s.account(t, "p6@example.com").Title != "Chief" {
				t.Errorf("the others were left alone, too: %+v %+v", s.account(t, "p4@example.com"), s.account(t, "p6@example.com"))
			}
			var p struct {
				Counts    record.Counts
				Protected []control.Unmatched
			}
			site.Parse(t, s.Run(t, "plan").Out, &p)
			listed := map[string]string{}
			for _, u := range p.Protected {
				listed[u.Key] = u.Kept
			}
			if len(listed) != 6 || !strings.Contains(listed["breakglass2@example.com"], "heir") ||
				!strings.Contains(listed["team"], "policy.protected") {
				t.Errorf("protected are listed as %v", listed)
			}
			if p.Counts.Users.Problem != 1 {
				t.Errorf("%d problems; want that of the protected name", p.Counts.Users.Problem)
			}
			for _, who := range []string{"heir", "p1", "p3@example.com", "team"} {
				if text := s.Explained(t, who, 0); !strings.Contains(text, "policy.protected") {
					t.Errorf("explain says of %s:\n%s", who, text)
				}
			}
			s.later(48 * time.Hour)
			s.Must(t, 0, "sync", "--full")
			s.Must(t, 2, "purge") // only p4
			s.untouched(t, gone)
			first := s.History(t)
			s.Must(t, 2, "undo", fmt.Sprint(first[len(first)-1].ID), "--out", s.Home+"/undo.plan")
			for _, l := range s.Changes(t, s.Home+"/undo.plan") {
				if slices.Contains([]string{renamed.ID, disabled.ID, gone.ID, team.ID}, l.ID) {
					t.Errorf("an undo would touch what is protected: %+v", l)
				}
			}
		})
	}
}
