package read

import (
	"context"
	"errors"
	"fmt"

	"dirbridge/sync/digest"
	"dirbridge/sync/fingerprint"
	"dirbridge/sync/identity"
	"dirbridge/sync/port"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// changed loads the changed objects into the work database: every person who changed on either
// side, every person who is related to one of them, and everything that is not a linked person. An
// unchanged entry or account is rebuilt from its shadow, which has the same values; otherwise its
// fingerprint would differ.
func changed(ctx context.Context, d *stage.Draft) error {
	if !d.Fingerprints.Valid {
		return d.Env.Store.Shadows(ctx, func(s identity.Shadow) error { return d.Work.AddShadow(ctx, s) })
	}
	if beside, err := begunBeside(ctx, d); err != nil {
		return err
	} else if beside {
		return ErrBeside
	}
	for i := range d.Fingerprints.Fingerprints {
		if !d.Fingerprints.Unchanged(i) {
			d.Fingerprints.Flags[i] |= fingerprint.TreatAsChanged
		}
	}
	if err := d.Env.Store.Rest(ctx, func(s identity.Shadow) error { return d.Work.AddShadow(ctx, s) }); err != nil {
		return err
	}
	keys, dns := map[uint32]bool{}, map[uint32]bool{}
	if err := loadChanged(ctx, d, dns); err != nil {
		return err
	}
	if d.Fingerprints.Count() == 0 {
		return nil
	}
	err := d.Work.EachPerson(ctx, func(p workdb.PersonNames) error {
		markGUID(d, p.GUID)
		keys[fingerprint.KeyHash(p.Key)] = true
		dns[fingerprint.KeyHash(p.DN)] = true
		return nil
	})
	if err != nil {
		return err
	}
	d.Fingerprints.MarkRelated(keys, dns)
	if err := markSIDHistory(ctx, d); err != nil {
		return err
	}
	if err := markExternalIDs(ctx, d); err != nil {
		return err
	}
	if err := loadChanged(ctx, d, dns); err != nil {
		return err
	}
	return loadManagers(ctx, d, dns)
}

// ErrBeside ends the reads of a plan that relied on fingerprints, because another process began to
// write meanwhile.
var ErrBeside = errors.New("another process began to write while both sides were read")

// begunBeside says whether another process writes now, or began to since the plan did.
func begunBeside(ctx context.Context, d *stage.Draft) (bool, error) {
	if d.Beside {
		return true, nil
	}
	_, elsewhere, err := d.Env.Store.Led(ctx)
	if err != nil || elsewhere {
		return elsewhere, err
	}
	runs, err := d.Env.Store.Runs(ctx, 1)
	if err != nil || len(runs) == 0 {
		return false, err
	}
	begun := d.LastRun != 0 && runs[0].ID != d.LastRun
	d.LastRun = runs[0].ID
	return begun, nil
}

// loadManagers loads the managers of all loaded people, and theirs, up to the top: the manager of a
// compared person must be known, or would seem to be gone.
func loadManagers(ctx context.Context, d *stage.Draft, dns map[uint32]bool) error {
	for {
		managers := map[uint32]bool{}
		err := d.Work.EachManager(ctx, func(dn string) error {
			managers[fingerprint.KeyHash(dn)] = true
			return nil
		})
		if err != nil || !d.Fingerprints.MarkManagers(managers) {
			return err
		}
		if err := loadChanged(ctx, d, dns); err != nil {
			return err
		}
	}
}

// markExternalIDs marks as changed the people whose GUID an unknown account carries.
func markExternalIDs(ctx context.Context, d *stage.Draft) error {
	return d.Work.EachExternalID(ctx, func(guid string) error {
		markGUID(d, guid)
		return nil
	})
}

// markGUID marks as changed every person with this GUID, in any directory: a move between domains
// of one forest keeps the GUID, and a copied domain has it again.
func markGUID(d *stage.Draft, guid string) {
	for _, dir := range d.Header.Directories {
		if i, ok := d.Fingerprints.ByName.Find(d.Fingerprints.Anchors, digest.Hash(1, string(identity.NewAnchor(dir.Name,
			guid)))); ok {
			d.Fingerprints.Flags[i] |= fingerprint.TreatAsChanged
		}
	}
}

// loadChanged loads the shadows of all changed people that are not loaded yet, one by one if they
// are few. dns collects their previous DNs.
func loadChanged(ctx context.Context, d *stage.Draft, dns map[uint32]bool) error {
	p := d.Fingerprints
	n := 0
	for i := range p.Fingerprints {
		if p.Flags[i]&(fingerprint.TreatAsChanged|fingerprint.Loaded) == fingerprint.TreatAsChanged {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	load := func(s identity.Shadow) error {
		i, ok := p.ByName.Find(p.Anchors, digest.Hash(1, string(s.Anchor)))
		if !ok || p.Flags[i]&(fingerprint.TreatAsChanged|fingerprint.Loaded) != fingerprint.TreatAsChanged {
			return nil
		}
		p.Flags[i] |= fingerprint.Loaded
		dns[fingerprint.KeyHash(identity.Fold(s.DN))] = true
		return loadAgain(ctx, d, s, i)
	}
	if n*10 > len(p.Fingerprints) {
		return d.Env.Store.Shadows(ctx, load)
	}
	var anchors []identity.Anchor
	err := d.Env.Store.Fingerprints(ctx, func(a identity.Anchor, _ identity.ResourceID, _ identity.Fingerprint) error {
		if i, ok := p.ByName.Find(p.Anchors, digest.Hash(1, string(a))); ok &&
			p.Flags[i]&(fingerprint.TreatAsChanged|fingerprint.Loaded) == fingerprint.TreatAsChanged {
			anchors = append(anchors, a)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, a := range anchors {
		s, ok, err := d.Env.Store.Shadow(ctx, a)
		if err != nil {
			return err
		}
		if ok {
			if err := load(s); err != nil {
				return err
			}
		}
	}
	return nil
}

// loadAgain makes the rows of one changed person: the shadow, and each of entry and account that was
// unchanged and therefore not kept.
func loadAgain(ctx context.Context, d *stage.Draft, s identity.Shadow, i int) error {
	if err := d.Work.AddShadow(ctx, s); err != nil {
		return err
	}
	put := func(r workdb.Row) error { return d.Work.Put(ctx, r) }
	if d.Fingerprints.Flags[i]&fingerprint.SourceSame != 0 {
		rdn, parent := identity.SplitDN(s.DN)
		en := identity.Entry{Anchor: s.Anchor, Kind: s.Kind, DN: s.DN, Parent: parent, RDN: rdn, Attrs: s.Inputs}
		if err := PutEntry(d, s.Anchor.Directory(), en, d.Env.Mapped(s.Anchor.Directory(), en), put); err != nil {
			return err
		}
	}
	if !d.Fingerprints.Listed[i] {
		return nil
	}
	for _, admin := range identity.Tris() {
		if r := fingerprint.AsListed(s, admin); d.Fingerprints.Account(r,
			d.Env.Mappers.Follow(s.Anchor.Directory())) == s.Fingerprint.Cloud {
			return put(ResourceRow(d, r))
		}
	}
	r, ok, err := d.Env.Target.Get(ctx, s.Kind, s.ID)
	if err != nil || !ok {
		return err
	}
	return put(ResourceRow(d, r))
}

// SumMatches adds up which object has which account, and where the object is: a membership may name
// only a DN, and means another object once that one has the DN.
func SumMatches(ctx context.Context, d *stage.Draft) error {
	d.MatchSum = 0
	for i := range d.Fingerprints.Fingerprints {
		if d.Fingerprints.Unchanged(i) {
			d.MatchSum += mix(d.Fingerprints.Anchors[i], d.Fingerprints.Ids[i], d.Fingerprints.Fingerprints[i].DN)
		}
	}
	return d.Work.EachMatchPlace(ctx, func(m workdb.MatchPlace) error {
		d.MatchSum += mix(digest.Hash(1, m.Anchor), digest.Hash(2, m.ID), fingerprint.KeyHash(m.DN))
		return nil
	})
}

func mix(a, b uint64, c uint32) uint64 {
	return digest.Hash(a^b<<1^uint64(c)*0x9e3779b97f4a7c15, "") * (b | 1)
}

func MembersDigest(d *stage.Draft) string {
	edges, members := d.Work.SpooledSums()
	return digest.Of(fmt.Sprintf("%x %x %x %v %s", edges, members, d.MatchSum, d.Env.Policy.Flatten,
		d.Env.FingerprintsDigest()))
}

// ReferencedRows adds rows, without attributes, for unchanged people, for the comparison of
// memberships.
func ReferencedRows(ctx context.Context, d *stage.Draft) error {
	if d.Fingerprints.Count() == 0 {
		return nil
	}
	return d.Env.Store.Shadows(ctx, func(s identity.Shadow) error {
		i, ok := d.Fingerprints.ByName.Find(d.Fingerprints.Anchors, digest.Hash(1, string(s.Anchor)))
		if !ok || !d.Fingerprints.Unchanged(i) {
			return nil
		}
		return ReferencedRow(ctx, d, s)
	})
}

// ReferencedRow adds the rows of a person who is only referred to.
func ReferencedRow(ctx context.Context, d *stage.Draft, s identity.Shadow) error {
	return d.Work.AddReferenced(ctx, s, s.Applied.First(stage.KeyField(s.Kind)))
}

// markSIDHistory marks as changed the people in the SID history of a changed person.
func markSIDHistory(ctx context.Context, d *stage.Draft) error {
	var sids []string
	flush := func() error {
		err := d.Env.Store.Seek(ctx, port.BySID, sids, func(s identity.Shadow) error {
			if i, ok := d.Fingerprints.ByName.Find(d.Fingerprints.Anchors, digest.Hash(1, string(s.Anchor))); ok {
				d.Fingerprints.Flags[i] |= fingerprint.TreatAsChanged
			}
			return nil
		})
		sids = sids[:0]
		return err
	}
	err := d.Work.EachFormerSID(ctx, func(sid string) error {
		if sids = append(sids, sid); len(sids) < Batch {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}
