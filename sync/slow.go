package sync

import (
	"context"
	"errors"
	"fmt"

	"dirbridge/sync/identity"
)

// readSlow brings those into the work database who take the long way: everyone who
// changed on either side, everyone who has to do with such a one, and all that is no
// linked person. An entry or account that was seen unchanged is made again from its
// shadow, which holds the same values, or its print would not be equal.
func (d *draft) readSlow(ctx context.Context) error {
	if !d.prints.valid {
		return d.opt.Store.Shadows(ctx, func(s identity.Shadow) error { return d.putShadow(ctx, s) })
	}
	if beside, err := d.begunBeside(ctx); err != nil {
		return err
	} else if beside {
		return errBeside
	}
	for i := range d.prints.prints {
		if !d.prints.fast(i) {
			d.prints.flags[i] |= slow
		}
	}
	if err := d.opt.Store.Rest(ctx, func(s identity.Shadow) error { return d.putShadow(ctx, s) }); err != nil {
		return err
	}
	keys, dns := map[uint32]bool{}, map[uint32]bool{}
	if err := d.loadSlow(ctx, dns); err != nil {
		return err
	}
	if d.prints.count() == 0 {
		return nil
	}
	err := d.work.each(ctx, `SELECT keyf, dnf, guid FROM src WHERE kind='user'`, func(scan func(...any) error) error {
		var key, dn, guid string
		if err := scan(&key, &dn, &guid); err != nil {
			return err
		}
		d.promoteGUID(guid)
		keys[keyHash(key)] = true
		dns[keyHash(dn)] = true
		return nil
	})
	if err != nil {
		return err
	}
	d.prints.promote(keys, dns)
	if err := d.promoteForebears(ctx); err != nil {
		return err
	}
	if err := d.promoteCarriers(ctx); err != nil {
		return err
	}
	if err := d.loadSlow(ctx, dns); err != nil {
		return err
	}
	return d.loadManagers(ctx, dns)
}

// errBeside ends the reading of a plan that relied on prints, because another process began
// to write meanwhile.
var errBeside = errors.New("another process began to write while both sides were read")

// begunBeside says whether another process writes now, or began to since the plan did.
func (d *draft) begunBeside(ctx context.Context) (bool, error) {
	if d.beside {
		return true, nil
	}
	_, elsewhere, err := d.opt.Store.Led(ctx)
	if err != nil || elsewhere {
		return elsewhere, err
	}
	runs, err := d.opt.Store.Runs(ctx, 1)
	if err != nil || len(runs) == 0 {
		return false, err
	}
	begun := d.lastRun != 0 && runs[0].ID != d.lastRun
	d.lastRun = runs[0].ID
	return begun, nil
}

// loadManagers loads the managers of all who are loaded, and theirs, up to the top:
// the manager of somebody compared must be known, or it would seem to be gone.
func (d *draft) loadManagers(ctx context.Context, dns map[uint32]bool) error {
	for {
		managers := map[uint32]bool{}
		err := d.work.each(ctx, `SELECT DISTINCT mgr FROM src WHERE mgr<>''`, func(scan func(...any) error) error {
			var dn string
			err := scan(&dn)
			managers[keyHash(dn)] = true
			return err
		})
		if err != nil || !d.prints.promoteManagers(managers) {
			return err
		}
		if err := d.loadSlow(ctx, dns); err != nil {
			return err
		}
	}
}

// promoteCarriers sends those the long way whose GUID an unknown account carries.
func (d *draft) promoteCarriers(ctx context.Context) error {
	return d.work.each(ctx, `SELECT extf FROM res WHERE kind='user' AND extf<>''`, func(scan func(...any) error) error {
		var guid string
		if err := scan(&guid); err != nil {
			return err
		}
		d.promoteGUID(guid)
		return nil
	})
}

// promoteGUID sends everybody the long way who has a GUID, in whichever directory:
// one domain of a forest hands it on to another, and a copied domain has it again.
func (d *draft) promoteGUID(guid string) {
	for _, dir := range d.header.Directories {
		if i, ok := d.prints.byName.find(d.prints.anchors, hash64(1, string(identity.NewAnchor(dir.Name, guid)))); ok {
			d.prints.flags[i] |= slow
		}
	}
}

