package ldaptest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Flavor is the kind of server that the embedded directory plays.
type Flavor string

const (
	AD       Flavor = "ad"
	ADLDS    Flavor = "adlds" // AD LDS: Active Directory's engine without a domain
	OpenLDAP Flavor = "openldap"
)

// Options say what the server plays. Zero values take the defaults beside them.
type Options struct {
	Addr           string // "127.0.0.1:0"
	TLSAddr        string // "127.0.0.1:0"
	BaseDN         string // "DC=corp,DC=example,DC=com"
	BindUser       string // "svc-dirbridge": a DN, UPN, DOMAIN\user or account name
	BindPassword   string // "Passw0rd.Sandbox"
	Flavor         Flavor // AD
	MaxPageSize    int    // 1000; -1 has no limit
	MaxValRange    int    // 1500; -1 has no limit
	SizeLimit      int    // entries of one search, all pages together; 0 has no limit
	TLS            bool   // an LDAPS listener, and StartTLS on the other
	RequireTLS     bool   // simple binds without TLS are refused
	SystemAccounts bool   // Administrator, Guest and krbtgt: people without mail
	RecycleBin     bool   // deleted objects keep their attributes and links
	DirSyncEntries int    // 1000: entries of one answer to DirSync; -1 has no limit
	Rights         Rights // of BindUser
	ServiceAccount bool   // BindUser is an object too, below CN=Users, or CN=Roles in AD LDS
	GlobalCatalog  bool   // listeners of one too: GCURL
	ReadOnly       bool   // an RODC: writes are referred
	Clock          func() time.Time
	// Partitions are the DNs of further naming contexts: of application partitions of
	// AD LDS, or of other domains that the global catalogue knows. Add fills them.
	Partitions []string

	RequireSigning        bool           // binds that leave the connection in the clear are refused, NTLM ones too
	RequireChannelBinding bool           // NTLM over TLS must be bound to the certificate
	DisableSimpleBind     bool           // names with passwords are refused
	TellUnknown           bool           // 525 for names that nobody bears, rather than 52e
	ClientCertificates    bool           // those that IssueCertificate makes log in
	ClientCAs             *x509.CertPool // and those of these authorities
	SASLMechanisms        []string       // advertised; EXTERNAL is where certificates log in
}

