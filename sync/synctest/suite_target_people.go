package synctest

import (
	"slices"
	"strings"
	"testing"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
)

func targetDescribes(t *testing.T, f *TargetFixture) {
	first, err := f.Target.Describe(t.Context())
	if err != nil || first.ID == "" || first.Kind == "" {
		t.Fatalf("described as %+v, %v", first, err)
	}
	f.person(t, 1)
	if again, err := f.Target.Describe(t.Context()); err != nil || again != first {
		t.Errorf("described again as %+v, %v", again, err)
	}
	if n := f.Target.Limits().Batch; n < 1 {
		t.Errorf("a batch holds %d changes", n)
	}
	for _, name := range []string{schema.UID, schema.ExternalID, schema.Manager, "displayName", "title",
		"givenName", "sn"} {
		if !f.Target.Supports(name) {
			t.Errorf("%s has no place", name)
		}
	}
}

func targetNormalizes(t *testing.T, f *TargetFixture) {
	for _, name := range []string{schema.UID, "displayName", "title", "preferredLanguage", schema.Manager,
		"telephoneNumber"} {
		for _, values := range [][]string{nil, {"en_US"}, {"en-us"}, {" Ana  Silva "}, {"B", "a"}, {"+1 555 0100"}} {
			kept := slices.Clone(values)
			once := f.Target.Normalize(name, values)
			if twice := f.Target.Normalize(name, once); !slices.Equal(once, twice) {
				t.Errorf("%s: %q becomes %q and then %q", name, values, once, twice)
			}
			if !slices.Equal(values, kept) {
				t.Errorf("%s: what was given, %q, was changed to %q", name, kept, values)
			}
		}
	}
	// a written value must come back in its compared form; otherwise it is written for ever
	const title, name = ` Ångström "x" \ 王 `, "Ana  Silva "
	id := f.person(t, 1, set("title", title), set("givenName", name))
	got := f.resource(t, identity.User, id).Attrs
	for attribute, written := range map[string]string{"title": title, "givenName": name, schema.UID: mail(1)} {
		want, have := f.Target.Normalize(attribute, []string{written}), f.Target.Normalize(attribute, got[attribute])
		if !slices.Equal(want, have) {
			t.Errorf("%s was written as %q and came back as %q", attribute, want, have)
		}
	}
}

func targetEmpty(t *testing.T, f *TargetFixture) {
	if n := len(f.users(t)) + len(f.list(t, identity.Group)); n != 0 {
		t.Errorf("%d resources", n)
	}
	if members := f.members(t); len(members) != 0 {
		t.Errorf("memberships: %v", members)
	}
	if _, ok, err := f.Target.Get(t.Context(), identity.User, "6f1c2e0a-95d2-4a53-8c4e-2f4f8d0f7f11"); ok || err != nil {
		t.Errorf("get of no account: %v, %v", ok, err)
	}
	if found, err := f.Target.Find(t.Context(), identity.User, "nobody@example.com"); len(found) != 0 || err != nil {
		t.Errorf("found %v, %v", found, err)
	}
	if out := f.apply(t); len(out) != 0 {
		t.Errorf("nothing to do, and answered %v", out)
	}
}

func targetCreates(t *testing.T, f *TargetFixture) {
	const key = "ana.o'neil+x@example.com"
	id := f.done(t, addPerson(1, key, set("title", `Head of "R&D" \ Ω`), set("givenName", "Ana"), set("sn", "O'Neil")))[0]
	r := f.resource(t, identity.User, id)
	if r.Key != key || !r.Active || r.Attrs.First(schema.UID) != key {
		t.Errorf("made as %+v", r)
	}
	if !f.Target.Limits().Anchorless && (r.ExternalID != external(1) || r.Attrs.First(schema.ExternalID) != external(1)) {
		t.Errorf("externalId is %q", r.ExternalID)
	}
	for name, want := range map[string]string{"displayName": "Person " + key, "title": `Head of "R&D" \ Ω`,
		"givenName": "Ana", "sn": "O'Neil"} {
		if r.Attrs.First(name) != want {
			t.Errorf("%s is %q", name, r.Attrs[name])
		}
	}
	for _, spelling := range []string{key, strings.ToUpper(key)} {
		found, err := f.Target.Find(t.Context(), identity.User, spelling)
		if err != nil || len(found) != 1 || found[0].ID != id {
			t.Errorf("looked up as %s: %v, %v", spelling, found, err)
		}
	}
	if found, err := f.Target.Find(t.Context(), identity.User, `nobody" or userName pr or userName eq "`); err != nil &&
		!f.NoQuotes || len(found) != 0 {
		t.Errorf("a name that looks like a filter found %v, %v", found, err)
	}
}

