package lab

import (
	"net/url"
	"os"
	"testing"
)

// Restore replaces the contents of the Samba AD DC by a snapshot, as if its machine was reset to an
// earlier state: the server does not notice.
func (d *Directory) Restore(t testing.TB, snapshot string) {
	t.Helper()
	d.Close()
	d.command(t, "reset", "samba", snapshot)
}

// GrantDeleted permits an account of the Samba AD DC to read CN=Deleted Objects.
func (d *Directory) GrantDeleted(t testing.TB, account string) {
	t.Helper()
	d.command(t, "grant", "samba", account)
}

// command runs a verb of the lab's script for the server at the directory's address.
func (d *Directory) command(t testing.TB, verb ...string) {
	t.Helper()
	script, err := scriptPath()
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(d.URL)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := run(script, append(os.Environ(), "LAB_IP="+u.Hostname()), verb...); err != nil {
		t.Fatalf("lab: %v: %v\n%s", verb, err, out)
	}
}
