package synctest

import (
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

func storeFailing(t *testing.T, f *storeFixture) {
	ctx := t.Context()
	fail := func(of record.Subject, runs, last int64) record.Failing {
		return record.Failing{Subject: of, Kind: identity.User, Record: "ana@x.org", Runs: runs, Since: at(int(20 - runs)),
			LastRun: last, Last: at(30),
			Message: "refused: ü", Field: "title", Remedy: "Fix it."}
	}
	person, group := record.Subject{Anchor: numbered("corp", 1)}, numbered("corp", 2)
	member, other := record.Subject{Anchor: group, Member: numbered("corp", 3)}, record.Subject{Anchor: group,
		Member: numbered("corp", 4)}
	account := record.Subject{ID: "id-9"}
	a, b, c, d := fail(person, 3, 7), fail(member, 12, 8), fail(other, 1, 8), fail(account, 2, 7)
	purge := fail(record.Subject{Anchor: numbered("corp", 5)}, 1, 6)
	purge.Purge = true
	check := func(when string, want ...record.Failing) {
		t.Helper()
		got, err := f.Failing(ctx, 1, 10)
		if diff := gocmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v, %s", when, err, diff)
		}
	}
	check("at first")
	f.commit(t, port.Batch{Failing: []record.Failing{a, b, c, d, purge}})
	f.reopen(t)
	check("the worst first", b, a, d, c, purge)
	if got, err := f.Failing(ctx, 2, 2); err != nil || len(got) != 2 || got[1].Runs != 3 {
		t.Errorf("the worst two: %+v, %v", got, err)
	}
	for runs, want := range map[int64]int64{1: 5, 3: 2, 12: 1, 13: 0} {
		if n, err := f.FailingCount(ctx, runs); n != want || err != nil {
			t.Errorf("%d runs and more: %d, %v", runs, n, err)
		}
	}
	got, err := f.FailingOf(ctx, []record.Subject{member, account, {Anchor: group}, {Anchor: person.Anchor, ID: "id-9"}})
	if diff := gocmp.Diff(map[record.Subject]record.Failing{member: b, account: d}, got); diff != "" || err != nil {
		t.Errorf("%v, %s", err, diff)
	}

	b.Runs, b.LastRun, b.Message = 13, 9, "still"
	f.commit(t, port.Batch{Failing: []record.Failing{b}, Recovered: []record.Subject{other, {ID: "nobody"}}})
	check("one more, one less", b, a, d, purge)
	f.commit(t, port.Batch{RecoveredBefore: &port.Mending{Run: 7}})
	check("none is older", b, a, d, purge)
	f.commit(t, port.Batch{RecoveredBefore: &port.Mending{Run: 9, Anchored: true}})
	check("an incremental run tries no account without an anchor", b, d, purge)
	f.commit(t, port.Batch{RecoveredBefore: &port.Mending{Run: 9}})
	check("nor does any run try those of the purge", b, purge)
	f.commit(t, port.Batch{RecoveredBefore: &port.Mending{Run: 9, Purge: true}})
	check("but the purge", b)
	if err := f.Commit(cancelled(t), port.Batch{Recovered: []record.Subject{member}}); err == nil {
		t.Error("a context that ended recovered something")
	}
	check("and nothing else", b)
}
