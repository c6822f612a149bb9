//go:build unix

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dirbridge/cloud/scimtest"
	"dirbridge/ldap/ldaptest"
	"dirbridge/program"
	"dirbridge/sync/record"
	"dirbridge/sync/sample"
	"dirbridge/ui/e2e/terminal"
)

// TestAFilterChangeIsReviewedAndApplied follows a filter that excludes one person, from the first
// key to the cloud: tested as it is typed, reviewed with the person who leaves, shown by a dry run,
// saved, and applied.
func TestAFilterChangeIsReviewedAndApplied(t *testing.T) {
	dir := t.TempDir()
	binary := filepath.Join(dir, "dirbridge")
	if err := os.Symlink(os.Args[0], binary); err != nil {
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
	if err := program.WriteDemo(config, dir, ad, sky, company.Options().Domain, "webex"); err != nil {
		t.Fatal(err)
	}
	terminal.Verb(t, nil, binary, "sync", "--full", "--config", config)
	before := sky.Stats().Writes

	x := terminal.In(t, binary, "--config", config, "--no-term-queries", "--ascii")
	x.Await("Current Synchronization")
	x.Types("2")
	x.Await("40 people")
	x.Types("f")
	x.Await("User filter of corp")
	x.Types("(!(employeeNumber=100003))")
	x.Await("Matches 39 people")
	x.Types("\r")
	x.Types("a")
	x.Await("1 person leaves the scope, 0 people enter: 40 -> 39")
	x.Await("-1 people")
	x.Types("d")
	x.Await("Save the settings?")
	x.Await("user filter: (none) -> (!(employeeNumber=100003))")
	if text, _ := os.ReadFile(config); strings.Contains(string(text), "user_filter") {
		t.Fatal("it is saved before anybody said so")
	}
	x.Types("s")
	x.Await("Saved in")
	x.Types("a")
	x.Await("Apply plan")
	x.Await("apply 1")
	x.Types("apply 1\r")
	x.Await("Apply succeeded: 1 change")
	x.Types("q")
	if err := x.Exit(); err != nil {
		t.Errorf("it ended with %v", err)
	}

	text, err := os.ReadFile(config)
	if err != nil || !strings.Contains(string(text), `user_filter = "(!(employeeNumber=100003))"`) ||
		!strings.HasPrefix(string(text), "# Written by dirbridge demo.") {
		t.Errorf("the file is %v\n%s", err, text)
	}
	if n := sky.Stats().Writes - before; n == 0 {
		t.Error("nothing was written to the cloud")
	}
	var plan struct{ Counts record.Counts }
	terminal.Verb(t, &plan, binary, "plan", "--full", "--json", "--config", config)
	if n := plan.Counts.Writes(); n != 0 {
		t.Errorf("%d changes are left", n)
	}
}

// TestAccountsAreProtectedByKeys protects accounts on the settings page, with keys: the list
// accepts one value after the other, refuses a value that would protect everything, and is written
// to the file. The account stays unchanged from then on.
func TestAccountsAreProtectedByKeys(t *testing.T) {
	b := newTaskBench(t, 4)
	b.sync()
	x := b.console()
	x.Types("7")
	x.Shows("Connector Name")
	x.Types("l")
	x.Shows("Delete threshold", "Protected accounts")
	x.Types("jjjj+")
	x.Shows("ids of cloud accounts", "Value")
	x.Types("*\t")
	x.Shows("would protect nothing, or everything")
	x.Types("\x7fbreakglass*\r")
	x.Shows("breakglass*", "a Apply")
	x.Types("+")
	x.Shows("Value")
	x.Types("p2@example.com\r")
	x.Shows("p2@example.com", "a Apply")
	x.Types("a")
	x.Shows("Protected accounts: not set -> breakglass*; p2@example.com")
	x.Types("a")
	x.Shows("Saved in")
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
