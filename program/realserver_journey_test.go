package program

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/synctest/lab"
)

// writes is how many write requests the cloud had so far.
func (p provider) writes(t *testing.T) int {
	t.Helper()
	if p.sandbox != nil {
		return p.sandbox.Stats().Writes
	}
	u, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = ""
	var stats struct{ Writes int }
	parse(t, string(get(t, provider{url: u.String()}, "/_stats")), &stats)
	return stats.Writes
}

// unwritten makes sure that what is done writes nothing to the cloud.
func (s *site) unwritten(t *testing.T, do func()) {
	t.Helper()
	before := s.cloud.writes(t)
	do()
	if n := s.cloud.writes(t) - before; n != 0 {
		t.Errorf("%d writes", n)
	}
}

// journal is what the connector noted of a run.
func (s *site) journal(t *testing.T, run int64) (out []port.Intent) {
	t.Helper()
	open, err := open(t.Context(), s.config)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := open.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := open.Connector.Journal(t.Context(), run, func(i port.Intent) error {
		out = append(out, i)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// events are those of the log after the number.
func (s *site) events(t *testing.T, since int64) (out []record.Event) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(s.must(t, 0, "events", "--since", fmt.Sprint(since)).out))
	for d.More() {
		var e record.Event
		if err := d.Decode(&e); err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

// patch replaces one attribute of an account behind the connector's back.
func (p provider) patch(t *testing.T, id, path, value string) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:PatchOp"},
		"Operations": []any{map[string]any{"op": "replace", "path": path, "value": value}}})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, p.url+"/Users/"+id, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	req.Header.Set("Content-Type", "application/scim+json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode/100 != 2 {
		t.Fatalf("PATCH: %s", res.Status)
	}
}

// One person through every stage, and saved plans in every condition.
func TestOnePersonFromSambaIntoSCIMMY(t *testing.T) {
	d := lab.Samba(t, lab.Empty)
	t.Cleanup(d.Close)
	base, outside := d.Scratch(t), d.Scratch(t)
	s := newSite(t, d, scimmy(t), siteSettings{base: []string{base}})
	w := &world{site: s, left: map[string]account{}}
	add := func(name, mail string) string {
		return d.AddPerson(t, base, name, map[string][]string{"mail": {mail}, "displayName": {name}, "title": {"Engineer"}})
	}
	ana := add(`Silva, Ana "A" Ñ`, "ana@example.com")

	p, file := s.plan(t, 2)
	if p.Counts.Users.Add != 1 || p.Counts.Writes() != 1 || s.cloud.writes(t) != 0 {
		t.Fatalf("%+v; %d writes by a dry run", p.Counts, s.cloud.writes(t))
	}
	lines := s.changes(t, file)
	if len(lines) != 1 || lines[0].Action != "add" || lines[0].DN != ana || lines[0].Key != "ana@example.com" || lines[0].Anchor != "corp:"+d.GUID(t, ana) {
		t.Fatalf("%+v", lines)
	}
	t.Run("edited or cut plans are refused", func(t *testing.T) { spoiledPlans(t, s, file) })

	var run record.Run
	parse(t, s.must(t, 0, "apply", file).out, &run)
	if run.Mode != record.ApplyPlan || run.Outcome != record.Done || run.Counts.Users.Add != 1 || run.Plan != p.ID {
		t.Errorf("%+v", run)
	}
	journal := s.journal(t, run.ID)
	if len(journal) != 1 || journal[0].Answer == nil || journal[0].Answer.Outcome.State != record.WriteDone || string(journal[0].Change.Anchor) != lines[0].Anchor {
		t.Errorf("journal: %+v", journal)
	} else if got := w.account(t, ana); string(journal[0].Answer.Outcome.ID) != got {
		t.Errorf("the journal says %s, the cloud %s", journal[0].Answer.Outcome.ID, got)
	}
	var history []record.Run
	parse(t, s.must(t, 0, "history").out, &history)
	if len(history) == 0 || history[0].ID != run.ID || history[0].Outcome != record.Done {
		t.Errorf("history: %+v", history)
	}
	s.settled(t)
	s.unwritten(t, func() { s.must(t, 0, "apply", file) }) // it is done already
	s.cloud.patch(t, w.account(t, ana), "userName", "renamed@example.com")
	s.unwritten(t, func() { s.must(t, 4, "apply", file) }) // a second account would not be refused
	s.sync(t)
	s.settled(t)

	bob, cyn, dag, eve := add("Bob", "bob@example.com"), add("Cyn", "cyn@example.com"), add("Dag", "dag@example.com"), add("Eve", "eve@example.com")
	s.sync(t)
	t.Run("what moved since is skipped", func(t *testing.T) { movedSince(t, w, outside, bob, cyn, dag, eve) })
	t.Run("held and overridden", func(t *testing.T) { heldPlan(t, w, add) })
}

