package program

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	stdsync "sync"
	"time"

	"dirbridge/cloud"
	"dirbridge/cloud/profile"
	"dirbridge/cloud/webex"
	"dirbridge/config"
	"dirbridge/ldap"
	"dirbridge/sync"
	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/mapping"
	"dirbridge/sync/policy"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
	"dirbridge/sync/redact"
	"dirbridge/sync/schema"
	"dirbridge/sync/scratch"
	"dirbridge/sync/store"
	"dirbridge/ui/app"
	"dirbridge/ui/cli"
	"dirbridge/ui/plain"
)

var (
	_ port.Source     = (*ldap.Source)(nil)
	_ port.Target     = (*cloud.Target)(nil)
	_ port.Store      = (*store.SQLite)(nil)
	_ control.Factory = (*connector)(nil)
)

// memory is the heap size that the garbage collector tries to stay below. What a plan holds in
// memory is small compared to what passes through it (promise P9).
const memory = 80 << 20

// Main runs the program with its command-line arguments and returns the exit code.
func Main(args []string) int {
	if len(args) == 1 && args[0] == pacCommand {
		return servePAC()
	}
	debug.SetGCPercent(50)
	debug.SetMemoryLimit(memory)
	lines := &LibraryLog{}
	log.SetFlags(0)
	log.SetOutput(lines)
	ldap.LogTo(log.Default())
	return guarded(func() int {
		return cli.Main(context.Background(), args, cli.Program{
			Version: version(), Open: lines.Open, Demo: demo, Console: console, Setup: lines.setup, Check: CheckMapping,
			Proxy: askProxy,
		})
	})
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "1.0.0-dev"
}

// console opens the terminal console, or the accessible mode. The console shows its first frame
// while the session is still opening.
func console(ctx context.Context, o cli.ConsoleOptions) error {
	if o.Accessible {
		return plain.Run(ctx, plain.Options{Opened: o.Opened, Setup: o.Setup, ReadOnly: o.ReadOnly, ASCII: o.ASCII,
			Version: version(), Input: o.Input, Output: o.Output})
	}
	return app.Run(ctx, app.Options{
		Opened:   func() (control.Connector, error) { return o.Opened() },
		Setup:    o.Setup,
		ReadOnly: o.ReadOnly, ASCII: o.ASCII, Theme: o.Theme, NoQueries: o.NoQueries, NoMouse: o.NoMouse, Version: version(),
	})
}

// connector builds engines and sources from one configuration.
type connector struct {
	work  string // directory for temporary files
	file  config.Config
	cat   schema.Catalogue
	store port.Store
	clock func() time.Time
	pace  cloud.Clock   // paces the requests to the cloud; nil is the real clock
	mu    stdsync.Mutex // guards file
	// signIns has the sign-in to the cloud.
	signIns signIns
	// secrets holds the secrets of every client that it makes.
	secrets *redact.Secrets
}

// Open reads the configuration and the state. It does not connect to any server.
func Open(ctx context.Context, path string) (*cli.Session, error) {
	return OpenAt(ctx, path, time.Now, nil)
}

// Open is the function Open for a program whose libraries log to l.
func (l *LibraryLog) Open(ctx context.Context, path string) (*cli.Session, error) {
	cfg, err := config.Load(path, CheckMapping)
	if err != nil {
		return nil, err
	}
	return session(ctx, cfg, time.Now, nil, l)
}

// OpenAt is Open with another clock for the machine and another clock that paces the requests to
// the cloud; nil is the real clock.
func OpenAt(ctx context.Context, path string, clock func() time.Time, pace cloud.Clock) (*cli.Session, error) {
	cfg, err := config.Load(path, CheckMapping)
	if err != nil {
		return nil, err
	}
	return session(ctx, cfg, clock, pace, &LibraryLog{})
}