func (o Options) withDefaults() Options {
	def := func(s *string, v string) {
		if *s == "" {
			*s = v
		}
	}
	limit := func(n *int, v int) {
		if *n == 0 {
			*n = v
		} else if *n < 0 {
			*n = 0
		}
	}
	def(&o.Addr, "127.0.0.1:0")
	def(&o.TLSAddr, "127.0.0.1:0")
	def(&o.BaseDN, "DC=corp,DC=example,DC=com")
	def(&o.BindUser, "svc-dirbridge")
	def(&o.BindPassword, "Passw0rd.Sandbox")
	if o.Flavor == "" {
		o.Flavor = AD
	}
	if o.Flavor != OpenLDAP {
		limit(&o.MaxPageSize, 1000)
		limit(&o.MaxValRange, 1500)
		limit(&o.DirSyncEntries, 1000)
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return o
}

// Server is a running directory. Its methods may be called from several goroutines.
type Server struct {
	opts        Options
	dir         *directory
	who         identities
	logins      *logins
	faults      faults
	count       counters
	listener    net.Listener
	tlsListener net.Listener
	gc, gcTLS   net.Listener // of the global catalogue
	authority   *authority
	certificate *tls.Certificate

	cancel context.CancelFunc
	work   sync.WaitGroup
	mu     sync.Mutex
	conns  map[*conn]bool

	granted map[string]Rights // by account, lower case

	origin   *Server // of a replica
	number   int     // of the domain controller, for a replica
	replicas int
}

// Start listens and serves until ctx ends or Close is called.
func Start(ctx context.Context, opts Options) (*Server, error) {
	opts = opts.withDefaults()
	dir, err := newDirectory(opts)
	if err != nil {
		return nil, fmt.Errorf("base DN %q: %w", opts.BaseDN, err)
	}
	s := newServer(opts, dir)
	if opts.ServiceAccount {
		if err := s.plantService(); err != nil {
			return nil, err
		}
	}
	if err := s.listen(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// newServer does not listen yet. The options have their defaults.
func newServer(opts Options, dir *directory) *Server {
	s := &Server{opts: opts, dir: dir, conns: map[*conn]bool{}, granted: map[string]Rights{}}
	s.faults.cleared = make(chan struct{})
	s.who = newIdentities(dir, opts.BindUser, opts.BindPassword)
	s.Grant("", opts.Rights)
	s.logins = &logins{passwords: map[guid]string{}, forced: map[string]string{}}
	return s
}

// listen serves until ctx ends or Close is called.
func (s *Server) listen(ctx context.Context) (err error) {
	opts := s.opts
	if opts.TLS {
		if err := s.makeCertificate(); err != nil {
			return err
		}
	}
	ports := []struct {
		listener       *net.Listener
		addr           string
		wanted         bool
		secure, global bool
	}{
		{&s.listener, opts.Addr, true, false, false},
		{&s.tlsListener, opts.TLSAddr, opts.TLS, true, false},
		{&s.gc, "127.0.0.1:0", opts.GlobalCatalog, false, true},
		{&s.gcTLS, "127.0.0.1:0", opts.GlobalCatalog && opts.TLS, true, true},
	}
	for _, p := range ports {
		if !p.wanted {
			continue
		}
		if *p.listener, err = net.Listen("tcp", p.addr); err != nil {
			s.closeListeners()
			return fmt.Errorf("directory sandbox: %w", err)
		}
	}
	ctx, s.cancel = context.WithCancel(ctx)
	for _, p := range ports {
		if p.wanted {
			s.work.Go(func() { s.accept(ctx, *p.listener, p.secure, p.global) })
		}
	}
	stop := context.AfterFunc(ctx, s.shut)
	s.work.Go(func() {
		<-ctx.Done()
		stop()
		s.shut()
	})
	return nil
}

// URL is where the server listens without TLS.
func (s *Server) URL() string { return urlOf("ldap://", s.listener) }

// LDAPSURL is where it listens with TLS; "" without.
func (s *Server) LDAPSURL() string { return urlOf("ldaps://", s.tlsListener) }

// GCURL is where its global catalogue listens; "" without.
func (s *Server) GCURL() string { return urlOf("ldap://", s.gc) }

// GCLDAPSURL is where its global catalogue listens with TLS; "" without.
func (s *Server) GCLDAPSURL() string { return urlOf("ldaps://", s.gcTLS) }

func urlOf(scheme string, l net.Listener) string {
	if l == nil {
		return ""
	}
	return scheme + l.Addr().String()
}

// BaseDN is the domain's DN.
func (s *Server) BaseDN() string { return formatDN(s.dir.base) }

// Credentials are the name (as UPN; as DN in AD LDS) and the password that bind.
func (s *Server) Credentials() (user, password string) {
	if s.dir.lds {
		return s.who.dn, s.who.password
	}
	_, account, _ := cutLast(s.who.whoAmI, `\`)
	return account + "@" + s.dir.domain, s.who.password
}

// Close ends every connection and waits for all that runs.
func (s *Server) Close() error {
	s.cancel()
	s.shut()
	s.work.Wait()
	return nil
}

// shut closes what blocks: listeners and connections.
func (s *Server) shut() {
	s.closeListeners()
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.close()
	}
}

func (s *Server) closeListeners() {
	for _, l := range []net.Listener{s.listener, s.tlsListener, s.gc, s.gcTLS} {
		if l != nil {
			_ = l.Close()
		}
	}
}

// DropConnections closes every connection, as a server that restarts does.
func (s *Server) DropConnections() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.close()
	}
}

func (s *Server) accept(ctx context.Context, l net.Listener, secure, global bool) {
	for {
		wire, err := l.Accept()
		if err != nil {
			return
		}
		if secure {
			wire = tls.Server(wire, s.tlsConfig())
		}
		connCtx, cancel := context.WithCancel(ctx)
		c := &conn{server: s, under: cancel, wire: wire, tls: secure, global: global, running: map[int64]context.CancelFunc{}}
		s.mu.Lock()
		s.conns[c] = true
		s.mu.Unlock()
		s.count.connections.Add(1)
		s.work.Go(func() {
			c.serve(connCtx)
			cancel()
			s.mu.Lock()
			delete(s.conns, c)
			s.mu.Unlock()
		})
	}
}

// Stats count what was done since the start.
type Stats struct {
	Connections, Requests, Binds, Searches, Pages, Writes, Entries, References, Bytes int64
}

type counters struct {
	connections, requests, binds, searches, pages, writes, entries, references, bytes atomic.Int64
}

// Stats is a snapshot. Pages count the requests that went on with a paged search;
// Entries and References what was written to clients.
func (s *Server) Stats() Stats {
	c := &s.count
	return Stats{Connections: c.connections.Load(), Requests: c.requests.Load(), Binds: c.binds.Load(),
		Searches: c.searches.Load(), Pages: c.pages.Load(), Writes: c.writes.Load(), Entries: c.entries.Load(),
		References: c.references.Load(), Bytes: c.bytes.Load()}
}
