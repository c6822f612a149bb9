package read

import (
	"cmp"
	"context"
	"slices"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/stage"
)

// mostProvisioners bounds what is remembered: a cloud that names another one for each account names
// none.
const mostProvisioners = 20

// countProvisioner counts an account that another program made.
func countProvisioner(d *stage.Draft, r identity.Resource) {
	p, known := d.Made[r.Provisioner]
	if r.Provisioner == "" || !known && len(d.Made) >= mostProvisioners {
		return
	}
	if d.Made == nil {
		d.Made = map[string]facts.Provisioner{}
	}
	if !known {
		p = facts.Provisioner{Name: r.Provisioner, Trace: facts.TraceSource, Example: r.Key}
	}
	p.Accounts++
	d.Made[r.Provisioner] = p
}

// provisioners puts the other programs among the statistics. Accounts that did not change are not
// compared, so that an externalId which was noticed before is remembered until a plan compares all.
func provisioners(ctx context.Context, d *stage.Draft) error {
	var last facts.CloudStatistics
	if err := facts.ReadValue(ctx, d.Env.Store, facts.StatisticsValue, &last); err != nil {
		return err
	}
	d.Stats.Provisioners = nil
	for _, p := range d.Made {
		d.Stats.Provisioners = append(d.Stats.Provisioners, p)
	}
	foreign := d.Foreign
	if len(d.Fingerprints.Fingerprints) > 0 {
		for _, p := range last.Provisioners {
			if p.Trace == facts.TraceExternalID && p.Accounts > foreign.Accounts {
				foreign = p
			}
		}
	}
	if foreign.Accounts > 0 {
		d.Stats.Provisioners = append(d.Stats.Provisioners, foreign)
	}
	slices.SortFunc(d.Stats.Provisioners, func(a, b facts.Provisioner) int { return cmp.Compare(a.Key(), b.Key()) })
	for _, p := range d.Stats.Provisioners {
		d.Header.Notes = append(d.Header.Notes, facts.ProvisionerSentence(p)+".")
	}
	return nil
}
