package wire_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan/wire"
	"dirbridge/sync/plan/wire/wiretest"
)

func anyStrings(t *rapid.T, name string) []string {
	s := rapid.SliceOfN(
		rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"user", "Sales", "Sales", "512", "\xff\x00"})), 0,
		4).Draw(t, name)
	if len(s) == 0 && rapid.Bool().Draw(t, "nil") {
		return nil
	}
	return s
}

func anyAttrs(t *rapid.T, name string) identity.Attrs {
	if rapid.Bool().Draw(t, "nil") {
		return nil
	}
	a := identity.Attrs{}
	for _, n := range rapid.SliceOfN(rapid.SampledFrom([]string{"mail", "sn", "x-own", "x-other", ""}), 0,
		5).Draw(t, name) {
		a[n] = anyStrings(t, n)
	}
	return a
}

func anyShadow(t *rapid.T) identity.Shadow {
	s := identity.Shadow{
		Anchor: identity.Anchor(rapid.String().Draw(t, "anchor")), Kind: identity.User, DN: rapid.String().Draw(t, "dn"),
		Inputs: anyAttrs(t, "inputs"), Applied: anyAttrs(t, "applied"), Active: rapid.Bool().Draw(t, "active"),
		ID: "r1", State: identity.Grace, ByUs: rapid.Bool().Draw(t, "by us"), Run: rapid.Int64().Draw(t, "run"),
	}
	if rapid.Bool().Draw(t, "linked") {
		s.Linked = time.Unix(rapid.Int64Range(-1<<40, 1<<40).Draw(t, "s"),
			rapid.Int64Range(0, 999_999_999).Draw(t, "ns")).UTC()
	}
	if rapid.Bool().Draw(t, "ignored") {
		s.Ignored = map[string]identity.Ignored{"title": {Wanted: anyStrings(t, "wanted"), Got: anyStrings(t, "got")}}
	}
	return s
}

func TestShadowsReadBack(t *testing.T) {
	var e wire.Encoder
	rapid.Check(t, func(t *rapid.T) {
		want := anyShadow(t)
		e.Reset()
		e.Shadow(&want)
		d := wire.NewDecoder(e.Bytes())
		got := d.Shadow()
		if err := d.Done(); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
		for cut := range e.Bytes() {
			d := wire.NewDecoder(e.Bytes()[:cut])
			if d.Shadow(); d.Done() == nil {
				t.Fatalf("a message cut to %d of %d bytes is taken for whole", cut, len(e.Bytes()))
			}
		}
	})
}

func TestEveryFieldOfAShadowIsEncoded(t *testing.T) {
	want := wiretest.Full[identity.Shadow]()
	var e wire.Encoder
	e.Shadow(&want)
	d := wire.NewDecoder(e.Bytes())
	if diff := cmp.Diff(want, d.Shadow()); diff != "" || d.Done() != nil {
		t.Errorf("%v\n%s", d.Done(), diff)
	}
}

// These bytes were written by the first release of the encoding, and are in state and plan files.
func TestFirstEncodingIsRead(t *testing.T) {
	want := identity.Shadow{
		Anchor: "corp:1", Kind: identity.User, DN: "CN=Ana,DC=x", Inputs: identity.Attrs{"mail": {"ana@x.org"}},
		Applied: identity.Attrs{"uid": {"ana@x.org"}, "title": {"Dr"}}, Active: true, ID: "r1",
		Linked: time.Unix(1700000000, 5).UTC(), State: identity.Live,
		Ignored: map[string]identity.Ignored{"title": {Wanted: []string{"Dr"}, Got: []string{"dr"}, Sure: true}},
	}
	var e wire.Encoder
	e.Shadow(&want)
	if !bytes.Equal(e.Bytes(), firstShadow) {
		t.Errorf("shadows are encoded otherwise now; give the encoding a new version:\n%q", e.Bytes())
	}
	d := wire.NewDecoder(firstShadow)
	if diff := cmp.Diff(want, d.Shadow()); diff != "" || d.Done() != nil {
		t.Errorf("%v\n%s", d.Done(), diff)
	}
}

var firstShadow = []byte(
	"\x01\x18corp:1\r,CN=Ana," +
		"DC=x\x01\x01\x02i\x02$ana@x.org\x01\x03m\x02\bDrM\x02\n\x01\br1\x06\x80ğ\xd5\f\x1d\x00\x00\x02m\x02\bDr" +
		"\x02\bdr\x01\x00\x00\x00\x00\x00\x00")

func FuzzShadow(f *testing.F) {
	f.Add(firstShadow)
	f.Add([]byte{1, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, b []byte) {
		d := wire.NewDecoder(b)
		s := d.Shadow()
		if d.Done() != nil {
			return
		}
		var e wire.Encoder
		e.Shadow(&s)
		again := wire.NewDecoder(e.Bytes())
		if diff := cmp.Diff(s, again.Shadow()); diff != "" || again.Done() != nil {
			t.Errorf("what was read does not read back: %v\n%s", again.Done(), diff)
		}
	})
}
