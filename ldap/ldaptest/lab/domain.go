package lab

import (
	"net/url"
	"os"
	"testing"
)

// Restore puts a snapshot in place of what the Samba AD DC holds, as if its machine
// were put back to an earlier state: it does not know of it.
func (d *Directory) Restore(t testing.TB, snapshot string) {
	t.Helper()
	d.Close()
	d.command(t, "reset", "samba", snapshot)
}

// GrantDeleted lets an account of the Samba AD DC look into CN=Deleted Objects.
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
