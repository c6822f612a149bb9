//go:build unix

package e2e

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dirbridge/cloud/scimtest"
	"dirbridge/ldap/ldaptest"
	"dirbridge/sync/sample"
	"dirbridge/ui/e2e/terminal"
)

// firstStart is a machine without a configuration, with both servers to connect to.
type firstStart struct {
	*bench
	root, config, state string
}

func newFirstStart(t *testing.T, o ldaptest.Options) *firstStart {
	t.Helper()
	root := t.TempDir()
	b := &firstStart{&bench{secrets: []string{secretPassword, secretToken}}, root,
		filepath.Join(root, "etc", "dirbridge.toml"), filepath.Join(root, "state")}
	o.BindPassword = secretPassword
	var err error
	if b.dir, err = ldaptest.Start(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.dir.Close() })
	if b.sky, err = scimtest.Start(t.Context(), scimtest.Options{OrgName: "Acme", Token: secretToken,
		SignIn: scimtest.SignIn{Interval: time.Second}}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.sky.Close() })
	return b
}

// secretFree looks for the secrets in all files except those that hold them.
func (b *firstStart) secretFree(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(b.root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Dir(path) == filepath.Join(b.state, "secrets") {
			return err
		}
		text, err := os.ReadFile(path)
		if b.leak(text) != "" {
			t.Errorf("%s holds a secret", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestFirstStartLeadsToEnabledSynchronization goes from no file to enabled synchronization: in a
// real terminal, with keys alone, against both embedded servers. The verbs agree afterwards, and no
// secret is in any file except those that hold it.
func TestFirstStartLeadsToEnabledSynchronization(t *testing.T) {
	b := newFirstStart(t, ldaptest.Options{Rights: ldaptest.Rights{Replicate: true, ReadDeleted: true}})
	if err := b.dir.Load(sample.New(sample.Options{People: 40})); err != nil {
		t.Fatal(err)
	}
	t.Setenv("STATE_DIRECTORY", b.state)
	program := filepath.Join(t.TempDir(), "dirbridge")
	if err := os.Symlink(os.Args[0], program); err != nil {
		t.Fatal(err)
	}
	args := []string{"--config", b.config, "--no-term-queries", "--ascii", "--theme", "mono"}
	x := terminal.In(t, program, args...)
	x.Await("There is no configuration file")
	x.Types("\r")
	x.Await("Organization")
	x.Types("\r" + b.sky.URL() + "\r\r")
	x.Types("wrong\r\r")
	x.Await("401")
	x.Types("\x15" + secretToken + "\r\r") // the field with the error has the focus
	x.Await("0 users, 0 groups")
	x.Types("\r")
	x.Await("Controller")
	user, _ := b.dir.Credentials()
	x.Types("\x1b[B" + "corp.example.com\r" + strings.TrimPrefix(b.dir.URL(), "ldap://") + "\r\r" + user + "\r" +
		secretPassword + "\r")
	x.Types("\x1b[C\x1b[C\r\r") // no encryption, on this machine
	x.Await("not encrypted")
	x.Types("\r")
	x.Await("Add a directory")
	x.Types("\x03") // and quit
	if err := x.Exit(); err != nil {
		t.Fatal(err)
	}

	first := x.Screen()
	x = terminal.In(t, program, args...)
	x.Await("Add a directory")
	x.Types("\r")
	x.Await("40 people")
	x.Types("a")
	x.Await("Removed people")
	x.Types("\t\t\t\r")
	x.Await("Start the dry run")
	x.Types("\r")
	x.Await("people added")
	x.Types("\r")
	x.Await("Service account")
	x.Types("\t\t\r")
	x.Await("Now start the service")
	x.Types("\r")
	x.Await("Current Synchronization")
	x.Types("q")
	if err := x.Exit(); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{secretToken, secretPassword} {
		if strings.Contains(first+x.Screen(), secret) {
			t.Error("a secret was on the screen")
		}
	}

	var status struct {
		Mode struct{ Enabled bool }
	}
	terminal.Verb(t, &status, program, "status", "--json", "--config", b.config)
	if !status.Mode.Enabled {
		t.Error("status does not say that synchronization is enabled")
	}
	if b.sky.Stats().Writes != 0 {
		t.Error("the set-up wrote to the cloud")
	}
	if _, err := os.Stat(b.config + ".setup"); err == nil {
		t.Error("the draft is left over")
	}
	b.secretFree(t)

	// From then on it is a configuration like any other.
	terminal.Verb(t, nil, program, "sync", "--full", "--config", b.config)
	if b.sky.Stats().Writes == 0 {
		t.Error("nothing was synchronized")
	}
}

// TestAccessibleFirstStartHidesSecrets checks that a terminal hides a typed secret and shows
// everything typed before and after it.
func TestAccessibleFirstStartHidesSecrets(t *testing.T) {
	b := newFirstStart(t, ldaptest.Options{})
	t.Setenv("STATE_DIRECTORY", b.state)
	program := filepath.Join(t.TempDir(), "dirbridge")
	if err := os.Symlink(os.Args[0], program); err != nil {
		t.Fatal(err)
	}
	x := terminal.In(t, program, "--accessible", "--config", b.config)
	x.Await("Choice: ")
	x.Types("1\r")
	x.Await("Enter for Webex: ")
	x.Types("\r")
	x.Await("Organization: ")
	x.Types(b.sky.URL() + "\r")
	x.Await(b.sky.URL())
	x.Await("Enter for Token: ")
	x.Types("\r")
	x.Await("\nToken: ")
	x.Types(secretToken + "\r")
	x.Await("Enter for system: ")
	x.Types("none\r")
	x.Await("0 users, 0 groups")
	x.Await("none")
	x.Await("Choice: ")
	x.Types("1\r")
	x.Await("Step 2 of 6")
	x.Types("q\r")
	if err := x.Exit(); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(x.Screen(), secretToken) {
		t.Error("the secret was shown")
	}
	b.secretFree(t)
}