func session(ctx context.Context, cfg config.Config, clock func() time.Time, pace cloud.Clock,
	lines *LibraryLog) (*cli.Session, error) {
	sweep(cfg)
	spillBelow(cfg.Connector.StateDir)
	st, err := store.Open(ctx, filepath.Join(cfg.Connector.StateDir, "state.db"))
	if err != nil {
		return nil, err
	}
	work := filepath.Join(cfg.Connector.StateDir, "work")
	if st.ReadOnly() != nil { // explain reads both sides and needs work space
		if cache, err := os.UserCacheDir(); err == nil {
			work = filepath.Join(cache, "dirbridge", "work")
		}
	}
	events := control.Leveled(st, record.Level(cfg.Connector.LogLevel))
	c := &connector{work: work, file: cfg, cat: catalogue(cfg.Cloud.Kind), store: events, clock: clock,
		pace: pace, secrets: &lines.secrets}
	var names []string
	for _, d := range cfg.Directories {
		names = append(names, d.Label())
	}
	kept := lines.keep(events, clock)
	local := control.NewLocal(control.Options{Factory: c, Store: st, Catalogue: c.cat, Settings: c.settings(),
		Path:      cfg.Path,
		Connector: cfg.Connector.Name, Operator: operator(), Version: version(), Directory: strings.Join(names, ", "),
		Cloud:  cloudLabel(cfg.Cloud),
		Policy: queuePolicy(cfg), Fingerprint: func() string { return fingerprint(c.config()) },
		DraftFingerprint: c.draftFingerprint,
		AccountID:        func(text string) string { return string(accountID(cfg, text)) },
		SignIn:           &signer{c: c},
		Schedule:         func() control.Schedule { return scheduleWords(c.config().Schedule) },
		WorkDir:          work, ReportDir: cfg.Connector.StateDir})
	return &cli.Session{Connector: local, Config: cfg, Serve: serve(local, events, cfg), Provider: c.provider(),
		TryWrite: c.tryWrite, Assumptions: c.assumptions(),
		ReadOnly: st.ReadOnly(),
		Close: func() error {
			err := local.Close()
			kept()
			return errors.Join(err, st.Close())
		}}, nil
}

// spillBelow makes SQLite spill large sorts to the disk of the state: the system's temporary
// directory may be small, or may be in memory. SQLite reads this setting once, when it opens the
// first database. It unlinks such a file as soon as it has opened it, so nothing stays behind.
// TestSpillsBelowTheState in ui/e2e/disasters pins this.
func spillBelow(stateDir string) {
	const name = "SQLITE_TMPDIR"
	if os.Getenv(name) == "" {
		_ = os.Setenv(name, filepath.Join(stateDir, "work")) // on failure SQLite uses its default place
	}
}

// sweep removes unfinished files that killed processes left beside the configuration and in the
// state directory.
func sweep(cfg config.Config) {
	path := cfg.Path
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	for _, of := range []string{path, filepath.Join(cfg.Connector.StateDir, "*"),
		filepath.Join(cfg.Connector.StateDir, "secrets", "*")} {
		scratch.Sweep(of)
	}
}

func catalogue(kind string) schema.Catalogue {
	if kind == "webex" {
		return schema.Webex()
	}
	return schema.SCIM()
}

func cloudLabel(c config.Cloud) string {
	host := c.BaseURL
	if u, err := url.Parse(c.BaseURL); err == nil {
		host = u.Host
	}
	kind := "SCIM"
	if c.Kind == "webex" {
		kind = "Webex"
	}
	return host + " (" + kind + ")"
}

// rules returns the catalogue's default rules, overridden by those of the file.
func rules(cat schema.Catalogue, file map[string]string) map[string]string {
	out := map[string]string{}
	for _, a := range cat.Users {
		out[a.Name] = a.Default
	}
	for name, rule := range file {
		out[name] = rule
	}
	return out
}

func (c *connector) config() config.Config {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.file
}

// Engine returns an engine for the settings, with its own connections.
func (c *connector) Engine(s config.Draft) (*sync.Engine, func(), error) {
	cfg, err := c.draft(s)
	if err != nil {
		return nil, nil, err
	}
	var closers []func() error
	done := func() {
		for _, fn := range closers {
			_ = fn() // nothing is lost: all important data is committed
		}
	}
	var sources []port.Source
	scopes, overrides := map[string]config.Directory{}, map[string]map[string]string{}
	general := rules(c.cat, cfg.Mapping)
	for _, d := range cfg.Directories {
		src, err := c.source(d, d.Rules(general))
		if err != nil {
			done()
			return nil, nil, err
		}
		scopes[d.Name], overrides[d.Name] = d, d.Mapping
		sources = append(sources, src)
		closers = append(closers, src.Close)
	}
	target, err := c.target(cfg)
	if err != nil {
		done()
		return nil, nil, err
	}
	closers = append(closers, target.Close)
	e := sync.New(sync.Options{Sources: sources, Target: target, Store: c.store, Catalogue: c.cat, Rules: general,
		Overrides: overrides,
		Policy:    policyOf(cfg), Protected: protectedOf(cfg),
		Unsynced: func(dir string, kind identity.Kind) bool {
			d, ok := scopes[dir]
			return ok && (kind == identity.User && !d.SyncUsers || kind == identity.Group && !d.SyncGroups)
		},
		ByMembership: func(dir string) bool { return len(scopes[dir].MemberOf) > 0 },
		Scope:        scopeOf(cfg.Directories), Dir: c.work, Clock: c.clock})
	return e, done, nil
}

