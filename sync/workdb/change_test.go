package workdb

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
)

func open(t *testing.T) *DB {
	t.Helper()
	w, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

// TestChanges: changes come back whole, in the order of the plan, whatever the order in which they
// were found.
func TestChanges(t *testing.T) {
	t.Parallel()
	w := open(t)
	want := []plan.Change{
		{Phase: plan.Leavers, Kind: identity.User, Action: plan.Deactivate, Anchor: "corp:1", Key: "Zoe", Missing: true,
			Fields: []plan.FieldDiff{{Name: "active", Old: []string{"true"}, New: []string{"false"}}}},
		{Phase: plan.UserWrites, Kind: identity.User, Action: plan.Add, Anchor: "corp:2", Key: "ann", Cause: "a move",
			After: &identity.Shadow{Anchor: "corp:2", Since: time.Unix(9, 9).UTC()}},
		{Phase: plan.UserWrites, Kind: identity.User, Action: plan.Update, Anchor: "corp:3", Key: "Bea", Drift: true},
		{Phase: plan.UserWrites, Wave: 1, Kind: identity.User, Action: plan.Rename, Anchor: "corp:4", Key: "abe", Via: "x"},
	}
	for _, i := range []int{2, 0, 3, 1} {
		if err := w.AddChange(t.Context(), want[i], string(want[i].Anchor)); err != nil {
			t.Fatal(err)
		}
	}
	var got []plan.Change
	if err := w.EachChange(t.Context(), func(e plan.Encoded) error {
		var c plan.Change
		err := c.UnmarshalBinary(e.Payload)
		got = append(got, c)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if n, err := w.CountMissingPeople(t.Context(), "corp"); n != 1 || err != nil {
		t.Error(n, err)
	}
}

// TestFindings: a problem that is found twice is told once, and its text is UTF-8 whatever the
// directory had.
func TestFindings(t *testing.T) {
	t.Parallel()
	w := open(t)
	p := identity.Problem{Anchor: "corp:1", DN: "cn=a", Attribute: "mail", Side: identity.InDirectory,
		Message: "not \xff text", Remedy: "Correct it."}
	for range 2 {
		if err := w.Problem(t.Context(), identity.User, p); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.DropRepeatedFindings(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got []Finding
	if err := w.EachFinding(t.Context(), func(f Finding) error {
		got = append(got, f)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	p.Message = "not \uFFFD text"
	if diff := cmp.Diff([]Finding{{identity.User, p}}, got); diff != "" {
		t.Error(diff)
	}
}
