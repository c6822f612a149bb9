package synctest

import (
	"testing"

	"dirbridge/sync/identity"
)

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
	if h.deleted(f.anchor(t, stays)) {
		t.Errorf("%s is told to be deleted", stays)
	}
}

func (f *SourceFixture) wantGone(t *testing.T, when string, h reportedChanges, anchor identity.Anchor,
	kind identity.Kind) {
	t.Helper()
	if !f.Untold && !h.deleted(anchor) {
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

func changesRecreated(t *testing.T, f *SourceFixture) {
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

func changesRestored(t *testing.T, f *SourceFixture) {
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
