package sync

import (
	"context"
	"errors"
	"fmt"

	"dirbridge/sync/digest"
	"dirbridge/sync/fingerprint"
	"dirbridge/sync/identity"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// readChanged loads the changed objects into the work database: every person who changed on either
// side, every person who is related to one of them, and everything that is not a linked person. An
// unchanged entry or account is rebuilt from its shadow, which has the same values; otherwise its
// fingerprint would differ.
func (d *draft) readChanged(ctx context.Context) error {
	if !d.fingerprints.Valid {
		return d.env.Store.Shadows(ctx, func(s identity.Shadow) error { return d.putShadow(ctx, s) })
	}
	if beside, err := d.begunBeside(ctx); err != nil {
		return err
	} else if beside {
		return errBeside
	}
	for i := range d.fingerprints.Fingerprints {
		if !d.fingerprints.Unchanged(i) {
			d.fingerprints.Flags[i] |= fingerprint.TreatAsChanged
		}
	}
	if err := d.env.Store.Rest(ctx, func(s identity.Shadow) error { return d.putShadow(ctx, s) }); err != nil {
		return err
	}
	keys, dns := map[uint32]bool{}, map[uint32]bool{}
	if err := d.loadChanged(ctx, dns); err != nil {
		return err
	}
	if d.fingerprints.Count() == 0 {
		return nil
	}
	err := d.work.Each(ctx, `SELECT keyf, dnf, guid FROM entry WHERE kind='user'`, func(scan func(...any) error) error {
		var key, dn, guid string
		if err := scan(&key, &dn, &guid); err != nil {
			return err
		}
		d.markGUID(guid)
		keys[fingerprint.KeyHash(key)] = true
		dns[fingerprint.KeyHash(dn)] = true
		return nil
	})
	if err != nil {
		return err
	}
	d.fingerprints.MarkRelated(keys, dns)
	if err := d.markSIDHistory(ctx); err != nil {
		return err
	}
	if err := d.markExternalIDs(ctx); err != nil {
		return err
	}
	if err := d.loadChanged(ctx, dns); err != nil {
		return err
	}
	return d.loadManagers(ctx, dns)
}

// errBeside ends the reads of a plan that relied on fingerprints, because another process began to
// write meanwhile.
var errBeside = errors.New("another process began to write while both sides were read")

// begunBeside says whether another process writes now, or began to since the plan did.
func (d *draft) begunBeside(ctx context.Context) (bool, error) {
	if d.beside {
		return true, nil
	}
	_, elsewhere, err := d.env.Store.Led(ctx)
	if err != nil || elsewhere {
		return elsewhere, err
	}
	runs, err := d.env.Store.Runs(ctx, 1)
	if err != nil || len(runs) == 0 {
		return false, err
	}
	begun := d.lastRun != 0 && runs[0].ID != d.lastRun
	d.lastRun = runs[0].ID
	return begun, nil
}

// loadManagers loads the managers of all loaded people, and theirs, up to the top: the manager of a
// compared person must be known, or would seem to be gone.
func (d *draft) loadManagers(ctx context.Context, dns map[uint32]bool) error {
	for {
		managers := map[uint32]bool{}
		err := d.work.Each(ctx, `SELECT DISTINCT mgr FROM entry WHERE mgr<>''`, func(scan func(...any) error) error {
			var dn string
			err := scan(&dn)
			managers[fingerprint.KeyHash(dn)] = true
			return err
		})
		if err != nil || !d.fingerprints.MarkManagers(managers) {
			return err
		}
		if err := d.loadChanged(ctx, dns); err != nil {
			return err
		}
	}
}

// markExternalIDs marks as changed the people whose GUID an unknown account carries.
func (d *draft) markExternalIDs(ctx context.Context) error {
	return d.work.Each(ctx, `SELECT extf FROM resource WHERE kind='user' AND extf<>''`, func(scan func(...any) error) error {
		var guid string
		if err := scan(&guid); err != nil {
			return err
		}
		d.markGUID(guid)
		return nil
	})
}

// markGUID marks as changed every person with this GUID, in any directory: a move between domains
// of one forest keeps the GUID, and a copied domain has it again.
func (d *draft) markGUID(guid string) {
	for _, dir := range d.header.Directories {
		if i, ok := d.fingerprints.ByName.Find(d.fingerprints.Anchors, digest.Hash(1, string(identity.NewAnchor(dir.Name,
			guid)))); ok {
			d.fingerprints.Flags[i] |= fingerprint.TreatAsChanged
		}
	}
}

// loadChanged loads the shadows of all changed people that are not loaded yet, one by one if they
// are few. dns collects their previous DNs.
func (d *draft) loadChanged(ctx context.Context, dns map[uint32]bool) error {
	p := d.fingerprints
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
		return d.again(ctx, s, i)
	}
	if n*10 > len(p.Fingerprints) {
		return d.env.Store.Shadows(ctx, load)
	}
	var anchors []identity.Anchor
	err := d.env.Store.Fingerprints(ctx, func(a identity.Anchor, _ identity.ResourceID, _ identity.Fingerprint) error {
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
		s, ok, err := d.env.Store.Shadow(ctx, a)
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

func (d *draft) putShadow(ctx context.Context, s identity.Shadow) error {
	return d.work.Exec(ctx, `INSERT INTO shadow VALUES(?,?,?,?,?,?,?)`,
		string(s.Anchor), string(s.Kind), string(s.ID), string(s.State), s.Linked.Unix(), workdb.Encode(s),
		identity.SID(s.Inputs))
}

// again makes the rows of one changed person: the shadow, and each of entry and account that was
// unchanged and therefore not kept.
func (d *draft) again(ctx context.Context, s identity.Shadow, i int) error {
	if err := d.putShadow(ctx, s); err != nil {
		return err
	}
	put := func(query string, args ...any) error { return d.work.Exec(ctx, query, args...) }
	if d.fingerprints.Flags[i]&fingerprint.SourceSame != 0 {
		rdn, parent := identity.SplitDN(s.DN)
		en := identity.Entry{Anchor: s.Anchor, Kind: s.Kind, DN: s.DN, Parent: parent, RDN: rdn, Attrs: s.Inputs}
		if err := d.putEntry(s.Anchor.Directory(), en, d.env.Mapped(s.Anchor.Directory(), en), put); err != nil {
			return err
		}
	}
	if !d.fingerprints.Listed[i] {
		return nil
	}
	for _, admin := range identity.Tris() {
		if r := fingerprint.AsListed(s, admin); d.fingerprints.Account(r,
			d.env.Mappers.Follow(s.Anchor.Directory())) == s.Fingerprint.Cloud {
			return d.putResource(r, put)
		}
	}
	r, ok, err := d.env.Target.Get(ctx, s.Kind, s.ID)
	if err != nil || !ok {
		return err
	}
	return d.putResource(r, put)
}

// fingerprintOf returns the fingerprint to store for a person: from the account as it is, if there
// is nothing to do, otherwise as it should be listed once the change is done. If the cloud then
// shows something else, the person counts as changed again.
func (d *draft) fingerprintOf(p pair, after identity.Shadow, done bool) identity.Fingerprint {
	if p.kind != identity.User || p.unsure {
		return identity.Fingerprint{}
	}
	admin := identity.No
	if p.res != nil {
		admin = p.res.Admin
	}
	follow := d.env.Mappers.Follow(p.anchor.Directory())
	pr := identity.Fingerprint{Source: uint64(p.fingerprint), Cloud: d.fingerprints.Account(fingerprint.AsListed(after,
		admin), follow), Key: fingerprint.KeyHash(identity.Fold(p.key)), DN: fingerprint.KeyHash(identity.Fold(p.dn))}
	if p.mgr != "" {
		pr.Manager = fingerprint.KeyHash(p.mgr)
	}
	if done && d.fingerprints.Account(*p.res, follow) != pr.Cloud {
		// The account has something that is not in the shadow: the person then counts as changed.
		pr.Cloud = 0
	}
	return pr
}

// sumMatches adds up which object has which account, and where the object is: a membership may name
// only a DN, and means another object once that one has the DN.
func (d *draft) sumMatches(ctx context.Context) error {
	d.matchSum = 0
	for i := range d.fingerprints.Fingerprints {
		if d.fingerprints.Unchanged(i) {
			d.matchSum += mix(d.fingerprints.Anchors[i], d.fingerprints.Ids[i], d.fingerprints.Fingerprints[i].DN)
		}
	}
	return d.work.Each(ctx, `SELECT c.anchor, c.id, s.dnf FROM matched c JOIN entry s ON s.anchor=c.anchor`, func(scan func(...any) error) error {
		var a, id, dn string
		if err := scan(&a, &id, &dn); err != nil {
			return err
		}
		d.matchSum += mix(digest.Hash(1, a), digest.Hash(2, id), fingerprint.KeyHash(dn))
		return nil
	})
}

func mix(a, b uint64, c uint32) uint64 {
	return digest.Hash(a^b<<1^uint64(c)*0x9e3779b97f4a7c15, "") * (b | 1)
}

func (d *draft) membersDigest() string {
	return digest.Of(fmt.Sprintf("%x %x %x %v %s", d.work.Edges.Sum, d.work.Held.Sum, d.matchSum, d.env.Policy.Flatten,
		d.env.FingerprintsDigest()))
}

// referencedRows adds rows, without attributes, for unchanged people, for the comparison of
// memberships.
func (d *draft) referencedRows(ctx context.Context) error {
	if d.fingerprints.Count() == 0 {
		return nil
	}
	return d.env.Store.Shadows(ctx, func(s identity.Shadow) error {
		i, ok := d.fingerprints.ByName.Find(d.fingerprints.Anchors, digest.Hash(1, string(s.Anchor)))
		if !ok || !d.fingerprints.Unchanged(i) {
			return nil
		}
		return d.referencedRow(ctx, s)
	})
}

// referencedRow adds the rows of a person who is only referred to.
func (d *draft) referencedRow(ctx context.Context, s identity.Shadow) error {
	key := s.Applied.First(stage.KeyField(s.Kind))
	if err := d.work.Exec(ctx, `INSERT INTO entry(anchor,kind,dir,dn,dnf,key,keyf,mgr,problem,sid) VALUES(?,?,?,?,?,?,?,'',0,?)`,
		string(s.Anchor), string(s.Kind), s.Anchor.Directory(), s.DN, identity.Fold(s.DN), key, identity.Fold(key),
		identity.SID(s.Inputs)); err != nil {
		return err
	}
	return d.work.Exec(ctx, `INSERT INTO matched(anchor,kind,id,how) VALUES(?,?,?,?)`, string(s.Anchor), string(s.Kind), string(s.ID), byLink)
}
