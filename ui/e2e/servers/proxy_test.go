package servers

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dirbridge/ldap/ldaptest"
	"dirbridge/ldap/ldaptest/lab"
	"dirbridge/ui/e2e/site"
)

// TestThroughSquid synchronizes through a real proxy with each kind of sign-in.
func TestThroughSquid(t *testing.T) {
	t.Parallel()
	const password = "proxy_password = \"file:proxy-password\"\n"
	for _, x := range []struct{ auth, lines, wrong, says string }{
		{auth: "none"},
		{auth: "basic", lines: "proxy_user = \"ana\"\n" + password, wrong: "proxy_user = \"bob\"\n" + password,
			says: "refuses the sign-in by basic (407)"},
		{auth: "ntlm", lines: "proxy_user = \"CORP\\\\ana\"\n" + password,
			wrong: "proxy_user = \"bob\"\n" + password, says: "refuses the sign-in by ntlm (407)"},
		{auth: "ntlm", lines: "proxy_user = \"ana\"\n" + password,
			wrong: "proxy_auth = \"basic\"\nproxy_user = \"ana\"\n" + password,
			says:  "(407) by ntlm, and the settings allow basic"},
	} {
		t.Run(x.auth, func(t *testing.T) {
			t.Parallel()
			throughProxy(t, lab.Squid(t, x.auth, ""), x.lines, x.wrong, x.says)
		})
	}
}

// TestThroughSquidByKerberos signs in to the proxy with a ticket of a real domain.
func TestThroughSquidByKerberos(t *testing.T) {
	d := lab.Samba(t, lab.Empty)
	t.Cleanup(d.Close)
	keytab := filepath.Join(os.TempDir(), filepath.Base(t.TempDir())+"-squid.keytab") // squid has an account of its own
	t.Cleanup(func() { _ = os.Remove(keytab) })
	p := lab.Squid(t, "negotiate", keytab)
	host, _, _ := strings.Cut(p.Address, ":")
	d.Set(t, d.One(t, "(sAMAccountName=svc-plain)"), "servicePrincipalName", "HTTP/"+host)
	keys, err := os.ReadFile(d.Keytab(t, "HTTP/"+host))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(keytab, keys, 0o644); err != nil {
		t.Fatal(err)
	}
	account, _, _ := strings.Cut(d.User, "@")
	t.Setenv("KRB5_CONFIG", d.KerberosConfig())
	user := d.User
	throughProxy(t, p, "proxy_user = \""+user+"\"\nproxy_keytab = \""+d.Keytab(t, account)+"\"\n",
		"proxy_auth = \"ntlm\"\nproxy_user = \"ana\"\nproxy_password = \"file:proxy-password\"\n",
		"(407) by negotiate, and the settings allow ntlm")
}

// throughProxy synchronizes through a proxy, and plans again with settings that the proxy refuses.
func throughProxy(t *testing.T, p lab.Proxy, lines, wrong, says string) {
	_, d := site.EmbeddedDirectory(t, ldaptest.Options{})
	base := d.Scratch(t)
	for _, name := range []string{"ana", "bob", "cyn"} {
		d.AddPerson(t, base, name, map[string][]string{"mail": {name + "@example.com"}, "displayName": {name}})
	}
	cloud := site.EmbeddedCloud(t)
	set := site.Settings{Base: []string{base}, Proxy: "http://" + p.Address, MoreCloud: lines}
	s := site.New(t, d, cloud, set)
	if err := os.WriteFile(filepath.Join(s.Home, "proxy-password"), []byte("s3cret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := s.Sync(t); r.Counts.Users.Add != 3 {
		t.Errorf("%d people were added", r.Counts.Users.Add)
	}
	log, err := os.ReadFile(p.Log)
	if err != nil || !strings.Contains(string(log), "CONNECT "+host(t, cloud.URL)) {
		t.Errorf("nothing went through squid: %v\n%s", err, log)
	}
	if wrong == "" {
		return
	}
	set.MoreCloud = wrong
	s.Configure(t, set)
	if got := s.Must(t, 1, "plan"); !strings.Contains(got.Err, says) {
		t.Errorf("the proxy's refusal is said as %s", got.Err)
	}
}

func host(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}
