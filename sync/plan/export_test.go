package plan_test

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
)

func TestExport(t *testing.T) {
	c := person(1)
	c.Action, c.Key, c.Reason = plan.Update, "ana@example.com", "title changed"
	c.Cause = ""
	c.Fields = []plan.FieldDiff{{Name: "title", Old: []string{"Engineer"}, New: []string{"=1+1"}, Drift: true},
		{Name: "street", New: []string{"a", "b"}}}
	m := plan.Change{Action: plan.Remove, Kind: identity.Member, Key: "Staff", MemberKey: "bo@example.com", Drift: true}
	w, err := plan.Create("")
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{w.Add(c), w.Add(m),
		w.AddProblem(identity.User,
			identity.Problem{DN: "CN=No Mail", Attribute: "mail", Message: "it is missing", Remedy: "Fill it in."}),
		w.AddUnmatched(plan.Unmatched{ID: "u", Kind: "user", Key: "bot@example.com", Kept: "unmanaged: bots"})} {
		if err != nil {
			t.Fatal(err)
		}
	}
	p, err := w.Seal(header())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	left := &plan.Set{}
	left.Put(2, true)
	dir := t.TempDir()
	for _, name := range []string{"r.csv", "r.JSON"} {
		if err := p.Export(t.Context(), filepath.Join(dir, name), left); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	b, _ := os.ReadFile(filepath.Join(dir, "r.csv"))
	rows, err := csv.NewReader(strings.NewReader(string(b))).ReadAll()
	if err != nil || len(rows) != 6 {
		t.Fatalf("%v, %d rows:\n%s", err, len(rows), b)
	}
	for i, want := range []string{"",
		"change,1,update,user,ana@example.com,," + c.DN + ",title,Engineer,'=1+1,cloud,title changed,,,",
		"change,1,update,user,ana@example.com,," + c.DN + ",street,,a; b,directory,title changed,,,",
		"change,2,remove,member,Staff,bo@example.com,,,,,cloud,,,yes,",
		"problem,,,user,,,CN=No Mail,mail,,,,it is missing,,,Fill it in.",
		"unmanaged,,,user,bot@example.com,,,,,,cloud,unmanaged: bots,,,"} {
		if got := strings.Join(rows[i], ","); i > 0 && got != want {
			t.Errorf("row %d:\ngot  %s\nwant %s", i, got, want)
		}
	}
	var doc struct {
		Plan      plan.Header
		Changes   []plan.Row
		Problems  []identity.Problem
		Unmatched []plan.Unmatched
	}
	b, _ = os.ReadFile(filepath.Join(dir, "r.JSON"))
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatalf("%v:\n%s", err, b)
	}
	if doc.Plan.ID != p.Header().ID || len(doc.Changes) != 2 || len(doc.Problems) != 1 || len(doc.Unmatched) != 1 ||
		doc.Changes[0].Fields[0].From != "cloud" || doc.Changes[0].LeftOut || !doc.Changes[1].LeftOut {
		t.Errorf("%+v", doc)
	}
	for name, says := range map[string]string{"r.csv": "exists", "r.txt": "neither CSV nor JSON",
		"none/r.csv": "no such"} {
		if err := p.Export(t.Context(), filepath.Join(dir, name), nil); err == nil || !strings.Contains(err.Error(), says) ||
			identity.Remedy(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
