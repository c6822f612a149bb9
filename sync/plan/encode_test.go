package plan_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/plan/wire"
	"dirbridge/sync/plan/wire/wiretest"
)

func anyChange(t *rapid.T) plan.Change {
	text := func(name string) string { return rapid.String().Draw(t, name) }
	values := func(name string) []string {
		if rapid.Bool().Draw(t, "nil "+name) {
			return nil
		}
		return rapid.SliceOfN(rapid.String(), 0, 3).Draw(t, name)
	}
	c := plan.Change{
		Seq: rapid.Int64().Draw(t, "seq"), Action: plan.Rename, Kind: identity.Member, Phase: plan.MemberAdds,
		Wave:   rapid.Int().Draw(t, "wave"),
		Anchor: identity.Anchor(text("anchor")), Member: identity.Anchor(text("member")), ID: identity.ResourceID(text("id")),
		MemberID: identity.ResourceID(text("member id")), MemberKind: identity.User, Key: text("key"),
		MemberKey: text("member key"), DN: text("dn"),
		SourceBase: text("source"), CloudBase: text("cloud"), CloudVersion: text("version"),
		Via: text("via"), Reason: text("reason"), Cause: text("cause"), Missing: rapid.Bool().Draw(t, "missing"),
		Drift: rapid.Bool().Draw(t, "drift of all"),
	}
	for range rapid.IntRange(0, 3).Draw(t, "fields") {
		c.Fields = append(c.Fields,
			plan.FieldDiff{Name: text("field"), Old: values("old"), New: values("new"), Ref: rapid.Bool().Draw(t, "ref"),
				Drift: rapid.Bool().Draw(t, "drift"), Both: rapid.Bool().Draw(t, "both"),
				Mapping: rapid.Bool().Draw(t, "mapping")})
	}
	if rapid.Bool().Draw(t, "after") {
		c.After = &identity.Shadow{Anchor: c.Anchor, DN: c.DN, Applied: identity.Attrs{"title": values("title")},
			Since: time.Unix(9, 9).UTC()}
	}
	return c
}

func TestChangesReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := anyChange(t)
		b, err := want.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		var got plan.Change
		if err := got.UnmarshalBinary(b); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
		if err := got.UnmarshalBinary(append(b, 0)); !errors.Is(err, wire.ErrDamaged) {
			t.Fatalf("a byte too many: %v", err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("a failed read changed its target:\n%s", diff)
		}
	})
}

