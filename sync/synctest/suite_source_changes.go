package synctest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
)

// Changes runs the suite of what a source tells since a position. newSource gives each
// test an empty fixture; its source reads the attributes manager and
// userAccountControl, too.
func Changes(t *testing.T, newSource func(t *testing.T) SourceFixture) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, *SourceFixture)
	}{
		{"says from where changes begin", changesCookie},
		{"tells nothing where nothing was touched", changesNothing},
		{"tells of people", changesPeople},
		{"tells of groups and their members", changesGroups},
		{"tells of containers alone", changesContainers},
		{"tells of what was deleted", changesDeleted},
		{"tells what was made anew apart", changesMadeAnew},
		{"tells of what came back", changesUndeleted},
		{"tells many changes whole", changesMany},
		{"says when a position is of no use", changesStale},
		{"ends changes when the callback fails", changesCallback},
		{"ends changes when the context does", changesCancelled},
		{"tells a server that is away from one that forgot", changesCut},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newSource(t)
			t.Cleanup(func() {
				if err := f.Source.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
			c.run(t, &f)
		})
	}
}

// heard is what Changes told.
type heard struct {
	notifications map[identity.Anchor][]identity.ChangeNotification
	present       bool // what is left was told, instead of what went
	changed       int  // touches that say that something changed
}

// changes asks what was touched since a position, and checks what holds of every
// touch and position.
func (f *SourceFixture) changes(t *testing.T, since identity.Cookie) (heard, identity.Cookie) {
	t.Helper()
	return f.changesOf(t, f.Source, since)
}

func (f *SourceFixture) changesOf(t *testing.T, source port.Source, since identity.Cookie) (heard, identity.Cookie) {
	t.Helper()
	h := heard{notifications: map[identity.Anchor][]identity.ChangeNotification{}}
	next, err := source.Changes(t.Context(), since, func(touch identity.ChangeNotification) error {
		if touch.Anchor.Directory() != f.Name || touch.Anchor.GUID() == "" {
			t.Errorf("a touch has the anchor %q", touch.Anchor)
		}
		switch touch.Kind {
		case identity.User, identity.Group, identity.Contact, identity.Room, identity.Unit, "":
		default:
			t.Errorf("%s is of kind %q", touch.DN, touch.Kind)
		}
		if touch.Present && touch.Deleted {
			t.Errorf("%s is said to be there still, and deleted", touch.DN)
		}
		h.present = h.present || touch.Present
		if !touch.Present {
			h.changed++
		}
		h.notifications[touch.Anchor] = append(h.notifications[touch.Anchor], touch)
		return nil
	})
	if err != nil {
		t.Fatalf("changes: %v", err)
	}
	f.checkCookie(t, next)
	return h, next
}

func (f *SourceFixture) cookie(t *testing.T) identity.Cookie {
	t.Helper()
	p, err := f.Source.Cookie(t.Context())
	if err != nil {
		t.Fatalf("position: %v", err)
	}
	f.checkCookie(t, p)
	return p
}

func (f *SourceFixture) checkCookie(t *testing.T, p identity.Cookie) {
	t.Helper()
	if p.Way == "" || p.Value == "" || strings.ContainsFunc(p.Value, unicode.IsControl) {
		t.Errorf("the position is %+v", p)
	}
	if f.Way != "" && p.Way != f.Way {
		t.Errorf("changes are asked for by %s, not %s", p.Way, f.Way)
	}
	if f.Untold != (p.Untold != "") {
		t.Errorf("of untold deletions the position says %q", p.Untold)
	}
	if p.Untold != "" && p.Remedy == "" {
		t.Errorf("%q has no remedy", p.Untold)
	}
}

// notified says whether somebody was told to be there and changed.
func (h heard) notified(a identity.Anchor) bool {
	for _, touch := range h.notifications[a] {
		if !touch.Deleted && !touch.Present {
			return true
		}
	}
	return false
}

// gone says whether somebody was told to be deleted, either way.
func (h heard) gone(a identity.Anchor) bool {
	for _, touch := range h.notifications[a] {
		if touch.Deleted {
			return true
		}
	}
	return h.present && len(h.notifications[a]) == 0
}

