package control

import (
	"context"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"dirbridge/sync/identity"
)

// Setup is the first start, before there is a configuration: it tries what is entered, and writes
// the file. It writes nothing to either side. Its methods connect and read files unless they say
// otherwise, and must not run at the same time.
type Setup interface {
	// Resume reads what was entered in an earlier start. It makes no connection.
	Resume(ctx context.Context) (SetupState, error)
	// Keep stores the draft for the next start. Of secrets it stores only the references; one that
	// was typed and not tried yet is lost.
	Keep(ctx context.Context, d SetupDraft) error
	// TryCloud signs in to the cloud and returns its organization. A typed secret is then in a file
	// that only this user can read, and Token refers to it. An *EntryError names the entry that is
	// wrong, where that is known. p, if set, has what was done so far.
	// If Auth needs an operator elsewhere, p has the code, and TryCloud waits for it; the sign-in
	// itself is not stored yet.
	TryCloud(ctx context.Context, c SetupCloud, p *SetupProgress) (SetupCloudFound, error)
	// KeepSignIn stores the sign-in that the last TryCloud made: the operator has confirmed the
	// organization. Without one it does nothing.
	KeepSignIn(ctx context.Context) error
	// FindDomains finds the Active Directory domains of this machine in DNS.
	FindDomains(ctx context.Context) ([]SetupDomain, error)
	// TryDirectory signs in to the directory and returns what it is. Password is treated like
	// Token, and errors and p are as in TryCloud. The error for an untrusted certificate is an
	// *UntrustedError.
	TryDirectory(ctx context.Context, d SetupDirectory, p *SetupProgress) (SetupDirectoryFound, error)
	// Places returns where the set-up and the service write, and whether an account of this machine
	// can use them; "" is the account of this process.
	Places(ctx context.Context, account string) []SetupPlace
	// Write creates the configuration file, or changes in it what the draft changes; the rest of
	// the file stays.
	Write(ctx context.Context, d SetupDraft) error
	// Finish removes the draft, so that the set-up is not resumed.
	Finish(ctx context.Context) error
}

// SetupState is the state of a set-up.
type SetupState struct {
	// Needed says that there is no configuration file, or one that an unfinished set-up wrote.
	Needed bool
	Draft  SetupDraft
	Path   string // of the configuration file
	// Account is the account of this process.
	Account string
	// Named says that the user named Path, which is not the usual one, and that nothing is there.
	// Near are configuration files that may have been meant.
	Named bool
	Near  []string
	// Lost is why the entries of an earlier start, at LostPath, cannot be read; "" if there are none
	// or they can. The next Keep overwrites them.
	Lost, LostPath string
	StateDir       string
	SecretIn       string // the folder for typed secrets
}

// SetupDraft is what was entered so far.
type SetupDraft struct {
	Cloud       SetupCloud       `json:"cloud"`
	Directories []SetupDirectory `json:"directories"`       // those that were confirmed
	Editing     *SetupDirectory  `json:"editing,omitempty"` // one that is not confirmed yet
	Written     bool             `json:"written"`           // the configuration file exists
	Containers  bool             `json:"containers"`        // chosen, or confirmed as they are
	Policy      bool             `json:"policy"`            // what happens to people removed: the same
	// Account is the account of this machine that the service will use; "" is the one of this process.
	Account string `json:"account,omitempty"`
}

// SetupCloud is the cloud as entered.
type SetupCloud struct {
	Kind    string `json:"kind"`           // webex, scim
	Address string `json:"address"`        // base URL; for Webex the organization's id is enough
	Auth    string `json:"auth,omitempty"` // as [cloud] auth; "" is token
	Token   Secret `json:"token"`
	// ClientID and ClientSecret are the client's, Refresh the token that a service app begins with:
	// it is never stored as typed. TokenURL and DeviceURL are those of the server; Webex's are known.
	ClientID     string `json:"client_id,omitempty"`
	ClientSecret Secret `json:"client_secret,omitzero"`
	Refresh      Secret `json:"-"`
	TokenURL     string `json:"token_url,omitempty"`
	DeviceURL    string `json:"device_url,omitempty"`
	Proxy        string `json:"proxy"` // system, none, or a URL
	// Confirmed says that the operator confirmed Organization, which was found.
	Confirmed    bool                  `json:"confirmed"`
	Organization identity.Organization `json:"organization"`
}

