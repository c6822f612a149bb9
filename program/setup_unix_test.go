//go:build unix

package program

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dirbridge/ldap/ldaptest"
	"dirbridge/sync/sample"
)

// From no file to enabled synchronization: in a real terminal, by keys alone, against
// both embedded servers. The verbs agree afterwards, and no secret is anywhere but in
// the files that are kept for it.
func TestFirstStartLeadsToEnabledSynchronization(t *testing.T) {
	b := newSetupBench(t, ldaptest.Options{Rights: ldaptest.Rights{Replicate: true, ReadDeleted: true}})
	if err := b.dir.Load(sample.New(sample.Options{People: 40})); err != nil {
		t.Fatal(err)
	}
	t.Setenv("STATE_DIRECTORY", b.stateDir)
	program := filepath.Join(t.TempDir(), "dirbridge")
	if err := os.Symlink(os.Args[0], program); err != nil {
		t.Fatal(err)
	}
	args := []string{"--config", b.path, "--no-term-queries", "--ascii", "--theme", "mono"}
	x := inTerminal(t, program, args...)
	x.await("Sign in to the cloud")
	x.types("\r" + b.sky.URL() + "\r")
	x.types("wrong\r\r")
	x.await("401")
	x.types("\x1b[A\x1b[A\x15" + secretToken + "\r\r")
	x.await("0 users, 0 groups")
	x.types("\r")
	x.await("Controller")
	user, _ := b.dir.Credentials()
	x.types("\x1b[B" + "corp.example.com\r" + strings.TrimPrefix(b.dir.URL(), "ldap://") + "\r\r" + user + "\r" + secretPassword + "\r")
	x.types("\x1b[C\x1b[C\r\r") // no encryption, on this machine
	x.await("not encrypted")
	x.types("\r")
	x.await("Add another directory")
	x.types("\x03") // and left
	if err := x.exit(); err != nil {
		t.Fatal(err)
	}

	first := x.screen()
	x = inTerminal(t, program, args...)
	x.await("Add another directory")
	x.types("\r")
	x.await("Leave them alone")
	x.types("\r")
	x.await("40 people")
	x.types("a")
	x.await("Make the dry run")
	x.types("\r")
	x.await("people added")
	x.types("\x1b[B\r")
	x.await("From then on")
	x.types("\r")
	x.await("The next thing to do")
	x.types("\r")
	x.await("CURRENT SYNCHRONIZATION")
	x.types("q")
	if err := x.exit(); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{secretToken, secretPassword} {
		if strings.Contains(first+x.screen(), secret) {
			t.Error("a secret was on the screen")
		}
	}

	var status struct {
		Mode struct{ Enabled bool }
	}
	verb(t, &status, program, "status", "--json", "--config", b.path)
	if !status.Mode.Enabled {
		t.Error("status does not say that synchronization is enabled")
	}
	if b.sky.Stats().Writes != 0 {
		t.Error("the set-up wrote to the cloud")
	}
	if _, err := os.Stat(b.draftPath()); err == nil {
		t.Error("the draft is left over")
	}
	b.secretFreeBelow(t)

	// From then on it is a configuration like any other.
	verb(t, nil, program, "sync", "--full", "--config", b.path)
	if b.sky.Stats().Writes == 0 {
		t.Error("nothing was synchronized")
	}
}

// What is typed of a secret is not shown in a terminal, and all else is, before and after.
func TestAccessibleFirstStartHidesSecrets(t *testing.T) {
	b := newSetupBench(t, ldaptest.Options{})
	t.Setenv("STATE_DIRECTORY", b.stateDir)
	program := filepath.Join(t.TempDir(), "dirbridge")
	if err := os.Symlink(os.Args[0], program); err != nil {
		t.Fatal(err)
	}
	x := inTerminal(t, program, "--accessible", "--config", b.path)
	x.await("Enter for Webex: ")
	x.types("\r")
	x.await("Organization: ")
	x.types(b.sky.URL() + "\r")
	x.await(b.sky.URL())
	x.await("Token: ")
	x.types(secretToken + "\r")
	x.await("Enter for system: ")
	x.types("none\r")
	x.await("0 users, 0 groups")
	x.await("none")
	x.await("Choice: ")
	x.types("1\r")
	x.await("Step 2 of 6")
	x.types("q\r")
	if err := x.exit(); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(x.screen(), secretToken) {
		t.Error("the secret was shown")
	}
	b.secretFreeBelow(t)
}
