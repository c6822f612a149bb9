package engine

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dirbridge/cloud"
	"dirbridge/cloud/profile"
	"dirbridge/cloud/scimtest"
	"dirbridge/ldap"
	"dirbridge/ldap/ldaptest"
	"dirbridge/sync"
	"dirbridge/sync/apply"
	"dirbridge/sync/identity"
	"dirbridge/sync/mapping"
	"dirbridge/sync/plan"
	"dirbridge/sync/policy"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
	"dirbridge/sync/store"
	"dirbridge/ui/e2e/site"
)

// TestEngineConvergesOnTheSandboxes checks promise P7 with the real adapters on the embedded
// servers: random edits on both sides, random faults of the cloud, and runs that are canceled
// anywhere. After clean runs, the cloud equals the directory, the next plan is empty, and no person
// has two accounts.
func TestEngineConvergesOnTheSandboxes(t *testing.T) {
	t.Parallel()
	for seed := uint64(1); seed <= seeds(); seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			w := newArena(t, seed)
			for range 6 + w.rnd.IntN(6) {
				w.addPerson()
			}
			for range 1 + w.rnd.IntN(3) {
				w.addGroup()
			}
			for range 2 + w.rnd.IntN(3) {
				for range w.rnd.IntN(7) {
					w.edit()
				}
				w.trouble()
				ctx, cancel := context.WithCancel(t.Context())
				if w.rnd.IntN(3) == 0 {
					w.cancelAt(cancel, 1+w.rnd.IntN(12))
				}
				_, run, err := w.sync(ctx)
				w.log("run: %s %v", run.Outcome, err)
				w.onRequest = nil
				cancel()
				w.cloud.Heal()
			}
			for range 3 {
				if _, _, err := w.sync(t.Context()); err != nil && !held(err) {
					t.Fatalf("a clean run: %v\n%s", err, w.story())
				}
			}
			w.check()
		})
	}
}

func held(err error) bool {
	var h *port.HeldError
	return errors.As(err, &h)
}

// arena is a directory, a cloud and a connector between them.
type arena struct {
	t         *testing.T
	rnd       *rand.Rand
	dir       *ldaptest.Server
	cloud     *scimtest.Server
	url       string // of the cloud
	token     string
	pace      cloud.Clock
	profile   *profile.Profile // nil: that of the kind
	store     port.Store
	cat       schema.Catalogue
	rules     map[string]string
	dirs      string // for temporary files
	serial    int
	lines     []string
	onRequest func() // called whenever the engine asks for the token: before each request
}

const arenaBase = "DC=corp,DC=example,DC=com"

func newArena(t *testing.T, seed uint64) *arena {
	w := &arena{t: t, rnd: rand.New(rand.NewPCG(seed, 7)), cat: schema.SCIM(), dirs: t.TempDir()}
	w.rules = map[string]string{"uid": "mail", "onPremObjectGUID": "objectGUID",
		"ds-pwp-account-disabled": "userAccountControl",
		"displayName":             "displayName", "title": "title", "manager": "manager"}
	for _, a := range w.cat.Users {
		if _, ok := w.rules[a.Name]; !ok {
			w.rules[a.Name] = ""
		}
	}
	var err error
	if w.dir, err = ldaptest.Start(t.Context(), ldaptest.Options{BaseDN: arenaBase, MaxPageSize: 5,
		MaxValRange: 3}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.dir.Close() })
	if w.cloud, err = scimtest.Start(t.Context(), scimtest.Options{PageSize: 5, MaxOps: 4, UniqueGroupNames: seed%2 == 0,
		BulkBodies: seed%3 == 0, QuietPatch: seed%4 == 1, WithoutBulk: seed%5 == 0}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.cloud.Close() })
	w.url, w.token, w.pace = w.cloud.URL(), w.cloud.Token(), instant{}
	if w.store, err = store.Open(t.Context(), filepath.Join(w.dirs, "state.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.store.Close() })
	for _, ou := range []string{"Staff", "Former", "Groups"} {
		w.must(w.dir.Add("OU="+ou+","+arenaBase, map[string][]string{"objectClass": {"organizationalUnit"}}))
	}
	w.person("Keeper", "keeper@example.com") // a run on an empty directory is held
	return w
}

func (w *arena) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%v\n%s", err, w.story())
	}
}

func (w *arena) log(format string, args ...any) {
	w.lines = append(w.lines, fmt.Sprintf(format, args...))
}

