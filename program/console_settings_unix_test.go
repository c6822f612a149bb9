//go:build unix

package program

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dirbridge/cloud/scimtest"
	"dirbridge/ldap/ldaptest"
	"dirbridge/sync/record"
	"dirbridge/sync/sample"
)

// A filter that leaves one person out, from the first key to the cloud: tried while it is
// typed, reviewed by who leaves, shown by a dry run, saved, and applied.
func TestAFilterChangeIsReviewedAndApplied(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "dirbridge")
	if err := os.Symlink(os.Args[0], program); err != nil {
		t.Fatal(err)
	}
	company := sample.New(sample.Options{People: 40})
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
	verb(t, nil, program, "sync", "--full", "--config", config)
	before := sky.Stats().Writes

	x := inTerminal(t, program, "--config", config, "--no-term-queries", "--ascii")
	x.await("SYNCHRONIZATION")
	x.types("2")
	x.await("40 people")
	x.types("f")
	x.await("User filter of corp")
	x.types("(!(employeeNumber=100003))")
	x.await("It takes 39 people")
	x.types("\r")
	x.types("a")
	x.await("1 person leaves the scope, 0 people enter: 40 -> 39")
	x.await("-1 people")
	x.types("d")
	x.await("Save the settings?")
	x.await("user filter: (none) -> (!(employeeNumber=100003))")
	if text, _ := os.ReadFile(config); strings.Contains(string(text), "user_filter") {
		t.Fatal("it is saved before anybody said so")
	}
	x.types("s")
	x.await("Saved in")
	x.types("a")
	x.await("Apply plan")
	x.await("apply 1")
	x.types("apply 1\r")
	x.await("1 done")
	x.types("q")
	if err := x.exit(); err != nil {
		t.Errorf("it ended with %v", err)
	}

	text, err := os.ReadFile(config)
	if err != nil || !strings.Contains(string(text), `user_filter = "(!(employeeNumber=100003))"`) || !strings.HasPrefix(string(text), "# Written by dirbridge demo.") {
		t.Errorf("the file is %v\n%s", err, text)
	}
	if n := sky.Stats().Writes - before; n == 0 {
		t.Error("nothing was written to the cloud")
	}
	var plan struct{ Counts record.Counts }
	verb(t, &plan, program, "plan", "--full", "--json", "--config", config)
	if n := plan.Counts.Writes(); n != 0 {
		t.Errorf("%d changes are left", n)
	}
}

// Accounts are protected on the page of the settings, by keys: the list takes one value
// after the other, refuses what would protect everything, and stands in the file. The
// account is left alone from then on.
func TestAccountsAreProtectedByKeys(t *testing.T) {
	b := newTaskBench(t, 4)
	b.sync()
	x := b.console()
	x.types("7")
	x.shows("Connector Name")
	x.types("l")
	x.shows("Delete threshold", "Protected accounts")
	x.types("jjjj+")
	x.shows("ids of cloud accounts", "Value:")
	x.types("*")
	x.shows("would protect nothing, or everything")
	x.types("\x7fbreakglass*\r")
	x.shows("breakglass*")
	x.types("+")
	x.shows("Value:")
	x.types("p2@example.com\r")
	x.shows("p2@example.com")
	x.types("a")
	x.shows("policy.protected: (none) -> breakglass*; p2@example.com")
	x.types("a")
	x.shows("Saved in")
	b.quit(x)
	text, err := os.ReadFile(b.config)
	if err != nil || !strings.Contains(string(text), `protected = ["breakglass*", "p2@example.com"]`) {
		t.Fatalf("the file is %v\n%s", err, text)
	}
	b.leave("p2", "p3")
	b.sync()
	if !b.active("p2") || b.active("p3") {
		t.Error("what is protected was deactivated, or what is not was left alone")
	}
}
