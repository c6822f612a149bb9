package servers

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"dirbridge/ldap/ldaptest/lab"
	"dirbridge/sync/control"
	"dirbridge/sync/record"
	"dirbridge/ui/e2e/site"
)

// TestTrustOnSamba covers surprising losses, on third-party servers: drift shown separately, part
// of a plan, names that change hands, a wrong filter, the purge, and the undo of each.
func TestTrustOnSamba(t *testing.T) {
	t.Parallel()
	trust(t, servers.Samba(t))
}

func TestTrustOnOpenLDAP(t *testing.T) {
	t.Parallel()
	trust(t, servers.Slapd(t))
}

func trust(t *testing.T, d *lab.Directory) {
	base := d.Scratch(t)
	s := site.New(t, d, site.SCIMMY(servers.Scimmy(t)), site.Settings{Base: []string{base}})
	w := &world{Site: s, left: map[string]account{}}
	people := map[string]string{}
	for _, name := range []string{"ana", "bob", "cyn", "dag", "eve", "fay"} {
		people[name] = d.AddPerson(t, base, name, map[string][]string{"mail": {name + "@example.com"},
			"displayName": {name}, "title": {"Engineer"}})
	}
	team := d.AddGroup(t, base, "Team")
	d.AddMember(t, team, people["ana"], people["eve"])

	if got := s.Must(t, 1, "enable"); !strings.Contains(got.Err, "no dry run yet") {
		t.Errorf("enabling without a dry run says %q", got.Err)
	}
	s.Sync(t)
	s.Settled(t)
	s.Must(t, 0, "enable")
	s.Must(t, 0, "disable", "--reason", "trying")

	t.Run("drift and a part", func(t *testing.T) { driftAndPart(t, w, people) })
	t.Run("names that change hands", func(t *testing.T) { undoneSwap(t, w, people) })
	t.Run("a wrong filter", func(t *testing.T) { undoneFilter(t, w, people) })
	t.Run("the purge", func(t *testing.T) { undonePurge(t, w, people) })
}

// driftAndPart checks that changes made in the cloud are shown separately from the directory's, and
// that excluded changes come with the next run.
func driftAndPart(t *testing.T, w *world, people map[string]string) {
	w.Cloud.Patch(t, w.account(t, people["ana"]), "title", "Meddled")
	w.Dir.Set(t, people["bob"], "title", "Director")
	p, file := w.Plan(t, 2)
	var told struct{ Drift control.DriftCounts }
	site.Parse(t, w.Must(t, 0, "show", file).Out, &told)
	if p.Counts.Users.Update != 2 || told.Drift.Accounts != 1 || told.Drift.Fields != 1 {
		t.Errorf("%+v %+v", p.Counts, told)
	}
	var run record.Run
	site.Parse(t, w.Must(t, 0, "apply", file, "--only", "kind=user,key=bob@*").Out, &run)
	if run.Outcome != record.Done || run.Counts.Users.Update != 1 || run.LeftOut != 1 {
		t.Errorf("%+v", run)
	}
	titles(t, w, people, map[string]string{"ana": "Meddled", "bob": "Director"})
	w.Sync(t)
	w.Settled(t)
	titles(t, w, people, map[string]string{"ana": "Engineer", "bob": "Director"})
}

func titles(t *testing.T, w *world, people, want map[string]string) {
	t.Helper()
	accounts, _ := found(t, w.Cloud)
	for who, title := range want {
		if got := accounts[w.Dir.GUID(t, people[who])].Title; got != title {
			t.Errorf("%s has the title %q, want %q", who, got, title)
		}
	}
}

// names checks which person has which user name in the cloud, and that each account is active.
func names(t *testing.T, w *world, people, want map[string]string) {
	t.Helper()
	accounts, _ := found(t, w.Cloud)
	for who, name := range want {
		if got := accounts[w.Dir.GUID(t, people[who])]; got.UserName != name || !got.Active {
			t.Errorf("%s: %+v, want %s, active", who, got, name)
		}
	}
}