// loadSlow loads the shadows of all slow people that are not loaded yet, one by one
// where they are few. dns collects where they stood.
func (d *draft) loadSlow(ctx context.Context, dns map[uint32]bool) error {
	p := d.prints
	n := 0
	for i := range p.prints {
		if p.flags[i]&(slow|loaded) == slow {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	load := func(s identity.Shadow) error {
		i, ok := p.byName.find(p.anchors, hash64(1, string(s.Anchor)))
		if !ok || p.flags[i]&(slow|loaded) != slow {
			return nil
		}
		p.flags[i] |= loaded
		dns[keyHash(identity.Fold(s.DN))] = true
		return d.again(ctx, s, i)
	}
	if n*10 > len(p.prints) {
		return d.opt.Store.Shadows(ctx, load)
	}
	var anchors []identity.Anchor
	err := d.opt.Store.Prints(ctx, func(a identity.Anchor, _ identity.ResourceID, _ identity.Print) error {
		if i, ok := p.byName.find(p.anchors, hash64(1, string(a))); ok && p.flags[i]&(slow|loaded) == slow {
			anchors = append(anchors, a)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, a := range anchors {
		s, ok, err := d.opt.Store.Shadow(ctx, a)
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
	return d.work.exec(ctx, `INSERT INTO sh VALUES(?,?,?,?,?,?,?)`,
		string(s.Anchor), string(s.Kind), string(s.ID), string(s.State), s.Linked.Unix(), encode(s), SID(s.Inputs))
}

// again makes the rows of one slow person: the shadow, and whichever of entry and
// account was seen unchanged and therefore not kept.
func (d *draft) again(ctx context.Context, s identity.Shadow, i int) error {
	if err := d.putShadow(ctx, s); err != nil {
		return err
	}
	put := func(query string, args ...any) error { return d.work.exec(ctx, query, args...) }
	if d.prints.flags[i]&sourceSame != 0 {
		rdn, parent := splitDN(s.DN)
		en := identity.Entry{Anchor: s.Anchor, Kind: s.Kind, DN: s.DN, Parent: parent, RDN: rdn, Attrs: s.Inputs}
		if err := d.putEntry(s.Anchor.Directory(), en, d.mapped(s.Anchor.Directory(), en), put); err != nil {
			return err
		}
	}
	if !d.prints.listed[i] {
		return nil
	}
	for _, admin := range []identity.Tri{identity.No, identity.Unknown, identity.Yes} {
		if r := asListed(s, admin); d.prints.account(r, d.mappers.follow(s.Anchor.Directory())) == s.Print.Cloud {
			return d.putResource(r, put)
		}
	}
	r, ok, err := d.opt.Target.Get(ctx, s.Kind, s.ID)
	if err != nil || !ok {
		return err
	}
	return d.putResource(r, put)
}

// printOf is the print to remember of a person: of the account as it is, where
// nothing is to be done, else as it should be listed once the change is done. Where
// the cloud then shows it otherwise, the person takes the long way once more.
func (d *draft) printOf(p pair, after identity.Shadow, done bool) identity.Print {
	if p.kind != identity.User || p.unsure {
		return identity.Print{}
	}
	admin := identity.No
	if p.res != nil {
		admin = p.res.Admin
	}
	follow := d.mappers.follow(p.anchor.Directory())
	pr := identity.Print{Source: uint64(p.print), Cloud: d.prints.account(asListed(after, admin), follow), Key: keyHash(identity.Fold(p.key)), DN: keyHash(identity.Fold(p.dn))}
	if p.mgr != "" {
		pr.Manager = keyHash(p.mgr)
	}
	if done && d.prints.account(*p.res, follow) != pr.Cloud {
		// The account has something that the shadow does not tell: the long way then.
		pr.Cloud = 0
	}
	return pr
}

// sumClaims adds up who has which account, and stands where: a membership may be given
// by DN alone, and means somebody else once others stand there.
func (d *draft) sumClaims(ctx context.Context) error {
	d.claimSum = 0
	for i := range d.prints.prints {
		if d.prints.fast(i) {
			d.claimSum += mix(d.prints.anchors[i], d.prints.ids[i], d.prints.prints[i].DN)
		}
	}
	return d.work.each(ctx, `SELECT c.anchor, c.id, s.dnf FROM claim c JOIN src s ON s.anchor=c.anchor`, func(scan func(...any) error) error {
		var a, id, dn string
		if err := scan(&a, &id, &dn); err != nil {
			return err
		}
		d.claimSum += mix(hash64(1, a), hash64(2, id), keyHash(dn))
		return nil
	})
}

func mix(a, b uint64, c uint32) uint64 {
	return hash64(a^b<<1^uint64(c)*0x9e3779b97f4a7c15, "") * (b | 1)
}

// membersValue is the name of the digest of memberships and claims with which a plan
// last found nothing to do.
const membersValue = "members-clean"

func (d *draft) membersDigest() string {
	return digest(fmt.Sprintf("%x %x %x %v %s", d.work.edges.sum, d.work.held.sum, d.claimSum, d.opt.Policy.Flatten, d.printsDigest()))
}

// lightRows gives the fast people rows of their own, without attributes, for the
// comparison of memberships.
func (d *draft) lightRows(ctx context.Context) error {
	if d.prints.count() == 0 {
		return nil
	}
	return d.opt.Store.Shadows(ctx, func(s identity.Shadow) error {
		i, ok := d.prints.byName.find(d.prints.anchors, hash64(1, string(s.Anchor)))
		if !ok || !d.prints.fast(i) {
			return nil
		}
		return d.lightRow(ctx, s)
	})
}

// lightRow makes the rows of one who is only referred to.
func (d *draft) lightRow(ctx context.Context, s identity.Shadow) error {
	key := s.Applied.First(keyField(s.Kind))
	if err := d.work.exec(ctx, `INSERT INTO src(anchor,kind,dir,dn,dnf,key,keyf,mgr,problem,sid) VALUES(?,?,?,?,?,?,?,'',0,?)`,
		string(s.Anchor), string(s.Kind), s.Anchor.Directory(), s.DN, identity.Fold(s.DN), key, identity.Fold(key), SID(s.Inputs)); err != nil {
		return err
	}
	return d.work.exec(ctx, `INSERT INTO claim(anchor,kind,id,how) VALUES(?,?,?,?)`, string(s.Anchor), string(s.Kind), string(s.ID), byLink)
}
