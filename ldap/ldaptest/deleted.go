package ldaptest

import "errors"

// Deleted lists the deleted entries that were not purged, in the order of deletion. Attrs has the
// remaining attributes, with lastKnownParent and the changed name.
func (s *Server) Deleted() []Entry {
	s.dir.mu.RLock()
	defer s.dir.mu.RUnlock()
	var list []Entry
	if bin := s.dir.bins[s.dir.heads[0]]; bin != nil {
		for _, o := range bin.order {
			list = append(list, s.dir.entry(o))
		}
	}
	return list
}

// Undelete restores a deleted entry below its last parent: with all attributes if the recycle bin
// was on at its deletion, else with those of a tombstone. The parent must exist: restore a deleted
// container first.
func (s *Server) Undelete(id string) error {
	return s.withDeleted(id, func(d *directory, o *object) *refusal {
		g := o.history.tombstone
		return d.undelete(o, rdn{o.rdn.attr, g.name}, g.parent)
	})
}

// Recycle removes from a deleted entry what only the recycle bin kept, as after the deleted object
// lifetime.
func (s *Server) Recycle(id string) error {
	return s.withDeleted(id, func(d *directory, o *object) *refusal { return d.recycle(o) })
}

// Purge removes a deleted entry for good, as after the tombstone lifetime. No change is reported.
func (s *Server) Purge(id string) error {
	return s.withDeleted(id, func(d *directory, o *object) *refusal {
		d.erase(o)
		return nil
	})
}

func (s *Server) withDeleted(id string, act func(*directory, *object) *refusal) error {
	g, ok := parseGUID(id)
	if !ok {
		return errors.New("not a GUID: " + id)
	}
	s.dir.mu.Lock()
	defer s.dir.mu.Unlock()
	o := s.dir.byGUID[g]
	if o == nil || !o.deleted || o.history == nil || o.history.tombstone == nil {
		return refuse(noSuchObject, "no deleted entry %s", id)
	}
	return asError(act(s.dir, o))
}

// recycle turns a deleted-object into a recycled-object (MS-ADTS section 3.1.1.5.5.6.3).
func (d *directory) recycle(o *object) *refusal {
	if !d.recycleBin || len(o.get(d.at.isRecycled)) > 0 {
		return refuse(unwilling,
			"0000207D: UpdErr: DSID-031A11D5, problem 5003 (WILL_NOT_PERFORM), data 0: nothing to recycle")
	}
	changed := append(d.strip(o), d.at.isRecycled)
	o.set(d.at.isRecycled, "TRUE")
	o.history.tombstone.forward, o.history.tombstone.back = nil, nil
	d.touch(o, changed...)
	return nil
}
