package control

import (
	"context"
	"net"
	"slices"
	"strings"
	"time"

	"dirbridge/sync/identity"
)

// Setup is the first start, before there is a configuration: it tries what is entered,
// and writes the file. It writes nothing to either side. Its methods dial and read files
// unless they say otherwise, and must not run beside each other.
type Setup interface {
	// Resume reads what an earlier start has entered. It dials nothing.
	Resume(ctx context.Context) (SetupState, error)
	// Keep remembers the draft for the next start. Of secrets it keeps the references
	// alone; one that was typed and not tried yet is lost.
	Keep(ctx context.Context, d SetupDraft) error
	// TryCloud signs in to the cloud and says whose it is. A secret that was typed is
	// then in a file that this user alone can read, and Token refers to it.
	TryCloud(ctx context.Context, c SetupCloud) (SetupCloudFound, error)
	// FindDomains looks for the Active Directory domains of this machine in DNS.
	FindDomains(ctx context.Context) ([]SetupDomain, error)
	// TryDirectory signs in to the directory and says what it is; for Password the same
	// holds as for Token. The error of a certificate that is not trusted is an
	// *UntrustedError.
	TryDirectory(ctx context.Context, d SetupDirectory) (SetupDirectoryFound, error)
	// Write makes the configuration file, or changes in it what the draft says
	// otherwise; all else in it stays.
	Write(ctx context.Context, d SetupDraft) error
	// Finish forgets the draft: the set-up is not resumed any more.
	Finish(ctx context.Context) error
}

// SetupState is where a set-up stands.
type SetupState struct {
	// Needed: there is no configuration file, or one that the set-up wrote and did not
	// finish.
	Needed   bool
	Draft    SetupDraft
	Path     string // of the configuration file
	StateDir string
	SecretIn string // the folder where secrets that are typed go
}

// SetupDraft is what was entered so far.
type SetupDraft struct {
	Cloud       SetupCloud       `json:"cloud"`
	Directories []SetupDirectory `json:"directories"`       // that were confirmed
	Editing     *SetupDirectory  `json:"editing,omitempty"` // one that was not yet
	OnUnmatched string           `json:"on_unmatched"`      // "" until it was chosen
	Written     bool             `json:"written"`           // the configuration file stands
	Containers  bool             `json:"containers"`        // were chosen, or confirmed as they are
}

// SetupCloud is the cloud as it is entered.
type SetupCloud struct {
	Kind    string `json:"kind"`    // webex, scim
	Address string `json:"address"` // base URL; for Webex the organization's id will do
	Token   Secret `json:"token"`
	Proxy   string `json:"proxy"` // system, none, or a URL
	// Confirmed by the operator: Organization is what was found.
	Confirmed    bool                  `json:"confirmed"`
	Organization identity.Organization `json:"organization"`
}

// SetupCloudFound is what answered.
type SetupCloudFound struct {
	Organization  identity.Organization // Name is what people call it, as far as it is told
	Token         Secret                // a reference
	Users, Groups int64                 // -1 where the cloud does not say
}

// SetupDomain is an Active Directory domain, and the hosts of its controllers.
type SetupDomain struct {
	Name        string
	Controllers []string
}

// The ways of encrypting the connection to a directory.
const (
	SetupLDAPS     = "ldaps"
	SetupStartTLS  = "starttls"
	SetupPlaintext = "none"
)

// SetupDirectory is a directory as it is entered.
type SetupDirectory struct {
	Name       string `json:"name"` // qualifies every identity
	Kind       string `json:"kind"` // ad-ds, ad-lds, ldap
	Domain     string `json:"domain,omitempty"`
	Host       string `json:"host,omitempty"` // "" finds the domain's controllers by DNS
	Port       string `json:"port,omitempty"` // "" is that of the encryption
	Encryption string `json:"encryption"`
	// Plaintext: the operator takes it upon himself that the password can be read.
	Plaintext bool   `json:"plaintext,omitempty"`
	CAFile    string `json:"ca_file,omitempty"`
	Bind      string `json:"bind"` // simple, ntlm, kerberos, external
	User      string `json:"user,omitempty"`
	Password  Secret `json:"password"`
	Keytab    string `json:"keytab,omitempty"` // for kerberos, in the place of the password
	Cert      string `json:"cert,omitempty"`   // for external
	Key       string `json:"key,omitempty"`
	Partition string `json:"partition,omitempty"`
	// Product and BaseDN are what was found, once it was.
	Product string `json:"product,omitempty"`
	BaseDN  string `json:"base_dn,omitempty"`
}

// Local says whether Host is this machine, by its spelling alone: a name that merely
// leads here can be made to lead elsewhere.
func (d SetupDirectory) Local() bool {
	host := strings.TrimSpace(d.Host)
	if _, rest, ok := strings.Cut(host, "://"); ok {
		host = rest
	}
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// Clone is an independent copy.
func (d SetupDraft) Clone() SetupDraft {
	d.Directories = slices.Clone(d.Directories)
	if d.Editing != nil {
		e := *d.Editing
		d.Editing = &e
	}
	return d
}

// SetupDirectoryFound is what answered.
type SetupDirectoryFound struct {
	Directory identity.Directory
	Account   string // that signed in; "" is nobody
	Encrypted bool
	Warnings  []string
	Password  Secret // a reference
	// Partitions are the naming contexts that may hold people. Choose: there are several,
	// and none was chosen; nothing else is told then.
	Partitions []string
	Choose     bool
}

// UntrustedError is a server whose certificate is from an authority that this machine
// does not trust.
type UntrustedError struct {
	Certificates []Certificate // that it showed, its own first
	Err          error         // in words, with the remedy
}

func (e *UntrustedError) Error() string { return e.Err.Error() }
func (e *UntrustedError) Unwrap() error { return e.Err }

// Certificate is what somebody compares who is to trust a server.
type Certificate struct {
	Subject, Issuer     string
	Names               []string
	SHA256              string
	NotBefore, NotAfter time.Time
}
