package e2e

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"dirbridge/ldap/ldaptest"
)

// directoryOf returns the options of the directory that the command servers starts:
//
//	tls=1           LDAPS as $LDAPS, and StartTLS; its authority is $CA
//	certificates=1  accepts client certificates, see dir-certificate; needs tls
//	signing=1       refuses binds that leave the connection unencrypted
//	binding=1       NTLM within TLS must use channel binding; needs tls
//	nosimple=1      refuses simple binds
//	service=1       the bind user is an object, whose password can expire
//	readonly=1      a read-only domain controller
//	rights=none     the bind user may neither replicate nor read CN=Deleted Objects
func directoryOf(o options) ldaptest.Options {
	on := func(name string) bool { return o.text(name) != "" }
	rights := ldaptest.Rights{Replicate: true, ReadDeleted: true}
	if o.text("rights") == "none" {
		rights = ldaptest.Rights{}
	}
	return ldaptest.Options{BindPassword: secretPassword, Rights: rights, TLS: on("tls"),
		ClientCertificates: on("certificates"), RequireSigning: on("signing"), RequireChannelBinding: on("binding"),
		DisableSimpleBind: on("nosimple"),
		ServiceAccount:    on("service"), ReadOnly: on("readonly"), RecycleBin: on("bin")}
}

// writeAuthority sets $LDAPS and $CA if the directory has them.
func (b *bench) writeAuthority(ts *testscript.TestScript) {
	path, err := b.dir.CAFile(ts.Getenv("WORK"))
	if err != nil {
		return // no TLS was requested
	}
	ts.Setenv("CA", path)
	ts.Setenv("LDAPS", b.dir.LDAPSURL())
}

// dirForce is the command dir-force: every bind fails like on Windows with this data, such as 775;
// without an argument, binds work again.
func dirForce(ts *testscript.TestScript, _ bool, args []string) {
	benchOf(ts).dir.ForceBind("", strings.Join(args, ""))
}

// dirGrant is the command dir-grant: from now on, the bind user may replicate and read CN=Deleted
// Objects.
func dirGrant(ts *testscript.TestScript, _ bool, _ []string) {
	benchOf(ts).dir.Grant("", ldaptest.Rights{Replicate: true, ReadDeleted: true})
}

// dirCertificate is the command dir-certificate: it writes client.pem and client.key, with which an
// account signs in.
func dirCertificate(ts *testscript.TestScript, _ bool, args []string) {
	cert, key, err := benchOf(ts).dir.IssueCertificate(ldaptest.ClientSubject{CommonName: args[0]})
	ts.Check(err)
	for name, data := range map[string][]byte{"client.pem": cert, "client.key": key} {
		ts.Check(os.WriteFile(filepath.Join(ts.Getenv("WORK"), name), data, 0o600))
	}
}

// configAdd is the command config-add: it appends a file to $CONFIG and expands its variables.
func configAdd(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.Getenv("CONFIG")
	text := ts.ReadFile(path) + "\n" + os.Expand(ts.ReadFile(args[0]), ts.Getenv)
	ts.Check(os.WriteFile(path, []byte(text), 0o600))
}
