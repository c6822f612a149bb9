package lab

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// KerberosConfig is the krb5.conf of the domain, for clients.
func (d *Directory) KerberosConfig() string { return filepath.Join(d.state(), "krb5.conf") }

// state is the folder of the server: its CA file is STATE/tls/ca.pem.
func (d *Directory) state() string { return filepath.Dir(filepath.Dir(d.CA)) }

// Keytab exports the keys of an account of the Samba AD DC into a file.
func (d *Directory) Keytab(t testing.TB, account string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), strings.ReplaceAll(account, "/", "-")+".keytab")
	c := exec.Command("samba-tool", "domain", "exportkeytab", path, "--principal="+account, "-s",
		filepath.Join(d.state(), "smb.conf"))
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("lab: samba-tool domain exportkeytab: %v\n%s", err, out)
	}
	return path
}

// TicketCache gets tickets for the user with MIT Kerberos' kinit. ok is false if kinit is not
// installed.
func (d *Directory) TicketCache(t testing.TB, user, password string) (path string, ok bool) {
	t.Helper()
	kinit, err := exec.LookPath("kinit")
	if err != nil {
		return "", false
	}
	path = filepath.Join(t.TempDir(), "tickets")
	c := exec.Command(kinit, "-c", "FILE:"+path, user)
	c.Env = append(os.Environ(), "KRB5_CONFIG="+d.KerberosConfig())
	c.Stdin = bytes.NewBufferString(password + "\n")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("lab: kinit %s: %v\n%s", user, err, out)
	}
	return path, true
}
