package sync_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"dirbridge/sync/explain"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/synctest"
)

// TestExplainWithoutADirectory: if one of two directories cannot be read, explain says so for its
// people and leaves them unchanged, and explains those of the other. If there is no other one, it
// returns an error.
func TestExplainWithoutADirectory(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	lab := synctest.NewDirectory("lab")
	f.sources = []port.Source{f.dir, lab}
	ana := f.dir.Add(person("Ana", "ana@example.com"))
	lab.Delete(lab.Add(person("Nobody", "nobody@example.com"))) // so that the two have GUIDs of their own
	bo := lab.Add(person("Bo", "bo@example.com"))
	f.mustSync()
	f.edit(ana, "title", "Boss")
	lab.Delete(bo)
	lab.Fail = func(string) error { return errors.New("down") }

	x, err := f.engine().Explain(t.Context(), explain.Subject{Anchor: ana})
	if err != nil || x.Change == nil || x.Change.Action != "update" {
		t.Errorf("of the other directory: %+v, %v", x.Change, err)
	}
	x, err = f.engine().Explain(t.Context(), explain.Subject{Anchor: bo})
	if err != nil || x.Change != nil || x.Entry != nil {
		t.Fatalf("%+v, %v", x.Change, err)
	}
	if d := x.Directories[1]; d.Whole || !strings.Contains(d.Error, "down") {
		t.Errorf("the directory: %+v", d)
	}
	f.sources = []port.Source{lab}
	if _, err := f.engine().Explain(t.Context(), explain.Subject{Anchor: bo}); err == nil ||
		!strings.Contains(err.Error(), "down") {
		t.Errorf("the only directory: %v", err)
	}
}

// TestExplainFindsTheOwner: an account that was requested by itself comes with its present or
// future owner; the account of a person with a problem is left unchanged.
func TestExplainFindsTheOwner(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	ana := f.dir.Add(person("Ana", "ana@example.com"))
	bo := f.dir.Add(person("Bo", "bo@example.com"))
	f.edit(bo, "telephoneNumber", "+")
	byKey := f.cloud.Put(identity.Resource{Kind: identity.User, Key: "ANA@example.com", Active: true})
	sick := f.cloud.Put(identity.Resource{Kind: identity.User, Key: "bo@example.com", Active: true})
	ghost := f.cloud.Put(identity.Resource{Kind: identity.User, Key: "ghost@example.com", Active: true})
	for id, owner := range map[identity.ResourceID]identity.Anchor{byKey: ana, sick: bo, ghost: ""} {
		x, err := f.engine().Explain(t.Context(), explain.Subject{Kind: identity.User, ID: id})
		if err != nil || x.Owner != owner || (x.Unmatched != nil) != (owner == "") || x.Change != nil {
			t.Errorf("%s is of %q: %+v, %v", id, x.Owner, x.Unmatched, err)
		}
	}
}

// TestExplainInGrace: explain says since when and until when an account is in grace, and that a
// purge then takes it. It writes nothing, whatever the answer.
func TestExplainInGrace(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.dir.Add(person("Keeper", "keeper@example.com"))
	ana := f.dir.Add(person("Ana", "ana@example.com"))
	f.mustSync()
	f.now = f.now.Add(time.Hour)
	f.dir.Delete(ana)
	f.mustSync()
	left := f.now
	writes := f.cloud.Writes
	x, err := f.engine().Explain(t.Context(), explain.Subject{Anchor: ana})
	if err != nil || x.Change != nil || x.Queued == nil || !x.Queued.Due.Equal(left.Add(168*time.Hour)) ||
		x.Queued.Overdue {
		t.Errorf("%+v, %v", x.Queued, err)
	}
	f.now = f.now.Add(200 * time.Hour)
	if x, err = f.engine().Explain(t.Context(), explain.Subject{Anchor: ana}); err != nil || x.Queued == nil ||
		!x.Queued.Overdue {
		t.Errorf("afterwards: %+v, %v", x.Queued, err)
	}
	if f.cloud.Writes != writes || len(f.dirty()) > 0 {
		t.Errorf("asking wrote")
	}
}

// TestExplainMemberOfAGroupThatIsGone: a group that is gone keeps its members until it is purged,
// so explain removes no member from it.
func TestExplainMemberOfAGroupThatIsGone(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	ana := f.dir.Add(person("Ana", "a@example.com"))
	team := f.group("Team", ana)
	f.mustSync()
	f.dir.Delete(team)
	x, err := f.engine().Explain(t.Context(), explain.Subject{Anchor: ana, Kind: identity.User})
	if err != nil || x.Change != nil || len(x.Members) != 0 {
		t.Errorf("%v, %+v, %+v", err, x.Change, x.Members)
	}
}

// TestExplainMemberOfAGroupOfWhichAWriteFailed: the removal of a member was lost, and the state has
// forgotten the membership with the rest of its run. The group is to be checked again, and the plan
// removes the member; explain reports that for the member.
func TestExplainMemberOfAGroupOfWhichAWriteFailed(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	ana := f.dir.Add(person("Ana", "a@example.com"))
	bo := f.dir.Add(person("Bo", "b@example.com"))
	team := f.group("Team", ana, bo)
	f.mustSync()
	f.dir.Edit(team, func(o *synctest.Object) { delete(o.Members, ana) })
	f.cloud.Fault = func(plan.Change) synctest.Fault { return synctest.Refuse }
	if _, run, err := f.sync(noOverride); err != nil || run.Failed != 1 {
		t.Fatalf("%v, %+v", err, run)
	}
	f.cloud.Fault = nil
	x, err := f.engine().Explain(t.Context(), explain.Subject{Anchor: ana, Kind: identity.User})
	if err != nil || len(x.Members) != 1 || x.Members[0].Anchor != team {
		t.Errorf("%v, %+v", err, x.Members)
	}
	if x, err := f.engine().Explain(t.Context(), explain.Subject{Anchor: bo, Kind: identity.User}); err != nil ||
		len(x.Members) != 0 {
		t.Errorf("of another member: %v, %+v", err, x.Members)
	}
}
