//go:build unix

package program

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"dirbridge/cloud/scimtest"
	"dirbridge/ldap/ldaptest"
	"dirbridge/sync/record"
	"dirbridge/sync/sample"
)

// The line drops while a synchronization that was started in the console writes: it
// stops between two writes, and says so in its state; the next run does the rest.
func TestAHangUpStopsARunBetweenTwoWrites(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "dirbridge")
	if err := os.Symlink(os.Args[0], program); err != nil {
		t.Fatal(err)
	}
	company := sample.New(sample.Options{People: 300})
	ad, err := ldaptest.Start(t.Context(), ldaptest.Options{Rights: ldaptest.Rights{Replicate: true, ReadDeleted: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer ad.Close()
	sky, err := scimtest.Start(t.Context(), scimtest.Options{OrgName: "Acme", UniqueGroupNames: true})
	if err != nil {
		t.Fatal(err)
	}
	defer sky.Close()
	if err := ad.Load(company); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "dirbridge.toml")
	if err := writeDemo(config, dir, ad, sky, company.Options().Domain, "webex"); err != nil {
		t.Fatal(err)
	}
	sky.Inject(scimtest.Fault{Effect: scimtest.Delay, Writes: true, For: 400 * time.Millisecond})

	x := inTerminal(t, program, "--config", config, "--no-term-queries")
	x.await("SYNCHRONIZATION")
	x.types("f")
	x.await("recommended")
	x.types("f")
	x.await("yes")
	x.types("yes\r")
	for sky.Stats().Writes < 20 {
		x.wait("a write")
	}
	x.master.Close()
	if err := x.exit(); err != nil {
		t.Errorf("it ended with %v", err)
	}

	var status struct {
		Unfinished int64
		Last       []record.Run
	}
	verb(t, &status, program, "status", "--json", "--config", config)
	if status.Unfinished != 0 || len(status.Last) != 1 || status.Last[0].Outcome != record.Cancelled {
		t.Fatalf("%d writes without an answer, runs %+v", status.Unfinished, status.Last)
	}
	done := status.Last[0].Counts.Writes()
	if done < 20 || status.Last[0].NotDone == 0 {
		t.Errorf("%d writes done, %d not: it was not stopped in the middle", done, status.Last[0].NotDone)
	}
	sky.Heal()
	verb(t, nil, program, "sync", "--full", "--config", config)
	var plan struct{ Counts record.Counts }
	verb(t, &plan, program, "plan", "--full", "--json", "--config", config)
	if n := plan.Counts.Writes(); n != 0 {
		t.Errorf("%d changes are left", n)
	}
}
