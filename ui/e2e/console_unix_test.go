//go:build unix

package e2e

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"dirbridge/cloud/scimtest"
	"dirbridge/ldap/ldaptest"
	"dirbridge/program"
	"dirbridge/sync/record"
	"dirbridge/sync/sample"
	"dirbridge/ui/e2e/terminal"
)

// TestAHangUpStopsARunBetweenTwoWrites hangs up the terminal while a synchronization started in the
// console writes: it stops between two writes, and records that in its state; the next run does the
// rest.
func TestAHangUpStopsARunBetweenTwoWrites(t *testing.T) {
	dir := t.TempDir()
	binary := filepath.Join(dir, "dirbridge")
	if err := os.Symlink(os.Args[0], binary); err != nil {
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
	if err := program.WriteDemo(config, dir, ad, sky, company.Options().Domain, "webex"); err != nil {
		t.Fatal(err)
	}
	sky.Inject(scimtest.Fault{Effect: scimtest.Delay, Writes: true, For: 400 * time.Millisecond})

	x := terminal.In(t, binary, "--config", config, "--no-term-queries")
	x.Await("Current Synchronization")
	x.Types("F")
	x.Await("Dry run first")
	x.Types("f")
	x.Await("yes")
	x.Types("yes\r")
	for sky.Stats().Writes < 20 {
		x.Wait("a write")
	}
	x.Master.Close()
	if err := x.Exit(); err != nil {
		t.Errorf("it ended with %v", err)
	}

	var status struct {
		Unfinished int64
		Last       []record.Run
	}
	terminal.Verb(t, &status, binary, "status", "--json", "--config", config)
	if status.Unfinished != 0 || len(status.Last) != 1 || status.Last[0].Outcome != record.Cancelled {
		t.Fatalf("%d writes without an answer, runs %+v", status.Unfinished, status.Last)
	}
	done := status.Last[0].Counts.Writes()
	if done < 20 || status.Last[0].NotDone == 0 {
		t.Errorf("%d writes done, %d not: it was not stopped in the middle", done, status.Last[0].NotDone)
	}
	sky.Heal()
	terminal.Verb(t, nil, binary, "sync", "--full", "--config", config)
	var plan struct{ Counts record.Counts }
	terminal.Verb(t, &plan, binary, "plan", "--full", "--json", "--config", config)
	if n := plan.Counts.Writes(); n != 0 {
		t.Errorf("%d changes are left", n)
	}
}