// wantNotified wants the object at a DN to have been told, there and as it is.
func (f *SourceFixture) wantNotified(t *testing.T, when string, h heard, kind identity.Kind, dn string) {
	t.Helper()
	anchor := f.anchor(t, dn)
	if !h.notified(anchor) {
		t.Errorf("%s: %s is not told: %v", when, dn, h.notifications[anchor])
	}
	if h.gone(anchor) {
		t.Errorf("%s: %s is told to be deleted", when, dn)
	}
	for _, touch := range h.notifications[anchor] {
		if touch.Kind != kind && touch.Kind != "" {
			t.Errorf("%s: %s is told as %q", when, dn, touch.Kind)
		}
		if touch.Present && touch.DN == "" {
			continue // named by its anchor alone
		}
		if !strings.EqualFold(touch.DN, dn) && f.anchor(t, touch.DN) != anchor {
			t.Errorf("%s: %s is told to be at %s", when, dn, touch.DN)
		}
	}
}

// edit is one change in the directory; do gives the DN of what must be told.
type edit struct {
	name string
	kind identity.Kind
	do   func() string
}

// follow asks for the changes after each edit, and after all of them again, from
// where it began, of a source that has just come up.
func (f *SourceFixture) follow(t *testing.T, edits []edit, after func(name string, h heard)) {
	t.Helper()
	first := f.cookie(t)
	at := first
	all := map[identity.Anchor]string{}
	for _, e := range edits {
		dn := e.do()
		all[f.anchor(t, dn)] = e.name
		h, next := f.changes(t, at)
		f.wantNotified(t, e.name, h, e.kind, dn)
		if after != nil {
			after(e.name, h)
		}
		at = next
	}
	source := f.Source
	if f.Reopen != nil {
		source = f.Reopen(t)
		defer source.Close()
	}
	h, _ := f.changesOf(t, source, first)
	for anchor, name := range all {
		if !h.notified(anchor) {
			t.Errorf("from the first position it is not told: %s", name)
		}
	}
}

func changesCookie(t *testing.T, f *SourceFixture) {
	one := f.cookie(t)
	f.Directory.AddPerson(t, f.Base, "Newcomer", nil)
	two := f.cookie(t)
	if one.Way != two.Way || one.Value == two.Value && f.exact(one.Way) {
		t.Errorf("before an edit it is at %+v, and then at %+v", one, two)
	}
}

// harmless is how often something may be told once more.
const harmless = 5

func changesNothing(t *testing.T, f *SourceFixture) {
	f.Directory.AddPerson(t, f.Base, "Somebody", nil)
	at := f.cookie(t)
	for range 3 {
		h, next := f.changes(t, at)
		if h.changed > harmless {
			t.Errorf("nothing was touched, but it tells %d times of %v", h.changed, h.notifications)
		}
		for a, notifications := range h.notifications {
			if notifications[0].Deleted {
				t.Errorf("nothing was deleted, but %s is told to be", a)
			}
		}
		at = next
	}
}

func changesPeople(t *testing.T, f *SourceFixture) {
	site, other := f.Directory.AddContainer(t, f.Base, "Site"), f.Directory.AddContainer(t, f.Base, "Other")
	ana := f.Directory.AddPerson(t, site, "Ana", map[string][]string{"mail": {"ana@example.com"}})
	boss := f.Directory.AddPerson(t, f.Base, "Boss", nil)
	stranger := f.Directory.AddPerson(t, f.Outside, "Stranger", nil)
	user := identity.User
	f.follow(t, []edit{
		{"a new person", user, func() string { return f.Directory.AddPerson(t, f.Base, `New, "person"`, nil) }},
		{"another mail", user, func() string { f.Directory.Set(t, ana, "mail", "other@example.com"); return ana }},
		{"no mail", user, func() string { f.Directory.Set(t, ana, "mail"); return ana }},
		{"a manager", user, func() string { f.Directory.Set(t, ana, "manager", boss); return ana }},
		{"another name", user, func() string { ana = f.Directory.Rename(t, ana, "Silva, Ana"); return ana }},
		{"another container", user, func() string { ana = f.Directory.Move(t, ana, other); return ana }},
		{"disabled", user, func() string { f.Directory.Set(t, ana, "userAccountControl", "546"); return ana }},
		{"moved out of scope", user, func() string { ana = f.Directory.Move(t, ana, f.Outside); return ana }},
		{"moved into scope", user, func() string { stranger = f.Directory.Move(t, stranger, site); return stranger }},
		{"back in scope", user, func() string { ana = f.Directory.Move(t, ana, f.Base); return ana }},
	}, nil)
}

