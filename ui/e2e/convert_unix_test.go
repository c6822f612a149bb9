//go:build unix

package e2e

import (
	"os/exec"
	"testing"

	"dirbridge/ui/e2e/terminal"
)

// TestAnAccountOfAnotherOrganizationIsConverted takes over an account by the guided procedure, and leaves
// the console in the middle of it.
func TestAnAccountOfAnotherOrganizationIsConverted(t *testing.T) {
	b := newTaskBench(t, 3)
	b.sky.Reserve("p2@example.com")
	if out, err := exec.Command(b.program, "sync", "--full", "--config", b.config).CombinedOutput(); err == nil {
		t.Fatalf("the reserved address was no conflict:\n%s", out)
	}
	x := b.console()
	x.Shows("1 account belongs to another organization")
	x.Types("\x1ba")
	x.Shows("Synchronization Mode")
	x.Types("mc")
	x.Shows("1 naming conflict is known.", "1 Disable synchronization")
	x.Types("\r")
	x.Shows("E-mail addresses, or Enter")
	x.Types("\r")
	x.Shows("Conversion of 1 account", "p2@example.com", "not checked yet")
	b.quit(x)

	if err := b.sky.Convert("p2@example.com"); err != nil {
		t.Fatal(err)
	}
	x = b.console()
	x.Shows("Conversion of 1 account: next is step 2")
	x.Types("d")
	x.Shows("The dry run is done", "convert accounts")
	x.Types("L")
	x.Shows("4 Check that none of them would be removed", "p2@example.com", "matched")
	x.Types("E")
	x.Shows("Turn the schedule on?")
	x.Types("e")
	x.Shows("The schedule is on.", "No conversion is under way.")
	x.Clears("naming conflict")
	b.quit(x)
	var mode struct{ Mode struct{ Enabled bool } }
	terminal.Verb(t, &mode, b.program, "status", "--json", "--config", b.config)
	if !mode.Mode.Enabled {
		t.Error("the schedule is off")
	}
	b.sync()
	b.inStep()
}
