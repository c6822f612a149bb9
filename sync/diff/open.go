package diff

import (
	"context"
	"fmt"
	"time"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/read"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
)

// A cloud may answer that it deactivated an account and leave it active. The active account of a
// leaver is a security risk: a deactivation counts as done only if the cloud shows the account as
// inactive, in its answer or when it is read again. An account that stays active is a failed write,
// logged once as an error, and listed as failing while it is active. Incremental runs write it
// openTries times and then only check it; full runs write it.

// planInGrace plans for a person in grace. An account that is active again, or that the cloud never
// deactivated, is deactivated again, and its grace period begins then: it may have been used since.
func planInGrace(ctx context.Context, d *stage.Draft, l read.Leaver) error {
	s := l.Shadow
	if s.Kind != identity.User || !l.Res.Active || d.Env.Target.Limits().DeactivateDestroys {
		return nil
	}
	if l.Res.Admin == identity.Yes {
		return SpareAdmin(ctx, d, *l.Res)
	}
	after := s
	after.Since, after.ByUs, after.Active, after.Run = d.Env.Now().UTC().Truncate(time.Second), true, false, 0
	c := plan.Change{Kind: s.Kind, Action: plan.Deactivate, Phase: plan.Deactivations, Anchor: s.Anchor, ID: s.ID,
		Key: l.Res.Key, DN: s.DN,
		CloudBase: l.Base, CloudVersion: l.Res.Version, Missing: true, After: &after,
		Fields: []plan.FieldDiff{{Name: schema.Active, Old: []string{"true"}, New: []string{"false"}}}}
	if stage.StayedOpen(c) {
		c.Reason = "no longer in the directory; " + notKept
	} else {
		c.Fields[0].Drift = true
		c.Reason = fmt.Sprintf("reactivated in the cloud by hand; it was deactivated as missing on %s",
			s.Since.Format("2006-01-02"))
		d.Header.Removals++
	}
	d.Header.Counts.Users.Deactivate++
	d.Header.Drift.Count(&c)
	return AddChange(ctx, d, c, "")
}

// notKept is the reason why a deactivation is planned again.
const notKept = "the account stayed active when it was last deactivated"
