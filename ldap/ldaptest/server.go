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

// Flavor is the kind of server to imitate.
type Flavor string

const (
	AD       Flavor = "ad"
	ADLDS    Flavor = "adlds" // AD LDS: Active Directory's engine without a domain
	OpenLDAP Flavor = "openldap"
)

// Options configure the server. The comments give the defaults of zero values.
type Options struct {
	Addr           string // "127.0.0.1:0"
	TLSAddr        string // "127.0.0.1:0"
	BaseDN         string // "DC=corp,DC=example,DC=com"
	BindUser       string // "svc-dirbridge": a DN, UPN, DOMAIN\user or account name
	BindPassword   string // "Passw0rd.Sandbox"
	Flavor         Flavor // AD
	MaxPageSize    int    // 1000; -1 means no limit
	MaxValRange    int    // 1500; -1 means no limit
	SizeLimit      int    // entries of one search, over all pages; 0 means no limit
	TLS            bool   // an LDAPS listener, and StartTLS on the other
	RequireTLS     bool   // simple binds without TLS are refused
	SystemAccounts bool   // Administrator, Guest and krbtgt: people without mail
	RecycleBin     bool   // deleted objects keep their attributes and links
	DirSyncEntries int    // 1000: entries of one DirSync answer; -1 means no limit
	Rights         Rights // of BindUser
	ServiceAccount bool   // BindUser also has an object, below CN=Users, or CN=Roles in AD LDS
	GlobalCatalog  bool   // with listeners of a global catalogue: GCURL
	ReadOnly       bool   // an RODC: it refers writes
	Clock          func() time.Time
	// Partitions are the DNs of further naming contexts: application partitions of AD LDS, or other
	// domains in the global catalogue. Add fills them.
	Partitions []string

	RequireSigning        bool           // refuses binds without encryption, NTLM ones too
	RequireChannelBinding bool           // NTLM over TLS must have a channel binding
	DisableSimpleBind     bool           // refuses simple binds with a password
	ReportUnknownNames    bool           // 525 for unknown names instead of 52e
	ClientCertificates    bool           // certificates from IssueCertificate can log in
	ClientCAs             *x509.CertPool // and those of these authorities
	SASLMechanisms        []string       // advertised; EXTERNAL is added if certificates can log in
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
	logins      *loginState
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

// newServer makes a server that does not listen yet. The options have their defaults.
func newServer(opts Options, dir *directory) *Server {
	s := &Server{opts: opts, dir: dir, conns: map[*conn]bool{}, granted: map[string]Rights{}}
	s.faults.cleared = make(chan struct{})
	s.who = newIdentities(dir, opts.BindUser, opts.BindPassword)
	s.Grant("", opts.Rights)
	s.logins = &loginState{passwords: map[guid]string{}, forced: map[string]string{}}
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
	stop := context.AfterFunc(ctx, s.closeAll)
	s.work.Go(func() {
		<-ctx.Done()
		stop()
		s.closeAll()
	})
	return nil
}

// URL is the address without TLS.
func (s *Server) URL() string { return urlOf("ldap://", s.listener) }

// LDAPSURL is the address with TLS, or "".
func (s *Server) LDAPSURL() string { return urlOf("ldaps://", s.tlsListener) }

// GCURL is the address of the global catalogue, or "".
func (s *Server) GCURL() string { return urlOf("ldap://", s.gc) }

// GCLDAPSURL is the address of the global catalogue with TLS, or "".
func (s *Server) GCLDAPSURL() string { return urlOf("ldaps://", s.gcTLS) }

func urlOf(scheme string, l net.Listener) string {
	if l == nil {
		return ""
	}
	return scheme + l.Addr().String()
}

// BaseDN is the domain's DN.
func (s *Server) BaseDN() string { return formatDN(s.dir.base) }

// Credentials returns the name (a UPN; a DN in AD LDS) and the password of the bind account.
func (s *Server) Credentials() (user, password string) {
	if s.dir.lds {
		return s.who.dn, s.who.password
	}
	_, account, _ := cutLast(s.who.whoAmI, `\`)
	return account + "@" + s.dir.domain, s.who.password
}

// Close ends every connection and waits for all goroutines.
func (s *Server) Close() error {
	s.cancel()
	s.closeAll()
	s.work.Wait()
	return nil
}

// closeAll closes the listeners and connections.
func (s *Server) closeAll() {
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

// Stats count events since the start.
type Stats struct {
	Connections, Requests, Binds, Searches, Pages, Writes, Entries, References, Bytes int64
}

type counters struct {
	connections, requests, binds, searches, pages, writes, entries, references, bytes atomic.Int64
}

// Stats returns a snapshot. Pages counts requests that continue a paged search; Entries and
// References count messages to clients.
func (s *Server) Stats() Stats {
	c := &s.count
	return Stats{Connections: c.connections.Load(), Requests: c.requests.Load(), Binds: c.binds.Load(),
		Searches: c.searches.Load(), Pages: c.pages.Load(), Writes: c.writes.Load(), Entries: c.entries.Load(),
		References: c.references.Load(), Bytes: c.bytes.Load()}
}