func changesGroups(t *testing.T, f *SourceFixture) {
	ana, ben := f.Directory.AddPerson(t, f.Base, "Ana", nil), f.Directory.AddPerson(t, f.Outside, `Ben, "B"`, nil)
	team, inner := f.Directory.AddGroup(t, f.Base, "Team"), f.Directory.AddGroup(t, f.Base, "Inner")
	f.Directory.AddMember(t, team, ana)
	member := map[string]string{"a member came": ben, "a group came": inner, "a member went": ana}
	group := identity.Group
	f.follow(t, []edit{
		{"a new group", group, func() string { return f.Directory.AddGroup(t, f.Base, "New, group") }},
		{"another name", group, func() string { team = f.Directory.Rename(t, team, "Team, renamed"); return team }},
		{"a member came", group, func() string { f.Directory.AddMember(t, team, ben); return team }},
		{"a group came", group, func() string { f.Directory.AddMember(t, team, inner); return team }},
		{"a member went", group, func() string { f.Directory.RemoveMember(t, team, ana); return team }},
		{"moved out of scope", group, func() string { team = f.Directory.Move(t, team, f.Outside); return team }},
		{"moved into scope", group, func() string { team = f.Directory.Move(t, team, f.Base); return team }},
	}, func(name string, h heard) {
		if dn, ok := member[name]; ok {
			f.wantMember(t, name, h, f.anchor(t, team), f.anchor(t, dn), name == "a member went")
		}
	})
	f.wantEdgesOf(t, "afterwards", []identity.Anchor{f.anchor(t, team)},
		relation{f.anchor(t, team), f.anchor(t, ben)}, relation{f.anchor(t, team), f.anchor(t, inner)})
}

// wantMember wants the change of one member told, where changes of members are.
func (f *SourceFixture) wantMember(t *testing.T, when string, h heard, group, member identity.Anchor, removed bool) {
	t.Helper()
	for _, touch := range h.notifications[group] {
		if !touch.MembersTold {
			return // they are read again
		}
		for _, m := range touch.Members {
			to := m.To.Anchor
			if to == "" && m.To.DN != "" {
				to = f.anchor(t, m.To.DN)
			}
			if to == member && m.Removed == removed {
				return
			}
			if to == member {
				t.Errorf("%s: the other way round: %+v", when, m)
			}
		}
	}
	t.Errorf("%s: the members are told, but not this one: %+v", when, h.notifications[group])
}

// A container that is renamed or moved returns alone, whatever stands below it.
func changesContainers(t *testing.T, f *SourceFixture) {
	site := f.Directory.AddContainer(t, f.Base, "Site, one")
	floor := f.Directory.AddContainer(t, site, "Floor")
	other := f.Directory.AddContainer(t, f.Base, "Other")
	ana := f.anchor(t, f.Directory.AddPerson(t, floor, "Ana", nil))
	team := f.anchor(t, f.Directory.AddGroup(t, site, "Team"))
	unit := identity.Unit
	f.follow(t, []edit{
		{"a new container", unit, func() string { return f.Directory.AddContainer(t, f.Base, "New, one") }},
		{"renamed", unit, func() string { site = f.Directory.Rename(t, site, `Site "two"`); return site }},
		{"moved", unit, func() string { site = f.Directory.Move(t, site, other); return site }},
		{"moved out of scope", unit, func() string { site = f.Directory.Move(t, site, f.Outside); return site }},
		{"moved into scope", unit, func() string { site = f.Directory.Move(t, site, f.Base); return site }},
	}, func(name string, _ heard) {
		if name == "a new container" {
			return
		}
		in := name != "moved out of scope"
		for kind, anchor := range map[identity.Kind]identity.Anchor{identity.User: ana, identity.Group: team} {
			below := f.below(t, kind, site)
			if _, ok := below[anchor]; ok != in {
				t.Errorf("%s: below %s are %v", name, site, below)
			}
			if g, ok := f.get(t, kind, anchor)[anchor]; !ok || g.inScope != in {
				t.Errorf("%s: %s by its anchor is %+v", name, kind, g)
			}
		}
	})
}