// spoiledPlans are refused, each, and nothing is written.
func spoiledPlans(t *testing.T, s *site, file string) {
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	edited := bytes.ReplaceAll(good, []byte("ana@example.com"), []byte("eva@example.com"))
	if bytes.Equal(edited, good) {
		t.Fatal("the address does not stand in the plan file as it is")
	}
	for name, content := range map[string][]byte{"edited": edited, "cut": good[:len(good)/2], "cut by a byte": good[:len(good)-1], "empty": nil, "no plan": []byte("hello\n")} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "spoiled.plan")
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			s.unwritten(t, func() {
				for _, verb := range []string{"apply", "show"} {
					got := s.must(t, 1, verb, path)
					if !strings.Contains(got.err, path) || !strings.Contains(got.err, "dirbridge plan --out") {
						t.Errorf("%s says %q", verb, got.err)
					}
				}
			})
		})
	}
	s.unwritten(t, func() { s.must(t, 1, "apply", filepath.Join(t.TempDir(), "missing.plan")) })
	t.Run("another mapping", func(t *testing.T) {
		before := s.settings
		changed := before
		changed.mapping = `title = "description"`
		s.configure(t, changed)
		defer s.configure(t, before)
		s.unwritten(t, func() {
			if got := s.must(t, 1, "apply", file); !strings.Contains(got.err, "changed since the plan was made") {
				t.Errorf("%q", got.err)
			}
		})
	})
}

// movedSince applies a plan of which three of four people moved on.
func movedSince(t *testing.T, w *world, outside, bob, cyn, dag, eve string) {
	for _, dn := range []string{bob, cyn, dag, eve} {
		w.dir.Set(t, dn, "title", "Director")
	}
	p, file := w.plan(t, 2)
	if p.Counts.Users.Update != 4 {
		t.Fatalf("%+v", p.Counts)
	}
	w.dir.Set(t, bob, "title", "Partner")
	w.cloud.patch(t, w.account(t, cyn), "title", "Buyer")
	w.dir.Move(t, dag, outside)
	events := w.events(t, 0)
	since := events[len(events)-1].Seq

	var run record.Run
	parse(t, w.must(t, 4, "apply", file).out, &run)
	if run.Outcome != record.Partial || run.Skipped != 3 || run.Counts.Users.Update != 1 || run.Failed+run.NotDone != 0 {
		t.Errorf("%+v", run)
	}
	people, _ := found(t, w.cloud)
	for dn, title := range map[string]string{bob: "Engineer", cyn: "Buyer", eve: "Director"} {
		if got := people[w.dir.GUID(t, dn)].Title; got != title {
			t.Errorf("%s has the title %q, want %q", dn, got, title)
		}
	}
	told := map[string]bool{}
	for _, e := range w.events(t, since) {
		if e.Record != "" && e.Remedy != "" && e.Message != "" {
			told[e.Record] = true
		}
	}
	for _, who := range []string{"bob", "cyn", "dag"} {
		if !told[who+"@example.com"] && !told[map[string]string{"bob": bob, "cyn": cyn, "dag": dag}[who]] {
			t.Errorf("no event tells that %s was skipped: %v", who, w.events(t, since))
		}
	}
	w.sync(t)
	w.settled(t)
	people, _ = found(t, w.cloud)
	for dn, title := range map[string]string{bob: "Partner", cyn: "Director", eve: "Director"} {
		if got := people[w.dir.GUID(t, dn)]; got.Title != title || !got.Active {
			t.Errorf("%s: %+v, want the title %q", dn, got, title)
		}
	}
	for _, a := range people {
		if a.UserName == "dag@example.com" && a.Active {
			t.Error("who left scope is active still")
		}
	}
}

// heldPlan is one that would remove more than the threshold.
func heldPlan(t *testing.T, w *world, add func(name, mail string) string) {
	const many = 21
	var dns []string
	for i := range 30 {
		dns = append(dns, add(fmt.Sprintf("Leaver %d", i), fmt.Sprintf("leaver%d@example.com", i)))
	}
	w.sync(t)
	for _, dn := range dns[:many] {
		w.dir.Delete(t, dn)
	}
	var file string
	w.unwritten(t, func() {
		var p planned
		p, file = w.plan(t, 3)
		if p.Removals != many || len(p.Holds) == 0 || p.Holds[0].Rule == "" || !strings.Contains(p.Holds[0].Remedy, "--override-threshold 21") {
			t.Errorf("%+v", p)
		}
		for _, args := range [][]string{{"sync"}, {"apply", file}} {
			if got := w.must(t, 3, args...); !strings.Contains(got.err, "--override-threshold 21") {
				t.Errorf("%v says %q", args, got.err)
			}
		}
		w.must(t, 1, "apply", file, "--override-threshold", "20")
	})
	var run record.Run
	parse(t, w.must(t, 0, "apply", file, "--override-threshold", "21").out, &run)
	if run.Counts.Users.Deactivate != many || run.Counts.Users.Delete != 0 {
		t.Errorf("%+v", run)
	}
	w.settled(t)
	active := 0
	people, _ := found(t, w.cloud)
	for _, a := range people {
		if strings.HasPrefix(a.UserName, "leaver") && a.Active {
			active++
		}
	}
	if active != len(dns)-many {
		t.Errorf("%d of those who stay are active", active)
	}
}