func TestEveryFieldOfAPlanIsEncoded(t *testing.T) {
	change, unmatched := wiretest.Full[plan.Change](), wiretest.Full[plan.Unmatched]()
	change.Seq = 1
	problem := wiretest.Full[identity.Problem]()
	edge, container := wiretest.Full[identity.Edge](), wiretest.Full[identity.Container]()
	w, err := plan.Create("")
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(w.Add(change), w.AddProblem(identity.Group, problem), w.AddUnmatched(unmatched),
		w.AddEdge("lab", edge), w.AddContainer("lab", container))
	if err != nil {
		t.Fatal(err)
	}
	header := wiretest.Full[plan.Header]()
	p, err := w.Seal(header)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	header.Format, header.ID, header.Digest = p.Header().Format, p.Header().ID, p.Header().Digest
	got, err := read(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	want := content{Header: header, Changes: []plan.Change{change}, Problems: []identity.Problem{problem},
		Unmatched: []plan.Unmatched{unmatched},
		Edges:     []identity.Edge{edge}, Containers: []identity.Container{container}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// firstChange was written by the first release of the encoding, and is in journals.
const firstChange = "\x01\x0e-\r<\x02\x18corp:1\x01\br1\x01\x01$ana@x.org\x01,CN=Ana,DC=x\x04s\x8d\x01\fW/1" +
	"\x03m\x02\bDr\x00\x00\x19\x00\x02\x18corp:2\x01\x014title changedLthe mapping changed\x00\x01\x01" +
	"\x02\x01\x01\x01\x01\x00\x01\x00\x00\x01\x00\x1d\x00\x00\x00\x00\x00\x00\x00\x00\x00"

func TestFirstEncodingOfChangesIsRead(t *testing.T) {
	want := earlyChange()
	var got plan.Change
	if err := got.UnmarshalBinary([]byte(firstChange)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// earlyChange is the content of firstChange.
func earlyChange() plan.Change {
	return plan.Change{
		Seq: 7, Action: plan.Update, Kind: identity.User, Phase: plan.UserWrites, Wave: 1, Anchor: "corp:1", ID: "r1",
		Key: "ana@x.org", DN: "CN=Ana,DC=x", SourceBase: "s", CloudBase: "c", CloudVersion: "W/1",
		Fields: []plan.FieldDiff{{Name: "title", Old: []string{"Dr"}}, {Name: "manager", New: []string{"corp:2"}, Ref: true}},
		Reason: "title changed", Cause: "the mapping changed",
		After: &identity.Shadow{Anchor: "corp:1", State: identity.Live},
	}
}

// secondChange has drift.
const secondChange = "\x02\x0e-\r<\x02\x18corp:1\x01\br1\x01\x01$ana@x.org\x01,CN=Ana,DC=x\x04s\x8d\x01\fW/1" +
	"\x03m\x02\bDr\x00\x00\x01\x00\x19\x00\x02\x18corp:2\x01\x00\x01\x014title changedLthe mapping change" +
	"d\x00\x01\x01\x01\x02\x01\x01\x01\x01\x00\x01\x00\x00\x01\x00\x1d\x00\x00\x00\x00\x00\x00\x00\x00" +
	"\x00"

func TestSecondEncodingOfChangesIsRead(t *testing.T) {
	want := earlyChange()
	want.Drift, want.Fields[0].Drift, want.Fields[1].Both = true, true, true
	b, err := want.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if string(b) != secondChange {
		t.Errorf("changes are encoded otherwise now; give the encoding a new version:\n%q", b)
	}
	var got plan.Change
	if err := got.UnmarshalBinary([]byte(secondChange)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// thirdChange has a field that the mapping changed.
const thirdChange = "\x03\x0e-\r<\x02\x18corp:1\x01\br1\x01\x01$ana@x.org\x01,CN=Ana,DC=x\x04s\x8d\x01\fW/1" +
	"\x03m\x02\bDr\x00\x00\x00\x00\x01\x19\x00\x02\x18corp:2\x01\x00\x01\x00\x014title changedLthe mappin" +
	"g changed\x00\x01\x01\x01\x02\x01\x01\x01\x01\x00\x01\x00\x00\x01\x00\x1d\x00\x00\x00\x00\x00\x00" +
	"\x00\x00\x00"

// TestThirdEncodingOfChangesIsRead also checks that the third encoding is written only where
// necessary: earlier versions of the program read the second one.
func TestThirdEncodingOfChangesIsRead(t *testing.T) {
	want := earlyChange()
	want.Drift, want.Fields[0].Mapping, want.Fields[1].Both = true, true, true
	b, err := want.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if string(b) != thirdChange {
		t.Errorf("changes are encoded otherwise now; give the encoding a new version:\n%q", b)
	}
	var got plan.Change
	if err := got.UnmarshalBinary([]byte(thirdChange)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzChange(f *testing.F) {
	f.Add([]byte(firstChange))
	f.Add([]byte(secondChange))
	f.Add([]byte(thirdChange))
	f.Add([]byte{1, 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, b []byte) {
		var c, again plan.Change
		if c.UnmarshalBinary(b) != nil {
			return
		}
		out, err := c.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		if err := again.UnmarshalBinary(out); err != nil || !cmp.Equal(c, again) {
			t.Errorf("what was read does not read back: %v\n%s", err, cmp.Diff(c, again))
		}
	})
}