func changesDeleted(t *testing.T, f *SourceFixture) {
	site := f.Directory.AddContainer(t, f.Base, "Site")
	ana, team := f.Directory.AddPerson(t, site, "Ana, A", nil), f.Directory.AddGroup(t, site, "Team")
	stranger := f.Directory.AddPerson(t, f.Outside, "Stranger", nil)
	stays := f.Directory.AddPerson(t, f.Base, "Stays", nil)
	f.Directory.AddMember(t, team, ana)
	first := f.cookie(t)
	at := first
	kinds := map[identity.Anchor]identity.Kind{}
	for _, gone := range []struct {
		dn   string
		kind identity.Kind
	}{{ana, identity.User}, {team, identity.Group}, {site, identity.Unit}, {stranger, identity.User}} {
		anchor := f.anchor(t, gone.dn)
		kinds[anchor] = gone.kind
		f.Directory.Delete(t, gone.dn)
		h, next := f.changes(t, at)
		f.wantGone(t, gone.dn, h, anchor, gone.kind)
		at = next
	}
	h, _ := f.changes(t, first)
	for anchor, kind := range kinds {
		f.wantGone(t, "from the first position", h, anchor, kind)
	}
	if h.gone(f.anchor(t, stays)) {
		t.Errorf("%s is told to be deleted", stays)
	}
}

func (f *SourceFixture) wantGone(t *testing.T, when string, h heard, anchor identity.Anchor, kind identity.Kind) {
	t.Helper()
	if !f.Untold && !h.gone(anchor) {
		t.Errorf("%s: the deletion is not told: %v", when, h.notifications[anchor])
	}
	if h.notified(anchor) {
		t.Errorf("%s: what was deleted is told to be there: %v", when, h.notifications[anchor])
	}
	for _, touch := range h.notifications[anchor] {
		if touch.Kind != "" && touch.Kind != kind {
			t.Errorf("%s: told as %q", when, touch.Kind)
		}
	}
}

func changesMadeAnew(t *testing.T, f *SourceFixture) {
	dn := f.Directory.AddPerson(t, f.Base, "Same", nil)
	old := f.anchor(t, dn)
	at := f.cookie(t)
	f.Directory.Delete(t, dn)
	brief := f.Directory.AddPerson(t, f.Base, "Brief", nil)
	never := f.anchor(t, brief)
	f.Directory.Delete(t, brief)
	f.Directory.AddPerson(t, f.Base, "Same", nil)
	h, _ := f.changes(t, at)
	f.wantGone(t, "the first", h, old, identity.User)
	f.wantNotified(t, "the second", h, identity.User, dn)
	if h.notified(never) {
		t.Errorf("who came and went is told to be there: %v", h.notifications[never])
	}
}

func changesUndeleted(t *testing.T, f *SourceFixture) {
	if f.Undelete == nil {
		return
	}
	dn := f.Directory.AddPerson(t, f.Base, "Lost and found", nil)
	anchor := f.anchor(t, dn)
	first := f.cookie(t)
	f.Directory.Delete(t, dn)
	_, deleted := f.changes(t, first)
	f.Undelete(t, anchor.GUID(), dn)
	if back := f.anchor(t, dn); back != anchor {
		t.Fatalf("%s came back as %s", anchor, back)
	}
	for when, since := range map[string]identity.Cookie{"since the deletion": deleted, "since before it": first} {
		h, _ := f.changes(t, since)
		f.wantNotified(t, when, h, identity.User, dn)
	}
}

func changesMany(t *testing.T, f *SourceFixture) {
	at := f.cookie(t)
	f.fill(t)
	h, next := f.changes(t, at)
	for kind, list := range map[identity.Kind]map[identity.Anchor]identity.Entry{identity.User: f.people(t), identity.Group: f.groups(t)} {
		for anchor, e := range list {
			if k := append(h.notifications[anchor], identity.ChangeNotification{})[0].Kind; !h.notified(anchor) || k != "" && k != kind {
				t.Errorf("%s is told as %v", e.DN, h.notifications[anchor])
			}
		}
	}
	for anchor := range f.people(t) {
		if len(h.notifications[anchor]) > 2 {
			t.Errorf("%s is told %d times", anchor, len(h.notifications[anchor]))
		}
	}
	again, _ := f.changes(t, at)
	if again.changed < h.changed {
		t.Errorf("asked again it tells of %d changes, before of %d", again.changed, h.changed)
	}
	if later, _ := f.changes(t, next); f.exact(next.Way) && later.changed > harmless {
		t.Errorf("and once more of %d of them", later.changed)
	}
}

