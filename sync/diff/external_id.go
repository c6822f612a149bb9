package diff

import (
	"context"
	"strings"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// externalKept says what becomes of the externalId of an account that another program made.
type externalKept int

const (
	externalOurs  externalKept = iota // it is compared and written like any other field
	externalWaits                     // the account has none: it is written with the next other change
	externalStays                     // it is the other program's, and stays
)

// keepExternalID finds that out. The link is in the state, so that taking such an account over costs
// no write, and the other program goes on finding its account. An externalId that this program once
// wrote is its own, and so is one that is the GUID of an object that is known. An account that is not
// active is no other program's person: a person who comes back to it brings the own externalId along.
func keepExternalID(ctx context.Context, d *stage.Draft, p *Pair) error {
	if p.Kind != identity.User || p.Res == nil || !d.Env.Target.Limits().ForeignIDs {
		return nil
	}
	have, ours := p.Res.Attrs.First(schema.ExternalID), p.attrs.First(schema.ExternalID)
	last := p.last()
	linked := p.How == workdb.ByLink && last != nil && last.ID == p.Res.ID
	switch {
	case strings.EqualFold(have, ours), linked && strings.EqualFold(last.Applied.First(schema.ExternalID), ours),
		!linked && p.How != workdb.ByKey, have != "" && !linked && !p.Res.Active:
		return nil
	case have == "":
		if p.Res.Provisioner != "" {
			p.external = externalWaits
		}
		return nil
	}
	for _, dir := range d.Header.Directories {
		known, err := d.Work.IsKnown(ctx, identity.NewAnchor(dir.Name, strings.ToLower(have)))
		if known || err != nil {
			return err
		}
	}
	p.external = externalStays
	d.Foreign.Accounts++
	if d.Foreign.Example == "" {
		d.Foreign = facts.Provisioner{Accounts: 1, Example: p.Res.Key, Trace: facts.TraceExternalID}
	}
	return nil
}

// keepsSpelling says that the account of another program keeps its userName, which differs from the
// directory's in letter case only: that is no difference to the cloud (RFC 7643 section 4.1).
func (p *Pair) keepsSpelling() bool {
	return p.Res != nil && (p.Res.Provisioner != "" || p.external != externalOurs) && p.Res.Key != p.key &&
		identity.Fold(p.Res.Key) == identity.Fold(p.key)
}

// keepTheirID puts into the shadow what the account keeps.
func (p *Pair) keepTheirID(after *identity.Shadow) {
	if have := p.Res.Attrs[schema.ExternalID]; len(have) > 0 {
		after.Applied[schema.ExternalID] = have
	} else {
		delete(after.Applied, schema.ExternalID)
	}
}
