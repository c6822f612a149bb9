package ldap

import (
	"errors"
	"log"
	"net"
	"net/url"
	"strings"
	"time"

	goldap "github.com/go-ldap/ldap/v3"

	"dirbridge/sync/identity"
	"dirbridge/sync/redact"
)

// The kinds of directory.
const (
	KindADDS  = "ad-ds"
	KindADLDS = "ad-lds"
	KindLDAP  = "ldap"
)

// Options say which directory to read, and which part of it. The zero value of a field means its
// default.
type Options struct {
	Name    string   // of the directory in the configuration; qualifies anchors; required
	Kind    string   // KindADDS, KindADLDS, KindLDAP; default: found from the rootDSE
	Servers []string // ldap:// or ldaps:// URLs, preferred first; required without Domain

	// Domain is the DNS name of an Active Directory domain. DNS lists its controllers; those of the
	// site come first, and all of them after Servers.
	Domain   string
	Site     string   // default: this machine's site according to a domain controller
	Resolver Resolver // default: net.DefaultResolver

	Bind         string                 // BindSimple, BindNTLM, BindKerberos, BindExternal; default BindSimple
	BindUser     string                 // DN, user@domain or DOMAIN\user; default: anonymous
	BindPassword func() (string, error) // called at each bind, never kept; nil: no password
	BindDomain   string                 // domain of the account, for BindNTLM; default: from BindUser

	// For BindKerberos: a keytab, a ticket cache, or BindPassword. Without any of them, the ticket
	// cache in KRB5CCNAME is used.
	Keytab           string // file
	CredentialCache  string // ticket cache file; may begin with FILE:
	KerberosConfig   string // krb5.conf; default: KRB5_CONFIG, then /etc/krb5.conf, then none
	Realm            string // default: of BindUser, the keytab, or krb5.conf
	ServicePrincipal string // default: ldap/ and the server's host, or ServerName

	ClientCert string // PEM; presented to servers that ask for one, and required for BindExternal
	ClientKey  string // PEM; default: in the file of ClientCert

	// Secrets learns the password at each bind; nil: the source has its own. No error of the source
	// contains the password, nor does any text of the server that it passes on.
	Secrets *redact.Secrets

	Clock func() time.Time // default time.Now; for expiry warnings, and for how long servers are set aside

	StartTLS   bool   // on ldap:// URLs
	CAFile     string // PEM; default: the system's authorities
	ServerName string // required name in certificates; default: the URL's host
	// AllowPlaintext permits ldap:// without StartTLS beyond loopback.
	AllowPlaintext bool

	Partition  string   // naming context; default: the server's own, or that of BaseDNs
	BaseDNs    []string // bases of searches for people and groups; default: the naming context
	ExcludeDNs []string // out of scope, with everything below them

	SyncUsers, SyncGroups   bool
	UserFilter, GroupFilter string   // RFC 4515, combined with the built-in ones by AND
	ContactFilter           string   // the same, for contacts
	RoomFilter              string   // selects the users that are rooms, and never people; default DefaultRoomFilter
	MemberOf                []string // DNs of groups: only their direct, nested and primary members are people in scope
	GroupTypes              string   // SecurityGroups or DistributionGroups only; default: both
	Attributes              []string // attributes of entries, spelled as entries name them

	// Changes is how changes are read; default: the best way that the server offers the bind
	// account.
	Changes identity.Way

	PageSize    int           // entries a page; default 1000
	MaxMessage  int           // bytes of one LDAP message; default 64 MiB
	MaxEntries  int           // of one search; default 20 million
	IdleTimeout time.Duration // longest silence while an answer is due; default 60 s
	DialTimeout time.Duration // to connect and start TLS, for each server; default 10 s
	// RestartPause is the pause before the second restart of a listing; the third waits twice as
	// long. Default 1 s. The first restart is immediate.
	RestartPause time.Duration
}

