package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
)

func TestViewOfOnlyDrift(t *testing.T) {
	field := func(name string, drift, both bool) plan.FieldDiff {
		return plan.FieldDiff{Name: name, New: []string{"x"}, Drift: drift, Both: both}
	}
	changes := []plan.Change{
		{Action: plan.Update, Kind: identity.User, Key: "all",
			Fields: []plan.FieldDiff{field("title", true, false), field("active", true, false)}},
		{Action: plan.Update, Kind: identity.User, Key: "some",
			Fields: []plan.FieldDiff{field("title", true, false), field("displayName", false, true)}},
		{Action: plan.Update, Kind: identity.User, Key: "none", Fields: []plan.FieldDiff{field("title", false, false)}},
		{Action: plan.Add, Kind: identity.User, Key: "gone", Drift: true,
			Fields: []plan.FieldDiff{field("title", false, false)}},
		{Action: plan.Add, Kind: identity.Group, Key: "group gone", Drift: true},
		{Action: plan.Update, Kind: identity.Group, Key: "group",
			Fields: []plan.FieldDiff{field("displayName", true, false)}},
		{Action: plan.Remove, Kind: identity.Member, Key: "team", Drift: true},
	}
	var counts plan.DriftCounts
	for i := range changes {
		counts.Count(&changes[i])
	}
	want := plan.DriftCounts{Accounts: 2, Groups: 1, Fields: 4, Removed: 1, GroupsRemoved: 1, Members: 1, Both: 1,
		ByField: map[string]int64{"title": 2, "active": 1, "displayName": 1}}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Error(diff)
	}
	p := write(t, "", changes...)
	defer p.Close()
	for _, tt := range []struct {
		view plan.View
		want []string
	}{
		{plan.View{OnlyDrift: true}, []string{"all", "some", "gone", "group gone", "group", "team"}},
		{plan.View{OnlyDrift: true, Filter: "displayn"}, []string{"some", "group"}},
		{plan.View{OnlyDrift: true, Kinds: []string{"group"}}, []string{"group gone", "group"}},
	} {
		rows, err := p.WindowAt(t.Context(), tt.view, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		var keys []string
		for _, c := range rows {
			keys = append(keys, c.Key)
		}
		if n, err := p.Count(t.Context(), tt.view); err != nil || n != int64(len(tt.want)) || !cmp.Equal(keys, tt.want) {
			t.Errorf("%+v: %d %v %v", tt.view, n, keys, err)
		}
	}
	groups, err := p.Grouped(t.Context(), "action", plan.View{OnlyDrift: true})
	if want := []plan.Group{{Name: "update", Count: 3}, {Name: "add", Count: 2}, {Name: "remove", Count: 1}}; err != nil ||
		!cmp.Equal(groups, want) {
		t.Errorf("%+v %v", groups, err)
	}
}
