package ldap

import (
	"net"
	"strings"

	"dirbridge/sync/identity"
)

// The ways of signing in.
const (
	BindSimple   = "simple"   // name and password (RFC 4513 section 5.1)
	BindNTLM     = "ntlm"     // name and password, by Windows' challenge and response (MS-ADTS section 5.1.1.1.3)
	BindKerberos = "kerberos" // SASL GSSAPI (RFC 4752)
	BindExternal = "external" // SASL EXTERNAL: by the client certificate (RFC 4513 section 5.2.3)
)

// checkBind finds contradictions in the sign-in options. It opens no file.
func (o *Options) checkBind() (errs []error) {
	add := func(remedy, format string, args ...any) {
		errs = append(errs, giveUp(remedy, format, args...))
	}
	for _, x := range []struct{ key, value, way string }{
		{"keytab", o.Keytab, BindKerberos}, {"credential_cache", o.CredentialCache, BindKerberos},
		{"kerberos_config", o.KerberosConfig, BindKerberos}, {"realm", o.Realm, BindKerberos},
		{"service_principal", o.ServicePrincipal, BindKerberos}, {"bind_domain", o.BindDomain, BindNTLM},
	} {
		if x.value != "" && x.way != o.Bind {
			add("Set bind = \""+x.way+"\", or take "+x.key+" out.", "%s is of no use with bind = %q", x.key, o.Bind)
		}
	}
	if o.ClientKey != "" && o.ClientCert == "" {
		add("Set client_cert to the certificate that belongs to the key.", "client_key is set, but client_cert is not")
	}
	switch o.Bind {
	case BindSimple:
	case BindNTLM:
		o.checkNTLM(add)
	case BindKerberos:
		o.checkKerberos(add)
	case BindExternal:
		o.checkExternal(add)
	default:
		add("Use simple, ntlm, kerberos or external.", "%q is no way to sign in (bind)", o.Bind)
	}
	return errs
}

type adder func(remedy, format string, args ...any)

func (o *Options) checkNTLM(add adder) {
	user, domain := o.splitAccount()
	switch {
	case o.BindUser == "" || o.BindPassword == nil:
		add("Set bind_user and bind_password.", "bind = %q needs a user and a password", o.Bind)
	case isDN(o.BindUser):
		add("Write bind_user as DOMAIN\\user or user@domain.", "bind = %q does not take a distinguished name (%s)",
			o.Bind, o.BindUser)
	case user == "":
		add("Write bind_user as DOMAIN\\user or user@domain.", "bind_user %s names no user", o.BindUser)
	case domain == "":
		add("Write bind_user as DOMAIN\\user or user@domain, or set bind_domain.", "bind = %q needs the domain of %s",
			o.Bind, o.BindUser)
	}
}

func (o *Options) checkKerberos(add adder) {
	if o.Keytab != "" && o.CredentialCache != "" {
		add("Keep one of them.", "keytab and credential_cache are both set")
	}
	if isDN(o.BindUser) {
		add("Write bind_user as user@REALM.", "bind = %q does not take a distinguished name (%s)", o.Bind, o.BindUser)
	}
	if o.BindPassword != nil && o.BindUser == "" && o.Keytab == "" && o.CredentialCache == "" {
		add("Set bind_user as user@REALM.", "bind = %q with a password needs a user", o.Bind)
	}
	if o.CredentialCache != "" {
		if _, err := cacheFile(o.CredentialCache); err != nil {
			add("Use a cache in a file, as kinit -c FILE:/path makes it.", "credential_cache: %w", err)
		}
	}
	if o.ServicePrincipal != "" {
		if service, host, ok := strings.Cut(o.ServicePrincipal, "/"); !ok || service == "" || host == "" {
			add("Write it as in ldap/dc1.corp.example.com.", "service_principal %q names no service and host",
				o.ServicePrincipal)
		}
		return
	}
	if o.ServerName != "" {
		return
	}
	for _, s := range o.Servers {
		if u, err := parseServer(s); err == nil && net.ParseIP(u.Hostname()) != nil {
			add("Name the server by its DNS name, or set service_principal as in ldap/dc1.corp.example.com.",
				"Kerberos knows servers by name, and %s is an address", s)
		}
	}
}

func (o *Options) checkExternal(add adder) {
	if o.ClientCert == "" {
		add("Set client_cert and client_key.", "bind = %q needs a client certificate", o.Bind)
	}
	if o.BindUser != "" {
		add("Take bind_user out; the certificate says who signs in.", "bind_user is of no use with bind = %q", o.Bind)
	}
	for _, s := range o.Servers {
		if u, err := parseServer(s); err == nil && u.Scheme == "ldap" && !o.StartTLS {
			add("Use ldaps://, or start_tls = true.", "%s: a certificate can be shown on an encrypted connection only", s)
		}
	}
}

// splitAccount splits BindUser into user and domain, if it has both. A DN is a user without a domain.
func (o *Options) splitAccount() (user, domain string) {
	user = o.BindUser
	switch {
	case isDN(user):
	case strings.Contains(user, `\`):
		domain, user, _ = strings.Cut(user, `\`)
	case strings.Contains(user, "@"):
		at := strings.LastIndexByte(user, '@')
		user, domain = user[:at], user[at+1:]
	}
	if o.BindDomain != "" {
		domain = o.BindDomain
	}
	return user, domain
}

func isDN(name string) bool {
	if !strings.Contains(name, "=") {
		return false
	}
	dn, err := identity.CanonicalDN(name)
	return err == nil && dn != ""
}
