package config

import (
	"fmt"
	"net"
	"strings"
)

// Ways to sign in to a directory.
const (
	simple   = "simple"
	ntlm     = "ntlm"
	kerberos = "kerberos"
	external = "external"
)

// validateBind reports sign-in settings that conflict or are missing.
// TestFileAndAdapterRefuseTheSame in program checks that the adapter agrees.
func (d *Directory) validateBind(path string, r *report) {
	if r.spoiled[path+".bind"] {
		return
	}
	for _, f := range d.fields() {
		if s, ok := f.ptr.(*string); ok && f.only != "" && f.only != d.Bind && *s != "" {
			r.of(path+"."+f.key, fmt.Sprintf("take it out, or set bind = %q", f.only), "is of no use with bind = %q", d.Bind)
		}
	}
	switch d.Bind {
	case simple:
		d.validateSimple(path, r)
	case ntlm:
		d.validateNTLM(path, r)
	case kerberos:
		d.validateKerberos(path, r)
	case external:
		d.validateExternal(path, r)
	}
	if d.ClientKey != "" && d.ClientCert == "" && d.Bind != external {
		r.missing(path, "client_cert", "the certificate that belongs to client_key", "is required with client_key")
	}
}

// missing reports that the directory at path lacks a key, unless the text had a syntax error: then
// the key may be in the part that was not read.
func (r *report) missing(path, key, hint, format string, args ...any) {
	if !r.syntax && !r.spoiled[path] {
		r.of(path+"."+key, hint, format, args...)
	}
}

// validateSimple requires both a user and a password, or neither, which is an anonymous bind.
func (d *Directory) validateSimple(path string, r *report) {
	switch user, password := d.BindUser != "", !d.BindPassword.IsZero(); {
	case user && !password:
		r.missing(path, "bind_password", "", "is required with bind_user")
	case password && !user:
		r.missing(path, "bind_user", "", "is required with bind_password")
	}
}

func (d *Directory) validateNTLM(path string, r *report) {
	if d.BindPassword.IsZero() {
		r.missing(path, "bind_password", "", "is required with bind = %q", d.Bind)
	}
	switch user, domain := d.account(); {
	case d.BindUser == "":
		r.missing(path, "bind_user", "", "is required with bind = %q", d.Bind)
	case isDN(d.BindUser):
		r.of(path+".bind_user", `write it as DOMAIN\user or user@domain`, "must not be a DN with bind = %q", d.Bind)
	case user == "":
		r.of(path+".bind_user", `write it as DOMAIN\user or user@domain`, "names no user")
	case domain == "":
		r.of(path+".bind_user", `write it as DOMAIN\user or user@domain, or set bind_domain`, "does not say the account's domain")
	}
}

// account splits bind_user into its user and its domain.
func (d *Directory) account() (user, domain string) {
	before, after, ok := strings.Cut(d.BindUser, `\`)
	if ok {
		user, domain = after, before
	} else if at := strings.LastIndexByte(d.BindUser, '@'); at >= 0 {
		user, domain = d.BindUser[:at], d.BindUser[at+1:]
	} else {
		user = d.BindUser
	}
	if d.BindDomain != "" {
		domain = d.BindDomain
	}
	return user, domain
}

// isDN reports whether s is a DN: account names have no "=" (MS-SAMR section 3.1.1.6).
func isDN(s string) bool { return strings.Contains(s, "=") }

// validateKerberos requires a keytab, a cache, or a user with a password. Without all three, the
// cache is the one that KRB5CCNAME names when the program runs.
func (d *Directory) validateKerberos(path string, r *report) {
	password := !d.BindPassword.IsZero()
	switch {
	case d.Keytab != "" && d.CredentialCache != "":
		r.of(path+".credential_cache", "keep one of them", "excludes keytab")
	case password && d.Keytab != "":
		r.of(path+".bind_password", "keep one of them", "is of no use with keytab")
	case password && d.CredentialCache != "":
		r.of(path+".bind_password", "keep one of them", "is of no use with credential_cache")
	case password && d.BindUser == "":
		r.missing(path, "bind_user", "such as svc-dirbridge@CORP.EXAMPLE.COM", "is required with bind_password")
	}
	if isDN(d.BindUser) {
		r.of(path+".bind_user", "write it as user@REALM", "must not be a DN with bind = %q", d.Bind)
	}
	for i, s := range d.Servers {
		u, message, _ := parseURL(s, "ldaps", "ldap")
		if message == "" && d.ServicePrincipal == "" && net.ParseIP(u.Hostname()) != nil {
			r.of(fmt.Sprintf("%s.servers[%d]", path, i),
				"name it by its DNS name, or set service_principal, such as ldap/dc1.corp.example.com",
				"is an address, and Kerberos knows servers by name")
		}
	}
}

func (d *Directory) validateExternal(path string, r *report) {
	if d.ClientCert == "" {
		r.missing(path, "client_cert", "with client_key, where the key is in a file of its own",
			"is required with bind = %q", d.Bind)
	}
	if d.BindUser != "" {
		r.of(path+".bind_user", "take it out: the certificate says who signs in", "is of no use with bind = %q", d.Bind)
	}
	if !d.BindPassword.IsZero() {
		r.of(path+".bind_password", "take it out", "is of no use with bind = %q", d.Bind)
	}
	for i, s := range d.Servers {
		if u, message, _ := parseURL(s, "ldaps", "ldap"); message == "" && u.Scheme == "ldap" && !d.StartTLS &&
			!r.spoiled[path+".start_tls"] {
			r.of(fmt.Sprintf("%s.servers[%d]", path, i), "use ldaps://, or start_tls = true",
				"has no encryption, and a certificate is shown within it alone")
		}
	}
}

// checkCache requires a cache in a file, the only kind that the program reads.
func checkCache(s string) (string, string) {
	kind, file, typed := strings.Cut(s, ":")
	switch {
	case !typed, len(kind) == 1, strings.ContainsAny(kind, `/\`): // the last two are not a type: a drive, a folder
		return "", ""
	case !strings.EqualFold(kind, "FILE"):
		return "is no cache in a file", "such as kinit -c FILE:/path makes it"
	case file == "":
		return "names no file", ""
	}
	return "", ""
}

func checkPrincipal(s string) (string, string) {
	if service, host, ok := strings.Cut(s, "/"); s != "" && (!ok || service == "" || host == "") {
		return "names no service and host", "such as ldap/dc1.corp.example.com"
	}
	return "", ""
}

func checkSite(s string) (string, string) {
	if len(s) > 63 || strings.ContainsFunc(s, func(c rune) bool {
		return c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z')
	}) {
		return "is not the name of a site", "as Active Directory Sites and Services has it"
	}
	return "", ""
}
