package ldap

import (
	"cmp"
	"context"
	"slices"
	stdsync "sync"
	"time"
)

// ServerState is the known state of one server of a directory.
type ServerState struct {
	URL           string    `json:"url"`
	Preferred     bool      `json:"preferred"`                // no server has a higher preference
	ReadOnly      bool      `json:"read_only,omitempty"`      // a read-only domain controller
	LastUsed      time.Time `json:"last_used,omitzero"`       // zero: never
	SetAsideUntil time.Time `json:"set_aside_until,omitzero"` // zero: in use; until then other servers come first
	Reason        string    `json:"reason,omitempty"`         // why it was set aside
}

// How long a failed server comes last. The time doubles with each failure until a success.
const (
	asideFirst = 30 * time.Second
	asideMost  = 10 * time.Minute
)

// server is a server that can be dialled. The mutex of servers guards its fields below url.
type server struct {
	url           string
	rank          int // lower is preferred; servers of equal rank are equivalent
	readOnly      bool
	used          time.Time
	failures      int
	setAsideUntil time.Time
	reason        string
}

// servers are the servers of one directory and their health, in the order in which to try them. Its
// methods may be called from several goroutines.
//
// The configured servers come first, in their order, then those of the domain, the nearest first. A
// server that was set aside is tried only after all others failed: a directory with a single server
// must stay reachable although that server was restarted half a minute ago.
type servers struct {
	opt *Options

	mu          stdsync.Mutex
	named       []*server
	found       []*server
	looked      time.Time // last DNS lookup
	lookupError error     // error of the lookup
}

// lookupInterval is how long a DNS answer is valid. lookupRetry is the shortest time between lookups when
// all servers from DNS failed.
const (
	lookupInterval = time.Hour
	lookupRetry    = 30 * time.Second
)

func newServers(o *Options) *servers {
	v := &servers{opt: o}
	for i, url := range o.Servers {
		v.named = append(v.named, &server{url: url, rank: i})
	}
	return v
}

// next returns the next server to try after those in tried, or nil. It asks DNS only if no
// configured server is usable.
func (v *servers) next(ctx context.Context, tried map[string]bool) *server {
	if a := v.usable(v.named, tried); a != nil {
		return a
	}
	v.lookUp(ctx, tried)
	if a := v.usable(v.found, tried); a != nil {
		return a
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	var rest []*server
	for _, a := range v.all() {
		if !tried[a.url] {
			rest = append(rest, a)
		}
	}
	if len(rest) == 0 {
		return nil
	}
	return slices.MinFunc(rest, func(a, b *server) int { return a.setAsideUntil.Compare(b.setAsideUntil) })
}

// all returns the configured and the found servers, in order. The caller holds the mutex.
func (v *servers) all() []*server {
	all := slices.Clone(v.named)
	for _, a := range v.found {
		if !slices.ContainsFunc(v.named, func(b *server) bool { return b.url == a.url }) {
			all = append(all, a)
		}
	}
	return all
}

func (v *servers) usable(list []*server, tried map[string]bool) *server {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.opt.Clock()
	for _, a := range list {
		if !tried[a.url] && !now.Before(a.setAsideUntil) {
			return a
		}
	}
	return nil
}

// lookUp asks DNS for the servers of the domain, when a lookup is due. If DNS fails, the known
// servers stay.
func (v *servers) lookUp(ctx context.Context, tried map[string]bool) {
	if v.opt.Domain == "" {
		return
	}
	v.mu.Lock()
	now, age := v.opt.Clock(), lookupInterval
	if !slices.ContainsFunc(v.found, func(a *server) bool { return !tried[a.url] && !now.Before(a.setAsideUntil) }) {
		age = lookupRetry
	}
	due := v.looked.IsZero() || now.Sub(v.looked) >= age
	v.mu.Unlock()
	if !due {
		return
	}
	found, err := locate(ctx, v.opt)
	if ctx.Err() != nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.looked, v.lookupError = now, err
	if err == nil || len(v.found) == 0 {
		v.replaceFound(found)
	}
}

// replaceFound replaces the servers found before, and keeps their state. Among equivalent servers the one
// in use stays first: an unnecessary change would restart incremental reading where its cookies
// belong to one server.
func (v *servers) replaceFound(found []*server) {
	for i, a := range found {
		a.rank += len(v.named)
		for _, known := range v.all() {
			if known.url == a.url {
				if !slices.Contains(v.named, known) {
					known.rank = a.rank
				}
				found[i] = known
			}
		}
	}
	v.found = found
	v.sortFound()
}

// sortFound sorts the servers of the domain: writable ones first, then by rank. Equivalent servers
// keep their random order, except that the last used one comes first.
func (v *servers) sortFound() {
	var last *server
	for _, a := range v.found {
		if !a.used.IsZero() && (last == nil || a.used.After(last.used)) {
			last = a
		}
	}
	slices.SortStableFunc(v.found, func(a, b *server) int {
		return cmp.Or(order(a.readOnly, b.readOnly), cmp.Compare(a.rank, b.rank), order(a != last, b != last))
	})
}

func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// opened records that a session was opened.
func (v *servers) opened(a *server, readOnly bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	a.used = v.opt.Clock()
	if a.readOnly = readOnly; len(v.found) > 0 {
		v.sortFound()
	}
}

// succeeded records a successful request.
func (v *servers) succeeded(a *server) {
	v.mu.Lock()
	defer v.mu.Unlock()
	a.used, a.failures, a.setAsideUntil, a.reason = v.opt.Clock(), 0, time.Time{}, ""
}

// failed sets the server aside. Simultaneous failures of several sessions count once.
func (v *servers) failed(a *server, why error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	a.reason = why.Error()
	now := v.opt.Clock()
	if now.Before(a.setAsideUntil) {
		return
	}
	a.failures++
	a.setAsideUntil = now.Add(min(asideFirst<<min(a.failures-1, 10), asideMost))
}

// betterThan reports whether a preferred server should be tried again: its time is over, or it was
// never tried.
func (v *servers) betterThan(a *server) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.opt.Clock()
	named := slices.Contains(v.named, a)
	for _, b := range v.all() {
		switch {
		case b == a || now.Before(b.setAsideUntil):
		case named && b.rank < a.rank:
			return true
		case !named && (slices.Contains(v.named, b) || !b.readOnly && (a.readOnly || b.rank < a.rank)):
			return true
		}
	}
	return false
}

// writableBesides reports whether another domain controller that may be writable is left to try.
// Writable ones are preferred.
func (v *servers) writableBesides(a *server, tried map[string]bool) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.opt.Clock()
	return slices.Contains(v.found, a) && slices.ContainsFunc(v.found, func(b *server) bool {
		return !tried[b.url] && !b.readOnly && !now.Before(b.setAsideUntil)
	})
}

// dnsError is the error of the DNS lookup, or nil.
func (v *servers) dnsError() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.lookupError
}

func (v *servers) states() []ServerState {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.opt.Clock()
	var out []ServerState
	for i, a := range v.all() {
		st := ServerState{URL: a.url, Preferred: i == 0, ReadOnly: a.readOnly, LastUsed: a.used}
		if now.Before(a.setAsideUntil) {
			st.SetAsideUntil, st.Reason = a.setAsideUntil, a.reason
		}
		out = append(out, st)
	}
	return out
}

// Servers returns the state of the directory's servers, in the order in which they are tried when
// all are healthy. It dials nothing. Servers of a domain appear after the first DNS lookup.
func (s *Source) Servers() []ServerState { return s.servers.states() }
