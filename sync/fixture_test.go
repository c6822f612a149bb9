package sync_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"dirbridge/sync"
	"dirbridge/sync/apply"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/policy"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
	"dirbridge/sync/store"
	"dirbridge/sync/synctest"
)

// tb is what a fixture needs from a test, including a property test.
type tb interface {
	Helper()
	Fatalf(format string, args ...any)
	Logf(format string, args ...any)
	Cleanup(func())
}

// fixture is one connector on a directory and a cloud in memory, with a real store.
type fixture struct {
	t         tb
	dir       *synctest.Directory
	cloud     *synctest.Cloud
	store     port.Store
	dbPath    string
	tmp       string
	policy    policy.Policy
	now       time.Time
	rules     map[string]string
	overrides map[string]map[string]string
	// sources and target replace dir and cloud if they are set.
	sources []port.Source
	target  port.Target
}

func newFixture(t tb, tmp string) *fixture {
	f := &fixture{t: t, dir: synctest.NewDirectory("corp"), cloud: synctest.NewCloud(), tmp: tmp,
		dbPath: filepath.Join(tmp, "state.db"),
		now:    time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC),
		policy: policy.Policy{Threshold: policy.Threshold{Number: 20}, OnMissing: "deactivate", OnUnmatched: "report",
			PurgeAfter: 168 * time.Hour},
		rules: map[string]string{"uid": "mail", "onPremObjectGUID": "objectGUID",
			"ds-pwp-account-disabled": "userAccountControl",
			"displayName":             "displayName", "title": "title", "telephoneNumber": "telephoneNumber",
			"manager": "manager"}}
	for _, a := range schema.SCIM().Users {
		if _, ok := f.rules[a.Name]; !ok {
			f.rules[a.Name] = ""
		}
	}
	f.open()
	t.Cleanup(func() { f.store.Close() })
	return f
}

func (f *fixture) open() {
	f.t.Helper()
	s, err := store.Open(context.Background(), f.dbPath)
	if err != nil {
		f.t.Fatalf("open the store: %v", err)
	}
	f.store = s
}

func (f *fixture) engine() *sync.Engine { return f.engineAt(func() time.Time { return f.now }) }

func (f *fixture) engineAt(clock func() time.Time) *sync.Engine {
	opt := sync.Options{Sources: []port.Source{f.dir}, Target: f.cloud, Store: f.store, Catalogue: schema.SCIM(),
		Rules: f.rules, Overrides: f.overrides,
		Policy: f.policy, Dir: f.tmp, Clock: clock, ByMembership: func(string) bool { return f.dir.ScopeGroup != "" }}
	if f.sources != nil {
		opt.Sources = f.sources
	}
	if f.target != nil {
		opt.Target = f.target
	}
	return sync.New(opt)
}

var noOverride = apply.Options{}

func (f *fixture) sync(opt apply.Options) (plan.Header, record.Run, error) {
	f.t.Helper()
	f.now = f.now.Add(time.Minute)
	p, run, err := f.engine().Sync(context.Background(), sync.Request{Mode: record.Full}, opt)
	var h plan.Header
	if p != nil {
		h = p.Header()
		p.Close()
	}
	return h, run, err
}

// wentWell says that everything that could be planned was done, though possibly not for every
// directory.
func wentWell(run record.Run) bool {
	return run.Outcome == record.Done || run.Outcome == record.Partial && len(run.Unread) > 0 &&
		run.Failed+run.Skipped+run.NotDone == 0
}

func (f *fixture) mustSync() plan.Header {
	f.t.Helper()
	h, run, err := f.sync(noOverride)
	if err != nil {
		f.t.Fatalf("sync: %v", err)
	}
	if !wentWell(run) {
		f.t.Fatalf("sync ended %s: %+v\n%s", run.Outcome, run, f.events())
	}
	return h
}

func (f *fixture) events() string {
	evs, _ := f.store.EventsSince(context.Background(), 0, 1000)
	out := ""
	for _, e := range evs {
		out += e.Message + " | " + e.Remedy + "\n"
	}
	return out
}

