package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"dirbridge/sync/plan"
)

func keysOf(changes []plan.Change) (keys []string) {
	for _, c := range changes {
		keys = append(keys, strings.TrimSuffix(c.Key, "@example.com"))
	}
	return keys
}

func TestViewsAreSorted(t *testing.T) {
	var changes []plan.Change
	for i, at := range []string{`cy CN=Cy,OU=B,DC=x`, `ana CN=Silva\, Ana,OU=C,DC=x`, `Bo CN=Bo,OU=A,DC=x`,
		`di CN=Di,OU=A,DC=x`} {
		c := person(i + 1)
		c.Key, c.DN, _ = strings.Cut(at, " ")
		changes = append(changes, c)
	}
	p := write(t, "", changes...)
	for order, want := range map[plan.Order][]string{
		plan.InPlan: {"cy", "ana", "Bo", "di"}, plan.ByName: {"ana", "Bo", "cy", "di"},
		plan.ByPlace: {"Bo", "di", "cy", "ana"},
	} {
		v := plan.View{Order: order}
		got, err := p.WindowAt(t.Context(), v, 0, 10)
		if err != nil || !slices.Equal(keysOf(got), want) {
			t.Errorf("by %q: %v, %v; want %v", order, keysOf(got), err, want)
		}
		if got, err = p.WindowAt(t.Context(), v, 1, 2); err != nil || !slices.Equal(keysOf(got), want[1:3]) {
			t.Errorf("by %q, two from the second on: %v, %v", order, keysOf(got), err)
		}
		for at, name := range want {
			if found, ok, err := p.Seek(t.Context(), v, "CN="+name[:2], 3); name != "ana" &&
				(err != nil || !ok || found != int64(at)) {
				t.Errorf("by %q: %s is found at %d, %v, %v; want %d", order, name, found, ok, err, at)
			}
		}
	}
}

func TestSeekWrapsAround(t *testing.T) {
	p := write(t, "", mixed(1000)...)
	for _, v := range []plan.View{{}, {Kinds: []string{"user"}}, {Kinds: []string{"user"}, Order: plan.ByName}} {
		var met []int64
		at := int64(-1)
		for range 40 {
			next, ok, err := p.Seek(t.Context(), v, "äbtissin", at)
			if err != nil || !ok {
				t.Fatal(err, ok)
			}
			if len(met) > 0 && next == met[0] {
				break
			}
			found, err := p.WindowAt(t.Context(), v, next, 1)
			if err != nil || !hasField(found[0], "manager") {
				t.Fatalf("%d is %+v, %v", next, found, err)
			}
			met, at = append(met, next), next
			if len(met) == 20 {
				at = 999 // after the last: it continues with the first
			}
		}
		if !slices.IsSorted(met) || len(met) < 20 {
			t.Errorf("%+v met %v", v, met)
		}
		if _, ok, err := p.Seek(t.Context(), v, "nobody at all", 0); ok || err != nil {
			t.Errorf("not found: %v, %v", ok, err)
		}
	}
}

func TestSetsAddAndRemove(t *testing.T) {
	var none *plan.Set
	if none.Has(3) || none.Len() != 0 || none.Clone().Len() != 0 {
		t.Error("no set has something")
	}
	a, b := &plan.Set{}, &plan.Set{}
	for i := range int64(300) {
		a.Put(i, i%2 == 0)
		b.Put(i, i%3 == 0)
	}
	a.Put(4, true)
	a.PutAll(none, true)
	both := a.Clone()
	both.PutAll(b, true)
	a.PutAll(b, false)
	for i := range int64(301) {
		if both.Has(i) != (i < 300 && (i%2 == 0 || i%3 == 0)) || a.Has(i) != (i < 300 && i%2 == 0 && i%3 != 0) {
			t.Fatalf("%d: both %v, less %v", i, both.Has(i), a.Has(i))
		}
	}
	if both.Len() != 200 || a.Len() != 100 {
		t.Error(both.Len(), a.Len())
	}
	part := plan.Part{Without: a}
	if part.Whole() || part.Takes(&plan.Change{Seq: 2}) || !part.Takes(&plan.Change{Seq: 3}) ||
		part.String() != "without 100 that were unticked" {
		t.Errorf("%q", part)
	}
}

func TestPickBySelector(t *testing.T) {
	all := mixed(200)
	p := write(t, "", all...)
	s, err := plan.ParseSelector("kind=user,action=add,key=user1*")
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.PickBy(t.Context(), s)
	for i, c := range all {
		c.Seq = int64(i + 1)
		if got.Has(c.Seq) != s.Matches(&c) {
			t.Errorf("%d: %v", c.Seq, got.Has(c.Seq))
		}
	}
	if err != nil || got.Len() == 0 {
		t.Error(err, got.Len())
	}
}

func TestAccountsApart(t *testing.T) {
	w, err := plan.Create("")
	if err != nil {
		t.Fatal(err)
	}
	for i, kept := range []string{"", "unmanaged: bots", "kept: on leave", "full administrator", "unmanaged: partners"} {
		if err := w.AddUnmatched(plan.Unmatched{ID: "x", Kind: "user", Key: fmt.Sprintf("u%d", i), Kept: kept}); err != nil {
			t.Fatal(err)
		}
	}
	p, err := w.Seal(header())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for v, want := range map[plan.AccountView]string{
		{}: "u0 u3", {Apart: true}: "u1 u2 u4", {Filter: "U3"}: "u3", {Apart: true, Filter: "partners"}: "u4",
	} {
		n, err := p.AccountCount(t.Context(), v)
		found, err2 := p.AccountWindow(t.Context(), v, 0, 10)
		var keys []string
		for _, u := range found {
			keys = append(keys, u.Key)
		}
		if err != nil || err2 != nil || n != int64(len(keys)) || strings.Join(keys, " ") != want {
			t.Errorf("%+v: %d, %v, %v, %v", v, n, keys, err, err2)
		}
	}
}
