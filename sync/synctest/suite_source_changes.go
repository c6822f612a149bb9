package synctest

import (
	"strings"
	"testing"
	"unicode"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
)

// Changes runs the suite of the changes that a source reports since a cookie. newSource gives each
// test an empty fixture; its source also reads the attributes manager and userAccountControl.
func Changes(t *testing.T, newSource func(t *testing.T) SourceFixture) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, *SourceFixture)
	}{
		{"returns a cookie", changesCookie},
		{"reports nothing without changes", changesNothing},
		{"reports people", changesPeople},
		{"reports groups and their members", changesGroups},
		{"reports a container without its contents", changesContainers},
		{"reports deletions", changesDeleted},
		{"distinguishes recreated objects", changesRecreated},
		{"reports restored objects", changesRestored},
		{"reports many changes completely", changesMany},
		{"reports a stale cookie", changesStale},
		{"ends changes when the callback fails", changesCallback},
		{"ends changes with the context", changesCancelled},
		{"distinguishes an unreachable server from a stale cookie", changesDisconnected},
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

// reportedChanges is what Changes reported.
type reportedChanges struct {
	notifications map[identity.Anchor][]identity.ChangeNotification
	remaining     bool // remaining objects were reported instead of deleted ones
	changed       int  // notifications about changed objects
}

// changes reads the changes since a cookie, and checks what is true of every notification and
// cookie.
func (f *SourceFixture) changes(t *testing.T, since identity.Cookie) (reportedChanges, identity.Cookie) {
	t.Helper()
	return f.changesOf(t, f.Source, since)
}

func (f *SourceFixture) changesOf(t *testing.T, source port.Source,
	since identity.Cookie) (reportedChanges, identity.Cookie) {
	t.Helper()
	h := reportedChanges{notifications: map[identity.Anchor][]identity.ChangeNotification{}}
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
		h.remaining = h.remaining || touch.Present
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
	if f.Untold != (p.NoDeletions != "") {
		t.Errorf("of untold deletions the position says %q", p.NoDeletions)
	}
	if p.NoDeletions != "" && p.Remedy == "" {
		t.Errorf("%q has no remedy", p.NoDeletions)
	}
}

// notified reports whether an object was reported as existing and changed.
func (h reportedChanges) notified(a identity.Anchor) bool {
	for _, touch := range h.notifications[a] {
		if !touch.Deleted && !touch.Present {
			return true
		}
	}
	return false
}

// deleted reports whether an object was reported as deleted, in either way.
func (h reportedChanges) deleted(a identity.Anchor) bool {
	for _, touch := range h.notifications[a] {
		if touch.Deleted {
			return true
		}
	}
	return h.remaining && len(h.notifications[a]) == 0
}

// wantNotified checks that the object at a DN was reported, with its present data.
func (f *SourceFixture) wantNotified(t *testing.T, when string, h reportedChanges, kind identity.Kind, dn string) {
	t.Helper()
	anchor := f.anchor(t, dn)
	if !h.notified(anchor) {
		t.Errorf("%s: %s is not told: %v", when, dn, h.notifications[anchor])
	}
	if h.deleted(anchor) {
		t.Errorf("%s: %s is told to be deleted", when, dn)
	}
	for _, touch := range h.notifications[anchor] {
		if touch.Kind != kind && touch.Kind != "" {
			t.Errorf("%s: %s is told as %q", when, dn, touch.Kind)
		}
		if touch.Present && touch.DN == "" {
			continue // known by its anchor alone
		}
		if !strings.EqualFold(touch.DN, dn) && f.anchor(t, touch.DN) != anchor {
			t.Errorf("%s: %s is told to be at %s", when, dn, touch.DN)
		}
	}
}

// edit is one change in the directory; do returns the DN that must be reported.
type edit struct {
	name string
	kind identity.Kind
	do   func() string
}

// checkEdits reads the changes after each edit, and after all of them once more from the beginning,
// with a new source.
func (f *SourceFixture) checkEdits(t *testing.T, edits []edit, after func(name string, h reportedChanges)) {
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

// maxRepeats is how often something may be reported once more.
const maxRepeats = 5

func changesNothing(t *testing.T, f *SourceFixture) {
	f.Directory.AddPerson(t, f.Base, "Somebody", nil)
	at := f.cookie(t)
	for range 3 {
		h, next := f.changes(t, at)
		if h.changed > maxRepeats {
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
	f.checkEdits(t, []edit{
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
	f.checkEdits(t, []edit{
		{"a new group", group, func() string { return f.Directory.AddGroup(t, f.Base, "New, group") }},
		{"another name", group, func() string { team = f.Directory.Rename(t, team, "Team, renamed"); return team }},
		{"a member came", group, func() string { f.Directory.AddMember(t, team, ben); return team }},
		{"a group came", group, func() string { f.Directory.AddMember(t, team, inner); return team }},
		{"a member went", group, func() string { f.Directory.RemoveMember(t, team, ana); return team }},
		{"moved out of scope", group, func() string { team = f.Directory.Move(t, team, f.Outside); return team }},
		{"moved into scope", group, func() string { team = f.Directory.Move(t, team, f.Base); return team }},
	}, func(name string, h reportedChanges) {
		if dn, ok := member[name]; ok {
			f.wantMember(t, name, h, f.anchor(t, team), f.anchor(t, dn), name == "a member went")
		}
	})
	f.wantEdgesOf(t, "afterwards", []identity.Anchor{f.anchor(t, team)},
		relation{f.anchor(t, team), f.anchor(t, ben)}, relation{f.anchor(t, team), f.anchor(t, inner)})
}

// wantMember checks that the change of one member was reported, if changes of members are.
func (f *SourceFixture) wantMember(t *testing.T, when string, h reportedChanges, group, member identity.Anchor,
	removed bool) {
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

// A renamed or moved container is reported alone, without anything below it.
func changesContainers(t *testing.T, f *SourceFixture) {
	site := f.Directory.AddContainer(t, f.Base, "Site, one")
	floor := f.Directory.AddContainer(t, site, "Floor")
	other := f.Directory.AddContainer(t, f.Base, "Other")
	ana := f.anchor(t, f.Directory.AddPerson(t, floor, "Ana", nil))
	team := f.anchor(t, f.Directory.AddGroup(t, site, "Team"))
	unit := identity.Unit
	f.checkEdits(t, []edit{
		{"a new container", unit, func() string { return f.Directory.AddContainer(t, f.Base, "New, one") }},
		{"renamed", unit, func() string { site = f.Directory.Rename(t, site, `Site "two"`); return site }},
		{"moved", unit, func() string { site = f.Directory.Move(t, site, other); return site }},
		{"moved out of scope", unit, func() string { site = f.Directory.Move(t, site, f.Outside); return site }},
		{"moved into scope", unit, func() string { site = f.Directory.Move(t, site, f.Base); return site }},
	}, func(name string, _ reportedChanges) {
		if name == "a new container" {
			return
		}
		in := name != "moved out of scope"
		for kind, anchor := range map[identity.Kind]identity.Anchor{identity.User: ana, identity.Group: team} {
			below := f.listUnder(t, kind, site)
			if _, ok := below[anchor]; ok != in {
				t.Errorf("%s: below %s are %v", name, site, below)
			}
			if g, ok := f.get(t, kind, anchor)[anchor]; !ok || g.inScope != in {
				t.Errorf("%s: %s by its anchor is %+v", name, kind, g)
			}
		}
	})
}

func changesMany(t *testing.T, f *SourceFixture) {
	at := f.cookie(t)
	f.fill(t)
	h, next := f.changes(t, at)
	for kind, list := range map[identity.Kind]map[identity.Anchor]identity.Entry{identity.User: f.people(t),
		identity.Group: f.groups(t)} {
		for anchor, e := range list {
			if k := append(h.notifications[anchor], identity.ChangeNotification{})[0].Kind; !h.notified(anchor) ||
				k != "" && k != kind {
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
	if later, _ := f.changes(t, next); f.exact(next.Way) && later.changed > maxRepeats {
		t.Errorf("and once more of %d of them", later.changed)
	}
}

// exact is false for modifyTimestamp, which counts in seconds: changes within the last second are
// reported again.
func (f *SourceFixture) exact(way identity.Way) bool { return way != identity.Timestamp }
