package servers

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dirbridge/sync/record"
	"dirbridge/ui/e2e/site"
)

// TestOnePersonFromSambaIntoSCIMMY takes one person through every stage, and saved plans in every
// condition.
func TestOnePersonFromSambaIntoSCIMMY(t *testing.T) {
	t.Parallel()
	d := servers.Samba(t)
	base, outside := d.Scratch(t), d.Scratch(t)
	s := site.New(t, d, site.SCIMMY(servers.Scimmy(t)), site.Settings{Base: []string{base}})
	w := &world{Site: s, left: map[string]account{}}
	add := func(name, mail string) string {
		return d.AddPerson(t, base, name, map[string][]string{"mail": {mail}, "displayName": {name}, "title": {"Engineer"}})
	}
	ana := add(`Silva, Ana "A" Ñ`, "ana@example.com")

	p, file := s.Plan(t, 2)
	if p.Counts.Users.Add != 1 || p.Counts.Writes() != 1 || s.Cloud.Writes(t) != 0 {
		t.Fatalf("%+v; %d writes by a dry run", p.Counts, s.Cloud.Writes(t))
	}
	lines := s.Changes(t, file)
	if len(lines) != 1 || lines[0].Action != "add" || lines[0].DN != ana || lines[0].Key != "ana@example.com" ||
		lines[0].Anchor != "corp:"+d.GUID(t, ana) {
		t.Fatalf("%+v", lines)
	}
	t.Run("edited or cut plans are refused", func(t *testing.T) { spoiledPlans(t, s, file) })

	var run record.Run
	site.Parse(t, s.Must(t, 0, "apply", file).Out, &run)
	if run.Mode != record.ApplyPlan || run.Outcome != record.Done || run.Counts.Users.Add != 1 || run.Plan != p.ID {
		t.Errorf("%+v", run)
	}
	journal := s.Journal(t, run.ID)
	if len(journal) != 1 || journal[0].Answer == nil || journal[0].Answer.Outcome.State != record.WriteDone ||
		string(journal[0].Change.Anchor) != lines[0].Anchor {
		t.Errorf("journal: %+v", journal)
	} else if got := w.account(t, ana); string(journal[0].Answer.Outcome.ID) != got {
		t.Errorf("the journal says %s, the cloud %s", journal[0].Answer.Outcome.ID, got)
	}
	var history []record.Run
	site.Parse(t, s.Must(t, 0, "history").Out, &history)
	if len(history) == 0 || history[0].ID != run.ID || history[0].Outcome != record.Done {
		t.Errorf("history: %+v", history)
	}
	s.Settled(t)
	s.Unwritten(t, func() { s.Must(t, 0, "apply", file) }) // already done
	s.Cloud.Patch(t, w.account(t, ana), "userName", "renamed@example.com")
	s.Unwritten(t, func() { s.Must(t, 4, "apply", file) }) // the server would not refuse a second account
	s.Sync(t)
	s.Settled(t)

	bob, cyn, dag, eve := add("Bob", "bob@example.com"), add("Cyn", "cyn@example.com"), add("Dag", "dag@example.com"),
		add("Eve", "eve@example.com")
	s.Sync(t)
	t.Run("what moved since is skipped", func(t *testing.T) { movedSince(t, w, outside, bob, cyn, dag, eve) })
	t.Run("held and overridden", func(t *testing.T) { heldPlan(t, w, add) })
}

// spoiledPlans checks that each damaged plan is refused, and that nothing is written.
func spoiledPlans(t *testing.T, s *site.Site, file string) {
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	edited := bytes.ReplaceAll(good, []byte("ana@example.com"), []byte("eva@example.com"))
	if bytes.Equal(edited, good) {
		t.Fatal("the address does not stand in the plan file as it is")
	}
	for name, content := range map[string][]byte{"edited": edited, "cut": good[:len(good)/2],
		"cut by a byte": good[:len(good)-1], "empty": nil, "no plan": []byte("hello\n")} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "spoiled.plan")
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			s.Unwritten(t, func() {
				for _, verb := range []string{"apply", "show"} {
					got := s.Must(t, 1, verb, path)
					if !strings.Contains(got.Err, path) || !strings.Contains(got.Err, "dirbridge plan --out") {
						t.Errorf("%s says %q", verb, got.Err)
					}
				}
			})
		})
	}
	s.Unwritten(t, func() { s.Must(t, 1, "apply", filepath.Join(t.TempDir(), "missing.plan")) })
	t.Run("another mapping", func(t *testing.T) {
		before := s.Settings
		changed := before
		changed.Mapping = `title = "description"`
		s.Configure(t, changed)
		defer s.Configure(t, before)
		s.Unwritten(t, func() {
			if got := s.Must(t, 1, "apply", file); !strings.Contains(got.Err, "changed since the plan was made") {
				t.Errorf("%q", got.Err)
			}
		})
	})
}