// SetupCloudFound is what the cloud answered.
type SetupCloudFound struct {
	Organization  identity.Organization // Name is for people, as far as it is known
	Token         Secret                // a reference
	ClientSecret  Secret                // the same
	Users, Groups int64                 // -1 if the cloud does not say
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

// SetupDirectory is a directory as entered.
type SetupDirectory struct {
	Name string `json:"name"` // qualifies every identity
	// Proposed says that Name was not typed, so that it follows Domain and Host.
	Proposed   bool   `json:"proposed,omitempty"`
	Kind       string `json:"kind"` // ad-ds, ad-lds, ldap
	Domain     string `json:"domain,omitempty"`
	Host       string `json:"host,omitempty"` // "" finds the domain's controllers by DNS
	Port       string `json:"port,omitempty"` // "" is the default for the encryption
	Encryption string `json:"encryption"`
	// Plaintext says that the operator accepts that others can read the password.
	Plaintext bool   `json:"plaintext,omitempty"`
	CAFile    string `json:"ca_file,omitempty"`
	Bind      string `json:"bind"` // simple, ntlm, kerberos, external
	User      string `json:"user,omitempty"`
	Password  Secret `json:"password"`
	Keytab    string `json:"keytab,omitempty"` // for kerberos, in place of the password
	Cert      string `json:"cert,omitempty"`   // for external
	Key       string `json:"key,omitempty"`
	Partition string `json:"partition,omitempty"`
	// Product and BaseDN are what was found, once it was.
	Product string `json:"product,omitempty"`
	BaseDN  string `json:"base_dn,omitempty"`
}

// Local says whether Host is this machine, by its spelling alone: a name that merely resolves to
// this machine can be made to resolve to another.
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

// Lasts reports whether the sign-in renews itself, so that no token is typed.
func (c SetupCloud) Lasts() bool { return c.Auth != "" && c.Auth != "token" }

// Clone returns an independent copy.
func (d SetupDraft) Clone() SetupDraft {
	d.Directories = slices.Clone(d.Directories)
	if d.Editing != nil {
		e := *d.Editing
		d.Editing = &e
	}
	return d
}

// SetupDirectoryFound is what the directory answered.
type SetupDirectoryFound struct {
	Directory identity.Directory
	Account   string // that signed in; "" is anonymous
	Encrypted bool
	Warnings  []string
	Password  Secret // a reference
	// Partitions are the naming contexts that may hold people. Choose says that there are several
	// and none was chosen; nothing else is returned then.
	Partitions []string
	Choose     bool
}

// SetupPlace is a file or folder of the program. Problem and Remedy are "" if it can be used.
type SetupPlace struct{ What, Path, Problem, Remedy string }

// SetupProgress is how far a trial is. Several goroutines may use it; nil takes no notes.
type SetupProgress struct {
	mu     sync.Mutex
	stages []string
	code   *SignInCode
	onCode func(SignInCode)
}

// OnCode sets what receives the code as soon as there is one. It must not call the progress.
func (p *SetupProgress) OnCode(fn func(SignInCode)) { p.onCode = fn }

// Show notes the code that an operator has to enter elsewhere, which is waited for.
func (p *SetupProgress) Show(code SignInCode) {
	if p != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.code = &code; p.onCode != nil {
			p.onCode(code)
		}
	}
}

// Code returns that code; nil if none is waited for.
func (p *SetupProgress) Code() *SignInCode {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.code
}

// Begin notes that a stage began, which ends the stage before it.
func (p *SetupProgress) Begin(stage string) {
	if p != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.stages, p.code = append(p.stages, stage), nil
	}
}

// Stages returns the stages that began, in order.
func (p *SetupProgress) Stages() []string {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.stages)
}

// EntryError is an error whose reason is one entry of the set-up, by the id of its field.
type EntryError struct {
	Entry string
	Err   error
}

func (e *EntryError) Error() string { return e.Err.Error() }
func (e *EntryError) Unwrap() error { return e.Err }

// UntrustedError is a server whose certificate is from an authority that this machine does not
// trust.
type UntrustedError struct {
	Certificates []Certificate // that it showed, its own first
	Err          error         // in words, with the remedy
}

func (e *UntrustedError) Error() string { return e.Err.Error() }
func (e *UntrustedError) Unwrap() error { return e.Err }

// Certificate is what an administrator compares before trusting a server.
type Certificate struct {
	Subject, Issuer     string
	Names               []string
	SHA256              string
	NotBefore, NotAfter time.Time
}