// exact: modifyTimestamp counts in seconds, so that what changed within the last one is told again.
func (f *SourceFixture) exact(way identity.Way) bool { return way != identity.Timestamp }

func changesStale(t *testing.T, f *SourceFixture) {
	good := f.cookie(t)
	other := good
	other.Way = map[bool]identity.Way{true: identity.SyncRepl, false: identity.DirSync}[good.Way == identity.DirSync]
	garbage, empty := good, good
	garbage.Value, empty.Value = "Garbage, of 2026?", ""
	for name, since := range map[string]identity.Cookie{"garbage": garbage, "an empty cookie": empty, "nothing": {}, "the cookie of another way": other} {
		_, err := f.Source.Changes(t.Context(), since, func(identity.ChangeNotification) error { return nil })
		var stale *identity.Stale
		if !errors.As(err, &stale) || stale.Reason == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	f.changes(t, good)
}

// asking are the methods that answer about single objects and changes, alike; each calls
// back at least twice where there is time.
func (f *SourceFixture) asking(t *testing.T) map[string]func(ctx context.Context, each func() error) error {
	t.Helper()
	at := f.cookie(t)
	f.fill(t)
	boss := f.Directory.AddPerson(t, f.Base, "Boss", nil)
	group := f.Directory.AddGroup(t, f.Base, "Everybody")
	for i := range 3 {
		dn := f.Directory.AddPerson(t, f.Base, fmt.Sprintf("Report %d", i), map[string][]string{"manager": {boss}})
		f.Directory.AddMember(t, group, dn)
	}
	groups := []identity.Anchor{f.anchor(t, group)}
	s := f.Source
	return map[string]func(context.Context, func() error) error{
		"Changes": func(ctx context.Context, each func() error) error {
			_, err := s.Changes(ctx, at, func(identity.ChangeNotification) error { return each() })
			return err
		},
		"Below, people": func(ctx context.Context, each func() error) error {
			return s.ListUnder(ctx, identity.User, f.Base, func(identity.Entry) error { return each() })
		},
		"Below, groups": func(ctx context.Context, each func() error) error {
			return s.ListUnder(ctx, identity.Group, f.Base, func(identity.Entry) error { return each() })
		},
		"EdgesOf": func(ctx context.Context, each func() error) error {
			return s.EdgesOf(ctx, groups, func(identity.Edge) error { return each() })
		},
		"Referrers": func(ctx context.Context, each func() error) error {
			return s.Referrers(ctx, []string{boss}, func(identity.Edge) error { return each() })
		},
	}
}

func changesCallback(t *testing.T, f *SourceFixture) {
	for name, ask := range f.asking(t) {
		for after := 1; after <= 2; after++ {
			calls := 0
			err := ask(t.Context(), func() error {
				if calls++; calls == after {
					return errStop
				}
				return nil
			})
			if !errors.Is(err, errStop) || calls != after {
				t.Errorf("%s: the callback's error came back as %v after %d calls, of which the last was number %d", name, err, calls, after)
			}
		}
		if err := ask(t.Context(), func() error { return nil }); err != nil {
			t.Errorf("%s: afterwards %v", name, err)
		}
	}
}

func changesCancelled(t *testing.T, f *SourceFixture) {
	for name, ask := range f.asking(t) {
		for after := range 3 {
			ctx, cancel := context.WithCancel(t.Context())
			if after == 0 {
				cancel()
			}
			calls := 0
			err := ask(ctx, func() error {
				if calls++; calls == after {
					cancel()
				}
				return nil
			})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: cancelled after %d, it answered %v", name, after, err)
			}
			cancel()
		}
	}
	if p, err := f.Source.Cookie(cancelled(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("Position: %+v, %v", p, err)
	}
}

// A server that does not answer is not one that cannot tell: nothing has to be read
// anew for it.
func changesCut(t *testing.T, f *SourceFixture) {
	if f.Cut == nil {
		return
	}
	asking := f.asking(t)
	f.Cut()
	var stale *identity.Stale
	for name, ask := range asking {
		err := ask(t.Context(), func() error { return nil })
		if errors.As(err, &stale) {
			t.Errorf("%s: without a server it answered %v", name, err)
		}
		wantRemedy(t, err, identity.InDirectory)
	}
	_, err := f.Source.Cookie(t.Context())
	wantRemedy(t, err, identity.InDirectory)
}
