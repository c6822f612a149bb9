package edits

import (
	"slices"
	"testing"

	"dirbridge/sync/control"
)

func settings() control.Settings {
	return control.Settings{
		Directories: []control.DirectorySettings{{Name: "corp", SyncUsers: true, UserFilter: "(a=1)", BaseDNs: []string{"OU=A,DC=x"}}, {Name: "north"}},
		Mapping:     map[string]string{"title": "title", "o": "o"},
		Values:      map[string]string{"policy.on_missing": "deactivate", "policy.purge_after": "168h"},
	}
}

// Each side's own changes are there, and where both changed the same, theirs is.
func TestMerge(t *testing.T) {
	mine, theirs := Clone(settings()), Clone(settings())
	mine.Values["policy.on_missing"], theirs.Values["policy.on_missing"] = "keep", "delete"
	theirs.Values["policy.purge_after"] = "72h"
	mine.Mapping["title"], mine.Mapping["o"], theirs.Mapping["o"] = "cn", "ou", "ou"
	mine.Directories[0].UserFilter, theirs.Directories[0].UserFilter = "(a=2)", "(a=3)"
	mine.Directories[0].BaseDNs = []string{"OU=B,DC=x"}
	theirs.Directories[0].SyncUsers = false
	mine.Directories[1].SyncGroups = true
	theirs.Directories = []control.DirectorySettings{theirs.Directories[1], theirs.Directories[0], {Name: "new"}}

	got, lost := Merge(settings(), mine, theirs)
	if want := []string{"policy.on_missing", "corp, user filter"}; !slices.Equal(lost, want) {
		t.Errorf("lost %q, want %q", lost, want)
	}
	want := Clone(theirs)
	want.Mapping["title"] = "cn"
	want.Directories[0].SyncGroups, want.Directories[1].BaseDNs = true, []string{"OU=B,DC=x"}
	if !Same(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if !Same(settings(), Clone(settings())) || SameScope(settings(), theirs) {
		t.Error("what is the same is not told")
	}
}

func TestACopyIsItsOwn(t *testing.T) {
	of := settings()
	c := Clone(of)
	c.Mapping["title"], c.Values["policy.on_missing"], c.Directories[0].BaseDNs[0] = "", "", ""
	if !Same(of, settings()) {
		t.Error("a change of the copy reached what it was made of")
	}
}
