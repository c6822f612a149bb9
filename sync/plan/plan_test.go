package plan_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
)

var when = time.Date(2026, 3, 4, 5, 6, 7, 8, time.UTC)

// person is a change for one person, as the engine makes it.
func person(n int) plan.Change {
	mail := fmt.Sprintf("user%d@example.com", n)
	anchor := identity.NewAnchor("corp", fmt.Sprintf("6f1c2e0a-95d2-4a53-8c4e-%012d", n))
	dn := fmt.Sprintf("CN=User %d,OU=Sales,OU=People,DC=corp,DC=example,DC=com", n)
	attrs := identity.Attrs{"uid": {mail}, "displayName": {fmt.Sprintf("User %d", n)}, "sn": {"Silva"}, "title": {"Agent"}}
	return plan.Change{
		Action: plan.Add, Kind: identity.User, Phase: plan.UserWrites,
		Anchor: anchor, Key: mail, DN: dn, SourceBase: fmt.Sprintf("%032x", n*7919),
		Fields: []plan.FieldDiff{
			{Name: "uid", New: []string{mail}},
			{Name: "displayName", New: attrs["displayName"]},
			{Name: "title", New: []string{"Agent"}},
		},
		Reason: "new in the directory", Cause: "OU=Sales was selected",
		After: &identity.Shadow{
			Anchor: anchor, Kind: identity.User, DN: dn, RDN: fmt.Sprintf("CN=User %d", n),
			Inputs: identity.Attrs{"mail": {mail}, "sn": {"Silva"}, "userAccountControl": {"512"}}, Applied: attrs,
			Active: true, State: identity.Live, Linked: when,
		},
	}
}

func header() plan.Header {
	return plan.Header{
		Mode: record.Full, Made: when, Organization: identity.Organization{ID: "org1", Name: "Example"},
		Directories: []plan.DirectoryRead{{Directory: identity.Directory{Name: "corp"}, ReadAt: when, Whole: true, People: 3,
			Way: identity.USN, NoDeletions: "it may not read deleted objects", Remedy: "grant it"}},
		Instead: "the position was lost", Complete: true,
		Holds: []plan.Hold{{Rule: plan.RuleEmptySource, Detail: "d", Remedy: "r"}},
	}
}

// write makes a plan of changes at path.
func write(t testing.TB, path string, changes ...plan.Change) *plan.Plan {
	t.Helper()
	w, err := plan.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		if err := w.Add(c); err != nil {
			t.Fatal(err)
		}
	}
	p, err := w.Seal(header())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func people(n int) []plan.Change {
	changes := make([]plan.Change, n)
	for i := range changes {
		changes[i] = person(i + 1)
	}
	return changes
}

func TestPlanReadsBackAsWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a plan?#50%.plan")
	want := people(777) // several pages and inserts, and a rest
	write(t, path, want...)
	p, err := plan.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	var got []plan.Change
	if err := p.Changes(t.Context(), func(c plan.Change) error { got = append(got, c); return nil }); err != nil {
		t.Fatal(err)
	}
	for i := range want {
		want[i].Seq = int64(i + 1)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("changes differ (-written +read):\n%s", diff)
	}
	wantHeader := header()
	wantHeader.Format, wantHeader.Digest, wantHeader.ID = p.Header().Format, p.Header().Digest, p.Header().Digest[:12]
	if diff := cmp.Diff(wantHeader, p.Header()); diff != "" {
		t.Fatalf("header differs:\n%s", diff)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(left) != 1 {
		t.Errorf("more than the plan file is left: %q", left)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
}