func targetCreatesMany(t *testing.T, f *TargetFixture) {
	const n = 230 // more than a page, and than a bulk request
	ids := f.people(t, n)
	listed := f.users(t)
	for i, id := range ids {
		if r := listed[id]; r.Key != mail(i+1) {
			t.Errorf("number %d, %s, is listed as %q", i+1, id, r.Key)
		}
	}
	if len(listed) != n {
		t.Errorf("%d are listed, of %d", len(listed), n)
	}
}

func targetPatches(t *testing.T, f *TargetFixture) {
	id := f.person(t, 1, set("title", "Engineer"), set("givenName", "Ana"), set("sn", "Silva"))
	out := f.apply(t, change(plan.Update, 1, id, set("title", "Architect", "Engineer"), set("sn", "Costa", "Silva")))[0]
	if out.State != record.WriteDone || out.ID != id {
		t.Errorf("answered %+v", out)
	}
	r := f.resource(t, identity.User, id)
	for name, want := range map[string]string{"title": "Architect", "sn": "Costa", "givenName": "Ana",
		"displayName": "Person " + mail(1), schema.UID: mail(1)} {
		if r.Attrs.First(name) != want {
			t.Errorf("%s is %q", name, r.Attrs[name])
		}
	}
	if !r.Active {
		t.Error("it was deactivated as well")
	}
	f.done(t, change(plan.Update, 1, id, set("title", "Architect", "Engineer")))
	if r := f.resource(t, identity.User, id); r.Attrs.First("title") != "Architect" {
		t.Errorf("written again, title is %q", r.Attrs["title"])
	}
}

func targetClears(t *testing.T, f *TargetFixture) {
	id := f.person(t, 1, set("title", "Engineer"), set("givenName", "Ana"), set("sn", "Silva"))
	clear := []plan.FieldDiff{{Name: "title", Old: []string{"Engineer"}}, {Name: "givenName", Old: []string{"Ana"}}}
	for range 2 { // clearing an empty field is done
		f.done(t, change(plan.Update, 1, id, clear...))
		r := f.resource(t, identity.User, id)
		for _, name := range []string{"title", "givenName"} {
			if v, there := r.Attrs[name]; there {
				t.Errorf("cleared, %s is %q", name, v)
			}
		}
		if r.Attrs.First("sn") != "Silva" {
			t.Errorf("sn is %q", r.Attrs["sn"])
		}
	}
}

func (f *TargetFixture) rename(t *testing.T, id identity.ResourceID, from, to string) {
	t.Helper()
	c := change(plan.Rename, 1, id, set(schema.UID, to, from))
	c.Key = to
	f.done(t, c)
	if r := f.resource(t, identity.User, id); r.Key != to || r.Attrs.First(schema.UID) != to || !r.Active {
		t.Errorf("renamed to %s, it is %+v", to, r)
	}
	if n := len(f.users(t)); n != 1 {
		t.Errorf("of one person it made %d", n)
	}
}

func targetRenames(t *testing.T, f *TargetFixture) {
	id := f.person(t, 1)
	f.rename(t, id, mail(1), "renamed@example.com")
	if found, err := f.Target.Find(t.Context(), identity.User, mail(1)); err != nil || len(found) != 0 {
		t.Errorf("by its former name: %v, %v", found, err)
	}
	if found, err := f.Target.Find(t.Context(), identity.User, "renamed@example.com"); err != nil || len(found) != 1 ||
		found[0].ID != id {
		t.Errorf("by its name: %v, %v", found, err)
	}
}

func targetCaseRename(t *testing.T, f *TargetFixture) {
	f.rename(t, f.person(t, 1), mail(1), strings.ToUpper(mail(1)[:1])+mail(1)[1:])
}

func targetDeactivates(t *testing.T, f *TargetFixture) {
	id := f.person(t, 1, set("title", "Engineer"))
	for _, active := range []bool{false, false, true, true} {
		action, now, before := plan.Deactivate, "false", "true"
		if active {
			action, now, before = plan.Reactivate, "true", "false"
		}
		f.done(t, change(action, 1, id, set(schema.Active, now, before)))
		if r := f.resource(t, identity.User, id); r.Active != active || r.Attrs.First("title") != "Engineer" {
			t.Errorf("after %s it is %+v", action, r)
		}
	}
}

