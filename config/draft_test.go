package config

import (
	"encoding/json"
	"slices"
	"testing"
	"time"
)

func draftOf(t *testing.T) Draft {
	t.Helper()
	c, err := Parse("", []byte(fingerprinted))
	if err != nil {
		t.Fatal(err)
	}
	return c.Draft(map[string]string{"title": "title", "o": "o"})
}

// edit changes the value of the key.
func (d *Draft) edit(t *testing.T, key, text string) {
	t.Helper()
	e, ok := d.byKey()[key]
	if !ok {
		t.Fatalf("the draft has no key %s", key)
	}
	switch p := e.ptr.(type) {
	case *string:
		*p += text
	case *bool:
		*p = !*p
	case *float64:
		*p += float64(len(text))
	case *[]string:
		*p = append(*p, text)
	case *time.Duration:
		*p += time.Duration(len(text)) * time.Hour
	case *Secret:
		*p = mustSecret(t, "env:"+text)
	case *Threshold:
		*p = Threshold{Count: p.Count + len(text)}
	default:
		t.Fatalf("%s: no other value of %T", key, p)
	}
	e.text = e.plain()
	d.put(e, true)
}

// TestEveryKeyIsCopiedComparedMergedAndSaved checks every key that a front end edits, and every key
// of a directory, so that no list of them is kept by hand.
func TestEveryKeyIsCopiedComparedMergedAndSaved(t *testing.T) {
	saved, untouched := draftOf(t), draftOf(t)
	fields := len((&Directory{}).fields())
	keys := saved.entries()
	count := 0
	for _, e := range keys {
		if e.directory == saved.Directories[0].Name && !e.rule() && !e.ownGuard() {
			count++
		}
	}
	if count != fields {
		t.Errorf("%d keys of a directory are edited, and it has %d", count, fields)
	}
	for _, e := range keys {
		key := e.name
		if e.key == "name" {
			continue // the directory's name
		}
		mine, theirs := saved.Clone(), saved.Clone()
		mine.edit(t, key, "a")
		if !saved.Same(untouched) {
			t.Fatalf("%s: a change of the copy reached what it was made of", key)
		}
		if diff := saved.Differences(mine); saved.Same(mine) || len(diff) != 1 || diff[0].Key != key {
			t.Errorf("%s: the difference is %v", key, diff)
		}
		if changes := saved.Changes(mine); len(changes) != 1 || changes[0].Key != key {
			t.Errorf("%s: the changes are %v", key, changes)
		}
		if got, lost := Merge(saved, mine, theirs); len(lost) > 0 || !got.Same(mine) {
			t.Errorf("%s: merged it is %v, lost is %q", key, got.Differences(mine), lost)
		}
		theirs.edit(t, key, "bc")
		if _, flag := e.ptr.(*bool); flag {
			continue // two edits of it give the same value
		}
		if got, lost := Merge(saved, mine, theirs); !slices.Equal(lost, []string{Called(key)}) || !got.Same(theirs) {
			t.Errorf("%s: merged it is %v, lost is %q", key, theirs.Differences(got), lost)
		}
	}
}

// TestMerge checks that each side's own changes are kept, and that theirs wins where both changed
// the same key.
func TestMerge(t *testing.T) {
	saved := Draft{
		Directories: []Directory{{Name: "corp", SyncUsers: true, UserFilter: "(a=1)", BaseDNs: []string{"OU=A,DC=x"},
			Mapping: map[string]string{"o": "o", "l": "l"}}, {Name: "north"}},
		Mapping: map[string]string{"title": "title", "o": "o"},
		Values:  map[string]string{"policy.on_missing": "deactivate", "policy.purge_after": "168h"},
	}
	mine, theirs := saved.Clone(), saved.Clone()
	mine.Values["policy.on_missing"], theirs.Values["policy.on_missing"] = "keep", "delete"
	theirs.Values["policy.purge_after"] = "72h"
	mine.Mapping["title"], mine.Mapping["o"], theirs.Mapping["o"] = "cn", "ou", "ou"
	mine.Directories[0].UserFilter, theirs.Directories[0].UserFilter = "(a=2)", "(a=3)"
	mine.Directories[0].BaseDNs = []string{"OU=B,DC=x"}
	mine.Directories[0].Mapping = map[string]string{"o": "ou", "st": ""}
	theirs.Directories[0].SyncUsers = false
	mine.Directories[1].SyncGroups = true
	theirs.Directories = []Directory{theirs.Directories[1], theirs.Directories[0], {Name: "new"}}

	got, lost := Merge(saved, mine, theirs)
	if want := []string{"corp, user filter", "policy.on_missing"}; !slices.Equal(lost, want) {
		t.Errorf("lost %q, want %q", lost, want)
	}
	want := theirs.Clone()
	want.Mapping["title"] = "cn"
	want.Directories[0].SyncGroups, want.Directories[1].BaseDNs = true, []string{"OU=B,DC=x"}
	want.Directories[1].Mapping = map[string]string{"o": "ou", "st": ""}
	if !got.Same(want) {
		t.Errorf("got %v otherwise", want.Differences(got))
	}
	if !saved.Same(saved.Clone()) || saved.SameScope(theirs) {
		t.Error("what is the same is not told")
	}
	theirs.Directories = theirs.Directories[:1] // corp is removed
	if got, lost = Merge(saved, mine, theirs); len(got.Directories) != 1 || len(lost) != 5 {
		t.Errorf("of a directory that is gone %q is lost", lost)
	}
}

