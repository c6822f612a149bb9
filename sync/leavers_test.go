package sync_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"dirbridge/sync"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/policy"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
	"dirbridge/sync/synctest"
)

// TestLeaversAreWrittenFirst is promise P6: the account of a person who is disabled, missing or out
// of scope is inactive before anything else of the plan is sent, each by a write of its own.
func TestLeaversAreWrittenFirst(t *testing.T) {
	t.Parallel()
	for _, mode := range []record.Mode{record.Full, record.Incremental, record.ApplyPlan} {
		f := newFixture(t, t.TempDir())
		f.cloud.Limit.Batch = 3
		at := map[string]identity.Anchor{}
		for _, name := range []string{"ana", "bo", "cy", "di", "ed", "flo"} {
			at[name] = f.dir.Add(person(name, name+"@example.com"))
		}
		team := f.group("Team", at["ana"], at["di"])
		f.mustSync()
		f.edit(at["ana"], "title", "Chief")
		f.edit(at["bo"], "userAccountControl", "514", "mail", "bo.old@example.com", "title", "Gone")
		f.edit(at["flo"], "mail", "bo@example.com") // takes the name that bo frees
		f.dir.Delete(at["cy"])
		f.dir.Edit(at["di"], func(o *synctest.Object) { o.Out = true })
		successor := f.dir.Add(person("gus", "gus@example.com"))
		f.dir.Edit(team, func(o *synctest.Object) { o.Members[successor], o.CN = true, "Crew" })
		var sent []string
		f.cloud.Fault = func(c plan.Change) synctest.Fault {
			sent = append(sent, fmt.Sprint(c.Action, " ", c.Key, " ", len(c.Fields)))
			return synctest.Fine
		}
		f.applyBy(t, mode)
		if want := []string{"deactivate bo@example.com 1", "deactivate cy@example.com 1",
			"deactivate di@example.com 1"}; len(sent) < 4 || !slices.Equal(sent[:3], want) {
			t.Errorf("%s: the first writes are %q", mode, sent)
		}
		for _, name := range []string{"bo", "cy", "di"} {
			if r := f.account(at[name]); r.Active {
				t.Errorf("%s: %s is active", mode, name)
			}
		}
		if r := f.account(at["bo"]); r.Key != "bo.old@example.com" || r.Attrs.First("title") != "Gone" {
			t.Errorf("%s: the rest was not written: %+v", mode, r)
		}
		if r := f.account(at["flo"]); r.Key != "bo@example.com" {
			t.Errorf("%s: the name was not handed on: %+v", mode, r)
		}
		f.cloud.Fault = nil
		if p := f.plan(); p.Len() != 0 {
			t.Errorf("%s: again is not nothing: %s", mode, brief(changes(t, p)))
		}
	}
}

// applyBy brings the cloud up to date, in one of three ways.
func (f *fixture) applyBy(t *testing.T, mode record.Mode) {
	t.Helper()
	var err error
	if mode == record.ApplyPlan {
		_, err = f.engine().Apply(t.Context(), f.plan(), noOverride)
	} else {
		err = f.run(mode)
	}
	if err != nil {
		t.Fatalf("%s: %v", mode, err)
	}
}

// run synchronizes once, by one mode.
func (f *fixture) run(mode record.Mode) error {
	f.now = f.now.Add(60_000_000_000)
	p, _, err := f.engine().Sync(context.Background(), sync.Request{Mode: mode}, noOverride)
	if p != nil {
		p.Close()
	}
	return err
}

// TestRestOfALeaverFails: if the cloud refuses a value of a disabled person, the account is
// deactivated all the same, and the other way round. What was refused is planned again, and the
// state records nothing about the account that is not true.
func TestRestOfALeaverFails(t *testing.T) {
	t.Parallel()
	for _, mode := range []record.Mode{record.Full, record.Incremental} {
		for _, refused := range []string{"title", schema.Active} {
			f := newFixture(t, t.TempDir())
			ana := f.dir.Add(person("Ana", "ana@example.com"))
			f.dir.Add(person("Bo", "bo@example.com"))
			f.mustSync()
			f.edit(ana, "userAccountControl", "514", "title", "Refused")
			f.cloud.Fault = func(c plan.Change) synctest.Fault {
				if _, has := c.Field(refused); has {
					return synctest.Refuse
				}
				return synctest.Fine
			}
			if err := f.run(mode); err != nil {
				t.Fatal(err)
			}
			r := f.account(ana)
			if r.Active != (refused == schema.Active) || (r.Attrs.First("title") == "Refused") != (refused == schema.Active) {
				t.Errorf("%s, %s refused: %+v", mode, refused, r)
			}
			if s, _ := f.shadow(ana); s.Active != r.Active {
				t.Errorf("%s, %s refused: remembered as %+v", mode, refused, s)
			}
			f.cloud.Fault = nil
			if len(f.dirty()) != 1 {
				t.Errorf("%s, %s refused: left over %v", mode, refused, f.dirty())
			}
			p := f.plan()
			for _, c := range changes(t, p) {
				if strings.Contains(c.Reason, "in the cloud since the last run") {
					t.Errorf("%s, %s refused: a false reason: %s", mode, refused, c.Reason)
				}
			}
			if err := f.run(mode); err != nil {
				t.Fatal(err)
			}
			if r := f.account(ana); r.Active || r.Attrs.First("title") != "Refused" || len(f.dirty()) > 0 {
				t.Errorf("%s, %s refused, and then not: %+v %v", mode, refused, r, f.dirty())
			}
		}
	}
}

