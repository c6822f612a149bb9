package synctest

import (
	"fmt"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// found is one finding of a set of problems.
type found struct {
	kind identity.Kind
	identity.Problem
}

func storeProblems(t *testing.T, f *storeFixture) {
	ctx := t.Context()
	ana, bo := numbered("corp", 1), numbered("corp", 2)
	problem := func(a identity.Anchor, attribute string) found {
		return found{identity.User, identity.Problem{Anchor: a, DN: "CN=ü", Attribute: attribute, Side: identity.InDirectory,
			Message: attribute + " is wrong", Remedy: "Correct it."}}
	}
	var reported []string
	meet := func(run int64, scope record.ProblemScope, all ...found) {
		t.Helper()
		report := func(code string) func([]record.Problem, int64) []record.Event {
			return func(some []record.Problem, n int64) []record.Event {
				reported = append(reported, fmt.Sprintf("%d %s %d of %d", run, code, len(some), n))
				return []record.Event{{Time: at(int(run)), Run: run, Code: code, Message: some[0].Message}}
			}
		}
		f.commit(t,
			port.Batch{Met: &port.Met{Run: run, At: at(int(run)), Scope: scope, Opened: report("opened"), Gone: report("gone"),
				Problems: func(yield func(identity.Kind, identity.Problem) error) error {
					for _, p := range all {
						if err := yield(p.kind, p.Problem); err != nil {
							return err
						}
					}
					return nil
				}}})
	}
	list := func(q port.ProblemQuery) (out []string) {
		t.Helper()
		if err := f.Problems(ctx, q, func(p record.Problem) error {
			out = append(out, fmt.Sprintf("%s %d %s %s gone %d", p.Since.Format("04"), p.Run, p.Attribute, p.Kind, p.Gone))
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return out
	}
	count := func(q port.ProblemQuery, users, groups int64) {
		t.Helper()
		if c, err := f.ProblemCounts(ctx, q); err != nil || c.Users != users || c.Groups != groups ||
			c.Since.IsZero() != (users+groups == 0) {
			t.Errorf("counts %+v, %v: want %d and %d", c, err, users, groups)
		}
	}
	count(port.ProblemQuery{}, 0, 0)
	group := found{identity.Group, identity.Problem{DN: "CN=Staff", Message: "the name is taken"}}
	again := group
	again.DN = "cn=staff"
	meet(3, record.OfSync, problem(ana, "mail"), problem(ana, "title"), problem(bo, "mail"), group, again)
	f.reopen(t)
	count(port.ProblemQuery{}, 2, 1)
	meet(5, record.OfSync, problem(ana, "mail"), problem(ana, "sn"))
	meet(6, record.OfPurge, problem(bo, "active"))
	meet(7, record.OfUndo, problem(bo, "uid"))
	count(port.ProblemQuery{}, 2, 0)
	only := record.OfSync
	count(port.ProblemQuery{Scope: &only}, 1, 0)
	since := func(run int64) string { return at(int(run)).Format("04") }
	for q, want := range map[*port.ProblemQuery][]string{
		{Scope: &only}: {since(3) + " 3 mail user gone 0", since(5) + " 5 sn user gone 0"},
		{Run: 4}: {since(3) + " 3 mail user gone 0", since(3) + " 3 title user gone 5",
			since(3) + " 3 mail user gone 5", since(3) + " 3  group gone 5"},
		{Run: 4, Limit: 1}:      {since(3) + " 3 mail user gone 0"},
		{Run: 2}:                nil,
		{Run: 7, Scope: undo()}: {since(7) + " 7 uid user gone 8"},
	} {
		if diff := gocmp.Diff(want, list(*q)); diff != "" {
			t.Errorf("%+v: %s", *q, diff)
		}
	}
	if diff := gocmp.Diff([]string{"3 opened 4 of 4", "5 opened 1 of 1", "5 gone 3 of 3", "6 opened 1 of 1",
		"7 opened 1 of 1"}, reported); diff != "" {
		t.Error(diff)
	}
	meet(8, record.OfSync)
	count(port.ProblemQuery{Scope: &only}, 0, 0)
	if events, err := f.EventsOf(ctx, 8, 0, 10); err != nil || len(events) != 1 || events[0].Code != "gone" {
		t.Errorf("events %+v, %v", events, err)
	}
}

func undo() *record.ProblemScope {
	s := record.OfUndo
	return &s
}