// story returns the actions so far, and the engine's messages about them.
func (w *arena) story() string {
	out := strings.Join(w.lines, "\n") + "\n"
	evs, _ := w.store.EventsSince(context.Background(), 0, 1000)
	for _, e := range evs {
		out += fmt.Sprintf("  [%d] %s | %s\n", e.Run, e.Message, e.Remedy)
	}
	return out
}

// instant is a clock whose sleep takes no time.
type instant struct{}

func (instant) Now() time.Time { return time.Now() }

func (instant) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

// engine returns a connector as in a new process.
func (w *arena) engine() (*sync.Engine, func()) {
	m, err := mapping.New(w.cat, w.rules, nil)
	w.must(err)
	user, password := w.dir.Credentials()
	src, err := ldap.New(ldap.Options{Name: "corp", Servers: []string{w.dir.URL()}, BindUser: user,
		BindPassword: func() (string, error) { return password, nil },
		SyncUsers:    true, SyncGroups: true, PageSize: 4, ExcludeDNs: []string{"OU=Former," + arenaBase},
		GroupFilter: "(description=ours)", UserFilter: "(mail=*)", Attributes: append(m.Attributes(), "cn")})
	w.must(err)
	target, err := cloud.New(cloud.Options{Kind: "scim", BaseURL: w.url, Catalogue: w.cat, Managed: m.Managed(),
		Settling: -1, Clock: w.pace, Profile: w.profile, Known: w.known,
		Token: func(context.Context) (string, error) {
			if w.onRequest != nil {
				w.onRequest()
			}
			return w.token, nil
		}})
	w.must(err)
	e := sync.New(sync.Options{Sources: []port.Source{src}, Target: target, Store: w.store, Catalogue: w.cat,
		Rules: w.rules, Dir: w.dirs,
		Policy: policy.Policy{Threshold: policy.Threshold{Off: true}, OnMissing: "deactivate", OnUnmatched: "report",
			PurgeAfter: 168 * time.Hour}})
	return e, func() { src.Close(); target.Close() }
}

func (w *arena) sync(ctx context.Context) (plan.Header, record.Run, error) {
	e, done := w.engine()
	defer done()
	p, run, err := e.Sync(ctx, sync.Request{Mode: record.Full}, apply.Options{})
	var h plan.Header
	if p != nil {
		h = p.Header()
		p.Close()
	}
	return h, run, err
}

// cancelAt cancels the run at the nth request to the cloud.
func (w *arena) cancelAt(cancel func(), n int) {
	requests := make(chan struct{}, n-1) // a token for each request that may still pass
	for range n - 1 {
		requests <- struct{}{}
	}
	w.onRequest = func() {
		select {
		case <-requests:
		default:
			cancel()
		}
	}
}

func (w *arena) mail() string {
	return string(rune('a'+w.rnd.IntN(7))) + "@example.com"
}

func (w *arena) person(cn, mail string) {
	w.must(w.dir.Add("CN="+cn+",OU=Staff,"+arenaBase, map[string][]string{"objectClass": {"user"}, "mail": {mail},
		"displayName": {cn}, "userAccountControl": {"512"}}))
	w.log("add %s %s", cn, mail)
}

func (w *arena) addPerson() {
	w.serial++
	w.person(fmt.Sprintf("Person %d", w.serial), w.mail())
}

func (w *arena) addGroup() {
	w.serial++
	cn := fmt.Sprintf("Group %d", w.serial)
	w.must(w.dir.Add("CN="+cn+",OU=Groups,"+arenaBase, map[string][]string{"objectClass": {"group"},
		"description": {"ours"}}))
	w.log("add %s", cn)
}

// people returns the people and groups in scope, without the keeper.
func (w *arena) people() []ldaptest.Entry {
	return slices.DeleteFunc(w.dir.People(), func(e ldaptest.Entry) bool {
		return strings.HasPrefix(e.DN, "CN=Keeper") || !strings.HasPrefix(e.DN, "CN=Person")
	})
}

func (w *arena) groups() []ldaptest.Entry {
	return slices.DeleteFunc(w.dir.Groups(), func(e ldaptest.Entry) bool { return site.First(e, "description") != "ours" })
}

func pick[T any](w *arena, list []T) (t T, ok bool) {
	if len(list) == 0 {
		return t, false
	}
	return list[w.rnd.IntN(len(list))], true
}