func targetDeletes(t *testing.T, f *TargetFixture) {
	ids := f.people(t, 3)
	for range 2 { // deleting a deleted account is done: a crash may have lost the first answer
		f.done(t, change(plan.Delete, 1, ids[0]))
		if _, ok, err := f.Target.Get(t.Context(), identity.User, ids[0]); ok || err != nil {
			t.Errorf("deleted, it is there: %v, %v", ok, err)
		}
		if listed := f.users(t); len(listed) != 2 || listed[ids[1]].ID == "" || listed[ids[2]].ID == "" {
			t.Errorf("left are %v", listed)
		}
	}
	again := f.person(t, 1)
	if again == ids[0] {
		t.Errorf("made again, it has the id %s that was deleted", again)
	}
}

// A creation that meets its own account, from a run whose answer was lost, or an unowned one, links
// it.
func targetLinks(t *testing.T, f *TargetFixture) {
	ours := f.person(t, 1)
	nobodys := addPerson(2, mail(2))
	nobodys.Anchor = ""
	nobodys.Fields = slices.DeleteFunc(nobodys.Fields, func(d plan.FieldDiff) bool { return d.Name == schema.ExternalID })
	free := f.done(t, nobodys)[0]
	for n, want := range map[int]identity.ResourceID{1: ours, 2: free} {
		o := f.apply(t, addPerson(n, strings.ToUpper(mail(n)[:1])+mail(n)[1:]))[0]
		if o.State != record.WriteDone || !o.Linked || o.ID != want {
			t.Errorf("number %d, which was there as %s: %+v", n, want, o)
		}
	}
	if n := len(f.users(t)); n != 2 {
		t.Errorf("there are %d", n)
	}
}

func targetConflict(t *testing.T, f *TargetFixture) {
	if f.Target.Limits().Anchorless {
		return // without externalId the owner of an account is unknown
	}
	others := f.person(t, 1)
	o := f.apply(t, addPerson(2, mail(1)))[0]
	if o.State != record.WriteFailed || o.Class != identity.GiveUp || o.Linked {
		t.Errorf("another's name was taken: %+v", o)
	}
	if !strings.Contains(o.Message, mail(1)) {
		t.Errorf("the message does not name the record: %q", o.Message)
	}
	second := f.person(t, 3)
	c := change(plan.Rename, 3, second, set(schema.UID, mail(1), mail(3)))
	if o := f.apply(t, c)[0]; o.State != record.WriteFailed || o.Class != identity.GiveUp || o.Message == "" {
		t.Errorf("renamed to another's name: %+v", o)
	}
	if r := f.resource(t, identity.User, others); r.ExternalID != external(1) || r.Key != mail(1) {
		t.Errorf("the other is now %+v", r)
	}
}

func targetReference(t *testing.T, f *TargetFixture) {
	ids := f.people(t, 3)
	manager := func(now, before []string) plan.Change {
		return change(plan.Update, 1, ids[0], plan.FieldDiff{Name: schema.Manager, Old: before, New: now, Ref: true})
	}
	first, second := []string{string(ids[1])}, []string{string(ids[2])}
	for _, step := range [][2][]string{{first, nil}, {second, first}, {nil, second}} {
		f.done(t, manager(step[0], step[1]))
		if got := f.resource(t, identity.User, ids[0]).Attrs[schema.Manager]; !slices.Equal(got, step[0]) {
			t.Errorf("the manager is %q, want %q", got, step[0])
		}
	}
}

func targetMatch(t *testing.T, f *TargetFixture) {
	id := f.person(t, 1, set("title", "Engineer"))
	before := f.resource(t, identity.User, id)
	o := f.apply(t, change(plan.Match, 1, id))[0]
	if o.State != record.WriteDone || o.ID != id {
		t.Errorf("answered %+v", o)
	}
	if after := f.resource(t, identity.User, id); after.Version != before.Version ||
		after.Attrs.First("title") != "Engineer" {
		t.Errorf("it was %+v and is %+v", before, after)
	}
}

func targetOneBad(t *testing.T, f *TargetFixture) {
	ids := f.people(t, 30)
	f.done(t, change(plan.Delete, 7, ids[6]))
	var changes []plan.Change
	for i, id := range ids {
		changes = append(changes, change(plan.Update, i+1, id, set("title", "New", "Title")))
	}
	for i, o := range f.apply(t, changes...) {
		switch {
		case i == 6 && (o.State != record.WriteFailed || o.Class != identity.GiveUp || !strings.Contains(o.Message, mail(7))):
			t.Errorf("the one that is gone: %+v", o)
		case i != 6 && o.State != record.WriteDone:
			t.Errorf("number %d: %+v", i+1, o)
		}
	}
	for id, r := range f.users(t) {
		if r.Attrs.First("title") != "New" {
			t.Errorf("%s has title %q", id, r.Attrs["title"])
		}
	}
}
