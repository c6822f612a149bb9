package sync_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"dirbridge/sync"
	"dirbridge/sync/apply"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// flip flips one bit in the state, without the store.
func (f *fixture) flip(table, column, where string, bit int) {
	f.t.Helper()
	db, err := sql.Open("sqlite", f.dbPath)
	if err != nil {
		f.t.Fatalf("open: %v", err)
	}
	defer db.Close()
	var b []byte
	if err := db.QueryRow("SELECT " + column + " FROM " + table + " WHERE " + where).Scan(&b); err != nil {
		f.t.Fatalf("read %s: %v", where, err)
	}
	bit %= len(b) * 8
	b[bit/8] ^= 1 << (bit % 8)
	value := any(b)
	if column == "id" {
		value = string(b)
	}
	if _, err := db.Exec("UPDATE "+table+" SET "+column+" = ? WHERE "+where, value); err != nil {
		f.t.Fatalf("write %s: %v", where, err)
	}
}

// TestALeaverIsOutThoughTheStateIsDamaged: a leaver with a damaged record in the state is
// deactivated all the same, by an incremental run as well as by a full one: everything is read
// again, on both sides, and the link is found.
func TestALeaverIsOutThoughTheStateIsDamaged(t *testing.T) {
	t.Parallel()
	leaves := map[string]func(*fixture, identity.Anchor){
		"disabled": func(f *fixture, a identity.Anchor) { f.edit(a, "userAccountControl", "514") },
		"deleted":  func(f *fixture, a identity.Anchor) { f.dir.Delete(a) },
		"renamed":  func(f *fixture, a identity.Anchor) { f.edit(a, "mail", "other@example.com") },
		"stays":    func(*fixture, identity.Anchor) {},
	}
	damages := map[string]func(*fixture, identity.Anchor){
		"payload": func(f *fixture, a identity.Anchor) { f.flip("shadow", "payload", "anchor='"+string(a)+"'", 200) },
		"link":    func(f *fixture, a identity.Anchor) { f.flip("shadow", "id", "anchor='"+string(a)+"'", 3) },
	}
	for left, leave := range leaves {
		for damaged, damage := range damages {
			for _, mode := range []record.Mode{record.Incremental, record.Full} {
				t.Run(fmt.Sprint(left, " ", damaged, " ", mode), func(t *testing.T) {
					t.Parallel()
					f, people, group := company(t, 12)
					a := people[5]
					account := f.account(a)
					damage(f, a)
					leave(f, a)
					run := func() (plan.Header, record.Run, error) {
						if mode == record.Full {
							return f.sync(noOverride)
						}
						h, _, run, err := f.increment()
						return h, run, err
					}
					h, r, err := run()
					if err != nil || r.Outcome != record.Done {
						t.Fatalf("%s %v %+v\n%s", r.Outcome, err, h.Holds, f.events())
					}
					if now := f.account(a); now.ID != account.ID || now.Active != (left == "stays" || left == "renamed") {
						// An incremental run examines neither unchanged people, nor the link in its
						// column: the next full run does.
						t.Fatalf("the account is %+v\n%s", now, f.events())
					}
					if n := len(f.cloud.All(identity.User)); n != len(people) {
						t.Errorf("%d accounts of %d people", n, len(people))
					}
					f.mustSync()
					if left != "deleted" && !f.holds(group, a) {
						t.Error("the membership is lost")
					}
					if damaged == "payload" && (left != "stays" || mode == record.Full) &&
						!strings.Contains(f.events(), "is damaged") && left != "stays" {
						t.Errorf("it is not told:\n%s", f.events())
					}
					// Twice in a row, and incrementally again.
					if _, cs, r, err := f.increment(); err != nil || r.Mode != record.Incremental || len(cs) != 0 {
						t.Errorf("afterwards: %s %v %v", r.Mode, cs, err)
					}
					if d, err := f.store.Damaged(context.Background(), true); err != nil || len(d.Shadows) > 0 && left != "stays" &&
						damaged == "payload" {
						t.Errorf("still damaged: %v %v", d, err)
					}
				})
			}
		}
	}
}

// TestADryRunOnADamagedState: a dry run writes nothing to the state, and makes the same plan.
func TestADryRunOnADamagedState(t *testing.T) {
	t.Parallel()
	f, people, _ := company(t, 12)
	f.flip("shadow", "payload", "anchor='"+string(people[5])+"'", 200)
	f.dir.Delete(people[5])
	before := f.events()
	for _, mode := range []record.Mode{record.Incremental, record.Full, record.Incremental} {
		p, err := f.engine().Plan(t.Context(), sync.Request{Mode: mode})
		if err != nil {
			t.Fatal(err)
		}
		cs := changes(t, p)
		if len(cs) == 0 || cs[0].Action != plan.Deactivate && cs[len(cs)-1].Action != plan.Deactivate {
			t.Errorf("%s: %+v", mode, cs)
		}
		p.Close()
	}
	if f.events() != before {
		t.Errorf("it wrote to the state:\n%s", f.events())
	}
}

