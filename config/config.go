package config

import "time"

// Config is a configuration file with all defaults filled in.
type Config struct {
	Path        string // of the file that it was read from; "" if none
	Connector   Connector
	Directories []Directory
	Cloud       Cloud
	Mapping     map[string]string // cloud attribute -> rule; only those in the file
	Policy      Policy
	Unmanaged   []Unmanaged
	Guards      Guards
	Schedule    Schedule
	Metrics     Metrics

	lines map[string]int // line of each key and section
	text  []byte         // that it was read from; never modified
}

// Connector is this installation.
type Connector struct {
	Name     string
	LogLevel string
	StateDir string
}

// Directory is one domain, forest or partition.
type Directory struct {
	Name         string
	Kind         string // "" is detected from the server
	Domain       string
	Site         string // "" is detected from the domain
	Servers      []string
	Bind         string
	BindUser     string
	BindPassword Secret `json:"-"`
	BindDomain   string
	Keytab       string
	// CredentialCache is a path, or "FILE:" and a path.
	CredentialCache  string
	KerberosConfig   string
	Realm            string
	ServicePrincipal string
	ClientCert       string
	ClientKey        string
	StartTLS         bool
	CAFile           string
	AllowPlaintext   bool
	Partition        string
	BaseDNs          []string
	ExcludeDNs       []string
	SyncUsers        bool
	UserFilter       string
	MemberOf         []string
	RoomFilter       string // "" is the built-in one
	SyncGroups       bool
	GroupFilter      string
	GroupTypes       string // all, security, distribution
	NestedGroups     string
	Mapping          map[string]string    // overrides of Config.Mapping
	Guards           map[string]Threshold // overrides of Config.Guards, by key
}

// Cloud is the cloud provider.
type Cloud struct {
	Kind              string
	BaseURL           string
	Profile           string // a name, or the path of a file; "" is that of the kind
	Auth              string
	Token             Secret
	ClientID          string
	ClientSecret      Secret
	PrivateKey        Secret
	KeyID             string
	RefreshToken      Secret
	Scopes            []string
	TokenURL          string
	DeviceURL         string
	RevokeURL         string
	TokenStore        string // file, keyring
	TokenKey          Secret
	Proxy             string
	NoProxy           []string
	ProxyAuth         string // auto, basic, ntlm, kerberos
	ProxyUser         string
	ProxyPassword     Secret
	ProxyKeytab       string
	RequestsPerSecond float64 // 0 is the rate that the server allows
}

// Policy says what may be removed.
type Policy struct {
	DeleteThreshold Threshold
	OnMissing       string
	OnUnmatched     string
	PurgeAfter      time.Duration
	Protected       []string // names (patterns) or ids of accounts and groups that are never changed
}

// Schedule says when the service runs. An IncrementalEvery of 0 is never.
type Schedule struct {
	IncrementalEvery time.Duration
	Full             []string // see ParseTime
	FailoverAfter    time.Duration
}

// Metrics says where a monitoring system can fetch metrics while the service runs.
type Metrics struct {
	Listen      string // host:port; "" is off
	AllowRemote bool   // Listen may accept other hosts
}

// Default returns the defaults for this host and user, with no directory.
func Default() Config {
	c := Config{Mapping: map[string]string{}}
	for _, s := range c.sections() {
		reset(s.list)
	}
	return c
}

// DefaultDirectory returns a [[directory]] block with no key set.
func DefaultDirectory() Directory {
	d := Directory{Mapping: map[string]string{}}
	reset(d.fields())
	return d
}

// Line returns the line of a key ("cloud.token", "directory[0].servers", "mapping.title",
// "directory[0].mapping.title") or section in the file, from 1. A key that the file omits has the
// line of its section; 0 if the file omits that, too.
func (c Config) Line(key string) int { return lookUpLine(c.lines, key) }
