package synctest

import (
	"errors"
	"fmt"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

func (f *storeFixture) begin(t *testing.T, mode record.Mode) record.Run {
	t.Helper()
	r, err := f.Begin(t.Context(), record.Run{Mode: mode, Started: at(0), Outcome: record.Running})
	if err != nil {
		t.Fatalf("begin: %v", err)
	}
	return r
}

func (f *storeFixture) runs(t *testing.T, limit int) []record.Run {
	t.Helper()
	runs, err := f.Runs(t.Context(), limit)
	if err != nil {
		t.Fatalf("runs: %v", err)
	}
	return runs
}

func storeRuns(t *testing.T, f *storeFixture) {
	if n := len(f.runs(t, 10)); n != 0 {
		t.Errorf("%d runs at first", n)
	}
	var last int64
	for i, mode := range []record.Mode{record.Full, record.DryRun, record.Incremental} {
		r := f.begin(t, mode)
		if r.ID <= last || r.Mode != mode {
			t.Errorf("run %d is %+v, after %d", i, r, last)
		}
		last = r.ID
	}
	ended := record.Run{
		ID: last, Mode: record.Incremental, Started: at(0), Ended: at(9), Outcome: record.Partial,
		Counts: record.Counts{Users: record.ObjectCounts{Add: 1, Problem: 2}, Members: record.MemberCounts{Remove: 3},
			AdminsDelete: 4},
		Failed: 5, Skipped: 6, NotDone: 7, Plan: "0123456789ab", UndoOf: 1, Detail: "one write failed",
	}
	if err := f.End(t.Context(), ended); err != nil {
		t.Fatal(err)
	}
	f.reopen(t)
	runs := f.runs(t, 2)
	if len(runs) != 2 || runs[0].ID != last || runs[1].ID >= last {
		t.Fatalf("the newest two are %+v", runs)
	}
	if diff := gocmp.Diff(ended, runs[0]); diff != "" {
		t.Errorf("as it ended: %s", diff)
	}
	one, ok, err := f.Run(t.Context(), last)
	if diff := gocmp.Diff(ended, one); !ok || err != nil || diff != "" {
		t.Errorf("run %d by itself: %t %v %s", last, ok, err, diff)
	}
	if _, ok, err := f.Run(t.Context(), last+1); ok || err != nil {
		t.Errorf("a run that was never begun: %t %v", ok, err)
	}
	if r := f.begin(t, record.Full); r.ID <= last {
		t.Errorf("opened again, it began run %d after %d", r.ID, last)
	}
}

func storeOpenRuns(t *testing.T, f *storeFixture) {
	done := f.begin(t, record.Full)
	done.Outcome, done.Ended = record.Done, at(1)
	if err := f.End(t.Context(), done); err != nil {
		t.Fatal(err)
	}
	left := f.begin(t, record.Incremental)
	f.reopen(t)
	open, err := f.OpenRuns(t.Context())
	if err != nil || len(open) != 1 || open[0].ID != left.ID {
		t.Fatalf("open are %+v, %v", open, err)
	}
	left.Outcome = record.Crashed
	if err := f.End(t.Context(), left); err != nil {
		t.Fatal(err)
	}
	if again, err := f.OpenRuns(t.Context()); len(again) != 0 || err != nil {
		t.Errorf("still open are %+v, %v", again, err)
	}
	left.Counts.Users.Add = 2
	if err := f.Commit(t.Context(), port.Batch{Runs: []record.Run{left}}); err != nil {
		t.Fatal(err)
	}
	if runs := f.runs(t, 10); runs[0].Outcome != record.Crashed || runs[0].Counts.Users.Add != 2 {
		t.Errorf("runs: %+v", runs)
	}
}

// intend records a write for each sequence number.
func (f *storeFixture) intend(t *testing.T, run int64, seqs ...int64) []port.Intent {
	t.Helper()
	var intents []port.Intent
	for _, seq := range seqs {
		intents = append(intents, port.Intent{Run: run, Seq: seq, At: at(int(seq)), Change: plan.Change{
			Seq: seq, Action: plan.Update, Kind: identity.User, Phase: plan.UserWrites, Wave: 1,
			Anchor: anchorOf("corp", fmt.Sprintf("%012d", seq)), ID: "id-1", Key: "ana@example.com", DN: `CN=Silva\, Ana,DC=x`,
			Fields: []plan.FieldDiff{{Name: "title", Old: []string{"a", "ü"}},
				{Name: "manager", New: []string{"id-2"}, Ref: true}},
			Reason: "title changed", After: &identity.Shadow{Anchor: anchorOf("corp", "000000000001"), State: identity.Live},
		}})
	}
	if err := f.Intend(t.Context(), run, intents); err != nil {
		t.Fatalf("intend: %v", err)
	}
	return intents
}

func (f *storeFixture) unanswered(t *testing.T) []port.Intent {
	t.Helper()
	return collect(t, func(fn func(port.Intent) error) error { return f.Unanswered(t.Context(), fn) })
}

func (f *storeFixture) journal(t *testing.T, run int64) []port.Intent {
	t.Helper()
	return collect(t, func(fn func(port.Intent) error) error { return f.Journal(t.Context(), run, fn) })
}

func storeJournal(t *testing.T, f *storeFixture) {
	run, other := f.begin(t, record.Full), f.begin(t, record.Full)
	want := f.intend(t, run.ID, 3, 1, 2)
	f.intend(t, other.ID, 1)
	answer := port.Answer{Run: run.ID, At: at(30), Outcome: record.Outcome{
		Seq: 1, State: record.WriteFailed, ID: "id-1", Version: `W/"2"`, After: identity.Attrs{"title": {"ü"}}, Linked: true,
		Status: 409,
		Class:  identity.GiveUp, Message: "it is taken", Field: "userName", Remedy: "choose another",
	}}
	f.commit(t, port.Batch{Answers: []port.Answer{answer}})
	f.reopen(t)
	want[1].Answer = &answer
	if diff := gocmp.Diff(want, f.journal(t, run.ID)); diff != "" {
		t.Errorf("the journal of the run: %s", diff)
	}
	if got := f.journal(t, other.ID); len(got) != 1 || got[0].Answer != nil {
		t.Errorf("the journal of another run: %+v", got)
	}
}

// Everything recorded after a point is found, whichever run records it, and through another opening
// of the same state.
func storeJournalPlace(t *testing.T, f *storeFixture) {
	first := f.begin(t, record.Full)
	if place, err := f.JournalEnd(t.Context()); err != nil || place != 0 {
		t.Errorf("an empty journal ends at %d, %v", place, err)
	}
	f.intend(t, first.ID, 1, 2)
	other := f.openAgain(t)
	place, err := other.JournalEnd(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	second := f.begin(t, record.ApplyPlan)
	f.intend(t, second.ID, 7)
	f.commit(t,
		port.Batch{
			Answers: []port.Answer{{Run: second.ID, Outcome: record.Outcome{Seq: 7, State: record.WriteDone}, At: at(6)}}})
	f.intend(t, first.ID, 3)
	var got []int64
	if err := other.JournalAfter(t.Context(), place, func(i port.Intent) error {
		got = append(got, i.Seq)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff([]int64{7, 3}, got); diff != "" {
		t.Error(diff)
	}
}

// The history of one object, or of one account, is found without its run.
func storePast(t *testing.T, f *storeFixture) {
	ana, bo := anchorOf("corp", "000000000001"), anchorOf("corp", "000000000002")
	var runs []int64
	for i, c := range []plan.Change{{Seq: 1, Anchor: ana}, {Seq: 1, Anchor: bo, ID: "id-2"},
		{Seq: 1, Anchor: ana, ID: "id-1"}} {
		run := f.begin(t, record.Full)
		runs = append(runs, run.ID)
		if err := f.Intend(t.Context(), run.ID, []port.Intent{{Run: run.ID, Seq: 1, At: at(i), Change: c}}); err != nil {
			t.Fatal(err)
		}
	}
	f.reopen(t)
	past := func(a identity.Anchor, id identity.ResourceID) (met []int64) {
		err := f.Past(t.Context(), a, id, func(i port.Intent) error { met = append(met, i.Run); return nil })
		if err != nil {
			t.Fatal(err)
		}
		return met
	}
	for _, tt := range []struct {
		what string
		a    identity.Anchor
		id   identity.ResourceID
		want []int64
	}{{"by anchor", ana, "", []int64{runs[2], runs[0]}}, {"by id", "", "id-2", []int64{runs[1]}},
		{"by either", bo, "id-1", []int64{runs[2], runs[1]}}, {"by nothing", "", "", nil}} {
		if diff := gocmp.Diff(tt.want, past(tt.a, tt.id)); diff != "" {
			t.Errorf("%s: %s", tt.what, diff)
		}
	}
}

// After a crash this alone shows which writes may or may not have been done.
func storeUnanswered(t *testing.T, f *storeFixture) {
	first, second := f.begin(t, record.Full), f.begin(t, record.ApplyPlan)
	f.intend(t, first.ID, 1, 2)
	f.intend(t, second.ID, 1)
	via := port.Intent{Run: second.ID, Seq: 1, Step: 1, At: at(5), Change: plan.Change{Seq: 1, Via: "temporary"}}
	if err := f.Intend(t.Context(), second.ID, []port.Intent{via}); err != nil {
		t.Fatal(err)
	}
	type write struct {
		run, seq int64
		step     int
	}
	want := func(when string, writes ...write) {
		t.Helper()
		var got []write
		for _, in := range f.unanswered(t) {
			got = append(got, write{in.Run, in.Seq, in.Step})
			if in.Answer != nil {
				t.Errorf("%s write %d has an answer: %+v", when, in.Seq, in.Answer)
			}
		}
		if diff := gocmp.Diff(writes, got, gocmp.AllowUnexported(write{})); diff != "" {
			t.Errorf("%s unanswered: %s", when, diff)
		}
	}
	f.reopen(t)
	want("at first", write{first.ID, 1, 0}, write{first.ID, 2, 0}, write{second.ID, 1, 0}, write{second.ID, 1, 1})
	f.commit(t, port.Batch{Answers: []port.Answer{
		{Run: first.ID, Outcome: record.Outcome{Seq: 1, State: record.WriteDone}, At: at(6)},
		{Run: second.ID, Step: 1, Outcome: record.Outcome{Seq: 1, State: record.WriteUnknown}, At: at(6)},
	}})
	f.reopen(t)
	want("answered in part,", write{first.ID, 2, 0}, write{second.ID, 1, 0})
}

func storeEvents(t *testing.T, f *storeFixture) {
	ctx := t.Context()
	full := record.Event{Time: at(1), Run: 3, Level: record.Warn, Code: "write-failed", Message: "ü",
		Anchor: anchorOf("corp", "000000000001"),
		Record: "ana@example.com", Field: "title", Side: identity.InCloud, Remedy: "do", Runs: 12}
	if err := f.Append(ctx, full, record.Event{Time: at(2), Code: "two"}); err != nil {
		t.Fatal(err)
	}
	f.commit(t, port.Batch{Events: []record.Event{{Time: at(3), Code: "three"}}})
	all, err := f.EventsSince(ctx, 0, 10)
	if err != nil || len(all) != 3 || all[1].Code != "two" || all[2].Code != "three" {
		t.Fatalf("events: %+v, %v", all, err)
	}
	if all[0].Seq <= 0 || all[1].Seq <= all[0].Seq || all[2].Seq <= all[1].Seq {
		t.Errorf("numbers do not ascend: %+v", all)
	}
	full.Seq = all[0].Seq
	if diff := gocmp.Diff(full, all[0]); diff != "" {
		t.Error(diff)
	}
	if some, err := f.EventsSince(ctx, all[0].Seq, 1); err != nil || len(some) != 1 || some[0].Seq != all[1].Seq {
		t.Errorf("one after the first: %+v, %v", some, err)
	}
	if of, err := f.EventsOf(ctx, 3, 0, 10); err != nil || len(of) != 1 || of[0].Code != "write-failed" {
		t.Errorf("those of a run: %+v, %v", of, err)
	}
	for _, of := range [][2]int64{{3, full.Seq}, {0, 0}, {4, 0}} {
		if some, err := f.EventsOf(ctx, of[0], of[1], 10); err != nil || len(some) != 0 {
			t.Errorf("those of run %d after %d: %+v, %v", of[0], of[1], some, err)
		}
	}
	f.reopen(t)
	if err := f.Append(ctx, record.Event{Time: at(4), Code: "four"}); err != nil {
		t.Fatal(err)
	}
	if rest, err := f.EventsSince(ctx, all[2].Seq, 10); err != nil || len(rest) != 1 || rest[0].Code != "four" {
		t.Errorf("after it was opened again: %+v, %v", rest, err)
	}
}

// One writer (P14), whichever process opened the state.
func storeLead(t *testing.T, f *storeFixture) {
	other := f.openAgain(t)
	release, err := f.Lead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for who, s := range map[string]port.Store{"another": other, "the same": f.Store} {
		if _, err := s.Lead(t.Context()); !errors.Is(err, port.ErrNotLeader) {
			t.Errorf("beside the leader %s answered %v", who, err)
		}
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	release, err = other.Lead(t.Context())
	if err != nil {
		t.Fatalf("after the leader left: %v", err)
	}
	if _, err := f.Lead(t.Context()); !errors.Is(err, port.ErrNotLeader) {
		t.Errorf("the former leader, beside the new one, answered %v", err)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
}

func storeLeadClosed(t *testing.T, f *storeFixture) {
	if _, err := f.Lead(t.Context()); err != nil {
		t.Fatal(err)
	}
	other := f.openAgain(t)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	release, err := other.Lead(t.Context())
	if err != nil {
		t.Fatalf("after the leader was closed: %v", err)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
}
