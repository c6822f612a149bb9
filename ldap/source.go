package ldap

import (
	"context"
	"slices"
	stdsync "sync"
	"time"

	goldap "github.com/go-ldap/ldap/v3"

	"dirbridge/sync/identity"
	"dirbridge/sync/redact"
)

// Source is one directory. Its methods may be called from several goroutines, and from within each
// other's callbacks. Callbacks run on the caller's goroutine. An error is an *identity.Failure, the
// context's, or the callback's own.
//
// Every DN that it yields is canonical: two DNs are the same if their lower-case forms are equal.
type Source struct {
	opt         Options
	excludes    []string // folded
	signInState signInState
	secrets     *redact.Secrets // the password

	servers *servers

	mu            stdsync.Mutex
	closed        bool
	idle          []*session
	open          map[*session]bool
	identity      string // of the directory, once known
	lastServer    string // last used server
	serverChanges int64  // see identity.Directory
}

// maxIdle is the number of sessions that are kept: one for listings, one for the requests beside
// them.
const maxIdle = 2

// New validates the options and connects to nothing. Its error reports everything that is wrong
// with them.
func New(o Options) (*Source, error) {
	o.Servers, o.BaseDNs, o.ExcludeDNs = slices.Clone(o.Servers), slices.Clone(o.BaseDNs), slices.Clone(o.ExcludeDNs)
	o.Attributes, o.MemberOf = slices.Clone(o.Attributes), slices.Clone(o.MemberOf)
	o.setDefaults()
	if err := o.check(); err != nil {
		return nil, err
	}
	s := &Source{opt: o, open: map[*session]bool{}, secrets: o.Secrets}
	if s.secrets == nil {
		s.secrets = &redact.Secrets{}
	}
	s.servers = newServers(&s.opt)
	for _, dn := range o.ExcludeDNs {
		if dn = identity.DisplayDN(dn); dn != "" {
			s.excludes = append(s.excludes, identity.FoldDN(dn))
		}
	}
	return s, nil
}

// Describe connects and describes the server.
func (s *Source) Describe(ctx context.Context) (d identity.Directory, err error) {
	defer s.secrets.In(&err)
	d = identity.Directory{Name: s.opt.Name}
	err = s.with(ctx, func(c *session) error {
		d = identity.Directory{Name: s.opt.Name, Kind: c.dir.kind, Product: string(c.dir.product), Server: c.server,
			BaseDN: c.dir.context, Identity: c.dir.identity, Note: c.dir.note(), LinksByName: !c.dir.ad(),
			ServerChanges: s.noteServer("")}
		// An expiry that cannot be read is no failure.
		if in, err := s.signedIn(ctx, c); err == nil {
			for _, w := range in.Warnings {
				d.Warnings = append(d.Warnings, s.secrets.Text(w))
			}
		}
		return ctx.Err()
	})
	return d, err
}

// Close ends all sessions; requests on them fail. It may be called more than once.
func (s *Source) Close() error {
	s.mu.Lock()
	s.closed, s.idle = true, nil
	open := s.open
	s.open = map[*session]bool{}
	s.mu.Unlock()
	for c := range open {
		c.close()
	}
	return nil
}

// with lends a session to work. A failed session is not used again, and its server is set aside if
// the server caused the failure.
func (s *Source) with(ctx context.Context, work func(*session) error) error {
	c, err := s.session(ctx)
	if err != nil {
		return err
	}
	defer s.release(c)
	s.noteServer(c.server)
	err = work(c)
	switch {
	case err == nil:
		s.servers.succeeded(c.at)
	case c.serverError != nil && ctx.Err() == nil:
		s.servers.failed(c.at, c.serverError)
	}
	return err
}

// noteServer records the server in use, if it is one server, and returns how many times the server
// changed.
func (s *Source) noteServer(server string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if server != "" && server != s.lastServer {
		if s.lastServer != "" {
			s.serverChanges++
		}
		s.lastServer = server
	}
	return s.serverChanges
}

// idleMost is how long a session may be idle: later the server has closed it (MaxConnIdleTime,
// MS-ADTS section 3.1.1.3.4.6), or a device in between has.
const idleMost = 15 * time.Minute

// session returns an idle session that still answers, or a new one. It prefers a new session if a
// preferred server can be tried again.
func (s *Source) session(ctx context.Context) (*session, error) {
	for {
		s.mu.Lock()
		if s.closed {
			s.mu.Unlock()
			return nil, giveUp("", "%w", errClosed)
		}
		var c *session
		if n := len(s.idle); n > 0 {
			c, s.idle = s.idle[n-1], s.idle[:n-1]
		}
		last := s.lastServer
		s.mu.Unlock()
		if c == nil {
			return s.fresh(ctx)
		}
		// A session from before another server took over would make the two alternate.
		if s.opt.Clock().Sub(c.since) >= idleMost || c.server != last || s.servers.betterThan(c.at) {
			s.discard(c)
			continue
		}
		// A server may have dropped the connection silently. Any answer proves the connection; one
		// without an entry is the cheapest.
		if _, err := c.probe(ctx, c.dir.context, noEntry, none(), func(*rawEntry) {}); err == nil || declined(err) {
			return c, nil
		}
		s.discard(c)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
}

func (s *Source) fresh(ctx context.Context) (*session, error) {
	c, err := s.dial(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		c.close()
		return nil, giveUp("", "%w", errClosed)
	}
	s.open[c] = true
	return c, nil
}

func (s *Source) release(c *session) {
	s.mu.Lock()
	keep := !s.closed && c.serverError == nil && !c.conn.IsClosing() && len(s.idle) < maxIdle
	if keep {
		c.since = s.opt.Clock()
		s.idle = append(s.idle, c)
	}
	s.mu.Unlock()
	if !keep {
		s.discard(c)
	}
}

func (s *Source) discard(c *session) {
	s.mu.Lock()
	delete(s.open, c)
	s.mu.Unlock()
	c.close()
}

// excluded reports whether the folded DN is below a DN that the operator excludes.
func (s *Source) excluded(folded string) bool {
	return slices.ContainsFunc(s.excludes, func(x string) bool { return identity.UnderDN(folded, x) })
}

// subtree searches below each base in turn.
func (c *session) subtree(ctx context.Context, what string, bases []string, q query, each func(*rawEntry) error) error {
	for _, base := range bases {
		q.base, q.scope, q.what = base, goldap.ScopeWholeSubtree, what+" below "+base
		if err := c.run(ctx, q, each); err != nil {
			return c.absent(ctx, c.dir.optionOf(base), base, err)
		}
	}
	return nil
}
