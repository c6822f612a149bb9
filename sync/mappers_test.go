package sync_test

import (
	"slices"
	"strings"
	"testing"

	"dirbridge/sync"
	"dirbridge/sync/identity"
	"dirbridge/sync/stage"
	"dirbridge/sync/synctest"
)

// TestMappingByDirectory: each directory's people follow the rules of their own directory, in full
// and in incremental runs; what is unmapped there is never written.
func TestMappingByDirectory(t *testing.T) {
	t.Parallel()
	f, other := twoDirectories(t)
	f.overrides = map[string]map[string]string{"other": {"title": "jobTitle", "telephoneNumber": "",
		"ds-pwp-account-disabled": ""}}
	ana, bo := f.dir.Add(person("Ana", "ana@example.com")), other.Add(person("Bo", "bo@example.com"))
	for d, a := range map[*synctest.Directory]identity.Anchor{f.dir: ana, other: bo} {
		set(d, a, "title", "by title", "jobTitle", "by jobTitle", "telephoneNumber", "+1 2", "userAccountControl", "514")
	}
	f.mustSync()
	check := func(when string, a identity.Anchor, title, phone string, active bool) {
		t.Helper()
		r := f.account(a)
		if r.Attrs.First("title") != title || r.Attrs.First("telephoneNumber") != phone || r.Active != active {
			t.Errorf("%s: %+v", when, r)
		}
	}
	check("made", ana, "by title", "+1 2", false)
	check("made", bo, "by jobTitle", "", true)

	// A value that is set by hand stays where it is unmapped, and is no change.
	f.cloud.Edit(f.account(bo).ID, func(r *identity.Resource) { r.Attrs["telephoneNumber"] = []string{"+9"} })
	f.cloud.Edit(f.account(ana).ID, func(r *identity.Resource) { r.Attrs["telephoneNumber"] = []string{"+9"} })
	p := f.plan()
	if cs := changes(t, p); len(cs) != 1 || cs[0].Anchor != ana || len(cs[0].Fields) != 1 ||
		cs[0].Fields[0].Name != "telephoneNumber" {
		t.Errorf("%s", brief(cs))
	}
	f.mustSync()
	check("by hand", ana, "by title", "+1 2", false)
	check("by hand", bo, "by jobTitle", "+9", true)

	set(other, bo, "title", "of no use", "jobTitle", "new")
	set(f.dir, ana, "title", "new", "jobTitle", "of no use", "userAccountControl", "512")
	if cs := f.changed(t); len(cs) != 2 {
		t.Errorf("%s", brief(cs))
	}
	check("incremental", ana, "new", "+1 2", true)
	check("incremental", bo, "new", "+9", true)
	if n := f.plan().Len(); n != 0 {
		t.Fatalf("not converged: %s", brief(changes(t, f.plan())))
	}
}

// TestUnchangedByDirectory: an account with values that do not follow its own directory is found to
// be unchanged all the same, without being compared.
func TestUnchangedByDirectory(t *testing.T) {
	t.Parallel()
	f, other := twoDirectories(t)
	f.overrides = map[string]map[string]string{"other": {"telephoneNumber": ""}}
	bo := other.Add(person("Bo", "bo@example.com"))
	f.dir.Add(person("Ana", "ana@example.com"))
	f.mustSync()
	f.cloud.Edit(f.account(bo).ID, func(r *identity.Resource) { r.Attrs["telephoneNumber"] = []string{"+9"} })
	f.mustSync()
	s, ok := f.shadow(bo)
	if !ok || s.Fingerprint.Cloud == 0 {
		t.Fatalf("the print says nothing: %+v", s.Fingerprint)
	}
	if h := f.mustSync(); h.Counts.Users.Match != 2 {
		t.Errorf("%+v", h.Counts)
	}
	if again, _ := f.shadow(bo); again.Run != s.Run {
		t.Errorf("compared and stored again by run %d", again.Run)
	}
}

// TestSavedPlanByDirectory: a saved plan is checked against the rules of each directory, and
// refused once those of one have changed.
func TestSavedPlanByDirectory(t *testing.T) {
	t.Parallel()
	f, other := twoDirectories(t)
	f.overrides = map[string]map[string]string{"other": {"title": "jobTitle"}}
	bo := other.Add(person("Bo", "bo@example.com"))
	f.dir.Add(person("Ana", "ana@example.com"))
	set(other, bo, "jobTitle", "x")
	p := f.plan()
	f.overrides = map[string]map[string]string{"other": {"title": "title"}}
	if _, err := f.engine().Apply(t.Context(), p, noOverride); err == nil || !strings.Contains(err.Error(), "mapping") {
		t.Fatalf("not refused: %v", err)
	}
	f.overrides = map[string]map[string]string{"other": {"title": "jobTitle"}}
	run, err := f.engine().Apply(t.Context(), p, noOverride)
	if err != nil || run.Skipped != 0 || f.account(bo).Attrs.First("title") != "x" {
		t.Fatalf("%v %+v", err, run)
	}
}

// TestWrongOverride: the error names the directory.
func TestWrongOverride(t *testing.T) {
	t.Parallel()
	f, _ := twoDirectories(t)
	f.overrides = map[string]map[string]string{"other": {"title": "userPassword"}}
	_, err := f.engine().Plan(t.Context(), sync.Request{})
	if err == nil || !strings.Contains(err.Error(), "other") || !strings.Contains(err.Error(), "userPassword") {
		t.Fatalf("%v", err)
	}
	if !slices.Contains(stage.AlwaysRead(), "sIDHistory") {
		t.Error("the SID history is not read")
	}
}
