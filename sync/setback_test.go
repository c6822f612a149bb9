package sync_test

import (
	"testing"
	"time"

	"dirbridge/sync"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
)

// A clock that is set back by a year makes every link one of the future. Nothing waits
// for it to go by: who was removed in the cloud is made again, and a write that was never
// answered is looked at.
func TestClockSetBack(t *testing.T) {
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
