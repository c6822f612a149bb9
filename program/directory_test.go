package program

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"dirbridge/config"
	"dirbridge/ldap"
)

// TestDirectoryOptions checks that every directory setting of the file reaches the adapter.
func TestDirectoryOptions(t *testing.T) {
	for name, c := range map[string]struct {
		lines string
		ok    func(ldap.Options) bool
	}{
		"domain alone": {"domain = \"corp.example.com\"\nsite = \"Berlin\"", func(o ldap.Options) bool {
			return o.Domain == "corp.example.com" && o.Site == "Berlin" && len(o.Servers) == 0
		}},
		"servers stand for the domain's": {"domain = \"corp.example.com\"\nservers = [\"ldaps://dc1.corp.example.com\"]",
			func(o ldap.Options) bool {
				return o.Domain == "" && len(o.Servers) == 1
			}},
		"no password is none, and not an empty one": {"domain = \"x.example.com\"\nbind = \"kerberos\"",
			func(o ldap.Options) bool {
				return o.Bind == ldap.BindKerberos && o.BindPassword == nil
			}},
		"a password": {"domain = \"x.example.com\"\nbind = \"ntlm\"\nbind_user = \"svc\"\nbind_domain = " +
			"\"X\"\nbind_password = \"env:DIRBRIDGE_TEST_BIND\"", func(o ldap.Options) bool {
			p, err := o.BindPassword()
			return o.Bind == ldap.BindNTLM && o.BindUser == "svc" && o.BindDomain == "X" && p == "secret" && err == nil
		}},
		"Kerberos": {"servers = [\"ldaps://dc1.x.example.com\"]\nbind = \"kerberos\"\nbind_user = \"svc@X\"\nkeytab = " +
			"\"/k\"\nkerberos_config = \"/c\"\nrealm = \"X\"\nservice_principal = \"ldap/x\"", func(o ldap.Options) bool {
			return o.BindUser == "svc@X" && o.Keytab == "/k" && o.KerberosConfig == "/c" && o.Realm == "X" &&
				o.ServicePrincipal == "ldap/x"
		}},
		"tickets, beside the file": {"domain = \"x.example.com\"\nbind = \"kerberos\"\ncredential_cache = \"FILE:tickets\"",
			func(o ldap.Options) bool {
				return filepath.IsAbs(o.CredentialCache) && filepath.Base(o.CredentialCache) == "tickets" &&
					filepath.Base(filepath.Dir(o.CredentialCache)) == "dirbridge"
			}},
		"a certificate": {"domain = \"x.example.com\"\nbind = \"external\"\nclient_cert = \"/cert\"\nclient_key = " +
			"\"/key\"\nca_file = \"/ca\"", func(o ldap.Options) bool {
			return o.Bind == ldap.BindExternal && o.ClientCert == "/cert" && o.ClientKey == "/key" && o.CAFile == "/ca"
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("DIRBRIDGE_TEST_BIND", "secret")
			text := fmt.Sprintf("[[directory]]\nname = \"corp\"\n%s\n[cloud]\nkind = \"webex\"\nbase_url = "+
				"\"https://127.0.0.1:1/v2\"\ntoken = \"env:T\"\n", c.lines)
			cfg, err := config.Parse("/etc/dirbridge/dirbridge.toml", []byte(text), CheckMapping)
			if err != nil {
				t.Fatal(err)
			}
			o := directoryOptions(cfg.Directories[0])
			if !c.ok(o) {
				t.Errorf("%+v", o)
			}
			// The adapter accepts whatever the file accepts.
			if _, err := ldap.New(o); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestFileAndAdapterRefuseTheSame checks that the adapter also refuses every sign-in setting that
// the file refuses, so that the two cannot drift apart.
func TestFileAndAdapterRefuseTheSame(t *testing.T) {
	for _, lines := range []string{
		`bind = "ntlm"`, "bind = \"ntlm\"\nbind_user = \"svc\"\nbind_password = \"env:X\"",
		"bind = \"ntlm\"\nbind_user = \"CN=a,DC=b\"\nbind_password = \"env:X\"",
		"bind = \"kerberos\"\nkeytab = \"/k\"\ncredential_cache = \"/c\"", "bind = \"kerberos\"\nbind_password = \"env:X\"",
		"bind = \"kerberos\"\nbind_user = \"CN=a,DC=b\"",
		"bind = \"kerberos\"\ncredential_cache = \"KEYRING:x\"", "bind = \"kerberos\"\nservice_principal = \"ldap\"", `bind = "external"`,
		"bind = \"external\"\nclient_cert = \"/c\"\nbind_user = \"svc\"", `client_key = "/k"`, `keytab = "/k"`, `bind_domain = "X"`, `site = "a b"`, `group_types = "both"`,
	} {
		text := "[[directory]]\nname = \"corp\"\ndomain = \"corp.example.com\"\n" + lines +
			"\n[cloud]\nkind = \"webex\"\nbase_url = \"https://127.0.0.1:1/v2\"\ntoken = \"env:T\"\n"
		cfg, err := config.Parse("x.toml", []byte(text))
		if err == nil || !strings.Contains(err.Error(), "directory[0].") {
			t.Errorf("the file takes %q: %v", lines, err)
		}
		o := directoryOptions(cfg.Directories[0])
		o.GroupTypes = cfg.Directories[0].GroupTypes
		if o.GroupTypes == "all" {
			o.GroupTypes = ""
		}
		if _, err := ldap.New(o); err == nil {
			t.Errorf("the adapter takes %q", lines)
		}
	}
}