// edit makes one random change on one side.
func (w *arena) edit() {
	who, ok := pick(w, w.people())
	if !ok {
		w.addPerson()
		return
	}
	set := func(name string, values ...string) {
		w.log("set %s %s %q", who.DN, name, values)
		w.must(w.dir.Modify(who.DN, map[string][]string{name: values}))
	}
	switch w.rnd.IntN(18) {
	case 0:
		w.addPerson()
	case 1:
		w.addGroup()
	case 2:
		w.log("delete %s", who.DN)
		w.must(w.dir.Delete(who.DN))
	case 3, 4:
		set("mail", w.mail())
	case 5: // a swap
		if other, _ := pick(w, w.people()); other.DN != who.DN {
			a, b := site.First(who, "mail"), site.First(other, "mail")
			set("mail", b)
			who = other
			set("mail", a)
		}
	case 6:
		set("title", []string{"x", "ÿ"}[w.rnd.IntN(2)])
	case 7:
		set("userAccountControl", []string{"512", "514"}[w.rnd.IntN(2)])
	case 8:
		boss, _ := pick(w, w.people())
		set("manager", boss.DN)
	case 9:
		to := []string{"OU=Former,", "OU=Staff,"}[w.rnd.IntN(2)] + arenaBase
		w.log("move %s to %s", who.DN, to)
		w.must(w.dir.Move(who.DN, to))
	case 10, 11, 12:
		w.member(who)
	case 13:
		if g, ok := pick(w, w.groups()); ok {
			w.serial++
			w.log("rename %s to Group %d", g.DN, w.serial)
			w.must(w.dir.Rename(g.DN, fmt.Sprintf("CN=Group %d", w.serial), ""))
		}
	default:
		w.byHand()
	}
}

func (w *arena) member(who ldaptest.Entry) {
	g, ok := pick(w, w.groups())
	if !ok {
		return
	}
	if nested, ok := pick(w, w.groups()); ok && nested.DN != g.DN && w.rnd.IntN(4) == 0 {
		who = nested
	}
	for n, v := range g.Attrs {
		if strings.EqualFold(n, "member") && slices.Contains(v, who.DN) {
			w.log("%s leaves %s", who.DN, g.DN)
			w.must(w.dir.DeleteValues(g.DN, "member", who.DN))
			return
		}
	}
	w.log("%s joins %s", who.DN, g.DN)
	w.must(w.dir.AddValues(g.DN, "member", who.DN))
}

// byHand edits the cloud.
func (w *arena) byHand() {
	u, ok := pick(w, w.cloud.Users())
	if !ok {
		return
	}
	switch w.rnd.IntN(6) {
	case 0:
		w.log("by hand: title of %s", u.UserName)
		w.must(w.cloud.Set(u.ID, "title", "by hand"))
	case 1:
		w.log("by hand: deactivate %s", u.UserName)
		w.must(w.cloud.Set(u.ID, "active", false))
	case 2:
		w.log("by hand: delete %s", u.UserName)
		w.must(w.cloud.Delete(u.ID))
	case 3:
		w.log("by hand: externalId of %s", u.UserName)
		w.must(w.cloud.Edit(u.ID, scimtest.Op{Op: "remove", Path: "externalId"}))
	case 4:
		if name := w.mail(); !w.taken(name) {
			w.log("by hand: add %s", name)
			_, err := w.cloud.Add(scimtest.User{UserName: name,
				Attrs: map[string]any{"emails": []any{map[string]any{"value": name, "type": "work"}}}})
			w.must(err)
		}
	case 5:
		if g, ok := pick(w, w.cloud.Groups()); ok {
			w.log("by hand: %s in or out of %s", u.UserName, g.DisplayName)
			op := scimtest.Op{Op: "add", Path: "members", Value: []any{map[string]any{"value": u.ID}}}
			if slices.Contains(g.Members, u.ID) {
				op = scimtest.Op{Op: "remove", Path: fmt.Sprintf("members[value eq %q]", u.ID)}
			}
			w.must(w.cloud.Edit(g.ID, op))
		}
	}
}

func (w *arena) taken(name string) bool {
	_, ok := w.cloud.User(name)
	return ok
}

