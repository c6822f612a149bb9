//go:build unix

package e2e

import (
	"testing"

	"dirbridge/cloud/scimtest"
	"dirbridge/ui/e2e/terminal"
)

// TestNumbersNamesAndTheQueueAgree applies a plan of everything and undoes it: a number is the same in the
// totals, on its tab, in the list and in the dialog, a manager has a name, and the purge queue has exactly
// the accounts of which the dialog says that they are deleted.
func TestNumbersNamesAndTheQueueAgree(t *testing.T) {
	b := newTaskBench(t, 5)
	b.sync()
	b.change(personDN("p2"), "manager", personDN("p1"))
	b.change(personDN("p3"), "title", "Baker")
	b.leave("p4")
	b.change(personDN("p5"), "userAccountControl", "514")
	if err := b.dir.Add(personDN("p6"), map[string][]string{"objectClass": {"user"}, "sAMAccountName": {"p6"},
		"mail": {"p6@example.com"}, "displayName": {"Person 6"}, "sn": {"6"}}); err != nil {
		t.Fatal(err)
	}
	if err := b.dir.Add("CN=second,"+staff, map[string][]string{"objectClass": {"group"}, "sAMAccountName": {"second"},
		"member": {personDN("p1")}}); err != nil {
		t.Fatal(err)
	}
	stray := scimtest.User{UserName: "stray@example.com", Attrs: map[string]any{"active": true}}
	if _, err := b.sky.Add(stray); err != nil {
		t.Fatal(err)
	}

	x := terminal.InSize(t, 120, 40, b.program, "--config", b.config, "--no-term-queries", "--ascii", "--theme", "mono")
	x.Shows("Last good run")
	x.Types("d")
	x.Shows("The dry run is done", "+ 2 add", "~ 2 update", "- 3 deactivate")
	x.Types("\x1b[C")
	x.Shows("- Added - ", "1 of 2 -+", "second", "p6")
	x.Types("\x1b[C")
	x.Shows("- Updated - ", "1 of 2 -+", "manager: (empty) -> p1")
	x.Types("\x1b[C")
	x.Shows("- Deactivated - ", "1 of 3 -+")
	x.Types("a")
	x.Shows("3 people will be deactivated.", "People removed from the directory", "Unmatched accounts stay deactivated",
		"update 2 people", "Type  apply 8")
	x.Types("apply 8\r")
	x.Shows("Apply succeeded")

	x.Types("6")
	x.Onto("Apply")
	x.Types("u")
	x.Shows("The undo plan of run 2 is ready", "- 2 deactivate (1 person, 1 group)", "1 of 2 -+")
	x.Types("\x1b[D\x1b[D")
	x.Shows("- Updated - ", "manager: p1 -> (empty)")
	x.Types("a")
	x.Shows("deactivate 1 person", "1 group")
	x.Types("\x1b")
	x.Clears("Type  ")
	b.quit(x)

	var waiting struct{ Key string } // a line for each account, so that two are an error
	terminal.Verb(t, &waiting, b.program, "purge", "--list", "--json", "--config", b.config)
	if waiting.Key != "p4@example.com" {
		t.Errorf("in the purge queue are %+v", waiting)
	}
}

func (b *taskBench) change(dn, attribute, value string) {
	b.t.Helper()
	if err := b.dir.Modify(dn, map[string][]string{attribute: {value}}); err != nil {
		b.t.Fatal(err)
	}
}
