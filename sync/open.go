package sync

import (
	"context"
	"fmt"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
)

// A cloud may answer that it deactivated an account and leave it active. The account of
// a person who left is a door: a deactivation counts as done only where the cloud shows
// the account inactive, in its answer or when it is read again. One that stays open is a
// failed write, told once as an error, and listed as failing for as long as it is open.
// Runs of changes alone write it openTries times and then only look; full runs write it.

// leaveAgain plans for a person in grace. An account that is active again, or that the
// cloud never deactivated, is deactivated once more, and its grace begins then: somebody
// may have worked with it.
func (d *draft) leaveAgain(ctx context.Context, l leaver) error {
	s := l.shadow
	if s.Kind != identity.User || !l.res.Active || d.env.Target.Limits().DeactivateDestroys {
		return nil
	}
	if l.res.Admin == identity.Yes {
		return d.spareAdmin(ctx, *l.res)
	}
	after := s
	after.Since, after.ByUs, after.Active, after.Run = d.env.Now().UTC().Truncate(time.Second), true, false, 0
	c := plan.Change{Kind: s.Kind, Action: plan.Deactivate, Phase: plan.Deactivations, Anchor: s.Anchor, ID: s.ID,
		Key: l.res.Key, DN: s.DN,
		CloudBase: l.base, CloudVersion: l.res.Version, Missing: true, After: &after,
		Fields: []plan.FieldDiff{{Name: schema.Active, Old: []string{"true"}, New: []string{"false"}}}}
	if stage.StayedOpen(c) {
		c.Reason = "no longer in the directory; " + notKept
	} else {
		c.Fields[0].Drift = true
		c.Reason = fmt.Sprintf("active again in the cloud, by hand; it was deactivated as missing on %s",
			s.Since.Format("2006-01-02"))
		d.header.Removals++
	}
	d.header.Counts.Users.Deactivate++
	d.header.Drift.Count(&c)
	return d.addChange(ctx, c, "")
}

// notKept is why a deactivation is planned again.
const notKept = "the cloud left the account active when it was deactivated before"