// TestHeldPlanWritesItsLeavers is promise P4: a plan that another guard holds deactivates its
// leavers all the same, and is held. A plan that a removal guard holds, or that did not read
// everything, writes nothing.
func TestHeldPlanWritesItsLeavers(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		tamper func(*fixture, []identity.Anchor)
		rules  []string
		writes int64
	}{
		{"names change", nil, []string{plan.RuleKeyChanges}, 3},
		{"and too many are gone", func(f *fixture,
			all []identity.Anchor) {
			f.policy.Threshold = policy.Threshold{Number: 1}
		},
			[]string{plan.RuleDeleteThreshold, plan.RuleKeyChanges}, 0},
		{"and too many are disabled", func(f *fixture, all []identity.Anchor) {
			f.policy.Guards.Disabled = policy.Threshold{Number: 1}
			f.edit(all[3], "userAccountControl", "514")
		}, []string{plan.RuleDirectoryDisable, plan.RuleKeyChanges}, 0},
	} {
		for _, saved := range []bool{false, true} {
			name := fmt.Sprint(tc.name, ", saved ", saved)
			f := newFixture(t, t.TempDir())
			f.policy.Guards = policy.DefaultGuards()
			f.policy.Guards.KeyChanges = policy.Threshold{Number: 2}
			var all []identity.Anchor
			for i := range 10 {
				all = append(all, f.dir.Add(person(fmt.Sprint("P", i), fmt.Sprintf("p%d@example.com", i))))
			}
			f.mustSync()
			f.edit(all[0], "userAccountControl", "514", "title", "Gone")
			f.dir.Delete(all[1])
			f.dir.Edit(all[2], func(o *synctest.Object) { o.Out = true })
			for i, a := range all[5:] {
				f.edit(a, "mail", fmt.Sprintf("other%d@example.com", i))
			}
			if tc.tamper != nil {
				tc.tamper(f, all)
			}
			before := f.cloud.Writes
			var run record.Run
			var err error
			if saved {
				run, err = f.engine().Apply(t.Context(), f.plan(), noOverride)
			} else {
				_, run, err = f.sync(noOverride)
			}
			var held *port.HeldError
			if !errors.As(err, &held) || run.Outcome != record.WasHeld {
				t.Fatalf("%s: not held: %v %+v", name, err, run)
			}
			var rules []string
			for _, h := range held.Holds {
				rules = append(rules, h.Rule)
			}
			if !slices.Equal(rules, tc.rules) {
				t.Errorf("%s: held by %v", name, rules)
			}
			if n := int64(f.cloud.Writes - before); n != tc.writes || run.Counts.Users.Deactivate != n || held.Leavers != n ||
				run.Counts.Writes() != n {
				t.Errorf("%s: %d writes, told %d: %+v", name, n, held.Leavers, run.Counts)
			}
			for i, a := range all[:3] {
				if r := f.account(a); r.Active != (tc.writes == 0) || r.Attrs.First("title") != "" {
					t.Errorf("%s: %d is %+v", name, i, r)
				}
			}
			if told := strings.Contains(run.Detail, "3 accounts were deactivated all the same"); told != (tc.writes == 3) {
				t.Errorf("%s: told %q", name, run.Detail)
			}
			// Again there is nothing to write, and an override does the rest.
			if _, run, _ := f.sync(noOverride); run.Counts.Writes() != 0 {
				t.Errorf("%s: written again: %+v", name, run.Counts)
			}
			f.policy.Threshold, f.policy.Guards = policy.Threshold{Off: true}, policy.DefaultGuards()
			f.mustSync()
			if p := f.plan(); p.Len() != 0 {
				t.Errorf("%s: left: %s", name, brief(changes(t, p)))
			}
		}
	}
}
