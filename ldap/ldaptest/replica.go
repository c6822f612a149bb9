package ldaptest

import (
	"context"
	"errors"
	"maps"
	"strconv"
)

// replicaDistance is the difference between the update sequence numbers of two replicas.
const replicaDistance = 1_000_000

// Replica starts another domain controller of the same domain: the same objects with its own update
// sequence numbers and its own invocationId. It has the present state; Pull updates it. It accepts
// the same credentials, and DirSync cookies are valid on both. Write to the original only.
func (s *Server) Replica(ctx context.Context) (*Server, error) {
	if s.opts.Flavor == OpenLDAP {
		return nil, errors.New("only Active Directory has replicas here")
	}
	opts, d := s.opts, s.dir
	opts.Addr, opts.TLSAddr = "127.0.0.1:0", "127.0.0.1:0"
	// The schema is shared, because objects refer to its attributes.
	r := newServer(opts, &directory{schema: d.schema, classes: d.classes, flavor: d.flavor, base: d.base, domain: d.domain,
		netbios: d.netbios, clock: d.clock, traits: d.traits, recycleBin: d.recycleBin, at: d.at})
	r.logins = s.logins
	s.mu.Lock()
	s.replicas++
	r.origin, r.number = s, s.replicas+1
	maps.Copy(r.granted, s.granted)
	s.mu.Unlock()
	s.logins.mu.Lock()
	maps.Copy(r.logins.passwords, s.logins.passwords)
	s.logins.mu.Unlock()
	d.mu.Lock()
	d.plantController("DC" + strconv.Itoa(r.number))
	d.mu.Unlock()
	r.Pull()
	if err := r.listen(ctx); err != nil {
		return nil, err
	}
	return r, nil
}

// Pull updates a replica from its original, and closes the replica's connections.
func (s *Server) Pull() {
	if s.origin == nil {
		return
	}
	from := s.origin.dir
	from.mu.RLock()
	t := from.tree.copy()
	from.mu.RUnlock()
	distance := int64(s.number-1) * replicaDistance
	t.shift(distance)
	t.partners = []partner{{invocation: t.invocation, distance: distance}}
	for _, r := range t.retired {
		t.partners = append(t.partners, partner{r.invocation, distance, r.usn})
	}
	t.retired = nil
	servers := t.settings.parent.parent
	t.settings = servers.children[rdn{"CN", "DC" + strconv.Itoa(s.number)}.key()].children[t.settings.rdn.key()]
	copy(t.invocation[:], t.settings.get(from.at.invocation)[0])
	s.become(t)
}

// become replaces the directory's tree.
func (s *Server) become(t tree) {
	s.dir.mu.Lock()
	s.dir.tree = t
	s.dir.mu.Unlock()
	s.DropConnections()
}

// Backup is a saved state of a directory.
type Backup struct{ tree tree }

// Backup saves the present state of the directory.
func (s *Server) Backup() *Backup {
	s.dir.mu.RLock()
	defer s.dir.mu.RUnlock()
	return &Backup{s.dir.tree.copy()}
}

// Restore restores a backup: it undoes all later changes, and update sequence numbers continue from
// there. Windows starts another invocationId; sameInvocation keeps the old one, as if a disk image
// was restored. Connections are closed.
func (s *Server) Restore(b *Backup, sameInvocation bool) {
	t := b.tree.copy()
	s.dir.mu.Lock()
	was := s.dir.invocation
	made := s.dir.made
	s.dir.tree = t
	s.dir.made = max(made, t.made)
	if !sameInvocation && s.dir.settings != nil {
		s.dir.retired = append(s.dir.retired, upTo{t.invocation, t.usn}, upTo{was, t.usn})
		s.dir.invoke(guidOf("invocation", was.String()))
	}
	s.dir.mu.Unlock()
	s.DropConnections()
}

// Invocation is the invocationId, as text.
func (s *Server) Invocation() string {
	s.dir.mu.RLock()
	defer s.dir.mu.RUnlock()
	return s.dir.invocation.String()
}

// USN is the highest update sequence number.
func (s *Server) USN() int64 {
	s.dir.mu.RLock()
	defer s.dir.mu.RUnlock()
	return s.dir.usn
}

// ExpireCookies invalidates every DirSync cookie so far.
func (s *Server) ExpireCookies() {
	s.dir.mu.Lock()
	defer s.dir.mu.Unlock()
	s.dir.cookieAge++
}

// partner is another replica, and how its update sequence numbers map to this one's.
type partner struct {
	invocation guid
	distance   int64
	limit      int64 // the last valid number of an ended history, or 0
}