// trouble schedules faults of the cloud for the next run.
func (w *arena) trouble() {
	all := []scimtest.Fault{
		{Effect: scimtest.Refuse, Status: 429, RetryAfter: time.Second},
		{Effect: scimtest.Refuse, Status: 503},
		{Effect: scimtest.DropBefore, Writes: true},
		{Effect: scimtest.DropAfter, Writes: true},
		{Effect: scimtest.CutBody, Writes: true},
		{Effect: scimtest.TruncateJSON, Writes: true},
		{Effect: scimtest.OmitAnswers},
		{Effect: scimtest.OmitOperations},
		{Effect: scimtest.FailOperation, Status: 400},
		{Effect: scimtest.FailOperation, Status: 500},
		{Effect: scimtest.HalfList},
		{Effect: scimtest.DropAfter},
	}
	for range w.rnd.IntN(3) {
		f := all[w.rnd.IntN(len(all))]
		f.Probability, f.Seed, f.Times = 0.4, w.rnd.Uint64(), 1+w.rnd.IntN(3)
		w.log("fault %s %d", f.Effect, f.Status)
		w.cloud.Inject(f)
	}
}

// check compares the cloud with the directory.
func (w *arena) check() {
	t := w.t
	e, done := w.engine()
	defer done()
	p, err := e.Plan(t.Context(), sync.Request{Mode: record.Full})
	w.must(err)
	defer p.Close()
	var left []plan.Change
	p.Changes(t.Context(), func(c plan.Change) error { left = append(left, c); return nil })
	if len(left) > 0 {
		t.Fatalf("the next plan is not empty: %+v\n%s", left, w.story())
	}
	ill := map[string]bool{}
	p.Problems(t.Context(), func(_ identity.Kind, pr identity.Problem) error {
		ill[pr.Anchor.GUID()] = true
		w.log("problem: %s %s %s", pr.DN, pr.Attribute, pr.Message)
		if pr.Remedy == "" || pr.Side == "" || pr.DN == "" {
			t.Errorf("a problem without record, side or remedy: %+v", pr)
		}
		return nil
	})
	accounts, ids := map[string]scimtest.User{}, map[string]string{}
	for _, u := range w.cloud.Users() {
		if _, twice := accounts[u.ExternalID]; twice && u.ExternalID != "" {
			t.Fatalf("two accounts carry %s\n%s", u.ExternalID, w.story())
		}
		accounts[u.ExternalID], ids[u.ID] = u, u.ExternalID
	}
	people := map[string]ldaptest.Entry{} // in scope, by DN
	for _, o := range w.dir.People() {
		if strings.Contains(o.DN, "OU=Staff") && !ill[o.GUID] {
			people[o.DN] = o
		}
	}
	for _, o := range people {
		u, ok := accounts[o.GUID]
		if !ok {
			t.Fatalf("%s has no account\n%s", o.DN, w.story())
		}
		if u.UserName != site.First(o, "mail") || u.Active != (site.First(o, "userAccountControl") == "512") ||
			u.Title != site.First(o, "title") || u.DisplayName != site.First(o, "displayName") {
			t.Errorf("%s differs: %+v\n%s", o.DN, u, w.story())
		}
		if boss, in := people[site.First(o, "manager")]; in && ids[u.Manager] != boss.GUID ||
			site.First(o, "manager") == "" && u.Manager != "" {
			t.Errorf("%s has the manager %q, and the directory says %q\n%s", o.DN, u.Manager, site.First(o, "manager"),
				w.story())
		}
	}
	w.checkGroups(people, accounts, ill)
}

func (w *arena) checkGroups(people map[string]ldaptest.Entry, accounts map[string]scimtest.User, ill map[string]bool) {
	groups := map[string]scimtest.Group{}
	for _, g := range w.cloud.Groups() {
		if _, twice := groups[g.ExternalID]; twice {
			w.t.Fatalf("two groups carry %s\n%s", g.ExternalID, w.story())
		}
		groups[g.ExternalID] = g
	}
	for _, o := range w.groups() {
		g, ok := groups[o.GUID]
		if ill[o.GUID] {
			continue
		}
		if !ok || g.DisplayName != site.First(o, "cn") {
			w.t.Fatalf("%s differs: %+v\n%s", o.DN, g, w.story())
		}
		members := map[string]bool{}
		for n, v := range o.Attrs {
			for _, dn := range v {
				if strings.EqualFold(n, "member") {
					members[dn] = true
				}
			}
		}
		for dn, person := range people {
			if slices.Contains(g.Members, accounts[person.GUID].ID) != members[dn] {
				w.t.Errorf("%s in %s: %v in the directory\n%s", dn, o.DN, members[dn], w.story())
			}
		}
		for _, nested := range w.groups() {
			if !ill[nested.GUID] && slices.Contains(g.Members, groups[nested.GUID].ID) != members[nested.DN] {
				w.t.Errorf("%s in %s: %v in the directory\n%s", nested.DN, o.DN, members[nested.DN], w.story())
			}
		}
	}
}