// TestADraftIsKept checks that a draft survives a restart of the console, without secrets, and that
// drafts of earlier versions can be read.
func TestADraftIsKept(t *testing.T) {
	saved := draftOf(t)
	mine := saved.Clone()
	mine.Directories[0].MemberOf, mine.Values["policy.delete_threshold"] = []string{"CN=a,DC=x"}, "7"
	var before, after Draft
	for from, to := range map[*Draft]*Draft{&saved: &before, &mine: &after} {
		text, err := json.Marshal(from)
		if err == nil {
			err = json.Unmarshal(text, to)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if got, lost := Merge(before, after, saved); len(lost) > 0 || !got.Same(mine) {
		t.Errorf("%v, lost %q", got.Differences(mine), lost)
	}
	const earlier = `{"Directories":[{"Name":"corp","Label":"n.example.com","Partition":"","BaseDNs":["OU=A"],` +
		`"ExcludeDNs":null,"SyncUsers":true,"UserFilter":"","MemberOf":null,"RoomFilter":"","SyncGroups":true,` +
		`"GroupFilter":"","GroupTypes":"all","Mapping":{"title":"cn"}}],` +
		`"Mapping":{"title":"title"},"Values":{"policy.purge_after":"168h"},` +
		`"Policy":{"DeleteThreshold":"20 and 5%","OnMissing":"deactivate","OnUnmatched":"report","PurgeAfter":604800000000000}}`
	var old Draft
	err := json.Unmarshal([]byte(earlier), &old)
	if err != nil || old.Policy.DeleteThreshold != (Threshold{Count: 20, Percent: 5}) ||
		old.Directories[0].BaseDNs[0] != "OU=A" || old.Directories[0].Label() != "corp" {
		t.Errorf("%+v, %v", old, err)
	}
}

// TestEditsAreUndone checks undo and redo of edits; a new edit clears the redo list.
func TestEditsAreUndone(t *testing.T) {
	e := NewEditing(draftOf(t), draftOf(t))
	set := func(text string) { e.Change(func(d *Draft) { d.Values["policy.purge_after"] = text }) }
	is := func(text string) {
		t.Helper()
		if got := e.Edited.Values["policy.purge_after"]; got != text {
			t.Errorf("%s, and not %s", got, text)
		}
	}
	set("168h")
	if e.CanUndo() || e.Changed() {
		t.Error("what changes nothing can be undone")
	}
	set("1h")
	set("2h")
	e.Undo()
	is("1h")
	e.Redo()
	is("2h")
	e.Undo()
	e.Undo()
	if is("168h"); e.CanUndo() || e.Changed() {
		t.Error("something is left of what was undone")
	}
	if set("3h"); e.CanRedo() {
		t.Error("what was undone can be done again over another edit")
	}
	for range 2 * mostUndone {
		set(e.Edited.Values["policy.purge_after"] + "1")
	}
	if len(e.undone) != mostUndone {
		t.Errorf("%d edits are kept", len(e.undone))
	}
	if e = NewEditing(e.Saved, e.Edited); !e.CanUndo() {
		t.Error("edits on top of what is saved cannot be undone")
	}
	e.Undo()
	is("168h")
}
