package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dirbridge/cloud"
	"dirbridge/cloud/scimtest"
	"dirbridge/ldap"
	"dirbridge/ldap/ldaptest/lab"
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

// follower is a connector from one directory to an embedded cloud. Each of its runs acts as a new
// process: it knows the previous run only from its state.
type follower struct {
	dir     *lab.Directory
	cloud   *scimtest.Server
	store   port.Store
	cat     schema.Catalogue
	rules   map[string]string
	work    string
	options ldap.Options // in addition to those of every follower
	flatten bool
	names   map[string]string // of objects, by GUID, for the messages of tests
	hidden  bool              // the bind account cannot see deleted objects
	bin     bool              // the directory has a recycle bin
}

// follow returns a connector with an empty state. It reads as o says; people need an e-mail
// address.
func follow(t *testing.T, d *lab.Directory, o ldap.Options) *follower {
	t.Helper()
	t.Cleanup(d.Close)
	f := &follower{dir: d, cat: schema.Webex(), work: t.TempDir(), options: o, names: map[string]string{}}
	f.rules = map[string]string{"uid": "mail", "onPremObjectGUID": "objectGUID",
		"ds-pwp-account-disabled": "userAccountControl",
		"displayName":             "cn", "title": "title", "manager": "manager"}
	for _, a := range f.cat.Users {
		if _, ok := f.rules[a.Name]; !ok {
			f.rules[a.Name] = ""
		}
	}
	f.cloud = site.EmbeddedCloud(t).Sandbox
	var err error
	if f.store, err = store.Open(t.Context(), filepath.Join(f.work, "state.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.store.Close() })
	return f
}

func (f *follower) engine(t *testing.T) (*sync.Engine, func()) {
	t.Helper()
	m, err := mapping.New(f.cat, f.rules, nil)
	if err != nil {
		t.Fatal(err)
	}
	o := f.options
	o.Name, o.SyncUsers, o.SyncGroups = "corp", true, true
	o.Attributes = append(m.Attributes(), "cn")
	if o.UserFilter == "" {
		o.UserFilter = "(mail=*)"
	}
	if len(o.Servers) == 0 {
		o.Servers = []string{f.dir.URL}
	}
	if o.BindUser == "" {
		o.BindUser = f.dir.User
	}
	if o.BindPassword == nil {
		o.BindPassword = func() (string, error) { return f.dir.Password, nil }
	}
	src, err := ldap.New(o)
	if err != nil {
		t.Fatal(err)
	}
	target, err := cloud.New(cloud.Options{Kind: f.cat.Kind, BaseURL: f.cloud.URL(), Catalogue: f.cat,
		Managed: m.Managed(), Settling: -1, Clock: instant{},
		Token: func(context.Context) (string, error) { return f.cloud.Token(), nil }})
	if err != nil {
		t.Fatal(err)
	}
	e := sync.New(sync.Options{Sources: []port.Source{src}, Target: target, Store: f.store, Catalogue: f.cat,
		Rules: f.rules, Dir: f.work,
		ByMembership: func(string) bool { return len(o.MemberOf) > 0 },
		Policy: policy.Policy{Threshold: policy.Threshold{Off: true}, OnMissing: "deactivate", OnUnmatched: "report",
			PurgeAfter: 168 * time.Hour,
			Flatten:    f.flatten}})
	return e, func() { src.Close(); target.Close() }
}

// run synchronizes completely, and returns what was written.
func (f *follower) run(t *testing.T, mode record.Mode) (plan.Header, []string) {
	t.Helper()
	e, done := f.engine(t)
	defer done()
	p, run, err := e.Sync(t.Context(), sync.Request{Mode: mode}, apply.Options{})
	if err != nil {
		t.Fatalf("%s run: %v", mode, err)
	}
	defer p.Close()
	if run.Outcome != record.Done || run.Failed+run.Skipped+run.NotDone != 0 {
		t.Fatalf("%s run: %+v", mode, run)
	}
	return p.Header(), f.told(t, p)
}

// increment makes one incremental run, which must not have to read everything.
func (f *follower) increment(t *testing.T) (plan.Header, []string) {
	t.Helper()
	h, did := f.run(t, record.Incremental)
	if h.Mode != record.Incremental || h.Instead != "" || !h.Complete || len(h.Directories) != 1 ||
		h.Directories[0].Way == "" {
		t.Fatalf("it was to be an incremental run: %s (%s), %+v", h.Mode, h.Instead, h.Directories)
	}
	if way := f.options.Changes; way != "" && h.Directories[0].Way != way {
		t.Errorf("changes were asked for by %s", h.Directories[0].Way)
	}
	if told := h.Directories[0].NoDeletions == ""; told == f.hidden {
		t.Errorf("of deletions it says %q", h.Directories[0].NoDeletions)
	}
	return h, did
}

// instead makes an incremental run that must become a full one, for that reason.
func (f *follower) instead(t *testing.T, reason string) []string {
	t.Helper()
	h, did := f.run(t, record.Incremental)
	if h.Mode != record.Full || !strings.Contains(h.Instead, reason) {
		t.Fatalf("the %s run gave the reason %q, and not %q", h.Mode, h.Instead, reason)
	}
	events, err := f.store.EventsSince(t.Context(), 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(events, func(e record.Event) bool { return strings.Contains(e.Message, reason) }) {
		t.Errorf("no event says %q", reason)
	}
	return did
}

// settled checks that a full plan finds nothing to do.
func (f *follower) settled(t *testing.T) {
	t.Helper()
	e, done := f.engine(t)
	defer done()
	p, err := e.Plan(t.Context(), sync.Request{Mode: record.Full})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if left := f.told(t, p); len(left) > 0 || !p.Header().Complete {
		t.Errorf("a full plan finds more to do (complete: %t):\n  %s", p.Header().Complete, strings.Join(left, "\n  "))
	}
}

// told returns the changes of a plan in words, in order.
func (f *follower) told(t *testing.T, p *plan.Plan) []string {
	t.Helper()
	var out []string
	err := p.Changes(t.Context(), func(c plan.Change) error {
		text := fmt.Sprintf("%s %s %s", c.Action, c.Kind, f.name(c.Anchor))
		if c.Kind == identity.Member {
			text += " < " + f.name(c.Member)
		}
		out = append(out, text)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

func (f *follower) name(a identity.Anchor) string {
	if name, ok := f.names[a.GUID()]; ok {
		return name
	}
	return string(a)
}

// mirrored compares the cloud with the directory below a container, both read by the test itself:
// each person with a unique e-mail address has an account with the directory's values, all others
// have at most an inactive one, and groups contain those of their members that have one.
func (f *follower) mirrored(t *testing.T, below string) {
	t.Helper()
	accounts, names := map[string]scimtest.User{}, map[string]string{}
	for _, u := range f.cloud.Users() {
		if _, twice := accounts[u.ExternalID]; twice {
			t.Errorf("two accounts carry %s", u.ExternalID)
		}
		accounts[u.ExternalID], names[u.ID] = u, u.ExternalID
	}
	people := f.people(t, below)
	guids := map[string]string{} // by DN
	for _, o := range people {
		guids[lab.Same(t, o.DN)] = o.GUID
	}
	for _, o := range people {
		u, ok := accounts[o.GUID]
		delete(accounts, o.GUID)
		if !ok {
			t.Errorf("%s has no account", o.DN)
			continue
		}
		want := []any{o.First("mail"), o.First("cn"), o.First("title"), o.First("userAccountControl") != "546" &&
			o.First("userAccountControl") != "514"}
		if d := cmp.Diff(want, []any{u.UserName, u.DisplayName, u.Title, u.Active}); d != "" {
			t.Errorf("%s (- directory, + cloud):\n%s", o.DN, d)
		}
		if boss := o.First("manager"); boss == "" && u.Manager != "" || boss != "" && guids[lab.Same(t, boss)] != "" &&
			names[u.Manager] != guids[lab.Same(t, boss)] {
			t.Errorf("%s has the manager %q in the cloud, and %q in the directory", o.DN, f.names[names[u.Manager]], boss)
		}
	}
	for guid, u := range accounts {
		if u.Active {
			t.Errorf("%s (%s) is active, and not in the directory any more", u.UserName, f.names[guid])
		}
	}
	if !f.flatten {
		f.mirroredGroups(t, below, guids, accounts, names)
	}
}

// people returns the people below a container with a unique e-mail address.
func (f *follower) people(t *testing.T, below string) []lab.Object {
	filter := "(&(objectClass=user)(mail=*)(!(objectClass=computer)))"
	if f.dir.Kind == ldap.KindLDAP { // its schema has no computers, so no other directory would have one
		filter = "(&(objectClass=user)(mail=*))"
	}
	all := f.dir.Objects(t, filter, "mail", "cn", "title", "manager", "userAccountControl")
	all = slices.DeleteFunc(all, func(o lab.Object) bool {
		return !strings.HasSuffix(lab.Same(t, o.DN),
			lab.Same(t, below))
	})
	holders := map[string]int{}
	for _, o := range all {
		holders[strings.ToLower(o.First("mail"))]++
	}
	return slices.DeleteFunc(all, func(o lab.Object) bool { return holders[strings.ToLower(o.First("mail"))] > 1 })
}

func (f *follower) mirroredGroups(t *testing.T, below string, guids map[string]string, left map[string]scimtest.User,
	names map[string]string) {
	t.Helper()
	groups := f.dir.Objects(t, "(objectClass=group)", "cn", "member")
	groups = slices.DeleteFunc(groups, func(o lab.Object) bool {
		return !strings.HasSuffix(lab.Same(t, o.DN),
			lab.Same(t, below))
	})
	for _, o := range groups {
		guids[lab.Same(t, o.DN)] = o.GUID
	}
	held := map[string]scimtest.Group{}
	for _, g := range f.cloud.Groups() {
		held[g.ExternalID], names[g.ID] = g, g.ExternalID
	}
	for _, o := range groups {
		g, ok := held[o.GUID]
		if !ok || g.DisplayName != o.First("cn") {
			t.Errorf("%s is %+v in the cloud", o.DN, g)
			continue
		}
		var want, got []string
		for _, dn := range o.Attrs["member"] {
			if guid := guids[lab.Same(t, dn)]; guid != "" {
				want = append(want, guid)
			}
		}
		for _, id := range g.Members {
			guid := names[id]
			_, gone := left[guid]
			if _, there := held[guid]; gone || there && !slices.ContainsFunc(groups,
				func(o lab.Object) bool { return o.GUID == guid }) {
				continue // a person who is gone keeps the memberships
			}
			got = append(got, guid)
		}
		slices.Sort(want)
		slices.Sort(got)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("members of %s (- directory, + cloud):\n%s", o.DN, d)
		}
	}
}

// through connects the connector to the directory by a relay, which counts.
func (f *follower) through(t *testing.T) *lab.Relay {
	t.Helper()
	u, err := url.Parse(f.dir.URL)
	if err != nil {
		t.Fatal(err)
	}
	r := lab.NewRelay(t, u.Host)
	f.options.Servers = []string{"ldap://" + r.Address}
	return r
}

// spoil changes the directory's cookie within the stored one.
func (f *follower) spoil(t *testing.T, change func(cookie string) string) {
	t.Helper()
	const name = "position:corp"
	text, err := f.store.Value(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	var at struct {
		Position identity.Cookie `json:"position"`
		Identity string          `json:"identity"`
	}
	site.Parse(t, text, &at)
	was := at.Position.Value
	at.Position.Value = change(was)
	spoilt, err := json.Marshal(at)
	if err != nil || at.Position.Value == was {
		t.Fatalf("the cookie is still %s (%v)", was, err)
	}
	release, err := f.store.Lead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if err := f.store.Commit(t.Context(), port.Batch{Values: map[string]string{name: string(spoilt)}}); err != nil {
		t.Fatal(err)
	}
}

// garbleRoots puts garbage in place of the server's own DirSync cookies, and keeps the rest of the
// cookie.
func garbleRoots(cookie string) string {
	var c map[string]any
	if err := json.Unmarshal([]byte(cookie), &c); err != nil {
		return cookie
	}
	roots, _ := c["roots"].(map[string]any)
	for dn := range roots {
		roots[dn] = []byte("Garbage!")
	}
	out, err := json.Marshal(c)
	if err != nil {
		return cookie
	}
	return string(out)
}
