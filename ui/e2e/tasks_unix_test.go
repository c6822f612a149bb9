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
	"dirbridge/ui/e2e/terminal"
)

// Tasks of an administrator's day, with keys alone, in a terminal of 80 columns and 24 lines: the
// real program between an embedded directory and an embedded cloud. The first setup and a change of
// a filter have separate tests.

// taskBench is a company of p1, p2, ..., in the group team, and a configuration for it.
type taskBench struct {
	*bench
	t       *testing.T
	program string
	config  string
}

func newTaskBench(t *testing.T, people int) *taskBench {
	t.Helper()
	if testing.Short() {
		t.Skip("by hand and in full runs: what is told for a moment may be drawn over on a slow machine")
	}
	t.Setenv("SUDO_USER", "ana") // the operator at the console
	dir := t.TempDir()
	b := &taskBench{bench: &bench{}, t: t, program: filepath.Join(dir, "dirbridge"),
		config: filepath.Join(dir, "dirbridge.toml")}
	err := os.Symlink(os.Args[0], b.program)
	if err != nil {
		t.Fatal(err)
	}
	if b.dir, err = ldaptest.Start(t.Context(), ldaptest.Options{Rights: ldaptest.Rights{Replicate: true,
		ReadDeleted: true}}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.dir.Close() })
	if b.sky, err = scimtest.Start(t.Context(), scimtest.Options{OrgName: "Acme", UniqueGroupNames: true}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.sky.Close() })
	if err := b.hire(people); err != nil {
		t.Fatal(err)
	}
	if err := program.WriteDemo(b.config, dir, b.dir, b.sky, "corp.example.com", "webex"); err != nil {
		t.Fatal(err)
	}
	return b
}

