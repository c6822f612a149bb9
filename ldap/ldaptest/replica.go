package ldaptest

import (
	"context"
	"errors"
	"maps"
	"strconv"
)

// replicaDistance is how far apart the update sequence numbers of two replicas are.
const replicaDistance = 1_000_000

// Replica starts another domain controller of the same domain: the same objects
// under its own update sequence numbers and its own invocationId. It has what this
// one had until now; Pull brings it up to date. It takes the same credentials, and
// cookies of DirSync are good for both. Write to this one only.
func (s *Server) Replica(ctx context.Context) (*Server, error) {
	if s.opts.Flavor == OpenLDAP {
		return nil, errors.New("only Active Directory has replicas here")
	}
	opts, d := s.opts, s.dir
	opts.Addr, opts.TLSAddr = "127.0.0.1:0", "127.0.0.1:0"
	// The schema is shared: objects name their attributes by it.
	r := newServer(opts, &directory{schema: d.schema, classes: d.classes, flavor: d.flavor, base: d.base, domain: d.domain,
		netbios: d.netbios, clock: d.clock, character: d.character, recycleBin: d.recycleBin, at: d.at})
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

// Pull brings a replica up to date with the one it was made from. Its clients lose
// their connections.
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

// become puts another tree in place of the directory's.
func (s *Server) become(t tree) {
	s.dir.mu.Lock()
	s.dir.tree = t
	s.dir.mu.Unlock()
	s.DropConnections()
}

// Backup is a directory as it was.
type Backup struct{ tree tree }

// Backup keeps the directory as it stands.
func (s *Server) Backup() *Backup {
	s.dir.mu.RLock()
	defer s.dir.mu.RUnlock()
	return &Backup{s.dir.tree.copy()}
}

// Restore puts a backup in place: all later changes are undone, and update sequence
// numbers go on from where they were. Windows begins another invocationId with it;
// sameInvocation keeps the old one, as where an image of the disk was put back. Clients
// lose their connections.
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

// ExpireCookies makes every cookie of DirSync unknown that was given out until now.
func (s *Server) ExpireCookies() {
	s.dir.mu.Lock()
	defer s.dir.mu.Unlock()
	s.dir.cookieAge++
}

// partner is another replica: where its update sequence numbers stand in this one.
type partner struct {
	invocation guid
	distance   int64
	limit      int64 // of a history that ended: the last one that counts; else 0
}