func (o *Options) setDefaults() {
	if strings.TrimSpace(o.RoomFilter) == "" {
		o.RoomFilter = DefaultRoomFilter
	}
	if o.PageSize == 0 {
		o.PageSize = 1000
	}
	if o.MaxMessage == 0 {
		o.MaxMessage = 64 << 20
	}
	if o.MaxEntries == 0 {
		o.MaxEntries = maxEntries
	}
	if o.IdleTimeout == 0 {
		o.IdleTimeout = 60 * time.Second
	}
	if o.RestartPause == 0 {
		o.RestartPause = time.Second
	}
	if o.Resolver == nil {
		o.Resolver = net.DefaultResolver
	}
	if o.DialTimeout == 0 {
		o.DialTimeout = 10 * time.Second
	}
	if o.Bind == "" {
		o.Bind = BindSimple
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
}

// check finds everything that is wrong with the options, without connecting.
func (o *Options) check() error {
	var errs []error
	add := func(remedy, format string, args ...any) {
		errs = append(errs, giveUp(remedy, format, args...))
	}
	if o.Name == "" {
		add("Give the directory a name.", "the directory has no name")
	}
	switch o.Kind {
	case "", KindADDS, KindADLDS, KindLDAP:
	default:
		add("Use ad-ds, ad-lds or ldap, or leave kind out.", "%q is no kind of directory", o.Kind)
	}
	if len(o.Servers) == 0 && o.Domain == "" {
		add("Name the domain, as in corp.example.com, or at least one server, as in ldaps://dc1.corp.example.com.",
			"directory %s has no servers", o.Name)
	}
	errs = append(errs, o.checkDomain()...)
	errs = append(errs, o.checkBind()...)
	for _, s := range o.Servers {
		if err := o.checkServer(s); err != nil {
			errs = append(errs, err)
		}
	}
	errs = append(errs, o.checkScope()...)
	for _, l := range []struct {
		key string
		dns []string
	}{{"partition", []string{o.Partition}}, {"base_dns", o.BaseDNs}, {"exclude_dns", o.ExcludeDNs},
		{"member_of", o.MemberOf}} {
		for _, dn := range l.dns {
			if _, err := identity.CanonicalDN(dn); err != nil {
				add("Write it as in OU=Staff,DC=corp,DC=example,DC=com, special characters escaped by a backslash.",
					"%s: %q is not a distinguished name", l.key, dn)
			}
		}
	}
	for _, a := range o.Attributes {
		if err := checkAttribute(a); err != nil {
			errs = append(errs, err)
		}
	}
	switch o.Changes {
	case "", identity.DirSync, identity.USN, identity.SyncRepl, identity.Timestamp:
	default:
		add("Leave it out.", "%q is no way to ask for changes", o.Changes)
	}
	if o.PageSize < 0 || o.MaxMessage < 0 || o.MaxEntries < 0 || o.IdleTimeout < 0 || o.DialTimeout < 0 ||
		o.RestartPause < 0 {
		add("Use positive numbers.", "a size or time-out of directory %s is negative", o.Name)
	}
	return joinFailures(errs)
}

func (o *Options) checkDomain() (errs []error) {
	for _, label := range strings.Split(strings.TrimSuffix(o.Domain, "."), ".") {
		if o.Domain != "" && !siteName(label) {
			return append(errs,
				giveUp("Write the domain's DNS name, as in corp.example.com.", "domain: %q is not the name of a domain", o.Domain))
		}
	}
	if o.Site != "" && !siteName(o.Site) {
		errs = append(errs,
			giveUp("Write the site's name as Active Directory Sites and Services has it.",
				"site: %q is not the name of a site", o.Site))
	}
	return errs
}

func (o *Options) checkServer(server string) error {
	u, err := parseServer(server)
	if err != nil {
		return giveUp("Write a server as in ldaps://dc1.corp.example.com or ldap://dc1.corp.example.com:389.",
			"server %q: %v", withoutUser(server), err)
	}
	if u.Scheme == "ldap" && !o.StartTLS && !o.AllowPlaintext && !loopback(u.Hostname()) {
		return giveUp(
			"Use ldaps://, or start_tls = true; allow_plaintext = true sends the password and all data unencrypted.",
			"%s would carry the password unencrypted", server)
	}
	return nil
}

// withoutUser is the URL without the part before an @, which may be a password.
func withoutUser(server string) string {
	at := strings.LastIndexByte(server, '@')
	if at < 0 {
		return server
	}
	scheme, _, ok := strings.Cut(server, "://")
	if !ok {
		return "...@" + server[at+1:]
	}
	return scheme + "://...@" + server[at+1:]
}

// parseServer accepts ldap://host[:port] and ldaps://host[:port].
func parseServer(server string) (*url.URL, error) {
	u, err := url.Parse(server)
	if err != nil {
		// The error of url.Parse repeats the text, which may contain a password.
		return nil, errors.New("is not a URL")
	}
	switch {
	case u.Scheme != "ldap" && u.Scheme != "ldaps":
		return nil, errors.New("is not an ldap:// or ldaps:// URL")
	case u.Hostname() == "":
		return nil, errors.New("names no host")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "":
		return nil, errors.New("holds more than host and port")
	}
	return u, nil
}

// loopback reports whether the spelling of the host is a loopback address or localhost: any other
// name may resolve to another machine.
func loopback(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// LogTo sends the LDAP library's log to l instead of standard error. Call it at program start only:
// the library has one log for all connections.
func LogTo(l *log.Logger) { goldap.Logger(l) }

// secret reports whether an attribute has passwords or equivalent data. Such an attribute is never
// requested, whatever the mapping says.
func secret(name string) bool {
	switch strings.ToLower(name) {
	case "userpassword", "unicodepwd", "dbcspwd", "ntpwdhistory", "lmpwdhistory", "supplementalcredentials",
		"unixuserpassword", "mssfu30password", "authpassword", "pwdhistory", "passwordhistory",
		"ms-mcs-admpwd", "mslaps-password", "mslaps-encryptedpassword", "mslaps-encryptedpasswordhistory",
		"mslaps-encrypteddsrmpassword", "mslaps-encrypteddsrmpasswordhistory",
		"msds-managedpassword", "msds-managedpasswordpreviousid", "msfve-recoverypassword", "msfve-keypackage",
		"trustauthincoming", "trustauthoutgoing", "initialauthincoming", "initialauthoutgoing",
		"currentvalue", "priorvalue", "sambantpassword", "sambalmpassword", "sambapasswordhistory",
		"krbprincipalkey", "krb5key", "nsds5replicacredentials", "nsslapd-rootpw", "rootpw", "clearpassword":
		return true
	}
	return false
}

func checkAttribute(name string) error {
	bare, options, tagged := strings.Cut(name, ";")
	if secret(bare) {
		return giveUp("Take it out of the mapping.", "the attribute %s holds passwords, which are never read", name)
	}
	// "*" and "+" would include password attributes, and an OID could be one.
	if !descriptor(bare) || tagged && !attributeOptions(options) {
		return giveUp("Name a directory attribute, as in givenName.", "%q is not the name of an attribute", name)
	}
	return nil
}

// attributeOptions reports whether the text is a list of options such as lang-en;binary (RFC 4512
// section 2.5). Any other text would be syntax in a filter.
func attributeOptions(text string) bool {
	for _, o := range strings.Split(text, ";") {
		if o == "" || strings.Trim(o, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
			return false
		}
	}
	return true
}

func descriptor(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || !(c >= '0' && c <= '9' || c == '-' || c == '_')) {
			return false
		}
	}
	return s != ""
}