func (f *fixture) plan() *plan.Plan {
	f.t.Helper()
	p, err := f.engine().Plan(context.Background(), sync.Request{Mode: record.Full})
	if err != nil {
		f.t.Fatalf("plan: %v", err)
	}
	f.t.Cleanup(func() { p.Close() })
	return p
}

func changes(t tb, p *plan.Plan) []plan.Change {
	t.Helper()
	var out []plan.Change
	if err := p.Changes(context.Background(), func(c plan.Change) error { out = append(out, c); return nil }); err != nil {
		t.Fatalf("changes: %v", err)
	}
	return out
}

func person(cn, mail string) synctest.Object {
	return synctest.Object{Kind: identity.User, OU: "Staff", CN: cn, Attrs: identity.Attrs{"mail": {mail},
		"displayName": {cn}, "userAccountControl": {"512"}}}
}

// edit changes attributes of an object of the directory: name, value, name, value. An empty value
// removes the attribute.
func (f *fixture) edit(a identity.Anchor, pairs ...string) {
	set(f.dir, a, pairs...)
}

func set(d *synctest.Directory, a identity.Anchor, pairs ...string) {
	d.Edit(a, func(o *synctest.Object) {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i+1] == "" {
				delete(o.Attrs, pairs[i])
			} else {
				o.Attrs[pairs[i]] = []string{pairs[i+1]}
			}
		}
	})
}

// shadow returns what the store remembers of an anchor.
func (f *fixture) shadow(a identity.Anchor) (identity.Shadow, bool) {
	f.t.Helper()
	s, ok, err := f.store.Shadow(context.Background(), a)
	if err != nil {
		f.t.Fatalf("shadow: %v", err)
	}
	return s, ok
}

// dirty lists the anchors that wait to be planned again.
func (f *fixture) dirty() map[identity.Anchor]string {
	out := map[identity.Anchor]string{}
	f.store.Dirty(context.Background(), func(a identity.Anchor, reason string) error { out[a] = reason; return nil })
	return out
}

// purge plans and applies a purge.
func (f *fixture) purge() (plan.Header, record.Run, error) {
	f.t.Helper()
	f.now = f.now.Add(time.Minute)
	p, run, err := f.engine().Sync(context.Background(), sync.Request{Mode: record.Purge}, noOverride)
	var h plan.Header
	if p != nil {
		h = p.Header()
		p.Close()
	}
	return h, run, err
}

// problems returns the messages of a plan's problems.
func (f *fixture) problems(p *plan.Plan) string {
	out := ""
	p.Problems(context.Background(), func(_ identity.Kind, pr identity.Problem) error {
		out += pr.DN + ": " + pr.Attribute + ": " + pr.Message + "\n"
		return nil
	})
	return out
}

// account finds the account of an anchor.
func (f *fixture) account(a identity.Anchor) identity.Resource {
	f.t.Helper()
	var out []identity.Resource
	for _, r := range f.cloud.All(identity.User) {
		if r.ExternalID == a.GUID() {
			out = append(out, r)
		}
	}
	if len(out) != 1 {
		f.t.Fatalf("%d accounts carry %s", len(out), a)
	}
	return out[0]
}

var _ port.Source = (*synctest.Directory)(nil)
var _ port.Target = (*synctest.Cloud)(nil)
var _ tb = (*testing.T)(nil)

// unreadable is a cloud that cannot show one account.
type unreadable struct {
	*synctest.Cloud
	id identity.ResourceID
}

func (u *unreadable) Get(ctx context.Context, kind identity.Kind, id identity.ResourceID) (identity.Resource, bool,
	error) {
	if id == u.id {
		return identity.Resource{}, false, &identity.Failure{Class: identity.GiveUp, Side: identity.InCloud,
			Remedy: "Ask the provider.", Err: errors.New("403: not for you")}
	}
	return u.Cloud.Get(ctx, kind, id)
}

// die is a fault that ends the process before the write of one key.
func die(key string) func(plan.Change) synctest.Fault {
	return func(c plan.Change) synctest.Fault {
		if c.Key == key {
			return synctest.Die
		}
		return synctest.Fine
	}
}