// undoneSwap has two people swap their e-mail addresses, and undoes the run through a temporary
// key.
func undoneSwap(t *testing.T, w *world, people map[string]string) {
	w.Dir.Swap(t, people["cyn"], people["dag"], "mail")
	run := w.Sync(t)
	names(t, w, people, map[string]string{"cyn": "dag@example.com", "dag": "cyn@example.com"})
	w.Undo(t, run.ID, 2)
	names(t, w, people, map[string]string{"cyn": "cyn@example.com", "dag": "dag@example.com"})
	w.Sync(t) // the directory still asks for it
	names(t, w, people, map[string]string{"cyn": "dag@example.com", "dag": "cyn@example.com"})
	w.Settled(t)
}

// undoneFilter excludes people by a wrong filter; after the undo, all are back with their groups,
// and the state agrees.
func undoneFilter(t *testing.T, w *world, people map[string]string) {
	_, teams := found(t, w.Cloud)
	right, wrong := w.Settings, w.Settings
	wrong.Filter, wrong.Policy = "(!(title=Engineer))", "delete_threshold = 2\n"
	w.Configure(t, wrong)
	p, file := w.Plan(t, 3)
	if len(p.Holds) != 1 || p.Holds[0].Count != p.Removals || len(p.Holds[0].Causes) == 0 || p.Removals < 3 {
		t.Fatalf("%+v", p)
	}
	w.Unwritten(t, func() { w.Must(t, 3, "sync") })
	var run record.Run
	site.Parse(t, w.Must(t, 0, "apply", file, "--override-threshold", fmt.Sprint(p.Removals)).Out, &run)
	if run.Counts.Users.Deactivate != p.Removals || len(run.Overrides) != 1 || run.By == "" {
		t.Errorf("%+v", run)
	}
	right.Policy = wrong.Policy
	w.Configure(t, right)
	w.Undo(t, run.ID, 2)
	names(t, w, people, map[string]string{"ana": "ana@example.com", "eve": "eve@example.com", "fay": "fay@example.com"})
	w.Sync(t)
	w.Settled(t)
	if _, now := found(t, w.Cloud); fmt.Sprint(now) != fmt.Sprint(teams) {
		t.Errorf("groups were %v, and are %v", teams, now)
	}
}

// undonePurge has a leaver wait for the purge, be kept, be purged at once by name, and be created
// again by the undo, which says what cannot be restored.
func undonePurge(t *testing.T, w *world, people map[string]string) {
	w.Dir.Delete(t, people["fay"])
	w.Sync(t)
	var queued control.Queued
	site.Parse(t, w.Must(t, 0, "purge", "--list").Out, &queued)
	if queued.Key != "fay@example.com" || queued.Overdue {
		t.Errorf("%+v", queued)
	}
	w.Must(t, 0, "purge", "--keep", "fay@example.com", "--reason", "on leave")
	w.Unwritten(t, func() { w.Must(t, 1, "purge", "--now", "fay@example.com") })
	w.Must(t, 0, "purge", "--release", "fay@example.com")
	file := filepath.Join(t.TempDir(), "purge.plan")
	if got := w.Must(t, 2, "purge", "--now", "fay@example.com", "--out", file); !strings.Contains(got.Out,
		control.PurgeWarning) {
		t.Errorf("the plan does not warn: %s", got.Out)
	}
	var run record.Run
	site.Parse(t, w.Must(t, 0, "apply", file).Out, &run)
	if run.Counts.Users.Delete != 1 {
		t.Errorf("%+v", run)
	}
	if told := w.Explained(t, "fay@example.com", 1); strings.Contains(told, `"id"`) {
		t.Errorf("who was purged is found still: %s", told)
	}
	w.Undo(t, run.ID, 2)
	if told := w.Explained(t, "fay@example.com", 0); !strings.Contains(told, "fay@example.com") {
		t.Errorf("who was made again is not found: %s", told)
	}
}