// set replaces a text of the configuration.
func (b *taskBench) set(old, text string) {
	b.t.Helper()
	was, err := os.ReadFile(b.config)
	if err != nil || !strings.Contains(string(was), old) {
		b.t.Fatalf("%q cannot be replaced: %v\n%s", old, err, was)
	}
	if err := os.WriteFile(b.config, []byte(strings.Replace(string(was), old, text, 1)), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

func (b *taskBench) sync() {
	b.t.Helper()
	terminal.Verb(b.t, nil, b.program, "sync", "--full", "--config", b.config)
}

func (b *taskBench) leave(names ...string) {
	b.t.Helper()
	for _, name := range names {
		if err := b.dir.Delete(personDN(name)); err != nil {
			b.t.Fatal(err)
		}
	}
}

// console opens the console, and waits until it is ready.
func (b *taskBench) console() *terminal.Terminal {
	b.t.Helper()
	x := terminal.InSize(b.t, 80, 24, b.program, "--config", b.config, "--no-term-queries", "--ascii", "--theme", "mono")
	x.Shows("Last Synchronization", "Last good run")
	return x
}

// quit leaves the console.
func (b *taskBench) quit(x *terminal.Terminal) {
	b.t.Helper()
	x.Types("q")
	if err := x.Exit(); err != nil {
		b.t.Errorf("it ended with %v", err)
	}
}

// active reports whether a person's account is active; the account must exist.
func (b *taskBench) active(name string) bool {
	b.t.Helper()
	u, ok := b.sky.User(name + "@example.com")
	if !ok {
		b.t.Fatalf("the cloud has no %s", name)
	}
	return u.Active
}

// inStep checks that nothing is left to write.
func (b *taskBench) inStep() {
	b.t.Helper()
	var plan struct{ Counts record.Counts }
	terminal.Verb(b.t, &plan, b.program, "plan", "--full", "--json", "--config", b.config)
	if n := plan.Counts.Writes(); n != 0 {
		b.t.Errorf("%d changes are left", n)
	}
}

// lastRun returns the last run as the verbs report it.
func (b *taskBench) lastRun() record.Run {
	b.t.Helper()
	var runs []record.Run
	terminal.Verb(b.t, &runs, b.program, "history", "--json", "--config", b.config)
	return runs[0]
}

// TestAThresholdStopIsOverridden has more people leave than the threshold allows: the dry run is
// held, says why they leave, and is applied after the operator types the exact number.
func TestAThresholdStopIsOverridden(t *testing.T) {
	b := newTaskBench(t, 8)
	b.sync()
	b.set("delete_threshold = 20", "delete_threshold = 1")
	b.leave("p1", "p2")
	b.sky.ResetStats()

	x := b.console()
	x.Types("d")
	x.Shows("HELD")
	x.Types("4")
	x.Shows(" HELD ", "- 2 deactivate")
	x.Types("a")
	x.Shows("it is held")
	x.Types("w")
	x.Shows("HELD: nothing of the plan can be applied yet", "2  are no longer in the directory",
		"override it for", "Review the accounts and the reasons")
	x.Types("\x1b")
	x.Clears("HELD: nothing of the plan")
	x.Types("o")
	x.Shows("Override the threshold and apply plan", "deactivate 2")
	x.Types("deactivate 3\r")
	x.Shows("Doesn't match. Type: deactivate 2")
	if n := b.sky.Stats().Writes; n != 0 {
		t.Fatalf("%d writes before the right words", n)
	}
	x.Types("\x15deactivate 2\r")
	x.Shows("Apply succeeded")
	x.Clears("HELD")
	x.Types("6")
	x.Onto("Apply")
	x.Types("\r")
	x.Shows("by ana", "override", "overrode the delete threshold (2 removals)")
	b.quit(x)

	for name, want := range map[string]bool{"p1": false, "p2": false, "p3": true} {
		if b.active(name) != want {
			t.Errorf("%s is active: %v", name, !want)
		}
	}
	if run := b.lastRun(); run.By != "ana" || len(run.Overrides) != 1 || run.Overrides[0].Count != 2 {
		t.Errorf("the run is %+v", run)
	}
	b.inStep()
}

// TestAFailedRecordIsFoundAndUnderstood has the cloud refuse one person. The dashboard leads to the
// record, which shows the reason and the remedy; the person can be explained; and after the fix the
// dashboard is good again.
func TestAFailedRecordIsFoundAndUnderstood(t *testing.T) {
	b := newTaskBench(t, 4)
	b.sky.Inject(scimtest.Fault{Effect: scimtest.RefuseKey, Key: "p3@example.com", Status: 400})

	x := b.console()
	x.Types("F")
	x.Shows("Dry run first")
	x.Types("f")
	x.Shows("Type  yes")
	x.Types("yes\r")
	// the group waits for its member
	x.Shows("FAILED: run 1", "1 failed, 1 skipped", "2 records failed in the last run")
	x.Types("\r")
	x.Clears("Current Synchronization")
	x.Shows("p3@example.com", "Records that failed")
	x.Onto("p3@example.com")
	x.Types("\r")
	x.Shows("Run 1, Full", "by ana", "the cloud answered 400")
	x.Onto("add: the cloud answered 400")
	x.Types("\r")
	x.Shows("Record", "the cloud answered 400", "Correct the value in the directory", "write-failed")
	x.Types("\x1b")
	x.Clears("write-failed")
	x.Types("x")
	x.Shows("p3@example.com", "No account in the cloud.", "It will be added by the next run")
	x.Types("\x1b[F")
	x.Shows("change    add: new in the directory")
	x.Types("\x1b")
	x.Clears("change    add: new in the directory")

	b.sky.Heal()
	x.Types("1")
	x.Shows("Records that failed")
	x.Types("\x1b")
	x.Shows("FAILED: run 1")
	x.Types("F") // no dry run is recommended, because the plan of run 1 exists
	x.Shows("4 people added", "Type  yes")
	x.Types("yes\r")
	x.Shows("Full succeeded")
	x.Clears("failed in the last run")
	b.quit(x)

	if !b.active("p3") {
		t.Error("p3 is not active")
	}
	if run := b.lastRun(); run.Outcome != record.Done || run.Failed != 0 {
		t.Errorf("the run is %+v", run)
	}
	b.inStep()
}

// TestARunIsUndone undoes an unwanted run from the history.
func TestARunIsUndone(t *testing.T) {
	b := newTaskBench(t, 4)
	b.sync()
	if err := b.dir.Modify(personDN("p2"), map[string][]string{"title": {"Emperor"}}); err != nil {
		t.Fatal(err)
	}
	b.sync()
	title := func() any {
		u, _ := b.sky.User("p2@example.com")
		return u.Attrs["title"]
	}
	if title() != "Emperor" {
		t.Fatalf("the title is %v", title())
	}

	x := b.console()
	x.Types("6")
	x.Shows("[6History]", "Run v")
	x.Onto(" 2  Full")
	x.Shows("open  u Undo this run")
	x.Types("u")
	x.Shows("Undo of run 2", "1 update", "The next synchronization would make 1 of these changes again")
	x.Types("a")
	x.Shows("Undo run 2: apply plan", "undo 1")
	x.Types("undo 1\r")
	for title() != "Clerk" {
		x.Wait("the end of the undo") // its message may be drawn over
	}
	x.Types("6")
	x.Onto("Undo of 2")
	x.Types("\r")
	x.Shows("undoes", "run 2")
	b.quit(x)

	if title() != "Clerk" {
		t.Errorf("the title is %v", title())
	}
	if run := b.lastRun(); run.UndoOf != 2 || run.By != "ana" {
		t.Errorf("the run is %+v", run)
	}
}

// TestThePurgeQueueIsSeenTo checks two accounts in the purge queue: one is kept, with a reason, the
// other is purged at once after the operator types the number.
func TestThePurgeQueueIsSeenTo(t *testing.T) {
	b := newTaskBench(t, 6)
	b.sync()
	b.leave("p1", "p2")
	b.sync()

	x := b.console()
	x.Types("9")
	x.Shows("2 waiting, 0 overdue, 0 kept")
	x.Onto("p1@example.com")
	x.Types("K")
	x.Shows("from the purge", "Reason, for others to see:")
	x.Types("legal hold\r")
	x.Shows("Last day")
	x.Types("\r")
	x.Shows("is kept from the purge.", "1 kept", "kept by ana: legal hold")
	x.Onto("p2@example.com")
	x.Types("p")
	x.Shows("Plan to purge 1 account now", "Purged people lose all their spaces")
	x.Types("p")
	x.Shows("4Dry Run]", "Purge, ", "1 delete", "cannot be undone")
	x.Types("a")
	x.Shows("Purge: apply plan", "purge 1")
	x.Types("purge 2\r")
	x.Shows("Doesn't match. Type: purge 1")
	if _, ok := b.sky.User("p2@example.com"); !ok {
		t.Fatal("p2 is purged before the right words")
	}
	x.Types("\x15purge 1\r")
	x.Shows("Apply succeeded")
	x.Types("9")
	x.Shows("1 waiting, 0 overdue, 1 kept")
	x.Clears("p2@example.com")
	b.quit(x)

	if b.active("p1") {
		t.Error("p1 is active")
	}
	if _, ok := b.sky.User("p2@example.com"); ok {
		t.Error("the cloud still has p2")
	}
	b.inStep()
}
