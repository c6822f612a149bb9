package cloud_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	stdsync "sync"
	"testing"
	"time"

	"dirbridge/cloud"
	"dirbridge/cloud/scimtest"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
)

// clock advances only by sleeping, and records the sleeps.
type clock struct {
	mu    stdsync.Mutex
	now   time.Time
	slept []time.Duration
	// onSleep runs, outside the lock, before a sleep returns.
	onSleep func(time.Duration)
}

// It begins at the real time, because servers send real dates.
func newClock() *clock { return &clock{now: time.Now()} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	hook := c.onSleep
	c.mu.Unlock()
	if hook != nil {
		hook(d)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.slept = append(c.slept, d)
	return nil
}

func (c *clock) total() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	var sum time.Duration
	for _, d := range c.slept {
		sum += d
	}
	return sum
}

// managed lists the attributes that can be mapped together: one for each place.
func managed(c schema.Catalogue) []string {
	var names []string
	placed := map[string]bool{}
	for _, a := range c.Users {
		if a.Path != "" && placed[a.Path] {
			continue
		}
		placed[a.Path] = true
		names = append(names, a.Name)
	}
	return names
}

// options configures a target for the kind, with everything mapped.
func options(kind, url, token string) cloud.Options {
	catalogue, _ := schema.Of(kind)
	return cloud.Options{Kind: kind, BaseURL: url, Token: func(context.Context) (string, error) { return token, nil },
		Catalogue: catalogue, Managed: managed(catalogue), Clock: newClock(), HTTP: &http.Transport{}}
}

// open makes a target and signs in.
func open(t *testing.T, o cloud.Options) *cloud.Target {
	t.Helper()
	target, err := cloud.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = target.Close() })
	if _, err := target.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	return target
}

func startSandbox(t *testing.T, o scimtest.Options) *scimtest.Server {
	t.Helper()
	s, err := scimtest.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// webexSandbox is a server in Webex's form, and a target that is signed in to it.
func webexSandbox(t *testing.T, o scimtest.Options) (*scimtest.Server, *cloud.Target) {
	t.Helper()
	s := startSandbox(t, o)
	return s, open(t, options("webex", s.URL(), s.Token()))
}

// apply writes changes and returns the outcomes by Seq. A change that is answered twice fails the
// test.
func apply(t *testing.T, target *cloud.Target, changes ...plan.Change) map[int64]record.Outcome {
	t.Helper()
	out, err := tryApply(t, t.Context(), target, changes)
	if err != nil {
		t.Fatalf("Apply: %v", err)
	}
	return out
}

func tryApply(t *testing.T, ctx context.Context, target *cloud.Target,
	changes []plan.Change) (map[int64]record.Outcome, error) {
	t.Helper()
	for i := range changes {
		changes[i].Seq = int64(i + 1)
	}
	out := make(map[int64]record.Outcome)
	err := target.Apply(ctx, changes, func(o record.Outcome) {
		if _, twice := out[o.Seq]; twice {
			t.Errorf("change %d was answered twice", o.Seq)
		}
		out[o.Seq] = o
	})
	return out, err
}

// done fails the test unless all outcomes are done, and returns the id of the first.
func done(t *testing.T, out map[int64]record.Outcome, n int) identity.ResourceID {
	t.Helper()
	if len(out) != n {
		t.Fatalf("%d of %d changes were answered", len(out), n)
	}
	for seq, o := range out {
		if o.State != record.WriteDone {
			t.Fatalf("change %d: %s: %s", seq, o.State, o.Message)
		}
	}
	return out[1].ID
}

func set(name string, values ...string) plan.FieldDiff {
	return plan.FieldDiff{Name: name, New: values}
}

func diff(name, old, new string) plan.FieldDiff {
	f := plan.FieldDiff{Name: name}
	if old != "" {
		f.Old = []string{old}
	}
	if new != "" {
		f.New = []string{new}
	}
	return f
}

func guid(n int) string { return fmt.Sprintf("6f1c2e0a-95d2-4a53-8c4e-%012d", n) }

// person is the creation of a user with a key, an externalId and more fields.
func person(n int, key string, fields ...plan.FieldDiff) plan.Change {
	return plan.Change{Action: plan.Add, Kind: identity.User, Key: key, Anchor: identity.NewAnchor("corp", guid(n)),
		DN: "CN=" + strings.Split(key, "@")[0] + ",OU=Staff,DC=example,DC=com",
		Fields: append([]plan.FieldDiff{set(schema.UID, key), set(schema.ExternalID, guid(n)), set(schema.Active, "true")},
			fields...)}
}

func team(n int, name string) plan.Change {
	return plan.Change{Action: plan.Add, Kind: identity.Group, Key: name, Anchor: identity.NewAnchor("corp", guid(n)),
		Fields: []plan.FieldDiff{set(schema.GroupName, name), set(schema.ExternalID, guid(n))}}
}

func update(id identity.ResourceID, key string, fields ...plan.FieldDiff) plan.Change {
	return plan.Change{Action: plan.Update, Kind: identity.User, ID: id, Key: key, Fields: fields}
}

func membership(action plan.Action, group, member identity.ResourceID) plan.Change {
	return plan.Change{Action: action, Kind: identity.Member, ID: group, MemberID: member, MemberKind: identity.User,
		Key: "group " + string(group), MemberKey: "member " + string(member)}
}

func list(t *testing.T, target *cloud.Target, kind identity.Kind) map[string]identity.Resource {
	t.Helper()
	out := make(map[string]identity.Resource)
	err := target.Resources(t.Context(), kind, func(r identity.Resource) error {
		out[r.Key] = r
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func members(t *testing.T, target *cloud.Target) map[identity.ResourceID][]identity.ResourceID {
	t.Helper()
	out := make(map[identity.ResourceID][]identity.ResourceID)
	err := target.Members(t.Context(), func(group, member identity.ResourceID) error {
		out[group] = append(out[group], member)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range out {
		slices.Sort(m)
	}
	return out
}

func get(t *testing.T, target *cloud.Target, id identity.ResourceID) identity.Resource {
	t.Helper()
	r, ok, err := target.Get(t.Context(), identity.User, id)
	if err != nil || !ok {
		t.Fatalf("Get(%s): %v, %v", id, ok, err)
	}
	return r
}
