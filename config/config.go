package config

import "time"

// Config is one configuration file with every default filled in.
type Config struct {
	Path        string // of the file it was read from; "" where there is none
	Connector   Connector
	Directories []Directory
	Cloud       Cloud
	Mapping     map[string]string // cloud attribute -> rule; only what the file says
	Policy      Policy
	Unmanaged   []Unmanaged
	Guards      Guards
	Schedule    Schedule
	Metrics     Metrics

	lines map[string]int // where each key and section stands
	text  []byte         // that it was read from; never written to
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
	Kind         string // "" is found out from the server
	Domain       string
	Site         string // "" is found out from the domain
	Servers      []string
	Bind         string
	BindUser     string
	BindPassword Secret `json:"-"`
	BindDomain   string
	Keytab       string
	// CredentialCache is a file, or "FILE:" and a file.
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
	Mapping          map[string]string    // what differs from Config.Mapping here
	Guards           map[string]Threshold // what differs from Config.Guards here, by key
}

// Cloud is the provider.
type Cloud struct {
	Kind              string
	BaseURL           string
	Auth              string
	Token             Secret
	Proxy             string
	RequestsPerSecond float64 // 0 is as the server allows
}

// Policy says what may be removed.
type Policy struct {
	DeleteThreshold Threshold
	OnMissing       string
	OnUnmatched     string
	PurgeAfter      time.Duration
	Protected       []string // names (patterns) or ids of accounts and groups that are never touched
}

// Schedule says when the service runs. IncrementalEvery 0 is never.
type Schedule struct {
	IncrementalEvery time.Duration
	Full             []string // see ParseTime
	FailoverAfter    time.Duration
}

// Metrics says where measurements can be fetched from while the service runs.
type Metrics struct {
	Listen      string // host:port; "" is nowhere
	AllowRemote bool   // Listen may be reached from other hosts
}

// Default is every default, for this host and user; it has no directory.
func Default() Config {
	c := Config{Mapping: map[string]string{}}
	for _, s := range c.sections() {
		reset(s.list)
	}
	return c
}

// DefaultDirectory is a [[directory]] block in which nothing is set.
func DefaultDirectory() Directory {
	d := Directory{Mapping: map[string]string{}}
	reset(d.fields())
	return d
}

// Line is where a key ("cloud.token", "directory[0].servers", "mapping.title",
// "directory[0].mapping.title") or
// section stands in the file, from 1. A key that the file leaves out has the line
// of its section; 0 where that is left out, too.
func (c Config) Line(key string) int { return lookUpLine(c.lines, key) }
