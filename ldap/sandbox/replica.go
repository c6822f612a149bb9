package sandbox

import (
	"context"
	"errors"
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
	opts := s.opts
	opts.Addr, opts.TLSAddr = "127.0.0.1:0", "127.0.0.1:0"
	r, err := Start(ctx, opts)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.replicas++
	number := s.replicas + 1
	for account, rights := range s.granted {
		r.granted[account] = rights
	}
	s.mu.Unlock()
	s.dir.mu.Lock()
	s.dir.plantController("DC" + strconv.Itoa(number))
	s.dir.mu.Unlock()
	r.origin, r.number = s, number
	r.Pull()
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
	t.partners = []partner{{t.invocation, distance}}
	for _, r := range t.retired {
		t.partners = append(t.partners, partner{r.invocation, distance})
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
		s.dir.retired = append(s.dir.retired, upTo{was, t.usn})
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
}