// TestAfterDamageEverythingIsReadUntilAFullRunSucceeds: what was removed may be the only trace of a
// leaver, so no run is incremental until a full run has succeeded.
func TestAfterDamageEverythingIsReadUntilAFullRunSucceeds(t *testing.T) {
	t.Parallel()
	f, people, _ := company(t, 60)
	f.flip("shadow", "payload", "anchor='"+string(people[5])+"'", 200)
	for _, a := range people[5:50] {
		f.dir.Delete(a)
	}
	var h plan.Header
	for range 2 { // held by the threshold
		var r record.Run
		var err error
		if h, _, r, err = f.increment(); err == nil || r.Mode != record.Full || !strings.Contains(h.Instead, "damaged") ||
			len(h.Holds) == 0 {
			t.Fatalf("%s %q %v", r.Mode, h.Instead, err)
		}
	}
	if _, _, err := f.sync(apply.Options{Override: counts(h.Holds)}); err != nil {
		t.Fatal(err)
	}
	for _, a := range people[5:50] {
		if f.account(a).Active {
			t.Fatalf("%s is active\n%s", a, f.events())
		}
	}
	if _, _, r, err := f.increment(); err != nil || r.Mode != record.Incremental {
		t.Errorf("%s %v", r.Mode, err)
	}
}

func counts(holds []plan.Hold) (n []int64) {
	for _, h := range holds {
		n = append(n, h.Count)
	}
	return n
}

// TestADamagedCookieIsNotUsed: a damaged cookie would let the directory begin anywhere.
func TestADamagedCookieIsNotUsed(t *testing.T) {
	t.Parallel()
	f, people, _ := company(t, 12)
	db, err := sql.Open("sqlite", f.dbPath)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	f.dir.Delete(people[3])
	if _, err := db.Exec(`UPDATE value SET value = value || ' ' WHERE name LIKE 'position:%'`); err != nil {
		t.Fatal(err)
	}
	h, _, r, err := f.increment()
	if err != nil || r.Mode != record.Full || f.account(people[3]).Active ||
		!strings.Contains(f.events(), "position:corp of the state is damaged") {
		t.Errorf("%s %q %v\n%s", r.Mode, h.Instead, err, f.events())
	}
}

// TestADamagedIntentIsLookedAt: an intent with a damaged row cannot be looked up, so everything is
// read, and the effect of the write is found.
func TestADamagedIntentIsLookedAt(t *testing.T) {
	t.Parallel()
	f, people, _ := company(t, 12)
	run, err := f.store.Begin(t.Context(), record.Run{Mode: record.Incremental, Started: f.now, Outcome: record.Running})
	if err != nil {
		t.Fatal(err)
	}
	account := f.account(people[2])
	c := plan.Change{Seq: 1, Action: plan.Update, Kind: identity.User, Anchor: people[2], ID: account.ID, Key: account.Key,
		Fields: []plan.FieldDiff{{Name: "displayName", Old: []string{"Person 2"}, New: []string{"Half written"}}}}
	if err := f.store.Intend(t.Context(), run.ID, []port.Intent{{Run: run.ID, Seq: 1, Change: c,
		At: f.now.Add(-time.Hour)}}); err != nil {
		t.Fatal(err)
	}
	f.cloud.Edit(account.ID, func(r *identity.Resource) { r.Attrs["displayName"] = []string{"Half written"} })
	f.flip("intent", "change", "seq=1 AND run="+fmt.Sprint(run.ID), 90)
	h, _, r, err := f.increment()
	if err != nil || r.Outcome != record.Done || r.Mode != record.Full || !strings.Contains(h.Instead, "journal") {
		t.Fatalf("%s %s %q %v\n%s", r.Mode, r.Outcome, h.Instead, err, f.events())
	}
	if got := f.account(people[2]).Attrs.First("displayName"); got != "Person 2" {
		t.Errorf("the account is called %s", got)
	}
	if !strings.Contains(f.events(), "Write 1 of run") {
		t.Errorf("it is not told:\n%s", f.events())
	}
	if _, cs, r, err := f.increment(); err != nil || r.Mode != record.Incremental || len(cs) != 0 {
		t.Errorf("afterwards: %s %v %v", r.Mode, cs, err)
	}
}