// policyOf returns the engine's policy.
func policyOf(cfg config.Config) policy.Policy {
	p := policy.Policy{Threshold: threshold(cfg.Policy.DeleteThreshold), Guards: guards(cfg.Guards),
		DirectoryGuards: ownGuards(cfg),
		OnMissing:       cfg.Policy.OnMissing, OnUnmatched: cfg.Policy.OnUnmatched, PurgeAfter: purgeAfter(cfg.Policy),
		Flatten: slices.ContainsFunc(cfg.Directories, func(d config.Directory) bool { return d.NestedGroups == "flatten" })}
	for _, u := range cfg.Unmanaged {
		p.Unmanaged = append(p.Unmanaged, policy.Unmanaged{Match: u.Match, ID: accountID(cfg, u.ID), Reason: u.Reason,
			Until: u.Until})
	}
	return p
}

// accountID is the id of an account as an operator may have typed it.
func accountID(cfg config.Config, text string) identity.ResourceID {
	if cfg.Cloud.Kind == schema.KindWebex {
		text = webex.ReadID(text)
	}
	return identity.ResourceID(text)
}

// protectedOf returns the names and ids of policy.protected.
func protectedOf(cfg config.Config) []string {
	all := make([]string, len(cfg.Policy.Protected))
	for i, name := range cfg.Policy.Protected {
		all[i] = string(accountID(cfg, name))
	}
	return all
}

// queuePolicy returns the policy of the purge queue. An account does not wait for a purge if it is
// protected, or if its directory does not synchronize objects of its kind
// (TestTheQueueKnowsWhatIsNotSynchronized).
func queuePolicy(cfg config.Config) policy.Policy {
	p := policyOf(cfg)
	p.Unsynced = func(dir string, kind identity.Kind) bool {
		configured := false
		for _, d := range cfg.Directories {
			if dir != "" && d.Name != dir {
				continue
			}
			if configured = true; kind == identity.User && d.SyncUsers || kind == identity.Group && d.SyncGroups {
				return false
			}
		}
		return configured
	}
	for _, name := range protectedOf(cfg) {
		const reason = "protected by policy.protected"
		p.Unmanaged = append(p.Unmanaged, policy.Unmanaged{Match: name, Reason: reason},
			policy.Unmanaged{ID: identity.ResourceID(name), Reason: reason})
	}
	return p
}

// purgeAfter returns the grace period; deleting missing people is a grace period of zero.
func purgeAfter(p config.Policy) (d time.Duration) {
	if p.OnMissing != "delete" {
		d = p.PurgeAfter
	}
	return d
}

func (c *connector) target(cfg config.Config) (*cloud.Target, error) {
	expects, err := profileOf(cfg)
	if err != nil {
		return nil, err
	}
	return c.targetWith(cfg, expects)
}

// targetWith is target with a profile; nil is that of the kind.
func (c *connector) targetWith(cfg config.Config, expects *profile.Profile) (*cloud.Target, error) {
	cc := cfg.Cloud
	if c.cat.Kind != catalogue(cc.Kind).Kind {
		return nil, fmt.Errorf("cloud.kind is %s now, which is read when the program starts: start it again", cc.Kind)
	}
	managed, err := c.managed(cfg)
	if err != nil {
		return nil, err
	}
	transport, err := transportOf(cc, c.secrets)
	if err != nil {
		return nil, err
	}
	token, err := c.tokensOf(cfg)
	if err != nil {
		return nil, err
	}
	return cloud.New(cloud.Options{Kind: cc.Kind, Profile: expects, Known: c.known, BaseURL: cc.BaseURL,
		Token: token.Token, Renew: token.Renew, Accepted: token.Accepted, Catalogue: c.cat, Managed: managed,
		RequestsPerSecond: cc.RequestsPerSecond, HTTP: transport, Secrets: c.secrets, Clock: c.pace})
}

// managed returns the cloud attributes that any directory's mapping sets.
func (c *connector) managed(cfg config.Config) ([]string, error) {
	var out []string
	general := rules(c.cat, cfg.Mapping)
	for _, d := range append([]config.Directory{{}}, cfg.Directories...) {
		m, err := mapping.New(c.cat, d.Rules(general), func(string) bool { return true })
		if err != nil {
			return nil, err
		}
		for _, name := range m.Managed() {
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out, nil
}
