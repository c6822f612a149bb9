package diff

import (
	"context"

	"dirbridge/sync/identity"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// Pair is one matched subject with everything from which its change is made.
type Pair struct {
	anchor      identity.Anchor
	Kind        identity.Kind
	dn, parent  string
	rdn, key    string
	active      bool
	attrs       identity.Attrs
	inputs      identity.Attrs
	base        string
	How         string
	wave        int
	via         string
	shadow      *identity.Shadow
	Res         *identity.Resource
	resBase     string
	manager     identity.Anchor // the one in the directory, if it is in the plan
	managerID   identity.ResourceID
	parentGUID  identity.Anchor
	fingerprint int64  // of the entry
	mgr         string // folded DN of the manager in the directory, known or not
	bossInSrc   bool   // and the manager was read
	bossStays   bool   // see keepBoss
	external    externalKept
	unsure      bool             // not everything was read: it must not get a fingerprint
	goneInCloud bool             // it was linked, and the account is no longer listed
	was         *identity.Shadow // the object from which the account is taken over
}

func newPair(c workdb.ToCompare) Pair {
	return Pair{anchor: c.Anchor, Kind: c.Kind, dn: c.DN, parent: c.Parent, rdn: c.RDN, key: c.Key, active: c.Active,
		attrs: c.Mapped, inputs: c.Inputs, base: c.Base, How: c.How, wave: c.Wave, via: c.Via, shadow: c.Shadow,
		Res: c.Resource, resBase: c.ResourceBase, manager: c.Manager, managerID: c.ManagerID, parentGUID: c.Container,
		fingerprint: c.Fingerprint, mgr: c.ManagerDN, bossInSrc: c.ManagerIsListed, was: c.PreviousOwner,
		goneInCloud: c.Resource == nil && c.Shadow != nil && c.Shadow.ID != ""}
}

// findParent finds, for an object that is below a non-container, the nearest container above: when
// that moves, the object moves.
func findParent(ctx context.Context, d *stage.Draft, p *Pair) (err error) {
	for _, up := identity.SplitDN(p.parent); p.parentGUID == "" && up != ""; _, up = identity.SplitDN(up) {
		if p.parentGUID, err = d.Work.ContainerAt(ctx, up, p.anchor.Directory()); err != nil {
			return err
		}
	}
	return nil
}

// keepManager decides about a reference to a manager that is in the directory and not in this plan.
// The manager may have a problem, be in a directory that could not be read, or have left scope and
// be in grace: then the reference stays as it is in the cloud, as memberships do. If the cloud
// refers to the account of another matched person, the reference is cleared.
func keepManager(ctx context.Context, d *stage.Draft, p *Pair) error {
	if p.mgr == "" || p.manager != "" || p.Res == nil {
		return nil
	}
	have := p.Res.Attrs.First(schema.Manager)
	if have == "" {
		return nil
	}
	if p.bossStays = p.bossInSrc; p.bossStays {
		return nil
	}
	if !d.Header.Complete {
		// The manager is found once everything can be read: no fingerprint, and the person is
		// checked again whatever changes until then.
		p.bossStays, p.unsure = true, true
		return d.LookNextTime(ctx, p.anchor, p.Kind)
	}
	var err error
	p.bossStays, err = d.Work.IsFreeAccount(ctx, have)
	return err
}

// last returns the shadow of the account's owner: the subject itself, or the object from which it
// takes the account over.
func (p *Pair) last() *identity.Shadow {
	if p.was != nil {
		return p.was
	}
	return p.shadow
}

// relinkReason begins the reason why an account is linked to another object.
func (p *Pair) relinkReason() string {
	if p.was != nil && p.was.Anchor.Directory() != p.anchor.Directory() {
		return "moved here from the directory " + p.was.Anchor.Directory() + ": "
	}
	return "linked again: "
}
