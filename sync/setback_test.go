package sync_test

import (
	"testing"
	"time"

	"dirbridge/sync"
	"dirbridge/sync/identity"
	"dirbridge/sync/policy"
	"dirbridge/sync/record"
)

// TestClockSetBack: a clock that is set back by a year dates every link in the future. Nothing
// waits for that year: an account that was removed in the cloud is added again, and a write that
// was never answered is checked.
func TestClockSetBack(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.cloud.Limit.Settling = 200 * time.Millisecond
	ana := f.dir.Add(person("Ana", "ana@example.com"))
	f.dir.Add(person("Bo", "bo@example.com"))
	f.mustSync()
	f.dir.Add(person("Cy", "cy@example.com"))
	f.cloud.Fault = die("cy@example.com")
	if _, _, err := f.sync(noOverride); err == nil {
		t.Fatal("it lives")
	}
	f.cloud.Fault = nil
	f.cloud.Remove(f.account(ana).ID)
	f.store.Close()
	f.open()

	f.now = f.now.AddDate(-1, 0, 0)
	begin := time.Now()
	clock := func() time.Time { return f.now.Add(time.Since(begin)) }
	p, run, err := f.engineAt(clock).Sync(t.Context(), sync.Request{Mode: record.Full}, noOverride)
	if err != nil || run.Outcome != record.Done {
		t.Fatalf("%v %+v", err, run)
	}
	p.Close()
	if took := time.Since(begin); took > 30*time.Second {
		t.Errorf("it took %v", took)
	}
	f.account(ana)
	if n := len(f.cloud.All(identity.User)); n != 3 {
		t.Errorf("%d accounts", n)
	}
}

// TestARefusedCookieIsNotTakenAgain: a run that is held notices that a server was restored from a
// backup. By the next run the server accepts the old cookie again: everything is read all the same.
func TestARefusedCookieIsNotTakenAgain(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir())
	f.policy.Threshold = policy.Threshold{Number: 1}
	ana := f.dir.Add(person("Ana", "ana@example.com"))
	var gone []identity.Anchor
	for _, name := range []string{"bo", "cy"} {
		gone = append(gone, f.dir.Add(person(name, name+"@example.com")))
	}
	f.mustSync()
	changesAlone := func() record.Mode {
		t.Helper()
		f.now = f.now.Add(time.Minute)
		p, run, err := f.engine().Sync(t.Context(), sync.Request{Mode: record.Incremental}, noOverride)
		if err != nil && !isHeld(err) {
			t.Fatal(err)
		}
		p.Close()
		return run.Mode
	}
	for _, a := range gone {
		f.dir.Delete(a)
	}
	f.dir.Stale = "it was put back"
	if got := changesAlone(); got != record.Full {
		t.Errorf("a refused position led to a run that is %s", got)
	}
	f.dir.Stale = ""
	f.edit(ana, "title", "Chief")
	for range 2 { // held again
		if got := changesAlone(); got != record.Full {
			t.Errorf("the run after it is %s", got)
		}
	}
	f.policy.Threshold = policy.Threshold{Off: true}
	f.mustSync()
	if got := changesAlone(); got != record.Incremental {
		t.Errorf("once everything was read, the next run is %s", got)
	}
}