// movedSince applies a plan in which three of four people have changed since.
func movedSince(t *testing.T, w *world, outside, bob, cyn, dag, eve string) {
	for _, dn := range []string{bob, cyn, dag, eve} {
		w.Dir.Set(t, dn, "title", "Director")
	}
	p, file := w.Plan(t, 2)
	if p.Counts.Users.Update != 4 {
		t.Fatalf("%+v", p.Counts)
	}
	w.Dir.Set(t, bob, "title", "Partner")
	w.Cloud.Patch(t, w.account(t, cyn), "title", "Buyer")
	w.Dir.Move(t, dag, outside)
	events := w.Events(t, 0)
	since := events[len(events)-1].Seq

	var run record.Run
	site.Parse(t, w.Must(t, 4, "apply", file).Out, &run)
	if run.Outcome != record.Partial || run.Skipped != 3 || run.Counts.Users.Update != 1 || run.Failed+run.NotDone != 0 {
		t.Errorf("%+v", run)
	}
	people, _ := found(t, w.Cloud)
	for dn, title := range map[string]string{bob: "Engineer", cyn: "Buyer", eve: "Director"} {
		if got := people[w.Dir.GUID(t, dn)].Title; got != title {
			t.Errorf("%s has the title %q, want %q", dn, got, title)
		}
	}
	told := map[string]bool{}
	for _, e := range w.Events(t, since) {
		if e.Record != "" && e.Remedy != "" && e.Message != "" {
			told[e.Record] = true
		}
	}
	for _, who := range []string{"bob", "cyn", "dag"} {
		if !told[who+"@example.com"] && !told[map[string]string{"bob": bob, "cyn": cyn, "dag": dag}[who]] {
			t.Errorf("no event tells that %s was skipped: %v", who, w.Events(t, since))
		}
	}
	w.Sync(t)
	w.Settled(t)
	people, _ = found(t, w.Cloud)
	for dn, title := range map[string]string{bob: "Partner", cyn: "Director", eve: "Director"} {
		if got := people[w.Dir.GUID(t, dn)]; got.Title != title || !got.Active {
			t.Errorf("%s: %+v, want the title %q", dn, got, title)
		}
	}
	for _, a := range people {
		if a.UserName == "dag@example.com" && a.Active {
			t.Error("who left scope is active still")
		}
	}
}

// heldPlan applies a plan that would remove more than the threshold.
func heldPlan(t *testing.T, w *world, add func(name, mail string) string) {
	const many = 21
	var dns []string
	for i := range 30 {
		dns = append(dns, add(fmt.Sprintf("Leaver %d", i), fmt.Sprintf("leaver%d@example.com", i)))
	}
	w.Sync(t)
	for _, dn := range dns[:many] {
		w.Dir.Delete(t, dn)
	}
	var file string
	w.Unwritten(t, func() {
		var p site.Plan
		p, file = w.Plan(t, 3)
		if p.Removals != many || len(p.Holds) == 0 || p.Holds[0].Rule == "" ||
			!strings.Contains(p.Holds[0].Remedy, "--override-threshold 21") {
			t.Errorf("%+v", p)
		}
		for _, args := range [][]string{{"sync"}, {"apply", file}} {
			if got := w.Must(t, 3, args...); !strings.Contains(got.Err, "--override-threshold 21") {
				t.Errorf("%v says %q", args, got.Err)
			}
		}
		w.Must(t, 1, "apply", file, "--override-threshold", "20")
	})
	var run record.Run
	site.Parse(t, w.Must(t, 0, "apply", file, "--override-threshold", "21").Out, &run)
	if run.Counts.Users.Deactivate != many || run.Counts.Users.Delete != 0 {
		t.Errorf("%+v", run)
	}
	w.Settled(t)
	active := 0
	people, _ := found(t, w.Cloud)
	for _, a := range people {
		if strings.HasPrefix(a.UserName, "leaver") && a.Active {
			active++
		}
	}
	if active != len(dns)-many {
		t.Errorf("%d of those who stay are active", active)
	}
}
