package diff

import (
	"context"
	"fmt"
	"time"

	"dirbridge/sync/guard"
	"dirbridge/sync/identity"
	"dirbridge/sync/match"
	"dirbridge/sync/plan"
	"dirbridge/sync/read"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// Removals plans what happens to accounts whose person is gone (missing) or was never known
// (unmatched). It is skipped while anything was not read completely (P6): a person may be in the
// very part that is missing.
func Removals(ctx context.Context, d *stage.Draft) error {
	// Only now is it certain which object takes an account over from which.
	if err := d.Work.ForgetPreviousOwners(ctx); err != nil {
		return err
	}
	if !d.Header.Complete {
		if err := d.Work.ProtectLinked(ctx); err != nil {
			return err
		}
		if err := decideNextTime(ctx, d); err != nil {
			return err
		}
	} else if err := decideMissing(ctx, d); err != nil {
		return err
	}
	if err := match.ProtectWithheld(ctx, d); err != nil {
		return err
	}
	if !d.Coverage.Listed() {
		return nil // nothing was listed in the cloud
	}
	return Unmatched(ctx, d)
}

// decideNextTime makes the next run decide the objects that this one would have decided, and find
// the references to entering objects in a directory that could not be read. That directory reports
// its own changes again.
func decideNextTime(ctx context.Context, d *stage.Draft) error {
	if err := d.Work.LookAgainAtUnlinked(ctx); err != nil {
		return err
	}
	if err := d.Coverage.Entering(func(a identity.Anchor, kind identity.Kind) error {
		return d.LookNextTime(ctx, a, kind)
	}); err != nil {
		return err
	}
	for _, dir := range d.Header.Directories {
		if !dir.Whole {
			continue
		}
		if err := d.Work.LookAgainAtAbsent(ctx, dir.Name); err != nil {
			return err
		}
	}
	return nil
}

func decideMissing(ctx context.Context, d *stage.Draft) error {
	causes, err := guard.NewCauses(ctx, d)
	if err != nil {
		return err
	}
	var batch []read.Leaver
	flush := func() error {
		err := decideLeavers(ctx, d, batch, causes)
		batch = batch[:0]
		return err
	}
	err = eachLeaver(ctx, d, func(l read.Leaver) error {
		if batch = append(batch, l); len(batch) < read.Batch {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

// eachLeaver streams the shadows of objects that no listing contained, grouped by directory and kind.
func eachLeaver(ctx context.Context, d *stage.Draft, fn func(read.Leaver) error) error {
	return d.Work.EachAbsent(ctx, func(a workdb.Absent) error {
		l := read.Leaver{Shadow: a.Shadow, Base: a.Base, Taken: a.Taken, Wanted: a.Wanted}
		if a.Resource.ID != "" {
			l.Res = &a.Resource
		}
		return fn(l)
	})
}

// decideLeavers looks each leaver up again and plans for those that are really gone.
func decideLeavers(ctx context.Context, d *stage.Draft, batch []read.Leaver, causes *guard.Causes) error {
	found, err := read.LookAgain(ctx, d, batch)
	if err != nil {
		return err
	}
	for _, l := range batch {
		// An object that is in the listing without an anchor is not missing either (P2).
		nameless, err := d.Work.IsNameless(ctx, l.Shadow.Kind, l.Shadow.DN)
		if err != nil {
			return err
		}
		if nameless {
			l.Wanted = true
			if err := match.AnchorLost(ctx, d, l.Shadow); err != nil {
				return err
			}
		}
		w, exists := found[l.Shadow.Anchor]
		if err := planLeaver(ctx, d, l, w, exists, causes); err != nil {
			return err
		}
	}
	return nil
}

// planLeaver plans for one leaver.
//
//	taken over by another anchor          forget it
//	account no longer listed              forget it, once it has settled and does not exist either
//	claimed by an object with a problem   leave it unchanged this time
//	found again, in scope                 leave it unchanged this time
//	unmanaged by a rule                   leave it; listed separately
//	on_missing = keep                     leave it
//	its kind is not synchronized          leave it
//	in grace already                      leave it to the purge; deactivate it again if it is active
//	full administrator                    never; reported
//	group                                 grace, unwritten
//	deactivating destroys it here         grace, unwritten
//	account deactivated by us             grace, unwritten
//	account deactivated elsewhere         grace, not ours to purge
//	otherwise                             deactivate
func planLeaver(ctx context.Context, d *stage.Draft, l read.Leaver, w read.Whereabouts, exists bool,
	causes *guard.Causes) error {
	s := l.Shadow
	switch {
	case l.Taken:
		return d.Work.Forget(ctx, s.Anchor)
	case l.Res == nil:
		if stage.Young(s.Linked, d.Env.Now(), d.Env.Target.Limits().Settling) {
			return d.LookNextTime(ctx, s.Anchor, s.Kind)
		}
		if there, err := match.ExistsThoughAbsent(ctx, d, s); there || err != nil {
			return err
		}
		return d.Work.Forget(ctx, s.Anchor)
	}
	if identity.IsUnmatched(s.Anchor) {
		return nil // see unmatched
	}
	if err := d.Work.Protect(ctx, s.Kind, s.ID); err != nil {
		return err
	}
	if guarded, err := match.IsGuarded(ctx, d, s.Kind, s.ID); guarded || err != nil {
		return err
	}
	if l.Wanted || exists && w.InScope {
		return d.LookNextTime(ctx, s.Anchor, s.Kind)
	}
	unmanaged, expired, err := UnmanagedRule(ctx, d, *l.Res)
	if err != nil || unmanaged || d.Env.Policy.OnMissing == "keep" {
		return err
	}
	if UnsyncedKind(d, s) {
		return nil
	}
	if s.State == identity.Grace {
		return planInGrace(ctx, d, l)
	}
	if l.Res.Admin == identity.Yes && l.Res.Active {
		return SpareAdmin(ctx, d, *l.Res)
	}
	countDeparted(d, s, exists)
	after := s
	after.State, after.Since, after.ByUs, after.Active = identity.Grace, d.Env.Now().UTC().Truncate(time.Second), true,
		false
	after.Run = 0
	c := plan.Change{Kind: s.Kind, Action: plan.Deactivate, Phase: plan.Deactivations, Anchor: s.Anchor, ID: s.ID,
		Key: l.Res.Key, DN: s.DN,
		CloudBase: l.Base, CloudVersion: l.Res.Version, Missing: true, After: &after, Reason: "no longer in the directory"}
	if exists {
		c.Reason = "left scope: it is at " + w.Dn
		c.Cause = causes.Of(s, w.Dn)
	}
	c.Reason = joinReasons(c.Reason, expired)
	switch {
	case s.Kind == identity.Group:
		c.Reason += "; kept for " + GraceWords(d.Env.Policy.PurgeAfter) + ", then deleted"
		d.Header.Counts.Groups.Deactivate++
	case l.Res.Active && d.Env.Target.Limits().DeactivateDestroys:
		// P6: removal comes last. The purge removes the account, after the grace period.
		after.Active = true
		c.Reason += "; deactivating would destroy the account here, so it is kept for " +
			GraceWords(d.Env.Policy.PurgeAfter) + ", then removed"
		d.Header.Counts.Users.Deactivate++
	case !l.Res.Active && s.ByUs:
		// The person was disabled in the directory first: nothing is written, and the account waits
		// for the purge like all others. It is counted, because the purge follows from it.
		c.Reason += "; its account was deactivated before, and is kept for " + GraceWords(d.Env.Policy.PurgeAfter) +
			", then deleted"
		d.Header.Counts.Users.Deactivate++
	case !l.Res.Active:
		// It was deactivated elsewhere, so purging it is not ours either.
		after.ByUs = false
		return d.Work.Renew(ctx, after)
	default:
		c.Phase = plan.Leavers
		c.Fields = []plan.FieldDiff{{Name: schema.Active, Old: []string{"true"}, New: []string{"false"}}}
		d.Header.Counts.Users.Deactivate++
	}
	d.Header.Removals++
	return AddChange(ctx, d, c, "")
}

// countDeparted counts one leaver. A person whose account is inactive is out already.
func countDeparted(d *stage.Draft, s identity.Shadow, exists bool) {
	if s.State != identity.Live || s.Kind == identity.User && !s.Active {
		return
	}
	dir := s.Anchor.Directory()
	if d.Gone == nil {
		d.Gone = map[string]map[identity.Kind]stage.Departed{}
	}
	if d.Gone[dir] == nil {
		d.Gone[dir] = map[identity.Kind]stage.Departed{}
	}
	g := d.Gone[dir][s.Kind]
	if g.Removed++; !exists {
		g.Vanished++
	}
	d.Gone[dir][s.Kind] = g
}

// SpareAdmin keeps a full administrator who is not in the directory, and lists the account
// separately.
func SpareAdmin(ctx context.Context, d *stage.Draft, r identity.Resource) error {
	d.Spared = append(d.Spared, r.Key)
	d.Header.Counts.AdminsDelete++
	return match.LeftAlone(ctx, d, r, plan.KeptAdmin+neverRemoved)
}

// neverRemoved is the reason why a full administrator is kept.
const neverRemoved = "full administrators without a match in the directory are never removed"

// GraceWords formats a grace period for people, in days if it is a number of days.
func GraceWords(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d == day:
		return "1 day"
	case d > 0 && d%day == 0:
		return fmt.Sprintf("%d days", d/day)
	}
	return d.String()
}
